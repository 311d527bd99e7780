#include "parser/log/plan_message.h"

#include <algorithm>
#include <array>

#include "parser/log/json_text.h"
#include "parser/log/message_scan.h"

namespace assay {
namespace {

std::string_view without_blanks_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \n") + 1);
}

/// Is this the first line of a plan in the text format? It is the first that has costs; a statement may have any other.
bool begins_plan(std::string_view line) {
  return line.find("  (cost=") != std::string_view::npos || line.find("  (actual ") != std::string_view::npos;
}

PlanMessage read_text(std::string_view text) {
  constexpr std::string_view kParameters = "Query Parameters: ";
  PlanMessage message{text, {}, {}};
  std::size_t parameters = std::string_view::npos;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) {
    const auto line = first_line(text.substr(end + 1));
    if (line.starts_with(kParameters)) parameters = end;
    if (!begins_plan(line)) continue;
    message.sql = text.substr(0, end);
    message.plan = text.substr(end + 1);
    if (parameters == std::string_view::npos) return message;
    message.sql = text.substr(0, parameters);
    message.parameters = text.substr(parameters + 1, end - parameters - 1).substr(kParameters.size());
    return message;
  }
  return message;
}

PlanMessage read_json(std::string_view text) {
  PlanMessage message;
  JsonObject members(text);
  while (const auto member = members.next()) {
    if (!member->is_string) {
      message.plan = text.substr(static_cast<std::size_t>(member->key.data() - text.data()) - 1);
      break;
    }
    const auto value = unescape_json_in_place(member->value);
    if (member->key == "Query Text") message.sql = value.value_or(std::string_view());
    if (member->key == "Query Parameters") message.parameters = value.value_or(std::string_view());
  }
  message.plan = without_blanks_behind(message.plan);
  if (message.plan.ends_with('}'))
    message.plan = without_blanks_behind(message.plan.substr(0, message.plan.size() - 1));
  return message;
}

/// What escape_xml() in xml.c writes, resolved where it stands.
std::string_view unescape_xml_in_place(std::string_view text) {
  struct Entity {
    std::string_view name;
    char value;
  };
  constexpr std::array<Entity, 4> kEntities = {{{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&#x0d;", '\r'}}};
  char* const begin = const_cast<char*>(text.data());
  char* out = begin;
  while (!text.empty()) {
    char value = text.front();
    std::size_t length = 1;
    for (const auto& entity : kEntities) {
      if (text.starts_with(entity.name)) value = entity.value, length = entity.name.size();
    }
    *out++ = value;
    text.remove_prefix(length);
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

/// The text of one element, which stands before any plan.
std::string_view take_element(MessageScan& scan, std::string_view open, std::string_view close) {
  MessageScan ahead = scan;
  if (!ahead.until(open)) return {};
  const auto content = ahead.until(close);
  if (!content) return {};
  scan = ahead;
  return unescape_xml_in_place(*content);
}

PlanMessage read_xml(std::string_view text) {
  MessageScan scan(text);
  PlanMessage message;
  message.sql = take_element(scan, "<Query-Text>", "</Query-Text>");
  const bool has_parameters = scan.rest().starts_with("\n  <Query-Parameters>");
  if (has_parameters) message.parameters = take_element(scan, "<Query-Parameters>", "</Query-Parameters>");
  message.plan = scan.rest().substr(0, scan.rest().rfind("</explain>"));
  message.plan.remove_prefix(std::min(message.plan.find_first_not_of(" \n"), message.plan.size()));
  message.plan = without_blanks_behind(message.plan);
  return message;
}

/// A line "Key: "…"" of YAML, whose strings are those of JSON (escape_yaml() in explain.c).
std::string_view take_yaml_string(MessageScan& scan, std::string_view key) {
  MessageScan ahead = scan;
  if (!ahead.take(key)) return {};
  const auto line = first_line(ahead.rest());
  if (line.size() < 2 || !line.ends_with('"')) return {};
  ahead.take(line);
  ahead.take("\n");
  scan = ahead;
  return unescape_json_in_place(line.substr(0, line.size() - 1)).value_or(std::string_view());
}

PlanMessage read_yaml(std::string_view text) {
  MessageScan scan(text);
  PlanMessage message;
  message.sql = take_yaml_string(scan, "Query Text: \"");
  message.parameters = take_yaml_string(scan, "Query Parameters: \"");
  message.plan = scan.rest();
  return message;
}

}  // namespace

PlanMessage read_plan_in_place(std::string_view text) {
  MessageScan scan(text);
  scan.take("\n");
  if (scan.rest().starts_with('{')) return read_json(scan.rest());
  if (scan.rest().starts_with("<explain")) return read_xml(scan.rest());
  if (scan.rest().starts_with("Query Text: \"")) return read_yaml(scan.rest());
  return scan.take("Query Text: ") ? read_text(scan.rest()) : PlanMessage();
}

}  // namespace assay
