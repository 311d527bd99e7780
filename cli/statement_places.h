// Where each query class was first seen, and what its text's comments allow.
//
// A comment "assay: allow RULE, RULE (reason)" in a statement, or in a file of SQL also above it or behind it in its
// last line, lifts these rules from its class; without a reason it lifts nothing. Leaves out: classes beyond
// kMostPlaces, which have no place.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "analyzer/server_events.h"
#include "parser/log/record.h"

namespace assay {

struct StatementPlace {
  std::string path;
  std::uint64_t line = 0;  ///< where its record begins, counted from 1
  std::string sql;         ///< as it stands there, cut to kLongestText bytes
  std::set<std::string, std::less<>> allowed;
  bool allowed_without_reason = false;
};

class StatementPlaces {
 public:
  static constexpr std::size_t kMostPlaces = 100'000;
  static constexpr std::size_t kLongestText = 64 << 10;

  void add(const std::string& path, const LogRecord& record);
  /// The comments around the statements of a file of SQL, which are no part of them in its records.
  void add_comments(const std::string& path, std::string_view script);
  /// nullptr for a class that was never seen.
  const StatementPlace* find(ClassId id) const;

 private:
  std::map<ClassId, StatementPlace> places_;
};

}  // namespace assay
