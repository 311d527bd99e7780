// Which candidates a class's plans would use, when they have the choice: the others cost what-if calls in the choice
// and are chosen never.
//
// All candidates of a class are offered at once, and what the plan uses is kept (DTA: Agrawal et al., "Database tuning
// advisor for Microsoft SQL Server 2005", VLDB 2004). Then the same without these, so that the second best, which
// may be smaller or serve others as well, is known too; and from the start again without INCLUDE columns and
// predicates, since plans prefer what is tailored to them.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "advisors/candidates.h"

namespace assay {

/// Which of these candidates the class's plans use, and whether the class gains anything from them all.
struct PlansUse {
  bool gains = false;
  std::vector<std::size_t> candidates;
};
using AskUse = std::function<PlansUse(std::size_t class_position, const std::vector<std::size_t>& candidates)>;

/// Positions in `candidates` of those that a plan of some class uses, and of its narrower ones with the same first key,
/// ascending.
std::vector<std::size_t> used_candidates(const std::vector<const Candidate*>& candidates, const AskUse& ask);

/// How often a class is asked again without what its plans used.
inline constexpr int kMostPeels = 2;

}  // namespace assay
