#include "cli/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "analyzer/catalog_of_release.h"
#include "cli/catalog_source.h"
#include "cli/check_baseline.h"
#include "cli/check_output.h"
#include "cli/inputs.h"
#include "cli/messages.h"
#include "cli/planner_source.h"
#include "cli/read_inputs.h"
#include "cli/statement_places.h"
#include "cli/units.h"
#include "cli/whole_file.h"

namespace assay {
namespace {

std::optional<Catalog> catalog_for(const CheckOptions& options) {
  std::optional<Catalog> catalog;
  if (options.reading.catalog) catalog = catalog_of_file(*options.reading.catalog);
  if (options.reading.database) catalog = catalog_of_server(*options.reading.database);
  if (!options.schema) return catalog;
  Catalog schema = catalog_of_file(*options.schema);
  return catalog ? catalog_of_release(std::move(schema), *catalog) : std::move(schema);
}

bool equal_letters(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

/// Points at the finding's word: the line of the statement that holds it, and where in that line.
void place(PlacedFinding& placed, const StatementPlace& at) {
  placed.path = at.path;
  placed.line = at.line;
  const std::string &sql = at.sql, &word = placed.finding.word;
  const auto found = std::search(sql.begin(), sql.end(), word.begin(), word.end(), equal_letters);
  const auto offset = static_cast<std::size_t>(found == sql.end() ? 0 : found - sql.begin());
  const std::size_t from = offset == 0 ? 0 : sql.rfind('\n', offset - 1) + 1;  // npos + 1 is 0
  placed.line +=
      static_cast<std::uint64_t>(std::count(sql.begin(), sql.begin() + static_cast<std::ptrdiff_t>(from), '\n'));
  placed.excerpt = sql.substr(from, sql.find('\n', from) - from);
  placed.column = offset - from + 1;
}

/// Rules that a statement's own comment lifts are left out, and counted.
std::vector<PlacedFinding> placed_findings(std::vector<Finding> findings, const Workload& workload,
                                           const StatementPlaces& places, std::size_t& allowed) {
  std::vector<PlacedFinding> all;
  for (Finding& finding : findings) {
    PlacedFinding placed{.finding = std::move(finding)};
    const auto position = placed.finding.position;
    if (const StatementPlace* at = position ? places.find(workload.classes[*position].id) : nullptr) {
      if (at->allowed.contains(placed.finding.rule)) {
        allowed += 1;
        continue;
      }
      place(placed, *at);
      if (at->allowed_without_reason) placed.finding.hint += "; its comment \"assay: allow\" gives no (reason)";
    }
    all.push_back(std::move(placed));
  }
  std::stable_sort(all.begin(), all.end(), [](const PlacedFinding& a, const PlacedFinding& b) {
    return std::tie(a.path, a.line) < std::tie(b.path, b.line);
  });
  return all;
}

void read_comments(const Workload& workload, StatementPlaces& places) {
  for (const InputAccount& input : workload.inputs) {
    if (input.format != to_string(LogFormat::kSqlText) || !input.compression.empty()) continue;
    std::ifstream file(input.path, std::ios::binary);
    places.add_comments(input.path, std::string{std::istreambuf_iterator<char>(file), {}});
  }
}

std::vector<std::string> what_is_unjudged(const CheckSubject& subject, bool has_model) {
  std::vector<std::string> told;
  if (!has_model) {
    told.push_back(
        "no class was planned, so sequential scans and costs were not looked at: give a snapshot of "
        "production with --catalog");
  }
  std::size_t unread = 0, unplanned = 0;
  for (std::size_t i = 0; i < subject.meanings.size(); ++i) {
    const auto& statement = subject.meanings[i].statement;
    if (!statement) unread += 1;
    const bool is_planned_kind = statement && statement->kind != StatementKind::kUtility;
    if (has_model && is_planned_kind && !subject.planned_class(i)) unplanned += 1;
  }
  if (unread > 0) told.push_back(fmt::format("{} could not be read", plural(unread, "class", "classes")));
  if (unplanned > 0) told.push_back(fmt::format("{} could not be planned", plural(unplanned, "class", "classes")));
  return told;
}

std::string text_of(const CheckOutcome& outcome, CheckFormat format) {
  switch (format) {
    case CheckFormat::kText:
      return check_to_text(outcome);
    case CheckFormat::kJson:
      return check_to_json(outcome);
    case CheckFormat::kSarif:
      return check_to_sarif(outcome);
    case CheckFormat::kGithub:
      return check_to_github(outcome);
  }
  return "";
}

void say_in_sum(const CheckOutcome& outcome) {
  std::size_t errors = 0, warnings = 0, notes = 0;
  for (const PlacedFinding& placed : outcome.findings) {
    errors += placed.finding.level == Level::kError ? 1 : 0;
    warnings += placed.finding.level == Level::kWarning ? 1 : 0;
    notes += placed.finding.level == Level::kNote ? 1 : 0;
  }
  for (const std::string& what : outcome.unjudged) warn(what, "");
  fmt::print(stderr, "{}, {} and {} in {}, {} of them planned{}\n", plural(errors, "error", "errors"),
             plural(warnings, "warning", "warnings"), plural(notes, "note", "notes"),
             plural(outcome.classes, "query class", "query classes"), outcome.planned,
             outcome.accepted_by_comment == 0
                 ? ""
                 : fmt::format("; {} allowed by comments", plural(outcome.accepted_by_comment, "finding", "findings")));
}

void write(const std::string& text, const std::optional<std::string>& output) {
  if (output) return write_whole_file(*output, text);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error("the findings could not be written to standard output", "give a file with -o");
  }
}

}  // namespace

void set_rule(CheckSettings& settings, std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view id = text.substr(0, equals);
  const auto level = equals == std::string_view::npos ? std::nullopt : parse_level(text.substr(equals + 1));
  const auto& rules = check_rules();
  const bool known = std::any_of(rules.begin(), rules.end(), [&](const CheckRule& rule) { return rule.id == id; });
  if (!level || !known) {
    std::string names;
    for (const CheckRule& rule : rules) names += (names.empty() ? "" : ", ") + std::string(rule.id);
    throw UsageError("--rule " + std::string(text) + ": not RULE=LEVEL",
                     "levels are off, note, warning, error; rules are " + names);
  }
  settings.levels.insert_or_assign(std::string(id), *level);
}

void set_budget(CheckSettings& settings, std::string_view text) {
  const std::size_t equals = text.rfind('=');  // a tag may hold one
  char* end = nullptr;
  const std::string figure(equals == std::string_view::npos ? "" : text.substr(equals + 1));
  const double ms = std::strtod(figure.c_str(), &end);
  if (figure.empty() || *end != '\0' || !(ms > 0)) {
    throw UsageError("--request-budget " + std::string(text) + ": not TAG=MILLISECONDS",
                     "such as --request-budget /checkout=50");
  }
  settings.budgets_ms.insert_or_assign(std::string(text.substr(0, equals)), ms);
}

CheckStatus run_check(const CheckOptions& options) {
  Diagnostics problems;
  const Inputs inputs = expand_inputs(options.reading.inputs, problems);
  for (const Diagnostic& problem : problems) print(problem);
  std::optional<CheckBaseline> baseline;
  if (options.baseline) baseline = load_baseline(*options.baseline);
  const std::optional<Catalog> catalog = catalog_for(options);
  StatementPlaces places;
  RequestLoads requests;
  const ReadLogs logs = read_inputs(inputs, options.reading, catalog ? &*catalog : nullptr,
                                    [&](const std::string& path, const LogRecord& record) {
                                      places.add(path, record);
                                      requests.add(record);
                                    });
  if (logs.workload.inputs.empty()) throw Error("no input could be read", "nothing was checked");
  read_comments(logs.workload, places);
  if (logs.workload.executions == 0) warn("no executed statement was found, so nothing was checked", "");
  const auto model = planner_for(catalog, options.reading);
  const std::vector<ClassMeaning> meanings = understand(logs.workload, catalog ? &*catalog : nullptr);
  const CheckSubject subject{logs.workload,
                             meanings,
                             catalog ? &*catalog : nullptr,
                             baseline ? &*baseline : nullptr,
                             plan_classes(meanings, model.get()),
                             requests.finish(),
                             options.settings};
  const std::vector<Finding> findings = check(subject);
  CheckOutcome outcome{.classes = logs.workload.classes.size(), .planned = subject.planned.size()};
  outcome.findings = placed_findings(findings, logs.workload, places, outcome.accepted_by_comment);
  outcome.unjudged = what_is_unjudged(subject, model != nullptr);
  write(text_of(outcome, options.format), options.reading.output);
  if (options.new_baseline) write_whole_file(*options.new_baseline, baseline_text(subject, findings));
  if (!options.reading.quiet) say_in_sum(outcome);
  const bool all_found = std::none_of(problems.begin(), problems.end(),
                                      [](const Diagnostic& problem) { return problem.severity == Severity::kError; });
  if (!logs.all_read || !all_found) return CheckStatus::kIncomplete;
  const bool fails =
      options.fail_on && std::any_of(outcome.findings.begin(), outcome.findings.end(),
                                     [&](const auto& placed) { return placed.finding.level >= *options.fail_on; });
  return fails ? CheckStatus::kFailed : CheckStatus::kPassed;
}

}  // namespace assay
