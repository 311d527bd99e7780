// Stack distances: how much else was touched since a key was touched last, which is what a cache that evicts the least
// recently used needs to hold for a hit (Mattson et al., "Evaluation techniques for storage hierarchies", IBM Systems
// Journal 9, 1970).
//
// A Fenwick tree over the order of touches, compacted when its places are used up: O(n log k) for k different keys,
// memory for 2k of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace assay {

class StackDistances {
 public:
  /// Touches a key that takes so many bytes. Returns the bytes of all keys touched since it was touched last, its own
  /// included; nothing the first time. A key's size is that of its first touch.
  std::optional<std::uint64_t> touch(std::uint64_t key, std::uint64_t bytes);

 private:
  struct Entry {
    std::size_t place = 0;
    std::uint64_t bytes = 0;
  };

  void add(std::size_t place, std::uint64_t bytes);  // wraps around for a negative amount
  std::uint64_t sum_up_to(std::size_t place) const;  // inclusive
  void compact();

  std::unordered_map<std::uint64_t, Entry> entries_;
  std::vector<std::uint64_t> tree_ = std::vector<std::uint64_t>(1025);  // by place, from 1
  std::size_t used_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace assay
