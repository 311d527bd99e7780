#include "cli/statement_places.h"

#include <algorithm>

#include "analyzer/workload.h"
#include "parser/sql/script.h"

namespace assay {
namespace {

constexpr std::string_view kAllow = "assay: allow ";

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

/// "RULE, RULE (reason)" at the front of `text`.
void take_allowed(std::string_view text, StatementPlace& place) {
  const std::size_t end = std::min({text.find('\n'), text.find("*/"), text.size()});
  text = text.substr(0, end);
  const std::size_t open = text.find('('), close = text.find(')', open);
  if (open == std::string_view::npos || close == std::string_view::npos ||
      trimmed(text.substr(open + 1, close - open - 1)).empty()) {
    place.allowed_without_reason = true;
    return;
  }
  std::string_view rules = text.substr(0, open);
  while (!rules.empty()) {
    const std::size_t comma = std::min(rules.find(','), rules.size());
    const std::string_view rule = trimmed(rules.substr(0, comma));
    if (!rule.empty()) place.allowed.emplace(rule);
    rules.remove_prefix(std::min(comma + 1, rules.size()));
  }
}

}  // namespace

void StatementPlaces::add(const std::string& path, const LogRecord& record) {
  if (record.kind != RecordKind::kExecution || record.sql.empty()) return;
  const ClassId id = class_id(record.database, record.shape);
  auto found = places_.find(id);
  if (found == places_.end()) {
    if (places_.size() == kMostPlaces) return;
    found =
        places_
            .emplace(id, StatementPlace{path, record.line, std::string(record.sql.substr(0, kLongestText)), {}, false})
            .first;
  }
  const std::size_t comment = record.sql.find(kAllow);
  if (comment != std::string_view::npos) take_allowed(record.sql.substr(comment + kAllow.size()), found->second);
}

void StatementPlaces::add_comments(const std::string& path, std::string_view script) {
  std::map<std::uint64_t, StatementPlace*> by_line;
  for (auto& [id, place] : places_) {
    if (place.path == path) by_line[place.line] = &place;
  }
  const auto end_of_line = [&](std::size_t at) { return std::min(script.find('\n', at), script.size()); };
  std::size_t from = 0;
  Script parts(script);
  for (ScriptPart part = parts.next(); part.kind != ScriptPartKind::kEnd; part = parts.next()) {
    const auto end = static_cast<std::size_t>(part.text.data() + part.text.size() - script.data());
    const std::string_view around = script.substr(from, end_of_line(end) - from);
    from = end_of_line(end);
    const std::size_t comment = around.find(kAllow);
    const auto found = by_line.find(part.line);
    if (comment == std::string_view::npos || found == by_line.end()) continue;
    take_allowed(around.substr(comment + kAllow.size()), *found->second);
  }
}

const StatementPlace* StatementPlaces::find(ClassId id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &found->second;
}

}  // namespace assay
