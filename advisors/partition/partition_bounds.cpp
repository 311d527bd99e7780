#include "advisors/partition/partition_bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "advisors/partition/sql_template.h"
#include "analyzer/array_text.h"
#include "parser/base/time.h"
#include "parser/sql/index_definition.h"

namespace assay {
namespace {

using std::chrono::days;

struct Spelling {
  std::string_view interval, word, format;
};

/// create_parent() of pg_partman 4.7.
constexpr std::array kSpellings{
    Spelling{"1 year", "yearly", "YYYY"},
    Spelling{"3 months", "quarterly", "YYYY\"q\"Q"},
    Spelling{"1 quarter", "quarterly", "YYYY\"q\"Q"},
    Spelling{"1 month", "monthly", "YYYY_MM"},
    Spelling{"1 mon", "monthly", "YYYY_MM"},
    Spelling{"3 mons", "quarterly", "YYYY\"q\"Q"},
    Spelling{"1 week", "weekly", "IYYY\"w\"IW"},
    Spelling{"7 days", "weekly", "IYYY\"w\"IW"},
    Spelling{"1 day", "daily", "YYYY_MM_DD"},
    Spelling{"1 hour", "hourly", "YYYY_MM_DD_HH24MI"},
};

struct Moment {
  int year = 0;
  unsigned month = 1, day = 1;
  int iso_year = 0, iso_week = 0;
  unsigned weekday = 1;     ///< 1: Monday
  std::int64_t second = 0;  ///< of the day
};

/// As the text writes it, whatever its offset: pg_partman cuts at the session's midnights.
std::optional<Moment> moment_of(const std::string& text) {
  const auto time = parse_iso8601(text, UtcOffset{0});
  if (!time) return std::nullopt;
  const auto local = time->utc + time->offset;
  const auto midnight = std::chrono::floor<days>(local);
  const std::chrono::year_month_day date{midnight};
  Moment moment;
  moment.year = static_cast<int>(date.year());
  moment.month = static_cast<unsigned>(date.month());
  moment.day = static_cast<unsigned>(date.day());
  moment.weekday = std::chrono::weekday{midnight}.iso_encoding();
  moment.second = std::chrono::duration_cast<std::chrono::seconds>(local - midnight).count();
  // ISO 8601: a week belongs to the year of its Thursday.
  const auto thursday = midnight + days{4 - static_cast<int>(moment.weekday)};
  const std::chrono::year year = std::chrono::year_month_day{thursday}.year();
  moment.iso_year = static_cast<int>(year);
  moment.iso_week = static_cast<int>((thursday - std::chrono::sys_days{year / 1 / 1}).count() / 7) + 1;
  return moment;
}

std::optional<std::string> suffix_of(const Moment& m, std::string_view word) {
  if (word == "hourly" && m.second % 3600 == 0) {
    return fmt::format("{:04}_{:02}_{:02}_{:02}00", m.year, m.month, m.day, m.second / 3600);
  }
  if (m.second != 0) return std::nullopt;
  if (word == "daily") return fmt::format("{:04}_{:02}_{:02}", m.year, m.month, m.day);
  if (word == "weekly" && m.weekday == 1) return fmt::format("{:04}w{:02}", m.iso_year, m.iso_week);
  if (m.day != 1) return std::nullopt;
  if (word == "monthly") return fmt::format("{:04}_{:02}", m.year, m.month);
  if (word == "quarterly" && m.month % 3 == 1) return fmt::format("{:04}q{}", m.year, (m.month - 1) / 3 + 1);
  if (word == "yearly" && m.month == 1) return fmt::format("{:04}", m.year);
  return std::nullopt;
}

std::optional<double> number_of(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  if (text.empty() || std::from_chars(text.data(), end, number).ptr != end) return std::nullopt;
  return number;
}

/// Order of two values of the key: of times or of numbers; nothing for what is neither.
std::optional<bool> is_after(const std::string& left, const std::string& right) {
  if (const auto a = number_of(left), b = number_of(right); a && b) return *a > *b;
  const auto a = parse_iso8601(left, UtcOffset{0}), b = parse_iso8601(right, UtcOffset{0});
  if (!a || !b) return std::nullopt;
  return a->utc > b->utc;
}

std::optional<std::string> largest_known(const Table& table, const std::string& column) {
  const Column* key = find_column(table, column);
  if (!key) return std::nullopt;
  for (const ColumnStatistics& statistics : key->statistics) {
    if (!statistics.histogram_bounds) continue;
    const auto bounds = array_elements(*statistics.histogram_bounds);
    if (!bounds.empty()) return bounds.back();
  }
  return std::nullopt;
}

}  // namespace

std::optional<NamedInterval> named_interval(const std::string& interval) {
  const auto found = std::find_if(kSpellings.begin(), kSpellings.end(),
                                  [&](const Spelling& spelling) { return spelling.interval == interval; });
  if (found == kSpellings.end()) return std::nullopt;
  return NamedInterval{std::string(found->word), std::string(found->format)};
}

std::optional<std::string> conventional_partition_name(const std::string& table, const std::string& from,
                                                       const std::string& interval) {
  const auto named = named_interval(interval);
  const auto moment = moment_of(from);
  if (!named || !moment) return std::nullopt;
  const auto suffix = suffix_of(*moment, named->word);
  if (!suffix) return std::nullopt;
  return fitted_name(table, "_p" + *suffix);
}

bool is_range_on_time(const PartitionScheme& scheme, const Table& table) {
  const Column* key = find_column(table, scheme.partitioning.column);
  return scheme.partitioning.strategy == PartitionStrategy::kRange && key &&
         (key->type == "date" || key->type.starts_with("timestamp"));
}

std::string bound_of(const PartitionScheme& scheme, const HypotheticalPartition& partition) {
  if (partition.is_default) return "DEFAULT";
  const auto end = [](const std::optional<std::string>& value, const char* open) {
    return value ? quote_literal(*value) : std::string(open);
  };
  switch (scheme.partitioning.strategy) {
    case PartitionStrategy::kRange: {
      const char* beginning = scheme.interval.empty() ? "MINVALUE" : kBeginningOfTime;
      return fmt::format("FOR VALUES FROM ({}) TO ({})", end(partition.from, beginning), end(partition.to, "MAXVALUE"));
    }
    case PartitionStrategy::kList: {
      std::string values;
      for (const std::string& value : partition.values) values += (values.empty() ? "" : ", ") + quote_literal(value);
      return "FOR VALUES IN (" + values + ")";
    }
    case PartitionStrategy::kHash:
      return fmt::format("FOR VALUES WITH (MODULUS {}, REMAINDER {})", scheme.partitioning.partitions.size(),
                         partition.remainder);
  }
  return "";
}

std::optional<std::string> boundary_of(const PartitionScheme& scheme, const Table& table, const Catalog& catalog) {
  if (scheme.partitioning.strategy != PartitionStrategy::kRange) return std::nullopt;
  const auto largest = largest_known(table, scheme.partitioning.column);
  std::optional<std::string> soonest;
  if (is_range_on_time(scheme, table) && catalog.taken_at) {
    soonest = to_iso8601({catalog.taken_at->utc + days{7}, UtcOffset{0}});
  }
  std::optional<std::string> last;
  for (const HypotheticalPartition& partition : scheme.partitioning.partitions) {
    if (!partition.from) continue;
    last = partition.from;
    const bool reached = (largest && !is_after(*partition.from, *largest).value_or(false)) ||
                         (soonest && !is_after(*partition.from, *soonest).value_or(false));
    if ((largest || soonest) && !reached) return partition.from;
  }
  // Nothing is known of the rows: the last partition must be the one that is still to come.
  return largest || soonest ? std::nullopt : last;
}

}  // namespace assay
