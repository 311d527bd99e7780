#include "advisors/cache/cache_simulation.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

namespace assay {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

/// How many entries are there at one time, counted on a grid over the span of the reads.
class Residents {
 public:
  Residents(std::int64_t first, std::int64_t last) : first_(first), step_((last - first) / kCells + 1) {}

  void add(std::int64_t from, std::int64_t until) {
    ++change_[cell(from)];
    --change_[cell(until) + 1];
  }
  void add(const Residents& others) {
    for (std::size_t i = 0; i < change_.size(); ++i) change_[i] += others.change_[i];
  }
  std::uint64_t most() const {
    std::int64_t now = 0, most = 0;
    for (const std::int64_t change : change_) most = std::max(most, now += change);
    return static_cast<std::uint64_t>(most);
  }

 private:
  static constexpr std::int64_t kCells = 1024;

  std::size_t cell(std::int64_t when) const {
    return static_cast<std::size_t>(std::clamp<std::int64_t>((when - first_) / step_, 0, kCells - 1));
  }

  std::int64_t first_, step_;
  std::array<std::int64_t, kCells + 1> change_{};
};

/// Finds the first write after a moment; moments mostly ascend.
class WriteFinder {
 public:
  explicit WriteFinder(const std::vector<std::int64_t>& writes) : writes_(writes) {}

  std::int64_t first_after(std::int64_t moment) {
    if (hint_ > 0 && writes_[hint_ - 1] > moment) hint_ = 0;
    std::size_t step = 1;
    while (hint_ + step <= writes_.size() && writes_[hint_ + step - 1] <= moment) step *= 2;
    const auto begin = writes_.begin() + static_cast<std::ptrdiff_t>(hint_);
    const auto end = writes_.begin() + static_cast<std::ptrdiff_t>(std::min(writes_.size(), hint_ + step));
    hint_ = static_cast<std::size_t>(std::upper_bound(begin, end, moment) - writes_.begin());
    return hint_ == writes_.size() ? kNever : writes_[hint_];
  }

 private:
  const std::vector<std::int64_t>& writes_;
  std::size_t hint_ = 0;
};

/// The reads of one key that ask the cache, by start, with running sums so that a row of hits costs no more than one.
class KeyReads {
 public:
  void set(std::span<const CacheRead> reads, WriteFinder& writes) {
    reads_ = reads;
    durations_.assign(1, 0);
    starts_.assign(1, 0);
    next_writes_.clear();
    for (const CacheRead& read : reads) {
      next_writes_.push_back(writes.first_after(read.start));
      durations_.push_back(durations_.back() + static_cast<double>(read.duration));
      starts_.push_back(starts_.back() + static_cast<double>(read.start - reads.front().start));
    }
  }

  std::size_t size() const { return reads_.size(); }
  const CacheRead& operator[](std::size_t i) const { return reads_[i]; }
  /// The first write that a fill by this read does not see.
  std::int64_t next_write(std::size_t i) const { return next_writes_[i]; }

  double durations(std::size_t from, std::size_t to) const { return durations_[to] - durations_[from]; }
  /// Sum over the reads of their start less `moment`.
  double ages(std::size_t from, std::size_t to, std::int64_t moment) const {
    return starts_[to] - starts_[from] -
           static_cast<double>(to - from) * static_cast<double>(moment - reads_.front().start);
  }
  /// The first one from `from` on that starts later than `moment`: a gallop, then a search.
  std::size_t first_after(std::size_t from, std::int64_t moment) const {
    std::size_t step = 1;
    while (from + step < reads_.size() && reads_[from + step].start <= moment) step *= 2;
    const auto begin = reads_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = reads_.begin() + static_cast<std::ptrdiff_t>(std::min(reads_.size(), from + step + 1));
    const auto later = std::partition_point(begin, end, [&](const CacheRead& read) { return read.start <= moment; });
    return static_cast<std::size_t>(later - reads_.begin());
  }

 private:
  std::span<const CacheRead> reads_;
  std::vector<double> durations_, starts_;
  std::vector<std::int64_t> next_writes_;
};

struct Fill {
  std::int64_t end = 0;
  std::int64_t outdated_from = kNever;  ///< the first write that it did not see
};

/// One TTL under one regime.
class Track {
 public:
  Track(std::int64_t ttl, bool heeds_writes, const Residents& nobody)
      : ttl_(ttl), heeds_writes_(heeds_writes), residents_(nobody) {}

  void run(const KeyReads& reads);

  /// Those kept in addition by keys that are read once.
  CacheOutcome take(std::uint64_t reads_of_lone_keys, const Residents& lone) {
    outcome_.misses += reads_of_lone_keys;
    residents_.add(lone);
    outcome_.most_entries = residents_.most();
    return outcome_;
  }

 private:
  void settle(std::int64_t now);
  bool is_given(std::int64_t now) const {
    return stored_ && now - stored_->end <= ttl_ && !(heeds_writes_ && stored_->outdated_from <= now);
  }
  std::size_t hits_from(std::size_t i, const KeyReads& reads);
  void count_hits(std::size_t from, std::size_t to, const KeyReads& reads);
  void miss(const CacheRead& read, std::int64_t next_write);

  const std::int64_t ttl_;
  const bool heeds_writes_;
  CacheOutcome outcome_;
  Residents residents_;
  // Of the key at hand:
  std::optional<Fill> stored_;
  std::int64_t kept_from_ = kNever, kept_until_ = kNever;
  std::vector<Fill> under_way_;
};

void Track::run(const KeyReads& reads) {
  stored_.reset();
  kept_from_ = kept_until_ = kNever;
  under_way_.clear();
  std::size_t i = 0;
  while (i < reads.size()) {
    settle(reads[i].start);
    if (!is_given(reads[i].start)) {
      miss(reads[i], reads.next_write(i));
      ++i;
    } else if (under_way_.empty()) {
      i = hits_from(i, reads);
    } else {
      count_hits(i, i + 1, reads);
      ++i;
    }
  }
  if (kept_from_ != kNever) residents_.add(kept_from_, kept_until_);
}

/// The last fill to have ended by `now` is what is stored.
void Track::settle(std::int64_t now) {
  std::erase_if(under_way_, [&](const Fill& fill) {
    if (fill.end > now) return false;
    if (!stored_ || fill.end >= stored_->end) stored_ = fill;
    return true;
  });
}

/// With no fill under way all reads hit until the entry is too old, or outdated.
std::size_t Track::hits_from(std::size_t i, const KeyReads& reads) {
  std::int64_t last = stored_->end + ttl_;
  if (heeds_writes_) last = std::min(last, stored_->outdated_from - 1);
  const std::size_t end = reads.first_after(i, last);
  count_hits(i, end, reads);
  return end;
}

void Track::count_hits(std::size_t from, std::size_t to, const KeyReads& reads) {
  outcome_.hits += to - from;
  outcome_.saved_us += reads.durations(from, to);
  const std::int64_t outdated = stored_->outdated_from;
  if (heeds_writes_ || reads[to - 1].start < outdated) return;
  const std::size_t first_stale = reads[from].start >= outdated ? from : reads.first_after(from, outdated - 1);
  outcome_.stale += to - first_stale;
  outcome_.total_staleness += reads.ages(first_stale, to, outdated);
  outcome_.worst_staleness = std::max(outcome_.worst_staleness, reads[to - 1].start - outdated);
}

void Track::miss(const CacheRead& read, std::int64_t next_write) {
  ++outcome_.misses;
  const bool waits = std::any_of(under_way_.begin(), under_way_.end(),
                                 [&](const Fill& fill) { return !heeds_writes_ || fill.outdated_from > read.start; });
  if (waits) ++outcome_.coalesced;
  const std::int64_t end = read.start + read.duration;
  under_way_.push_back({end, next_write});
  if (kept_from_ != kNever && end > kept_until_) {
    residents_.add(kept_from_, kept_until_);
    kept_from_ = kNever;
  }
  if (kept_from_ == kNever) kept_from_ = kept_until_ = end;
  kept_until_ = std::max(kept_until_, end + ttl_);
}

/// From the first start to the last end.
Residents nobody_over(const std::vector<CacheRead>& reads) {
  if (reads.empty()) return {0, 0};
  std::int64_t first = reads.front().start, last = first;
  for (const CacheRead& read : reads) {
    first = std::min(first, read.start);
    last = std::max(last, read.start + read.duration);
  }
  return {first, last};
}

class Simulation {
 public:
  Simulation(const std::vector<CacheRead>& reads, const std::vector<std::int64_t>& writes,
             const std::vector<std::int64_t>& ttls)
      : reads_(reads), ttls_(ttls), writes_(writes) {
    const Residents nobody = nobody_over(reads);
    lone_.assign(ttls.size(), nobody);
    for (const std::int64_t ttl : ttls) {
      by_ttl_.emplace_back(ttl, false, nobody);
      by_writes_.emplace_back(ttl, true, nobody);
    }
  }

  /// Counts all but the reads that bypass.
  CacheSimulation run();

 private:
  void run_key(std::span<const CacheRead> reads);

  const std::vector<CacheRead>& reads_;  // by key and start
  const std::vector<std::int64_t>& ttls_;
  WriteFinder writes_;
  std::vector<Track> by_ttl_, by_writes_;
  std::vector<Residents> lone_;  // by TTL: of keys that are read once, where both regimes are the same
  std::uint64_t lone_keys_ = 0;
  KeyReads key_reads_;
};

CacheSimulation Simulation::run() {
  CacheSimulation result;
  for (std::size_t begin = 0, end = 0; begin < reads_.size(); begin = end) {
    while (end < reads_.size() && reads_[end].key == reads_[begin].key) ++end;
    ++result.keys;
    run_key({reads_.data() + begin, end - begin});
  }
  for (std::size_t i = 0; i < ttls_.size(); ++i) {
    result.curve.push_back({ttls_[i], by_ttl_[i].take(lone_keys_, lone_[i]), by_writes_[i].take(lone_keys_, lone_[i])});
  }
  return result;
}

void Simulation::run_key(std::span<const CacheRead> reads) {
  if (reads.size() == 1) {
    ++lone_keys_;
    const std::int64_t end = reads.front().start + reads.front().duration;
    for (std::size_t i = 0; i < ttls_.size(); ++i) lone_[i].add(end, end + ttls_[i]);
    return;
  }
  key_reads_.set(reads, writes_);
  for (Track& track : by_ttl_) track.run(key_reads_);
  for (Track& track : by_writes_) track.run(key_reads_);
}

}  // namespace

double CacheOutcome::hit_ratio() const {
  return hits + misses == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(hits + misses);
}

namespace {

std::uint64_t weighted(std::uint64_t count, double weight) {
  return weight == 1 ? count : static_cast<std::uint64_t>(std::llround(static_cast<double>(count) * weight));
}

void add_outcome(const CacheOutcome& part, double weight, CacheOutcome& sum) {
  sum.hits += weighted(part.hits, weight);
  sum.misses += weighted(part.misses, weight);
  sum.coalesced += weighted(part.coalesced, weight);
  sum.stale += weighted(part.stale, weight);
  sum.worst_staleness = std::max(sum.worst_staleness, part.worst_staleness);
  sum.total_staleness += weight * part.total_staleness;
  sum.saved_us += weight * part.saved_us;
  sum.most_entries += weighted(part.most_entries, weight);
}

}  // namespace

void add_part(const CacheSimulation& part, double weight, CacheSimulation& sum) {
  sum.reads += weighted(part.reads, weight);
  sum.bypassed += weighted(part.bypassed, weight);
  sum.keys += weighted(part.keys, weight);
  if (sum.curve.empty()) {
    for (const CacheCurvePoint& point : part.curve)
      sum.curve.push_back({.ttl = point.ttl, .by_ttl = {}, .by_writes = {}});
  }
  assert(sum.curve.size() == part.curve.size());
  for (std::size_t i = 0; i < part.curve.size(); ++i) {
    add_outcome(part.curve[i].by_ttl, weight, sum.curve[i].by_ttl);
    add_outcome(part.curve[i].by_writes, weight, sum.curve[i].by_writes);
  }
}

CacheSimulation simulate_cache(std::vector<CacheRead>& reads, const std::vector<std::int64_t>& writes,
                               const std::vector<std::int64_t>& ttls) {
  assert(ttls.size() <= kMostTtls && std::is_sorted(ttls.begin(), ttls.end()));
  assert(std::is_sorted(writes.begin(), writes.end()));
  const std::size_t all = reads.size();
  std::erase_if(reads, [](const CacheRead& read) { return read.bypasses; });
  std::sort(reads.begin(), reads.end(), [](const CacheRead& a, const CacheRead& b) {
    if (a.key != b.key) return a.key < b.key;
    return a.start != b.start ? a.start < b.start : a.duration < b.duration;
  });
  CacheSimulation result = Simulation(reads, writes, ttls).run();
  result.reads = all;
  result.bypassed = all - reads.size();
  return result;
}

std::vector<std::int64_t> usual_ttls() {
  constexpr std::int64_t kSecond = 1'000'000;
  std::vector<std::int64_t> ttls;
  for (const std::int64_t seconds : {1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10'800, 43'200, 86'400}) {
    ttls.push_back(seconds * kSecond);
  }
  return ttls;
}

}  // namespace assay
