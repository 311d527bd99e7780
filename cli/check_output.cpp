#include "cli/check_output.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/units.h"
#include "parser/base/diagnostic.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

Severity severity_of(Level level) {
  return level == Level::kError ? Severity::kError : level == Level::kWarning ? Severity::kWarning : Severity::kNote;
}

/// Texts of a log may hold bytes that are not UTF-8.
std::string dumped(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

/// GitHub's workflow commands: these characters would end the message, or the property.
std::string github_text(std::string_view text, bool is_property) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '%' || c == '\n' || c == '\r' || (is_property && (c == ':' || c == ','))) {
      safe += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      safe += c;
    }
  }
  return safe;
}

Json sarif_rules() {
  Json rules = Json::array();
  for (const CheckRule& rule : check_rules()) {
    rules.push_back({{"id", rule.id},
                     {"shortDescription", {{"text", rule.what}}},
                     {"defaultConfiguration", {{"level", to_string(rule.level)}}}});
  }
  return rules;
}

Json sarif_result(const PlacedFinding& placed) {
  const Finding& finding = placed.finding;
  Json result = {{"ruleId", finding.rule},
                 {"level", to_string(finding.level)},
                 {"message", {{"text", finding.message + ". " + finding.hint + "."}}},
                 {"partialFingerprints", {{"subject/v1", finding.subject}}}};
  if (!placed.path.empty()) {
    Json place = {{"artifactLocation", {{"uri", placed.path}}}};
    if (placed.line > 0) place["region"] = {{"startLine", placed.line}};
    result["locations"] = Json::array({{{"physicalLocation", place}}});
  }
  return result;
}

}  // namespace

std::string check_to_text(const CheckOutcome& outcome) {
  std::string text;
  for (const PlacedFinding& placed : outcome.findings) {
    const Finding& finding = placed.finding;
    text += to_string(Diagnostic{.file = placed.path.empty() ? finding.subject : placed.path,
                                 .line = placed.line,
                                 .severity = severity_of(finding.level),
                                 .message = fmt::format("{} [{}]", finding.message, finding.rule),
                                 .excerpt = placed.excerpt,
                                 .column = placed.column,
                                 .hint = finding.hint});
  }
  return text;
}

std::string check_to_json(const CheckOutcome& outcome) {
  Json findings = Json::array();
  for (const PlacedFinding& placed : outcome.findings) {
    const Finding& finding = placed.finding;
    Json json = {{"rule", finding.rule},
                 {"level", to_string(finding.level)},
                 {"subject", finding.subject},
                 {"message", finding.message},
                 {"hint", finding.hint}};
    if (!placed.path.empty()) json["file"] = placed.path;
    if (placed.line > 0) json["line"] = placed.line;
    findings.push_back(std::move(json));
  }
  Json json = {{"assay", {{"version", ASSAY_VERSION}, {"schema", 1}}},
               {"classes", outcome.classes},
               {"planned", outcome.planned},
               {"allowed_by_comment", outcome.accepted_by_comment},
               {"findings", findings},
               {"unjudged", outcome.unjudged}};
  return dumped(json);
}

std::string check_to_sarif(const CheckOutcome& outcome) {
  Json results = Json::array();
  for (const PlacedFinding& placed : outcome.findings) results.push_back(sarif_result(placed));
  const Json driver = {{"name", "assay"}, {"version", ASSAY_VERSION}, {"rules", sarif_rules()}};
  return dumped({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                 {"version", "2.1.0"},
                 {"runs", Json::array({{{"tool", {{"driver", driver}}}, {"results", results}}})}});
}

std::string check_to_github(const CheckOutcome& outcome) {
  std::string text;
  for (const PlacedFinding& placed : outcome.findings) {
    const Finding& finding = placed.finding;
    const bool is_note = finding.level == Level::kNote;
    text += fmt::format("::{} ", is_note ? "notice" : to_string(finding.level));
    if (!placed.path.empty()) text += fmt::format("file={},line={},", github_text(placed.path, true), placed.line);
    text += fmt::format("title={}::{}\n", finding.rule,
                        github_text(fmt::format("{}. {}.", finding.message, finding.hint), false));
  }
  return text;
}

}  // namespace assay
