#include "cli/read_inputs.h"

#include <algorithm>

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

void add_record(const LogRecord& record, CountedOnce& once, WorkloadBuilder& builder) {
  if (once.told_before(record)) return;
  if (once.server() == 0) return builder.add(record);
  LogRecord of_server = record;
  of_server.server = once.server();
  builder.add(of_server);
}

/// Nothing where the input failed.
std::optional<InputAccount> read_one(const std::string& path, const ReportOptions& options, CountedOnce& once,
                                     WorkloadBuilder& builder) {
  Progress progress("reading " + path, !options.quiet);
  ReadOptions read = options.read;
  read.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total, true); };
  Diagnostics diagnostics;
  std::optional<InputAccount> account;
  try {
    account = read_log(
        path, read, [&](const LogRecord& record) { add_record(record, once, builder); }, diagnostics);
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
    once.finish(*account, diagnostics);
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

ReadLogs read_inputs(const Inputs& inputs, const ReportOptions& options) {
  const std::vector<InputGlance> in_order = look_at(inputs.files, options);
  CountedOnce once(in_order);
  WorkloadBuilder builder(options.filter);
  std::vector<InputAccount> accounts;
  for (const InputGlance& input : in_order) {
    once.begin();
    if (auto account = read_one(input.path, options, once, builder)) accounts.push_back(std::move(*account));
  }
  const bool all_read = accounts.size() == inputs.files.size();
  name_given_twice(inputs.given_twice, accounts);
  return {builder.finish(std::move(accounts)), all_read};
}

}  // namespace assay
