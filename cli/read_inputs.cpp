#include "cli/read_inputs.h"

#include <algorithm>
#include <utility>

#include "analyzer/counted_once.h"
#include "cli/coverage.h"
#include "cli/messages.h"

namespace assay {
namespace {

std::vector<InputGlance> look_at(const std::vector<std::string>& paths, const ReportOptions& options) {
  std::vector<InputGlance> inputs;
  if (paths.size() == 1) return {InputGlance{.path = paths.front()}};  // there is nothing to compare it with
  for (const std::string& path : paths) inputs.push_back(glance_at(path, options.read));
  sort_for_reading(inputs, common_resolution(inputs));
  return inputs;
}

/// What a record passes on its way into the workload.
struct Stages {
  CountedOnce once;
  CensoringObserver censoring;
  WorkloadBuilder builder;

  void add(const LogRecord& record) {
    if (once.told_before(record)) return;
    if (once.server() == 0) return builder.add(censoring.weigh(record));
    LogRecord of_server = record;
    of_server.server = once.server();
    builder.add(censoring.weigh(of_server));
  }
};

/// Nothing where the input failed.
std::optional<InputAccount> read_one(const std::string& path, const ReportOptions& options, Stages& stages) {
  Progress progress("reading " + path, !options.quiet);
  ReadOptions read = options.read;
  read.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total, true); };
  Diagnostics diagnostics;
  std::optional<InputAccount> account;
  try {
    account = read_log(
        path, read, [&](const LogRecord& record) { stages.add(record); }, diagnostics);
  } catch (const Error& problem) {
    diagnostics.push_back(
        {.file = "assay", .severity = Severity::kError, .message = problem.what(), .hint = problem.hint()});
  }
  if (account && account->lines > 0 && account->record_lines == 0) {
    diagnostics.push_back({.file = path,
                           .severity = Severity::kError,
                           .message = "no line of it could be read as " + account->format,
                           .hint = "check --log-format and --log-line-prefix, or leave them out"});
    account.reset();
  }
  if (account) {
    stages.once.finish(*account, diagnostics);
    if (const auto many = many_skipped(*account)) {
      diagnostics.push_back({.file = path, .severity = Severity::kWarning, .message = many->what, .hint = many->hint});
    }
  }
  for (const Diagnostic& diagnostic : diagnostics) print(diagnostic);
  return account;
}

void name_given_twice(const std::vector<GivenTwice>& again, std::vector<InputAccount>& accounts) {
  for (const auto& [path, same_as] : again) {
    const auto same = std::find_if(accounts.begin(), accounts.end(), [&](auto& a) { return a.path == same_as; });
    if (same == accounts.end()) continue;
    InputAccount account;
    account.path = path;
    account.format = same->format;
    account.server = same->server;
    account.same_run_as = same_as;
    account.left_out = true;
    accounts.insert(same + 1, account);
  }
}

}  // namespace

ReadLogs read_inputs(const Inputs& inputs, const ReportOptions& options, const Catalog* catalog) {
  std::vector<InputGlance> in_order = look_at(inputs.files, options);
  std::vector<std::string> paths;
  for (const InputGlance& input : in_order) paths.push_back(input.path);
  Stages stages{CountedOnce(std::move(in_order)),
                CensoringObserver(options.logging, catalog ? logging_settings(catalog->settings) : LoggingSettings()),
                WorkloadBuilder(options.filter)};
  std::vector<InputAccount> accounts;
  bool all_read = true;
  for (const std::string& path : paths) {
    stages.once.begin();
    auto account = read_one(path, options, stages);
    all_read &= account && !account->cut_short;
    if (account) accounts.push_back(std::move(*account));
  }
  name_given_twice(inputs.given_twice, accounts);
  Workload workload = stages.builder.finish(std::move(accounts));
  workload.censoring = stages.censoring.finish();
  if (workload.censoring.periods.empty()) workload.censoring.apparent_threshold = apparent_threshold(workload);
  return {std::move(workload), all_read};
}

}  // namespace assay
