// How a class with more reads than fit into memory at once is simulated: in groups of keys, one after the other.
//
// Keys do not touch each other in the simulation, so groups of them give the same hits as all at once. Keys fall into
// buckets by their hash; a group is a row of buckets with no more reads together than fit. Where even the most groups
// that there is time for do not hold all, the cold buckets are sampled by their hash (Waldspurger et al., SHARDS, FAST
// 2015), the hot ones are all kept: keys are left out, never single reads. One bucket is never divided, so a single key
// with more reads than fit takes what it takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay {

class KeyGroups {
 public:
  static constexpr std::size_t kBuckets = 1U << 16U;
  static constexpr std::int32_t kLeftOut = -1;

  static std::size_t bucket_of(std::uint64_t key);

  /// `reads`: of each of kBuckets. `most_reads` of a group, `most_groups` of them.
  KeyGroups(const std::vector<std::uint64_t>& reads, std::uint64_t most_reads, std::size_t most_groups);

  std::size_t size() const { return weights_.size(); }
  /// kLeftOut for none.
  std::int32_t group_of(std::uint64_t key) const { return group_of_bucket_[bucket_of(key)]; }
  /// What a read of the group stands for: 1, or more where its keys are a sample.
  double weight(std::size_t group) const { return weights_[group]; }
  /// Share of the cold keys that are kept: 1, 1/2, 1/4, …
  double rate() const { return rate_; }

 private:
  std::vector<std::int32_t> group_of_bucket_;
  std::vector<double> weights_;
  double rate_ = 1;
};

}  // namespace assay
