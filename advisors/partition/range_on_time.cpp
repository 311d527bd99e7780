// RANGE on a time: the interval and the partitions.
//
// The span is that of the key's statistics, but for their outermost hundredth at the old end, which the first
// partition takes in (it has no lower bound). The interval is the narrowest that
// - is not narrower than half of what the statements ask for, so that they seldom read more than three partitions,
// - fits into what is kept at least three times, so that each drop takes little,
// - makes no partition of less than 8 MB, and no more than 120 of them: every session plans with all of them sooner
//   or later.
// Without one, the widest that makes three partitions.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "advisors/partition/partition_bounds.h"
#include "advisors/partition/schemes.h"
#include "advisors/partition/time_interval.h"
#include "analyzer/array_text.h"

namespace assay {
namespace {

constexpr std::size_t kUsualPartitions = 120;
constexpr std::size_t kFewestPartitions = 3;
constexpr std::int64_t kLeastPages = 1024;
constexpr std::size_t kAhead = 4;             // pg_partman's premake
constexpr double kSoonest = 8 * 86400.0;      // so far ahead one begins: where an attached old table may end
constexpr double kStillGrows = 31 * 86400.0;  // its latest rows are not older

struct Span {
  double from = 0, to = 0;  ///< seconds since 1970
};

std::vector<double> moments(const std::optional<std::string>& array) {
  std::vector<double> times;
  if (!array) return times;
  for (const auto& element : array_elements(*array)) {
    const auto time = element ? parse_iso8601(*element, UtcOffset{0}) : std::nullopt;
    if (time) times.push_back(static_cast<double>(time->utc.time_since_epoch().count()) / 1e6);
  }
  return times;
}

/// What most rows lie in. What is dated a month beyond `now` is no growth.
std::optional<Span> span_of(const Column& column, double now) {
  if (column.statistics.empty()) return std::nullopt;
  const ColumnStatistics& statistics = column.statistics.front();
  std::vector<double> times = moments(statistics.histogram_bounds);
  const std::vector<double> common = moments(statistics.most_common_values);
  times.insert(times.end(), common.begin(), common.end());
  std::erase_if(times, [&](double time) { return time > now + 31 * 86400.0; });
  if (times.size() < 2) return std::nullopt;
  std::sort(times.begin(), times.end());
  return Span{times[times.size() / 100], times.back()};
}

double count_of(const TimeInterval& interval, const Span& span) { return (span.to - span.from) / interval.seconds + 1; }

bool is_suitable(const TimeInterval& interval, const Span& span, const TableSignals& signals, const KeySignals* key,
                 double widest) {
  const double count = count_of(interval, span);
  if (key && key->median_width && interval.seconds < *key->median_width / 2) return false;
  if (interval.seconds > widest) return false;
  const double pages = static_cast<double>(signals.table->pages) / count;
  return count <= kUsualPartitions && count >= kFewestPartitions && pages >= kLeastPages;
}

const TimeInterval* choose(const Span& span, const TableSignals& signals, const KeySignals* key, double widest) {
  for (const TimeInterval& interval : time_intervals()) {
    if (is_suitable(interval, span, signals, key, widest)) return &interval;
  }
  const auto all = time_intervals();
  for (auto interval = all.rbegin(); interval != all.rend(); ++interval) {
    const double count = count_of(*interval, span);
    if (count >= kFewestPartitions && count + kAhead <= kMostPartitions) return &*interval;
  }
  return nullptr;
}

std::string days_text(double seconds) {
  if (seconds < 2 * 86400) return fmt::format("{:.3g} hours", seconds / 3600);
  return fmt::format("{:.0f} days", seconds / 86400);
}

std::vector<std::string> why(const TableSignals& signals, const KeySignals* key, const Column& column) {
  std::vector<std::string> reasons;
  if (key && key->time_ms_per_s() > 0 && signals.time_ms_per_s > 0) {
    reasons.push_back(fmt::format("{:.0f} % of the table's time narrows by {}",
                                  100 * std::min(1.0, key->time_ms_per_s() / signals.time_ms_per_s), column.name));
  }
  if (key && key->median_width) reasons.push_back("half of it asks for " + days_text(*key->median_width) + " or less");
  if (signals.retention && signals.retention->column == column.name) {
    reasons.push_back("rows are deleted" + (signals.retention->age
                                                ? " once they are " + days_text(*signals.retention->age) + " old"
                                                : std::string(" by their age")));
  }
  if (key && key->correlation) {
    reasons.push_back(fmt::format("rows lie in its order (correlation {:.2f})", *key->correlation));
  }
  return reasons;
}

void add_partitions(const TimeInterval& interval, const Span& span, const Column& column, double now,
                    ProposedScheme& proposed) {
  HypotheticalPartitioning& what = proposed.scheme.partitioning;
  std::int64_t start = start_of(interval, span.from);
  std::size_t ahead = 0;
  const double last = span.to >= now - kStillGrows ? now + kSoonest : span.to;
  while (ahead < kAhead || static_cast<double>(start) <= last) {
    const std::int64_t end = next_start(interval, start);
    HypotheticalPartition& partition = what.partitions.emplace_back();
    partition.name = conventional_partition_name(what.table, bound_text(start, column.type), interval.sql).value();
    if (what.partitions.size() > 1) partition.from = bound_text(start, column.type);
    partition.to = bound_text(end, column.type);
    if (static_cast<double>(start) > span.to) ++ahead;
    start = end;
  }
  proposed.empty_partitions = ahead;
}

void propose_on(const Column& column, const KeySignals* key, const TableSignals& signals, ZonedTime now,
                SchemeProposals& proposals) {
  const double moment = static_cast<double>(now.utc.time_since_epoch().count()) / 1e6;
  const auto span = span_of(column, moment);
  if (!span) {
    proposals.unfit.push_back("no statistics tell how " + column.name + " is spread");
    return;
  }
  const bool deletes = signals.retention && signals.retention->column == column.name;
  const double age = deletes ? signals.retention->age.value_or(0) : 0;  // 0: not known
  const double widest = age > 0 ? age / 3 : std::numeric_limits<double>::infinity();
  const TimeInterval* interval = choose(*span, signals, key, widest);
  if (!interval) {
    proposals.unfit.push_back(fmt::format("{} spans {}: no interval divides it into {} to {} partitions", column.name,
                                          days_text(span->to - span->from), kFewestPartitions, kMostPartitions));
    return;
  }
  ProposedScheme proposed;
  proposed.scheme.partitioning = {.schema = signals.table->schema,
                                  .table = signals.table->name,
                                  .strategy = PartitionStrategy::kRange,
                                  .column = column.name,
                                  .partitions = {}};
  proposed.scheme.interval = interval->sql;
  if (age > 0) proposed.scheme.retention = fmt::format("{:.0f} days", std::max(1.0, age / 86400));
  add_partitions(*interval, *span, column, moment, proposed);
  proposed.why = why(signals, key, column);
  proposals.schemes.push_back(std::move(proposed));
}

}  // namespace

void propose_range(const TableSignals& signals, ZonedTime now, SchemeProposals& proposals) {
  const KeySignals* best = nullptr;
  for (const KeySignals& key : signals.keys) {
    if (key.is_time && (!best || key.time_ms_per_s() > best->time_ms_per_s())) best = &key;
  }
  if (signals.retention) {
    if (const KeySignals* key = signals.key(signals.retention->column)) best = key;
  }
  if (!best) {
    proposals.unfit.push_back("no statement narrows the table by a time");
    return;
  }
  const double share = signals.time_ms_per_s > 0 ? best->time_ms_per_s() / signals.time_ms_per_s : 0;
  if (!signals.retention && share < kMostOfTheTime) {
    proposals.unfit.push_back(
        fmt::format("only {:.0f} % of the table's time narrows by {}, and no rows are deleted by "
                    "their age: all other statements would look into every partition",
                    100 * share, best->column->name));
    return;
  }
  if (best->null_share > 0) {
    proposals.unfit.push_back(fmt::format("{} is NULL in {:.2g} % of the rows, which no range takes",
                                          best->column->name, 100 * best->null_share));
    return;
  }
  if (moves_rows(signals, *best, proposals)) return;
  propose_on(*best->column, best, signals, now, proposals);
}

}  // namespace assay
