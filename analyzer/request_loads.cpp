#include "analyzer/request_loads.h"

#include <algorithm>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kLongestTag = 200;  // bytes; a log may hold anything

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Of %2F and \' .
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size() && plain.size() < kLongestTag; ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      plain += static_cast<char>(16 * digit(text[i + 1]) + digit(text[i + 2]));
      i += 2;
    } else if (text[i] != '\\') {
      plain += text[i];
    }
  }
  return plain;
}

/// The value of key='…' in a comment; nothing where it is not there.
std::optional<std::string> value_of(std::string_view comment, std::string_view key) {
  for (std::size_t at = 0; (at = comment.find(key, at)) != std::string_view::npos; ++at) {
    const bool begins = at == 0 || comment[at - 1] == ',' || comment[at - 1] == ' ' || comment[at - 1] == '*';
    std::string_view rest = comment.substr(at + key.size());
    if (!begins || !rest.starts_with("='")) continue;
    rest.remove_prefix(2);
    std::size_t end = 0;
    while (end < rest.size() && !(rest[end] == '\'' && (end == 0 || rest[end - 1] != '\\'))) ++end;
    if (end == rest.size()) return std::nullopt;
    return decoded(rest.substr(0, end));
  }
  return std::nullopt;
}

std::string_view last_comment(std::string_view sql) {
  const std::size_t close = sql.rfind("*/"), open = sql.rfind("/*", close);
  if (close == std::string_view::npos || open == std::string_view::npos) return {};
  return sql.substr(open + 2, close - open - 2);
}

/// The second field of "00-trace-span-flags" (W3C Trace Context).
std::string trace_id(const std::string& traceparent) {
  const std::size_t first = traceparent.find('-'), second = traceparent.find('-', first + 1);
  return first == std::string::npos || second == std::string::npos ? traceparent
                                                                   : traceparent.substr(first + 1, second - first - 1);
}

}  // namespace

double RequestLoad::mean_ms() const {
  return requests == 0 ? 0 : static_cast<double>(total.count()) / 1e3 / static_cast<double>(requests);
}

RequestTag request_tag(std::string_view sql) {
  const std::string_view comment = last_comment(sql);
  if (comment.find("='") == std::string_view::npos) return {};
  RequestTag tag;
  if (const auto trace = value_of(comment, "traceparent")) tag.trace = trace_id(*trace);
  if (const auto route = value_of(comment, "route")) {
    tag.kind = *route;
  } else if (const auto controller = value_of(comment, "controller")) {
    const auto action = value_of(comment, "action");
    tag.kind = *controller + (action ? "#" + *action : "");
  } else if (const auto action = value_of(comment, "action")) {
    tag.kind = *action;
  }
  return tag;
}

void RequestLoads::close(Open& request) {
  if (request.kind.empty()) return;
  if (!loads_.contains(request.kind) && loads_.size() == kMostTags) return;
  RequestLoad& load = loads_[request.kind];
  load.tag = request.kind;
  load.requests += 1;
  load.statements += request.statements;
  load.total += request.total;
  load.longest = std::max(load.longest, request.total);
  request = {};
}

void RequestLoads::add(const LogRecord& record) {
  if (record.kind != RecordKind::kExecution) return;
  RequestTag tag = request_tag(record.sql);
  if (open_.size() > kMostOpen) {
    for (auto& [key, request] : open_) close(request);
    open_.clear();
  }
  Open& request = open_[{record.server, record.process}];
  if (tag.kind != request.kind || tag.trace != request.trace) {
    close(request);
    request = {.kind = std::move(tag.kind), .trace = std::move(tag.trace)};
  }
  request.total += record.duration;
  request.statements += 1;
}

std::vector<RequestLoad> RequestLoads::finish() {
  for (auto& [key, request] : open_) close(request);
  std::vector<RequestLoad> all;
  for (auto& [tag, load] : loads_) all.push_back(std::move(load));
  return all;
}

}  // namespace assay
