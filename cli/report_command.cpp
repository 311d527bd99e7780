#include "cli/report_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "advisors/index_advisor.h"
#include "cli/catalog_source.h"
#include "cli/inputs.h"
#include "cli/messages.h"
#include "cli/report.h"
#include "cli/units.h"
#include "cli/whole_file.h"
#include "connectors/shadow_planner.h"

namespace assay {
namespace {

struct ReadLogs {
  Workload workload;
  bool all_read = true;
};

std::optional<InputAccount> read_one(const std::string& path, const ReportOptions& options, WorkloadBuilder& builder) {
  Progress progress("reading " + path, !options.quiet);
  ReadOptions read = options.read;
  read.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total, true); };
  Diagnostics diagnostics;
  std::optional<InputAccount> account;
  try {
    account = read_log(
        path, read, [&](const LogRecord& record) { builder.add(record); }, diagnostics);
  } catch (const Error& problem) {
    diagnostics.push_back({.severity = Severity::kError, .message = problem.what(), .hint = problem.hint()});
  }
  for (const Diagnostic& diagnostic : diagnostics) print(diagnostic);
  return account;
}

ReadLogs read_logs(const std::vector<std::string>& paths, const ReportOptions& options) {
  WorkloadBuilder builder(options.filter);
  std::vector<InputAccount> accounts;
  for (const std::string& path : paths) {
    if (auto account = read_one(path, options, builder)) accounts.push_back(std::move(*account));
  }
  const bool all_read = accounts.size() == paths.size();
  return {builder.finish(std::move(accounts)), all_read};
}

std::optional<Catalog> catalog_for(const ReportOptions& options) {
  if (options.catalog) return catalog_of_file(*options.catalog);
  if (options.database) return catalog_of_server(*options.database);
  return std::nullopt;
}

void warn(const std::string& message, const std::string& hint) {
  print(Diagnostic{.file = "assay", .severity = Severity::kWarning, .message = message, .hint = hint});
}

// Nothing where no planner can be had: the report then names candidates, and prints no cost.
std::unique_ptr<CostModel> planner_for(const std::optional<Catalog>& catalog) {
  if (!catalog) return nullptr;
  if (!catalog->has_statistics) {
    warn("the catalog holds no statistics, so candidates cannot be weighed",
         "take a snapshot with `assay snapshot URI -o FILE` and give that");
    return nullptr;
  }
  try {
    return std::make_unique<ShadowPlanner>(*catalog);
  } catch (const Error& problem) {
    warn(std::string("no planner, so candidates are not weighed: ") + problem.what(), problem.hint());
    return nullptr;
  }
}

Advice advise(const Report& report, CostModel* planner, const ReportOptions& options) {
  Progress progress("planning", !options.quiet);
  IndexAdvisorOptions advisor{.database = report.database, .budget_bytes = options.budget_bytes};
  advisor.progress = [&](std::size_t done, std::size_t total) { progress.update(done, total, false); };
  return advise_indexes(report.workload, report.meanings, report.catalog ? &*report.catalog : nullptr, planner,
                        advisor);
}

void write_report(const Report& report, const ReportOptions& options) {
  const std::string text = options.format == ReportFormat::kJson ? to_json(report) : to_markdown(report);
  if (options.output) {
    write_whole_file(*options.output, text);
  } else if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    if (errno == EPIPE) return;  // the reader has seen enough: `assay report … | head`
    throw Error("the report could not be written to standard output", "give a file with -o");
  }
  if (!options.ddl) return;
  write_whole_file(*options.ddl, ddl_script(report));
  write_whole_file(*options.ddl + ".rollback", rollback_script(report));
}

std::string findings(const Report& report) {
  const auto& advice = report.advice;
  if (advice.recommendations.empty()) return "no index worth creating";
  const std::string count = plural(advice.recommendations.size(), "index", "indexes");
  if (!advice.selection) return count + " named, none weighed: no planner was asked";
  const double saved = 1 - advice.selection->objective_after / advice.selection->objective_before;
  return fmt::format("{} to create, which take {} off the time of the judged statements (planned)", count,
                     share_text(saved));
}

void say_where(const Report& report, const ReportOptions& options) {
  if (options.quiet || !options.output) return;
  const Workload& workload = report.workload;
  fmt::print(stderr, "{} in {}, {} of logged time\n", plural(workload.executions, "execution", "executions"),
             plural(workload.classes.size(), "query class", "query classes"), duration_text(workload.total));
  fmt::print(stderr, "{}\n", findings(report));
  if (!report.advice.recommendations.empty()) {
    fmt::print(stderr, "first: {}\n", printable(describe(report.advice.recommendations.front().index)));
  }
  if (options.ddl) fmt::print(stderr, "DDL: {0}, to take it back: {0}.rollback\n", printable(*options.ddl));
  fmt::print(stderr, "report: {}\n", printable(*options.output));
}

}  // namespace

bool run_report(const ReportOptions& options) {
  const std::vector<std::string> paths = expand_inputs(options.inputs);
  Report report{.catalog = catalog_for(options), .zone = options.read.zone};
  ReadLogs logs = read_logs(paths, options);
  report.workload = std::move(logs.workload);
  if (report.workload.inputs.empty()) throw Error("no input could be read", "nothing was written");
  if (report.workload.executions == 0)
    warn("no executed statement was found",
         "set log_min_duration_statement = 0 on the server, for a while, to log them");
  const Catalog* catalog = report.catalog ? &*report.catalog : nullptr;
  report.meanings = understand(report.workload, catalog);
  report.database = judged_database(report.workload, catalog);
  const auto planner = planner_for(report.catalog);
  report.advice = advise(report, planner.get(), options);
  write_report(report, options);
  say_where(report, options);
  return logs.all_read;
}

}  // namespace assay
