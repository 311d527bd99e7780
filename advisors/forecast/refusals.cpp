#include "advisors/forecast/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

constexpr std::size_t kFewestExecutions = 200;
constexpr double kLockBound = 0.2, kLocksNoticed = 0.02;  // shares of the logged time
constexpr double kCommitBound = 0.5, kCommitsNoticed = 0.05;

/// By a setting that the log does not contradict.
bool leaves_statements_out(const CensoringPeriod& period) {
  constexpr std::uint64_t kOneIn = 20;
  return leaves_out(period.settings) && period.executions > 0 && period.unexplained * kOneIn <= period.executions;
}

/// Waits for a row's writer: for its transaction, or in the queue behind the row.
double row_lock_share(const Workload& workload) {
  double waited = 0;
  for (const LockWaitGroup& group : workload.events.lock_waits) {
    if (group.target == "transaction" || group.target == "tuple") waited += static_cast<double>(group.total.count());
  }
  return waited / std::max(static_cast<double>(workload.total.count()), 1.0);
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

}  // namespace

std::vector<std::string> forbidden_by_log(const Workload& workload) {
  std::vector<std::string> reasons;
  if (workload.counted_from_plans) {
    reasons.push_back("the log holds plans and no durations of the statements between them");
    return reasons;
  }
  if (workload.trace.size() == 0 || workload.timed_executions == 0) {
    reasons.push_back("the log does not tell when each execution ended and how long it took");
    return reasons;
  }
  if (workload.trace.size() < kFewestExecutions) {
    reasons.push_back(fmt::format("{} executions are too few to tell demand from chance: {} or more would do",
                                  workload.trace.size(), kFewestExecutions));
  }
  if (workload.timed_executions < workload.executions - workload.executions / 100) {
    reasons.push_back("more than one in a hundred executions were logged without a duration");
  }
  if (workload.sessions < 1) {
    reasons.push_back("the log does not tell sessions: put %p or %c into log_line_prefix");
  }
  const auto& periods = workload.censoring.periods;
  if (workload.is_sampled() || std::any_of(periods.begin(), periods.end(), leaves_statements_out)) {
    reasons.push_back(
        "the server logged a part of the statements only (a threshold or a sample), and what it left out used "
        "the processor too: log_min_duration_statement = 0, for a while, would tell");
  } else if (workload.censoring.apparent_threshold) {
    reasons.push_back(
        "the log looks as if short statements had been left out, which used the processor too: "
        "log_min_duration_statement = 0, for a while, would tell");
  }
  return reasons;
}

Refusals refusals(const Workload& workload, const ServiceDemand& demand) {
  Refusals found;
  if (demand.resolution >= 1'000'000) {
    found.forbidding.push_back(
        "the log's time stamps are to the second, which hides what ran beside what: %m in "
        "log_line_prefix would tell");
  }
  const double rows = row_lock_share(workload);
  if (demand.lock_share >= kLockBound) {
    found.forbidding.push_back(fmt::format(
        "{} of the logged time were waits for locks{}, which no processor shortens: see who blocks whom first",
        percent(demand.lock_share),
        rows >= kLockBound ? ", nearly all for rows that others were changing (hot rows)" : ""));
  } else if (demand.lock_share >= kLocksNoticed) {
    found.warning.push_back(
        fmt::format("{} of the logged time were waits for locks; they are taken as they were, though "
                    "shorter statements hold locks for a shorter time",
                    percent(demand.lock_share)));
  }
  if (demand.commit_share >= kCommitBound) {
    found.warning.push_back(
        fmt::format("{} of the logged time are COMMITs that wait for the disk: the work is bound by "
                    "commits, which the steps below do not change",
                    percent(demand.commit_share)));
  } else if (demand.commit_share >= kCommitsNoticed) {
    found.warning.push_back(
        fmt::format("{} of the logged time are COMMITs that wait for the disk", percent(demand.commit_share)));
  }
  if (demand.trace_rate < 1) {
    found.warning.push_back(
        fmt::format("the trace holds {} of the executions, so what ran beside what is extrapolated: "
                    "--memory gives it more",
                    percent(demand.trace_rate)));
  }
  if (workload.filtered * 100 > workload.executions) {
    found.warning.push_back(
        "what --db, --user or --app left out used the same processor, and does not stand in these figures");
  }
  if (server_count(workload) > 1) {
    found.forbidding.push_back("the logs are of several servers, each with its own processors: report them one by one");
  }
  return found;
}

}  // namespace assay
