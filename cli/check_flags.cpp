// assay check on the command line.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "cli/command_flags.h"

namespace assay {
namespace {

std::string rules_text() {
  std::string text = "Rules:\n";
  for (const CheckRule& rule : check_rules()) {
    text += fmt::format("  {:<22}{:<9}{}\n", rule.id, to_string(rule.level), rule.what);
  }
  return text;
}

}  // namespace

CLI::App* add_check_command(CLI::App& app, RawCheckFlags& raw) {
  CLI::App* command = app.add_subcommand("check", "The gate for CI: what this release will do to production");
  add_inputs(*command, raw.reading);
  command
      ->add_option("--schema", raw.options.schema,
                   "pg_dump --schema-only after the migrations; rows and statistics come from --catalog")
      ->type_name("FILE");
  command->add_option("--baseline", raw.options.baseline, "What is known and accepted; the rest is new")
      ->type_name("FILE");
  command->add_option("--write-baseline", raw.options.new_baseline, "Write what there is now as the next baseline")
      ->type_name("FILE");
  command->add_option("--fail-on", raw.fail_on, "Exit with 3 from this level on: error (default), warning, note, never")
      ->check(CLI::IsMember({"error", "warning", "note", "never"}))
      ->type_name("LEVEL");
  command->add_option("--rule", raw.rules, "Another level for a rule: off, note, warning or error; may be repeated")
      ->type_name("RULE=LEVEL");
  command
      ->add_option("--request-budget", raw.budgets,
                   "Most milliseconds for a request of this sqlcommenter route, or controller#action; may be repeated")
      ->type_name("TAG=MS");
  command
      ->add_option("--large-table", raw.options.settings.large_rows,
                   "A table of so many rows is large (default: 10000)")
      ->check(CLI::PositiveNumber)
      ->type_name("ROWS");
  command
      ->add_option("--costlier", raw.options.settings.costlier,
                   "Times the baseline's cost that are too many (default: 2)")
      ->check(CLI::PositiveNumber)
      ->type_name("TIMES");
  command->add_option("--format", raw.format, "text (default), json, sarif, or github: annotations of a workflow")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}))
      ->type_name("FORMAT");
  command
      ->add_option("-o,--output", raw.reading.options.output, "Where to write the findings (default: standard output)")
      ->type_name("FILE");
  add_input_flags(*command, raw.reading);
  command->footer(rules_text() +
                  "A comment in a statement, -- assay: allow RULE (reason), lifts a rule from it.\n"
                  "Examples:\n"
                  "  assay check test.log --catalog production.snapshot --baseline assay.baseline\n"
                  "  assay check queries/ --schema migrated.sql --catalog production.snapshot --format github\n"
                  "  assay check test.log --request-budget /checkout=50 --rule offset-paging=error\n");
  return command;
}

CheckOptions meaning_of(RawCheckFlags raw) {
  CheckOptions options = std::move(raw.options);
  options.reading = meaning_of(std::move(raw.reading));
  options.format = raw.format == "json"     ? CheckFormat::kJson
                   : raw.format == "sarif"  ? CheckFormat::kSarif
                   : raw.format == "github" ? CheckFormat::kGithub
                                            : CheckFormat::kText;
  options.fail_on = parse_level(raw.fail_on);
  for (const std::string& rule : raw.rules) set_rule(options.settings, rule);
  for (const std::string& budget : raw.budgets) set_budget(options.settings, budget);
  return options;
}

}  // namespace assay
