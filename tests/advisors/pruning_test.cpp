#include "advisors/pruning.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace assay {
namespace {

Candidate candidate_of(const std::string& column, std::vector<std::size_t> classes, const std::string& include = {}) {
  Candidate candidate{.classes = std::move(classes)};
  candidate.definition.table = "t";
  candidate.definition.keys = {{.column = column}};
  if (!include.empty()) candidate.definition.include = {include};
  return candidate;
}

using Positions = std::vector<std::size_t>;

}  // namespace

TEST_CASE("pruning: what plans use is kept, the second best too, and what no plan uses is not") {
  const std::vector<Candidate> made = {candidate_of("a", {0}), candidate_of("b", {0}), candidate_of("c", {0}),
                                       candidate_of("d", {0}), candidate_of("e", {0})};
  std::vector<const Candidate*> candidates;
  for (const Candidate& candidate : made) candidates.push_back(&candidate);
  int calls = 0;
  // Plans use the first that is offered.
  const Positions used = used_candidates(candidates, [&](std::size_t, const Positions& offered) {
    ++calls;
    return PlansUse{true, {offered.front()}};
  });
  CHECK(used == Positions{0, 1});
  CHECK(calls == kMostPeels);
}

TEST_CASE("pruning: a class that gains no more is not asked again, and what is tailored does not hide what is plain") {
  const std::vector<Candidate> made = {candidate_of("a", {0}, "x"), candidate_of("a", {0}), candidate_of("b", {1})};
  const std::vector<const Candidate*> candidates = {&made[0], &made[1], &made[2]};
  const Positions used = used_candidates(candidates, [](std::size_t position, const Positions& offered) {
    if (position == 1) return PlansUse{};
    const bool covered = std::find(offered.begin(), offered.end(), 0U) != offered.end();
    return PlansUse{covered || offered == Positions{1}, {covered ? 0U : 1U}};
  });
  CHECK(used == Positions{0, 1});
}

TEST_CASE("pruning: what is narrower than what a plan uses may do as well") {
  Candidate wide = candidate_of("a", {0});
  wide.definition.keys = {{.column = "a"}, {.column = "b"}, {.column = "c", .descending = true}};
  Candidate narrow = candidate_of("a", {0});
  narrow.definition.keys = {{.column = "a"}, {.column = "c", .descending = true}};
  const Candidate other = candidate_of("b", {0});
  CHECK(used_candidates({&wide, &narrow, &other}, [](std::size_t, const Positions& offered) {
          return PlansUse{offered.front() == 0, {0}};
        }) == Positions{0, 1});
}

}  // namespace assay
