#include "advisors/cache/key_groups.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "advisors/cache/traced_read.h"

namespace assay {
namespace {

constexpr double kHotShare = 0.001;  // of the room: what takes more is hot
constexpr double kRoomForHot = 0.9;  // as long as all of them together take no more than this share

}  // namespace

/// Another hash than that by which a trace is sampled.
std::size_t KeyGroups::bucket_of(std::uint64_t key) { return mixed(key + 0x9E3779B97F4A7C15U) & (kBuckets - 1); }

KeyGroups::KeyGroups(const std::vector<std::uint64_t>& reads, std::uint64_t most_reads, std::size_t most_groups)
    : group_of_bucket_(kBuckets, kLeftOut) {
  assert(reads.size() == kBuckets && most_reads > 0 && most_groups > 0);
  const std::uint64_t all = std::accumulate(reads.begin(), reads.end(), std::uint64_t{0});
  const double room = static_cast<double>(most_reads) * static_cast<double>(most_groups);
  double hot_from = kHotShare * room;
  const auto is_hot = [&](std::size_t bucket) { return static_cast<double>(reads[bucket]) > hot_from; };
  const auto count_hot = [&] {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) sum += is_hot(i) ? reads[i] : 0;
    return sum;
  };
  std::uint64_t hot = count_hot();
  for (; static_cast<double>(hot) > kRoomForHot * room && hot_from < room; hot = count_hot()) hot_from *= 2;
  std::size_t cold_buckets = kBuckets;
  const auto kept = [&] { return static_cast<double>(hot) + static_cast<double>(all - hot) * rate_; };
  while (kept() > room && cold_buckets > 1) {
    cold_buckets /= 2;
    rate_ /= 2;
  }
  for (const bool takes_hot : {true, false}) {
    std::uint64_t held = most_reads;  // so that the first one opens a group
    for (std::size_t i = 0; i < kBuckets; ++i) {
      if (reads[i] == 0 || is_hot(i) != takes_hot || (!takes_hot && i >= cold_buckets)) continue;
      if (held + reads[i] > most_reads) {
        weights_.push_back(takes_hot ? 1 : 1 / rate_);
        held = 0;
      }
      held += reads[i];
      group_of_bucket_[i] = static_cast<std::int32_t>(weights_.size() - 1);
    }
  }
}

}  // namespace assay
