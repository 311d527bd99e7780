#include "advisors/cache/memory_curve.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>

#include "advisors/cache/stack_distance.h"
#include "advisors/cache/traced_read.h"

namespace assay {
namespace {

constexpr int kPoints = 6;
constexpr unsigned kMostHalvings = 15;

struct Fill {
  std::int64_t start = 0, end = 0;
};

/// A recommended cache, and what ends its entries.
struct Kept {
  const CacheQuery* cache = nullptr;
  std::vector<std::int64_t> writes;

  bool has_valid(const Fill& fill, std::int64_t now) const {
    const auto later = std::upper_bound(writes.begin(), writes.end(), now);
    const bool outdated = later != writes.begin() && *(later - 1) > fill.start;
    return !outdated && now - fill.end <= cache->chosen.ttl_us;
  }
};

using KeptByClass = std::unordered_map<std::uint32_t, Kept>;

KeptByClass kept_by_class(const std::vector<Recommendation>& recommendations, const TableWriters& writers) {
  KeptByClass kept;
  for (const Recommendation& item : recommendations) {
    const auto* cache = std::get_if<CacheQuery>(&item.change);
    if (cache == nullptr || !cache->result_bytes) continue;
    const TableNames tables(cache->tables.begin(), cache->tables.end());
    Kept& one = kept[static_cast<std::uint32_t>(cache->position)];
    one.cache = cache;
    if (cache->heeds_writes) one.writes = writers.times_of(tables);
  }
  return kept;
}

std::uint64_t key_in_all(const TraceEvent& event, const Kept& kept) {
  return key_of(event, kept.cache->key_by_user) ^ mixed(std::uint64_t{event.query} + 1);
}

/// How often the keys are halved, by their hash, until no more than `most` reads are left; and how many there are.
struct KeySample {
  unsigned halvings = 0;
  std::uint64_t reads = 0;
  static unsigned halvings_of(std::uint64_t key) {
    return std::min(static_cast<unsigned>(std::countl_zero(mixed(key))), kMostHalvings);
  }
  bool holds(std::uint64_t key) const { return halvings == 0 || halvings_of(key) >= halvings; }
};

KeySample sample_keys(const Workload& workload, const KeptByClass& kept, std::size_t most) {
  std::array<std::uint64_t, kMostHalvings + 1> counts{};
  KeySample sample;
  workload.trace.for_each([&](const TraceEvent& event) {
    const auto found = event.sees_own_state == 0 ? kept.find(event.query) : kept.end();
    if (found == kept.end()) return;
    ++counts[KeySample::halvings_of(key_in_all(event, found->second))];
    ++sample.reads;
  });
  std::uint64_t left = sample.reads;
  while (left > most && sample.halvings < kMostHalvings) left -= counts[sample.halvings++];
  return sample;
}

/// By start, and then in an order that does not depend on that of the log's lines. A single key with too many reads is
/// read up to where they fit.
std::vector<TraceEvent> reads_in_order(const Workload& workload, const KeptByClass& kept, const KeySample& sample,
                                       std::size_t most) {
  std::vector<TraceEvent> reads;
  workload.trace.for_each([&](const TraceEvent& event) {
    const auto found = event.sees_own_state == 0 ? kept.find(event.query) : kept.end();
    if (found == kept.end() || reads.size() == most) return;
    if (sample.holds(key_in_all(event, found->second))) reads.push_back(event);
  });
  const auto place = [](const TraceEvent& event) {
    return std::tuple(event.end - event.duration, event.query, event.values, std::uint32_t{event.user}, event.duration);
  };
  std::sort(reads.begin(), reads.end(), [&](const TraceEvent& a, const TraceEvent& b) { return place(a) < place(b); });
  return reads;
}

/// Reads and hits, the latter by the smallest of the sizes that would do.
class Meter {
 public:
  Meter(const KeptByClass& kept, double rate, std::vector<CacheMemoryPoint>& points)
      : kept_(kept), rate_(rate), points_(points), hits_(points.size()) {}

  void read(const TraceEvent& event);
  /// `expected`: how many reads a sample of all keys' reads has on average.
  void finish(std::uint64_t expected);

 private:
  const KeptByClass& kept_;
  const double rate_;  // of the trace: an entry stands for 1 / rate of its like
  std::vector<CacheMemoryPoint>& points_;
  std::vector<std::uint64_t> hits_;
  std::uint64_t asked_ = 0;
  std::unordered_map<std::uint64_t, Fill> fills_;
  StackDistances distances_;
};

void Meter::read(const TraceEvent& event) {
  const Kept& kept = kept_.at(event.query);
  const CacheRead read = read_of(event, kept.cache->key_by_user);
  const std::uint64_t key = key_in_all(event, kept);
  const auto bytes = static_cast<std::uint64_t>(std::max(1.0, *kept.cache->result_bytes / rate_));
  const auto distance = distances_.touch(key, bytes);
  Fill& fill = fills_[key];
  ++asked_;
  if (!distance || !kept.has_valid(fill, read.start)) {
    fill = {read.start, read.start + read.duration};
    return;
  }
  for (std::size_t i = 0; i < hits_.size(); ++i) {
    if (*distance <= static_cast<std::uint64_t>(points_[i].bytes)) ++hits_[i];
  }
}

/// A sample of the keys has more or fewer reads than it should by its hottest keys, whose reads hit in any memory: so
/// the difference goes to the hits (SHARDS-adj of Waldspurger et al., FAST 2015).
void Meter::finish(std::uint64_t expected) {
  const double missing = static_cast<double>(expected) - static_cast<double>(asked_);
  for (std::size_t i = 0; i < hits_.size() && expected > 0; ++i) {
    points_[i].hit_ratio = std::max(static_cast<double>(hits_[i]) + missing, 0.0) / static_cast<double>(expected);
  }
}

}  // namespace

std::vector<CacheMemoryPoint> memory_curve(const std::vector<Recommendation>& recommendations, const Workload& workload,
                                           const TableWriters& writers, std::int64_t all_bytes,
                                           std::size_t most_reads) {
  std::vector<CacheMemoryPoint> points;
  const KeptByClass kept = kept_by_class(recommendations, writers);
  if (kept.empty() || all_bytes == 0) return points;
  for (int i = kPoints - 1; i >= 0; --i) points.push_back({all_bytes >> i, 0});
  const KeySample sample = sample_keys(workload, kept, most_reads);
  Meter meter(kept, std::ldexp(workload.trace.rate(), -static_cast<int>(sample.halvings)), points);
  for (const TraceEvent& read : reads_in_order(workload, kept, sample, most_reads)) meter.read(read);
  meter.finish(sample.reads >> sample.halvings);
  return points;
}

}  // namespace assay
