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

/// What was recognised, for the reader to see whether it is right.
void note_recognised(const InputAccount& account, std::optional<UtcOffset> offset) {
  if (account.format.empty()) return;
  std::string found = account.format;
  if (!account.log_line_prefix.empty()) found += ", log_line_prefix '" + account.log_line_prefix + "'";
  if (!account.compression.empty()) found += ", " + account.compression;
  if (offset) found += ", times at " + to_iso8601({{}, *offset}).substr(std::string_view("1970-01-01T00:00:00").size());
  print(Diagnostic{.file = account.path, .severity = Severity::kNote, .message = found});
}

/// Nothing where the input failed.
std::optional<InputAccount> read_one(const std::string& path, const ReportOptions& options, Stages& stages) {
  Progress progress("reading " + path, !options.quiet);
  ReadOptions read = options.read;
  read.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total, true); };
  Diagnostics diagnostics;
  std::optional<InputAccount> account;
  std::optional<UtcOffset> offset;
  const auto take = [&](const LogRecord& record) {
    if (!offset && record.time.utc != Timestamp{}) offset = record.time.offset;
    stages.add(record);
  };
  try {
    account = read_log(path, read, take, diagnostics);
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
  if (account && !options.quiet) note_recognised(*account, offset);
  for (const Diagnostic& diagnostic : diagnostics) print(diagnostic);
  return account;
}

/// The view sums up what a log tells one by one, but not which of it: whether both tell the same cannot be seen.
void warn_of_sums_beside_logs(const std::vector<InputAccount>& accounts) {
  const auto is_sums = [](const InputAccount& account) {
    return account.format == to_string(LogFormat::kStatStatements);
  };
  const auto sums = std::find_if(accounts.begin(), accounts.end(), is_sums);
  if (sums == accounts.end() || std::all_of(accounts.begin(), accounts.end(), is_sums)) return;
  print(Diagnostic{.file = sums->path,
                   .severity = Severity::kWarning,
                   .message = "sums are added to what logs tell, where the same executions may stand",
                   .hint = "report on pg_stat_statements by itself"});
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
                WorkloadBuilder(options.filter, options.trace_bytes)};
  std::vector<InputAccount> accounts;
  bool all_read = true;
  for (const std::string& path : paths) {
    stages.once.begin();
    auto account = read_one(path, options, stages);
    all_read &= account && !account->cut_short;
    if (account) accounts.push_back(std::move(*account));
  }
  warn_of_sums_beside_logs(accounts);
  name_given_twice(inputs.given_twice, accounts);
  Workload workload = stages.builder.finish(std::move(accounts));
  workload.censoring = stages.censoring.finish();
  if (workload.censoring.periods.empty()) workload.censoring.apparent_threshold = apparent_threshold(workload);
  return {std::move(workload), all_read};
}

}  // namespace assay
