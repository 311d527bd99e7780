#include "advisors/cache/stack_distance.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <list>
#include <random>

namespace assay {
namespace {

/// Mattson's own: a list, the last touched first.
std::optional<std::uint64_t> touch_slowly(std::list<std::pair<std::uint64_t, std::uint64_t>>& stack, std::uint64_t key,
                                          std::uint64_t bytes) {
  std::uint64_t distance = 0;
  for (auto entry = stack.begin(); entry != stack.end(); ++entry) {
    distance += entry->second;
    if (entry->first != key) continue;
    stack.splice(stack.begin(), stack, entry);
    return distance;
  }
  stack.emplace_front(key, bytes);
  return std::nullopt;
}

}  // namespace

TEST_CASE("a stack distance is the bytes touched since", "[cache]") {
  StackDistances distances;
  CHECK_FALSE(distances.touch(1, 10).has_value());
  CHECK(distances.touch(1, 10) == 10U);
  CHECK_FALSE(distances.touch(2, 5).has_value());
  CHECK(distances.touch(1, 10) == 15U);
  CHECK(distances.touch(2, 5) == 15U);
}

TEST_CASE("stack distances agree with a list, through many compactions", "[cache]") {
  std::mt19937_64 random(3);
  StackDistances distances;
  std::list<std::pair<std::uint64_t, std::uint64_t>> stack;
  bool same = true;
  for (int i = 0; i < 40'000; ++i) {
    const std::uint64_t key = std::min(random() % 700, random() % 700);
    const std::uint64_t bytes = 1 + key % 17;
    same = same && distances.touch(key, bytes) == touch_slowly(stack, key, bytes);
  }
  CHECK(same);
}

}  // namespace assay
