#include "parser/log/mysql_slow.h"

#include "parser/log/mysql_slow_record.h"
#include "parser/log/mysql_slow_time.h"

namespace assay {
namespace {

/// The offset that explains the difference between a local time and its instant: zones differ by quarters of an hour.
std::optional<UtcOffset> offset_between(Timestamp local, Timestamp instant) {
  constexpr UtcOffset kQuarter{15}, kMost{14 * 60};
  constexpr Microseconds kTolerance = std::chrono::seconds(2);
  const auto quarters = std::chrono::round<std::chrono::duration<std::int64_t, std::ratio<900>>>(local - instant);
  const UtcOffset offset = kQuarter * quarters.count();
  const auto rest = std::chrono::abs(Microseconds(local - instant) - Microseconds(offset));
  if (rest > kTolerance || std::chrono::abs(offset) > kMost) return std::nullopt;
  return offset;
}

}  // namespace

bool is_slow_log_line(std::string_view line) {
  return (line.starts_with("# Query_time: ") && starts_slow_header(line)) || banner_length(line) > 0;
}

std::optional<UtcOffset> slow_log_zone(std::string_view sample) {
  constexpr std::string_view kTime = "# Time: ", kSet = "\nSET ";
  for (auto at = sample.find(kTime); at != std::string_view::npos; at = sample.find(kTime, at + 1)) {
    const auto set = sample.find(kSet, at);
    if (set == std::string_view::npos) return std::nullopt;
    if (sample.find(kTime, at + 1) < set) continue;
    SlowLogTime time;
    time.read_written(sample.substr(at + kTime.size(), line_end(sample, at) - at - kTime.size()));
    auto line = sample.substr(set + 1, line_end(sample, set + 1) - set - 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!time.read_set(line) || !time.local || !time.set) continue;
    if (const auto offset = offset_between(*time.local, *time.set)) return offset;
  }
  return std::nullopt;
}

void SlowLogInheritance::fill(Block& block) {
  block.inherited_database = database_;
  std::string_view database = block.inherited_database;
  for (LogEntry& entry : block.entries) {
    if (entry.database.data() == nullptr) entry.database = database;
    if (entry.time.utc == Timestamp{}) entry.time = time_;
    database = entry.database;
    time_ = entry.time;
  }
  database_ = database;
}

}  // namespace assay
