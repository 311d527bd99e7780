// How many sessions there were. A session is known by its id (%c, session_id); where the log tells only process
// ids, by server and process, so that a process whose id is told by another input is not counted twice.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_set>

#include "parser/log/record.h"

namespace assay {

class SessionCount {
 public:
  static constexpr std::size_t kMost = 1'000'000;

  void add(const LogRecord& record);

  /// `is_capped` when there were more than kMost.
  std::uint64_t count() const;
  bool is_capped() const { return is_capped_; }

 private:
  bool insert(std::unordered_set<std::uint64_t>& set, std::uint64_t key);

  std::unordered_set<std::uint64_t> sessions_;
  std::unordered_set<std::uint64_t> processes_of_sessions_, other_processes_;
  std::array<std::uint64_t, 256> recent_{};  ///< by their low bits: most records are of a session that is known
  bool is_capped_ = false;
};

}  // namespace assay
