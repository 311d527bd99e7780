// What a replay measured, as text for a terminal: the sums, then the heaviest classes beside what the log said of them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "cli/escape.h"
#include "cli/replay_command.h"
#include "cli/units.h"
#include "parser/base/diagnostic.h"

namespace assay {
namespace {

constexpr std::size_t kClassesShown = 20;
constexpr std::size_t kSqlShown = 60;  // characters

double seconds(Microseconds time) { return static_cast<double>(time.count()) / 1e6; }

std::string sent_line(const ReplayInput& input, const Replay& replay, const ReplayOptions& options) {
  const double logged_s = std::max(static_cast<double>(input.script.span) / 1e6, 1e-3);
  return fmt::format("sent        {} of {} in {}, over {}; {}\nthroughput  {}; the log has {} of all executions\n",
                     count_text(replay.executions.size()), plural(input.script.executions, "execution", "executions"),
                     duration_text(replay.elapsed), plural(replay.connections, "connection", "connections"),
                     options.open ? fmt::format("open, at {:g} times the logged rate", options.rate)
                                  : fmt::format("closed, with {:g} times the logged pauses", options.think),
                     rate_text(replay.throughput()),
                     rate_text(static_cast<double>(input.script.executions) / logged_s));
}

std::string left_out_lines(const ReplayInput& input, const Replay& replay) {
  std::map<std::string, std::uint64_t> reasons = input.script.left_out;
  for (const auto& [reason, count] : replay.left_out) reasons[reason] += count;
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : reasons) sum += count;
  std::string text = fmt::format("left out    {}\n", count_text(sum));
  for (const auto& [reason, count] : reasons) {
    text += fmt::format("  {:>10}  {}{}\n", count_text(count), reason,
                        reason == "writes or locks rows" ? " (--allow-writes)" : "");
  }
  return text;
}

std::string error_lines(const Replay& replay) {
  std::map<std::string, std::pair<std::uint64_t, std::string>> by_state;
  for (const ReplayedExecution& execution : replay.executions) {
    if (execution.error == 0) continue;
    const ReplayError& error = replay.errors[execution.error - 1];
    auto& [count, example] = by_state[error.state];
    if (count++ == 0) example = error.message;
  }
  std::string text = fmt::format("errors      {}\n", count_text(replay.executions.size() - replay.succeeded()));
  for (const auto& [state, told] : by_state) {
    text += fmt::format("  {:>10}  {}  {}\n", count_text(told.first), printable(state),
                        shortened(printable(told.second), kSqlShown));
  }
  return text;
}

std::string server_line(const Replay& replay) {
  if (!replay.server_seconds) return "server CPU  not known: the server's processes cannot be seen from here\n";
  return fmt::format("server CPU  {:.2f} s, {:.2f} cores (all of the server's processes)\n", *replay.server_seconds,
                     *replay.server_seconds / std::max(seconds(replay.elapsed), 1e-3));
}

std::string percentiles(const QueryClass& query) {
  if (!query.has_percentiles()) return fmt::format("{:>9} {:>9} {:>9}", "-", "-", "-");
  return fmt::format("{:>9} {:>9} {:>9}", duration_text(query.percentile(0.50)), duration_text(query.percentile(0.95)),
                     duration_text(query.percentile(0.99)));
}

std::string class_table(const Workload& logged, const Workload& measured) {
  std::unordered_map<std::uint64_t, const QueryClass*> before;
  for (const QueryClass& query : logged.classes) before.emplace(query.id, &query);
  std::string text = fmt::format("\n{:16} {:>9} {:>6}  {:^29}  {:^29}\n", "", "", "", "replayed", "logged");
  text += fmt::format("{:16} {:>9} {:>6}  {:>9} {:>9} {:>9}  {:>9} {:>9} {:>9}  {}\n", "class", "calls", "errors",
                      "p50", "p95", "p99", "p50", "p95", "p99", "statement");
  const std::size_t shown = std::min(measured.classes.size(), kClassesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const QueryClass& query = measured.classes[i];
    const auto known = before.find(query.id);
    text += fmt::format("{:16} {:>9} {:>6}  {}  {}  {}\n", class_name(query.id), count_text(query.calls),
                        count_text(query.errors), percentiles(query),
                        percentiles(known == before.end() ? QueryClass() : *known->second),
                        shortened(printable(query.normalized), kSqlShown));
  }
  if (shown < measured.classes.size())
    text += fmt::format("… and {}\n", plural(measured.classes.size() - shown, "class", "classes"));
  return text;
}

}  // namespace

std::string replay_summary(const ReplayInput& input, const Replay& replay, const Workload& measured,
                           const ReplayOptions& options) {
  std::string text = sent_line(input, replay, options);
  text += server_line(replay);
  if (options.open) {
    text += fmt::format("late        {} in the middle, {} at the most: sent so long after their times\n",
                        duration_text(replay.late_median), duration_text(replay.late_most));
  }
  text += error_lines(replay) + left_out_lines(input, replay);
  if (replay.begun_again > 0) {
    text += fmt::format("            {} begun again behind a statement that failed\n",
                        plural(replay.begun_again, "transaction", "transactions"));
  }
  return text + class_table(input.logs.workload, measured);
}

}  // namespace assay
