// A DELETE, or an UPDATE of a key, looks for rows that refer to it, in each referring table: a sequential scan a row
// where the foreign key has no index. The plan of the DELETE does not show that work.
#pragma once

#include <vector>

#include "advisors/rules/rules.h"

namespace assay {

struct ForeignKeyProposal {
  const Table* table = nullptr;  ///< the referring one
  ProposedIndex index;
};

/// For each foreign key whose referenced rows `statement` deletes or whose referenced columns it sets.
std::vector<ForeignKeyProposal> foreign_key_proposals(const Statement& statement, const Catalog& catalog);

}  // namespace assay
