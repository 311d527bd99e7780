#include "advisors/cache/cache_simulation.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

namespace assay {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

/// How many entries are there at one time, counted on a grid over the span of the reads.
class Residents {
 public:
  Residents(std::int64_t first, std::int64_t last) : first_(first), step_((last - first) / kCells + 1) {}

  void add(std::int64_t from, std::int64_t until) {
    ++change_[cell(from)];
    --change_[cell(until) + 1];
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

struct Fill {
  std::int64_t start = kNever, end = kNever;
};

/// The entry of one key under one TTL and regime, and the fills that have not stored theirs yet.
class Slot {
 public:
  void clear() {
    stored_ = {};
    kept_from_ = kept_until_ = kNever;
    under_way_.clear();
  }

  /// The last one to have stored by `now`.
  const Fill& at(std::int64_t now) {
    if (!under_way_.empty()) settle(now);
    return stored_;
  }
  bool has_young(std::int64_t now, std::int64_t ttl) const { return stored_.end != kNever && now - stored_.end <= ttl; }

  /// Is there a fill, begun at `valid_from` or later, that has not stored yet?
  bool waits(std::int64_t valid_from) const {
    return std::any_of(under_way_.begin(), under_way_.end(),
                       [&](const Fill& fill) { return fill.start >= valid_from; });
  }

  void fill(Fill fill, std::int64_t ttl, Residents& residents) {
    under_way_.push_back(fill);
    if (kept_from_ != kNever && fill.end > kept_until_) residents.add(kept_from_, kept_until_);
    if (kept_from_ == kNever || fill.end > kept_until_) kept_from_ = fill.end;
    kept_until_ = std::max(kept_until_, fill.end + ttl);
  }
  void leave(Residents& residents) const {
    if (kept_from_ != kNever) residents.add(kept_from_, kept_until_);
  }

 private:
  void settle(std::int64_t now) {
    std::erase_if(under_way_, [&](const Fill& fill) {
      if (fill.end > now) return false;
      if (fill.end >= stored_.end) stored_ = fill;
      return true;
    });
  }

  Fill stored_;
  std::int64_t kept_from_ = kNever, kept_until_ = kNever;
  std::vector<Fill> under_way_;
};

/// One TTL under one regime, over all keys.
struct Track {
  Track(std::int64_t its_ttl, const Residents& empty) : ttl(its_ttl), residents(empty) {}

  void hit(const CacheRead& read) {
    ++outcome.hits;
    outcome.saved_us += static_cast<double>(read.duration);
  }
  void miss(const CacheRead& read, std::int64_t valid_from) {
    ++outcome.misses;
    if (slot.waits(valid_from)) ++outcome.coalesced;
    slot.fill({read.start, read.start + read.duration}, ttl, residents);
  }
  CacheOutcome take() {
    outcome.most_entries = residents.most();
    return outcome;
  }

  std::int64_t ttl;
  Slot slot;
  CacheOutcome outcome;
  Residents residents;
};

class Simulation {
 public:
  Simulation(const std::vector<CacheRead>& reads, const std::vector<std::int64_t>& writes,
             const std::vector<std::int64_t>& ttls);

  CacheSimulation run();

 private:
  void begin_key();
  void end_key();
  void read(const CacheRead& read);
  void advance_to(std::int64_t now);
  void read_by_ttl(const CacheRead& read, Track& track) const;
  static void read_by_writes(const CacheRead& read, Track& track, std::int64_t valid_from);

  const std::vector<CacheRead>& reads_;
  const std::vector<std::int64_t>& writes_;
  std::vector<Track> by_ttl_, by_writes_;
  std::size_t next_write_ = 0;        // the first one after the read at hand
  std::int64_t last_write_ = kNever;  // fills that began earlier are outdated
  bool asked_ = false;                // the key at hand was, by a read that does not bypass
  CacheSimulation result_;
};

Simulation::Simulation(const std::vector<CacheRead>& reads, const std::vector<std::int64_t>& writes,
                       const std::vector<std::int64_t>& ttls)
    : reads_(reads), writes_(writes) {
  std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = kNever;
  for (const CacheRead& read : reads) {
    first = std::min(first, read.start);
    last = std::max(last, read.start + read.duration);
  }
  const Residents nobody = reads.empty() ? Residents(0, 0) : Residents(first, last);
  for (const std::int64_t ttl : ttls) {
    by_ttl_.emplace_back(ttl, nobody);
    by_writes_.emplace_back(ttl, nobody);
  }
}

CacheSimulation Simulation::run() {
  result_.reads = reads_.size();
  for (std::size_t i = 0; i < reads_.size(); ++i) {
    if (i == 0 || reads_[i].key != reads_[i - 1].key) begin_key();
    read(reads_[i]);
    if (i + 1 == reads_.size() || reads_[i + 1].key != reads_[i].key) end_key();
  }
  for (std::size_t i = 0; i < by_ttl_.size(); ++i) {
    result_.curve.push_back({by_ttl_[i].ttl, by_ttl_[i].take(), by_writes_[i].take()});
  }
  return std::move(result_);
}

void Simulation::begin_key() {
  for (Track& track : by_ttl_) track.slot.clear();
  for (Track& track : by_writes_) track.slot.clear();
  next_write_ = 0;
  last_write_ = kNever;
  asked_ = false;
}

void Simulation::end_key() {
  for (Track& track : by_ttl_) track.slot.leave(track.residents);
  for (Track& track : by_writes_) track.slot.leave(track.residents);
}

void Simulation::read(const CacheRead& read) {
  if (read.bypasses) {
    ++result_.bypassed;
    return;
  }
  if (!asked_) ++result_.keys;
  asked_ = true;
  advance_to(read.start);
  for (Track& track : by_ttl_) read_by_ttl(read, track);
  for (Track& track : by_writes_) read_by_writes(read, track, last_write_);
}

/// Some keys are read often between two writes, some seldom: gallop, then search.
void Simulation::advance_to(std::int64_t now) {
  std::size_t step = 1;
  while (next_write_ + step <= writes_.size() && writes_[next_write_ + step - 1] <= now) step *= 2;
  const auto from = writes_.begin() + static_cast<std::ptrdiff_t>(next_write_);
  const auto to = writes_.begin() + static_cast<std::ptrdiff_t>(std::min(writes_.size(), next_write_ + step));
  next_write_ = static_cast<std::size_t>(std::upper_bound(from, to, now) - writes_.begin());
  last_write_ = next_write_ == 0 ? kNever : writes_[next_write_ - 1];
}

void Simulation::read_by_ttl(const CacheRead& read, Track& track) const {
  const Fill& stored = track.slot.at(read.start);
  if (!track.slot.has_young(read.start, track.ttl)) return track.miss(read, kNever);
  track.hit(read);
  if (stored.start >= last_write_) return;
  const auto known = writes_.begin() + static_cast<std::ptrdiff_t>(next_write_);
  const std::int64_t age = read.start - *std::upper_bound(writes_.begin(), known, stored.start);
  ++track.outcome.stale;
  track.outcome.worst_staleness = std::max(track.outcome.worst_staleness, age);
  track.outcome.total_staleness += static_cast<double>(age);
}

void Simulation::read_by_writes(const CacheRead& read, Track& track, std::int64_t valid_from) {
  const Fill& stored = track.slot.at(read.start);
  if (stored.start >= valid_from && track.slot.has_young(read.start, track.ttl)) return track.hit(read);
  track.miss(read, valid_from);
}

}  // namespace

double CacheOutcome::hit_ratio() const {
  return hits + misses == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(hits + misses);
}

CacheSimulation simulate_cache(std::vector<CacheRead>& reads, const std::vector<std::int64_t>& writes,
                               const std::vector<std::int64_t>& ttls) {
  assert(ttls.size() <= kMostTtls && std::is_sorted(ttls.begin(), ttls.end()));
  assert(std::is_sorted(writes.begin(), writes.end()));
  std::sort(reads.begin(), reads.end(), [](const CacheRead& a, const CacheRead& b) {
    if (a.key != b.key) return a.key < b.key;
    if (a.start != b.start) return a.start < b.start;
    return a.duration != b.duration ? a.duration < b.duration : a.bypasses < b.bypasses;
  });
  return Simulation(reads, writes, ttls).run();
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
