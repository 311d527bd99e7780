// Merges: one B-tree that serves for two candidates of the same table, so that a budget, and each writer, has one to
// keep instead of two (Bruno, Chaudhuri: "Automatic physical database tuning: a relaxation-based approach", SIGMOD
// 2005). It is a little worse for each of the two than its own, which the choice weighs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "advisors/candidates.h"

namespace assay {

struct MergedCandidate {
  IndexDefinition definition;  ///< without a name
  std::size_t equality_keys = 0;
  bool stops_at_limit = false;
  std::string reason;
  std::vector<std::size_t> classes;  ///< of both, ascending
};

/// For pairs of B-trees of one table: the keys of the one that begins with the other's, with the INCLUDE columns of
/// both; and where the one's equality keys hold all of the other's, the same keys with those first. In the candidates'
/// order, each once, at most kMostMerges a table.
std::vector<MergedCandidate> merges_of(const std::vector<const Candidate*>& candidates);

inline constexpr std::size_t kMostMerges = 12;

}  // namespace assay
