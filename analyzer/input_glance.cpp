#include "analyzer/input_glance.h"

#define XXH_INLINE_ALL
#include <sys/stat.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <unordered_map>

#include "analyzer/workload.h"
#include "parser/base/error.h"
#include "parser/log/read_log.h"

namespace assay {
namespace {

constexpr std::uint64_t kGlance = 256U << 10U;    // bytes of text
constexpr std::uint64_t kLongGlance = 8U << 20U;  // where the first record is a giant
constexpr std::size_t kMostMarks = 1024;

bool has_own_time(const LogRecord& record) {
  return record.kind == RecordKind::kExecution || record.kind == RecordKind::kUnfinished;
}

std::int64_t unit_of(MarkResolution resolution) { return resolution.milliseconds ? 1'000 : 1'000'000; }

void look(const std::string& path, const ReadOptions& options, std::uint64_t most, InputGlance& glance) {
  ReadOptions read = options;
  read.jobs = 1;
  read.progress = nullptr;
  ReadLimits limits;
  limits.most = most;
  const RecordSink remember = [&](const LogRecord& record) {
    const bool is_timed = record.time.utc.time_since_epoch().count() != 0;
    if (is_timed && glance.head.size() < kMostMarks) glance.head.push_back(mark_of(record));
  };
  Diagnostics ignored;  // told when the input is read
  try {
    glance.format = parse_log_format(read_log(path, read, limits, remember, ignored).format);
  } catch (const Error&) {
    glance.head.clear();
  }
}

/// The less, the more a format tells: jsonlog and csvlog have SQLSTATE, host and session, whatever log_line_prefix is;
/// in jsonlog damage ends with its line.
int rank_of(std::optional<LogFormat> format) {
  constexpr std::array kByWorth{LogFormat::kPostgresJson,   LogFormat::kPostgresCsv, LogFormat::kCloudNativePg,
                                LogFormat::kPostgresStderr, LogFormat::kAzure,       LogFormat::kCloudSql,
                                LogFormat::kPostgresSyslog};
  const auto found = format ? std::find(kByWorth.begin(), kByWorth.end(), *format) : kByWorth.end();
  return static_cast<int>(found - kByWorth.begin());
}

using KeyCounts = std::unordered_map<std::uint64_t, std::uint64_t>;

KeyCounts count_keys(const InputGlance& glance, std::int64_t from_us, std::int64_t to_us, MarkResolution resolution) {
  KeyCounts executions, others;
  for (const RecordMark& mark : glance.head) {
    if (mark.time_us < from_us || mark.time_us > to_us) continue;
    ++(mark.is_execution ? executions : others)[key_of(mark, resolution)];
  }
  return executions.empty() ? others : executions;
}

bool start_alike(const InputGlance& a, const InputGlance& b, MarkResolution resolution) {
  const std::int64_t from = std::max(a.first_us, b.first_us);
  const std::int64_t to = std::min(a.head_end_us, b.head_end_us);
  const KeyCounts counts = count_keys(a, from, to, resolution);
  return tells_the_same(b, from, to, resolution, [&](std::uint64_t key) -> std::optional<std::uint64_t> {
    const auto found = counts.find(key);
    return found == counts.end() ? 0 : found->second;
  });
}

/// Ranks of the formats that tell a run which a richer one tells too. Expects the inputs by time.
std::set<int> doubled_ranks(const std::vector<InputGlance>& inputs, MarkResolution resolution) {
  std::set<int> doubled;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t k = i + 1; k < inputs.size() && inputs[k].first_us <= inputs[i].head_end_us; ++k) {
      const int a = rank_of(inputs[i].format), b = rank_of(inputs[k].format);
      if (a != b && !doubled.contains(std::max(a, b)) && start_alike(inputs[i], inputs[k], resolution)) {
        doubled.insert(std::max(a, b));
      }
    }
  }
  return doubled;
}

}  // namespace

RecordMark mark_of(const LogRecord& record) {
  std::array<std::uint64_t, 2> content{static_cast<std::uint64_t>(record.duration.count()), record.shape};
  if (!has_own_time(record)) {
    const auto line = record.message.substr(0, record.message.find('\n'));
    content[0] = XXH3_64bits(line.data(), line.size());
  }
  return {record.time.utc.time_since_epoch().count(), record.process, XXH3_64bits(content.data(), sizeof content),
          has_own_time(record)};
}

std::uint64_t key_of(const RecordMark& mark, MarkResolution resolution) {
  const std::array<std::uint64_t, 3> parts{static_cast<std::uint64_t>(floor_to(mark.time_us, unit_of(resolution))),
                                           resolution.process ? static_cast<std::uint64_t>(mark.process) : 0,
                                           mark.content};
  return XXH3_64bits(parts.data(), sizeof parts);
}

InputGlance glance_at(const std::string& path, const ReadOptions& options) {
  InputGlance glance;
  glance.path = path;
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0 || !S_ISREG(state.st_mode)) return glance;
  glance.is_file = true;
  glance.bytes = static_cast<std::uint64_t>(state.st_size);
  look(path, options, kGlance, glance);
  if (!glance.is_known() && glance.bytes > 0) look(path, options, kLongGlance, glance);
  if (!glance.is_known()) return glance;
  const auto [first, last] = std::minmax_element(glance.head.begin(), glance.head.end(),
                                                 [](auto& a, auto& b) { return a.time_us < b.time_us; });
  glance.first_us = first->time_us;
  glance.head_end_us = last->time_us;
  return glance;
}

MarkResolution common_resolution(const std::vector<InputGlance>& inputs) {
  MarkResolution resolution;
  for (const InputGlance& input : inputs) {
    if (!input.is_known()) continue;
    const auto& head = input.head;
    resolution.milliseconds &=
        std::any_of(head.begin(), head.end(), [](auto& m) { return m.time_us % 1'000'000 != 0; });
    resolution.process &= std::any_of(head.begin(), head.end(), [](auto& m) { return m.process != 0; });
  }
  return resolution;
}

bool tells_the_same(const InputGlance& glance, std::int64_t from_us, std::int64_t to_us, MarkResolution resolution,
                    const CountOf& count_of) {
  // Records of the last moment may lie behind the end of what was seen of either.
  const std::int64_t whole = floor_to(to_us, unit_of(resolution)) - 1;
  KeyCounts counts = count_keys(glance, from_us, whole, resolution);
  if (counts.empty()) counts = count_keys(glance, from_us, to_us, resolution);
  std::size_t kept = 0, agreed = 0;
  for (const auto& [key, count] : counts) {
    const auto there = count_of(key);
    kept += there ? 1 : 0;
    agreed += there == count ? 1 : 0;
  }
  return agreed > 0 && agreed * 2 >= kept;
}

void sort_for_reading(std::vector<InputGlance>& inputs, MarkResolution resolution) {
  const auto unseen =
      std::stable_partition(inputs.begin(), inputs.end(), [](auto& input) { return !input.is_known(); });
  std::vector<InputGlance> seen(std::make_move_iterator(unseen), std::make_move_iterator(inputs.end()));
  std::sort(seen.begin(), seen.end(), [](auto& a, auto& b) { return a.first_us < b.first_us; });
  const std::set<int> doubled = doubled_ranks(seen, resolution);
  // Of two alike the larger file first: it is not compressed, or not cut off.
  const auto order = [&](const InputGlance& input) {
    const int rank = rank_of(input.format);
    return std::tuple(doubled.contains(rank) ? rank : -1, input.first_us, rank, -static_cast<std::int64_t>(input.bytes),
                      std::string_view(input.path));
  };
  std::sort(seen.begin(), seen.end(), [&](auto& a, auto& b) { return order(a) < order(b); });
  std::move(seen.begin(), seen.end(), unseen);
}

const InputGlance* next_piece(const std::vector<InputGlance>& inputs, std::size_t index) {
  constexpr std::int64_t kDisorder_us = 1'000'000;  // processes write a little later than they stamp
  const auto folder_of = [](const std::string& path) { return std::string_view(path).substr(0, path.rfind('/') + 1); };
  const InputGlance& input = inputs[index];
  if (!input.is_known()) return nullptr;
  const auto next = std::find_if(
      inputs.begin() + static_cast<std::ptrdiff_t>(index) + 1, inputs.end(),
      [&](auto& other) { return other.format == input.format && folder_of(other.path) == folder_of(input.path); });
  const bool goes_on = next != inputs.end() && next->is_known() && next->first_us + kDisorder_us >= input.head_end_us;
  return goes_on ? &*next : nullptr;
}

}  // namespace assay
