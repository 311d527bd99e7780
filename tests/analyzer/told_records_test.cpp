#include "analyzer/told_records.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

/// As good as a hash.
std::uint64_t key(std::uint64_t number) {
  number = (number + 1) * 0x9E3779B97F4A7C15U;
  number ^= number >> 29U;
  return number * 0xBF58476D1CE4E5B9U;
}

}  // namespace

TEST_CASE("a record that was told is told before once for each time that it was told") {
  ToldRecords told;
  told.add(key(1));
  told.add(key(1));
  told.add(0);
  told.start_over(false);
  CHECK(told.take(key(1)));
  CHECK(told.take(key(1)));
  CHECK_FALSE(told.take(key(1)));
  CHECK_FALSE(told.take(key(2)));
  CHECK(told.take(0));
}

TEST_CASE("a third input tells it again, with what the second one added") {
  ToldRecords told;
  told.add(key(1));
  told.start_over(true);
  CHECK(told.take(key(1)));
  told.add(key(1));
  CHECK_FALSE(told.take(key(1)));
  told.start_over(true);
  CHECK(told.count(key(1)) == 2);
  CHECK(told.take(key(1)));
  CHECK(told.take(key(1)));
  CHECK_FALSE(told.take(key(1)));
}

TEST_CASE("beyond the most that are kept, a sample decides for the stretch behind it") {
  constexpr std::uint64_t kMany = 3 * ToldRecords::kMost;
  ToldRecords told;
  for (std::uint64_t i = 0; i < kMany; ++i) told.add(key(i));
  CHECK(told.sampled_one_in() >= 2);
  CHECK(told.sampled_one_in() <= 8);
  told.start_over(true);
  std::uint64_t again = 0, wrong = 0;
  for (std::uint64_t i = 0; i < kMany; ++i) again += told.take(key(i)) ? 1 : 0;
  for (std::uint64_t i = kMany; i < 2 * kMany; ++i) wrong += told.take(key(i)) ? 1 : 0;
  CHECK(again == kMany);
  CHECK(wrong < 100);
}

TEST_CASE("no record was told before the first one") {
  ToldRecords told;
  told.start_over(false);
  CHECK(told.is_empty());
  CHECK_FALSE(told.take(key(1)));
  CHECK(told.count(key(1)) == 0);
}

}  // namespace assay
