// Workload: what the logs say was run. The query classes, the timeline, and the account of every line read.
//
// A class is all executions of one lexical shape in one database (parser/sql/shape.h). Sums are integers
// (microseconds), so they are exact and do not depend on the order in which they were added up.
// What this leaves out: what a class means (analyzer/meaning.h), and what to change (advisors/).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/censoring.h"
#include "analyzer/committed_writes.h"
#include "analyzer/latency_sketch.h"
#include "analyzer/sampled_executions.h"
#include "analyzer/server_events.h"
#include "analyzer/session_patterns.h"
#include "analyzer/trace.h"
#include "parser/log/reader.h"

namespace assay {

/// One execution as it was logged, to be shown or to be planned.
struct ExecutionSample {
  std::string sql;
  std::string parameters;  ///< as logged; empty for none
  Microseconds duration{0};
  ZonedTime time;              ///< its end
  std::uint64_t priority = 0;  ///< a hash of the execution: the lowest ones are a uniform sample
};

/// Sums over the logged executions that tell them, those that failed included.
struct RowCounts {
  std::uint64_t sent = 0, examined = 0;
  Microseconds lock_time{0};  ///< part of the logged time
};

/// A plan as auto_explain logged it, without the statement.
struct LoggedPlan {
  std::string text;  ///< in the format of auto_explain.log_format
  bool cut = false;  ///< longer than what is kept
  Microseconds duration{0};
  ZonedTime time;
  std::string nested_in;  ///< the first line of its CONTEXT: the function that ran it; empty for a client's statement
};

/// Counts and sums are of what was logged; what that stands for, where the server logs a sample, is told by
/// estimated_calls() and estimated_total(), and so are mean, deviation and percentiles.
struct QueryClass {
  std::uint64_t id = 0;  ///< hash of database and shape
  std::string database;  ///< empty when the log does not tell
  std::string normalized;
  SqlDialect dialect = SqlDialect::kPostgres;

  std::uint64_t calls = 0;        ///< completed executions
  std::uint64_t timed_calls = 0;  ///< those whose duration was logged
  std::uint64_t errors = 0;
  Microseconds total{0};       ///< of timed calls and of unfinished work
  Microseconds unfinished{0};  ///< thereof: parse, bind and fetch outside of a completed execution
  Microseconds shortest{0}, longest{0};
  UnsignedInt128 sum_of_squares = 0;  ///< µs²
  std::optional<RowCounts> rows;      ///< where the log tells them (MySQL)
  LatencySketch latencies;
  SampledExecutions sampled, sampled_unfinished;  ///< thereof those that stand for more than themselves
  std::optional<std::uint64_t> rows_affected;     ///< or returned; where sums tell them (pg_stat_statements)
  std::uint64_t summed_calls = 0;                 ///< of the timed ones: those told in sums only
  bool extremes_known = true;                     ///< false: some sums tell no shortest and longest
  bool deviation_known = true;                    ///< false: some sums tell none

  std::set<std::string> users, applications;
  std::vector<ExecutionSample> samples;  ///< uniform over the calls, by ascending priority
  std::optional<ExecutionSample> slowest;
  std::optional<LoggedPlan> plan;  ///< of its slowest planned execution

  bool is_sampled() const { return !sampled.is_empty() || !sampled_unfinished.is_empty(); }
  std::uint64_t estimated_calls() const { return calls + sampled.missing_calls(); }
  Microseconds estimated_total() const;
  double calls_error() const;     ///< standard error of estimated_calls()
  double total_error_us() const;  ///< and of estimated_total()

  bool has_percentiles() const { return timed_calls > 0 && summed_calls == 0; }
  /// Off by no more than LatencySketch::kRelativeError, and never beyond the shortest and the longest.
  Microseconds percentile(double share) const;
  double mean_us() const;       ///< 0 without timed calls
  double deviation_us() const;  ///< of the population; 0 without timed calls
};

/// What the logs hold beside the classes, so that totals balance.
struct OtherTime {
  std::uint64_t calls = 0;
  Microseconds total{0};
  SampledExecutions sampled;
};

/// Adds up, and stays at 146,000 years where a forged log would overflow.
void accumulate(Microseconds& sum, Microseconds value);

struct TimelineBucket {
  std::uint64_t executions = 0, errors = 0;
  Microseconds total{0};
};

/// The largest multiple of `step` that is not above `value`.
std::int64_t floor_to(std::int64_t value, std::int64_t step);

/// What one client asked of the server: sessions of one user, database, application and host.
struct ClientLoad {
  std::string user, database, application, host;
  std::uint64_t executions = 0, errors = 0;
  Microseconds total{0};
};

/// Load over time, in buckets of one width, the same whatever the order of insertion: the width is the
/// smallest power of two of seconds for which the span of the log fits kMostBuckets.
class Timeline {
 public:
  static constexpr std::size_t kMostBuckets = 2048;

  void add(Timestamp when, const TimelineBucket& what);
  std::chrono::seconds width() const { return width_; }
  /// By start of the bucket, in seconds since 1970; buckets without an event are absent.
  const std::map<std::int64_t, TimelineBucket>& buckets() const { return buckets_; }

 private:
  void widen();

  std::chrono::seconds width_{1};
  std::map<std::int64_t, TimelineBucket> buckets_;
};

struct Workload {
  std::vector<InputAccount> inputs;
  std::vector<QueryClass> classes;  ///< heaviest first: by total time, then calls, then id
  OtherTime unattributed;           ///< durations without a statement
  OtherTime overflow;               ///< classes beyond the most that are kept
  std::uint64_t executions = 0;     ///< completed, after filtering
  std::uint64_t timed_executions = 0;
  std::uint64_t errors = 0;
  std::uint64_t filtered = 0;  ///< records left out by --since, --until, --db, --user, --app
  Microseconds total{0};
  // With what the logged ones stand for: as the classes and the other times add up.
  std::uint64_t estimated_executions = 0;
  Microseconds estimated_total{0};
  double executions_error = 0, total_error_us = 0;  ///< standard errors
  Censoring censoring;
  std::optional<ZonedTime> first, last;  ///< start of the first execution, end of the last; of those whose time is told
  std::uint64_t sessions = 0;
  bool sessions_capped = false;  ///< there were more
  Timeline timeline;
  Trace trace;
  CommittedWrites writes;           ///< all of them, also where the trace is a sample
  bool counted_from_plans = false;  ///< no duration was logged: the executions are those that auto_explain told
  ServerEvents events;
  SessionPatterns patterns;
  std::vector<ClientLoad>
      clients;  ///< heaviest first; at most kMostClients, the others in the last one, which is nameless
  static constexpr std::size_t kMostClients = 1000;

  bool is_sampled() const { return executions_error > 0 || total_error_us > 0; }

  /// From the start of the first execution to the end of the last, at least one millisecond. Nothing without any.
  std::optional<Microseconds> span() const;
};

/// That the inputs are of.
std::size_t server_count(const Workload& workload);

/// The id of the class of a shape (shape_hash()) in a database.
ClassId class_id(std::string_view database, std::uint64_t shape);

/// 16 hexadecimal digits: how a class is named in reports and JSON.
std::string class_name(std::uint64_t id);

}  // namespace assay
