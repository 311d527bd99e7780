// What the candidate rules propose for a whole workload, screened against what exists, each index once, and what serves
// for two of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/meaning.h"
#include "parser/sql/index_definition.h"

namespace assay {

struct Candidate {
  IndexDefinition definition;        ///< named by PostgreSQL's convention, unlike any table or index of the catalog
  std::size_t equality_keys = 0;     ///< leading keys whose order and direction do not matter
  bool stops_at_limit = false;       ///< for some class it yields rows in order until a LIMIT
  std::string needs_extension = {};  ///< that is not known to be installed; empty for none
  std::vector<std::string> reasons;  ///< each once, at most a few
  std::vector<std::size_t> classes;  ///< positions of the classes that asked for it, ascending
};

struct Candidates {
  std::vector<Candidate> list;
  bool capped = false;  ///< there were more than kMostCandidates
};

inline constexpr std::size_t kMostCandidates = 2000;
/// Of one class, its most promising first: each costs what-if calls.
inline constexpr std::size_t kMostOfAClass = 48;

/// Candidates for the classes at the positions `asking`, in their order. Without a catalog nothing is known of
/// existing indexes, so columns called "id" are taken for primary keys and left out. What needs an extension that the
/// catalog lacks is left out as well: it could not be planned.
Candidates generate_candidates(const std::vector<ClassMeaning>& meanings, const std::vector<std::size_t>& asking,
                               const Catalog* catalog);

/// What serves for two of `candidates` (merging.h), none of which it is, named unlike all of them.
std::vector<Candidate> merged_candidates(const std::vector<const Candidate*>& candidates, const Catalog& catalog);

}  // namespace assay
