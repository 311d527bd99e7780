// Requests of an application, as sqlcommenter tags their statements: what each kind of request asks of the database.
//
// A comment of key='value' pairs (https://google.github.io/sqlcommenter/spec): the kind of request is its route, or its
// controller and action; statements of one request share the trace id of traceparent. Without one, statements of one
// kind that follow each other in a session count as one request until another kind comes.
// Bounded: at most kMostTags kinds, and of the single requests only kMostOpen that are going on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/log/record.h"

namespace assay {

struct RequestLoad {
  std::string tag;  ///< "/checkout", "orders#create"
  std::uint64_t requests = 0, statements = 0;
  Microseconds total{0}, longest{0};  ///< longest: of one request

  double mean_ms() const;
};

struct RequestTag {
  std::string kind;   ///< empty: no tag
  std::string trace;  ///< empty: none
};

/// Of the last comment of the statement that holds pairs.
RequestTag request_tag(std::string_view sql);

class RequestLoads {
 public:
  static constexpr std::size_t kMostTags = 1000;
  static constexpr std::size_t kMostOpen = 100'000;

  /// In the order of the log.
  void add(const LogRecord& record);
  /// By tag.
  std::vector<RequestLoad> finish();

 private:
  struct Open {
    std::string kind, trace;
    Microseconds total{0};
    std::uint64_t statements = 0;
  };

  void close(Open& request);

  std::map<std::pair<std::uint32_t, std::int64_t>, Open> open_;  ///< by server and process
  std::map<std::string, RequestLoad> loads_;
};

}  // namespace assay
