// What a scheme costs beside plans: what stands in its way, and what has to be borne.
//
// Rules of PostgreSQL (documentation, 5.11.2.3 and ALTER TABLE): a unique constraint of a partitioned table holds its
// key, so nothing less can be referenced or be the target of ON CONFLICT; exclusion constraints likewise; a table that
// inherits cannot be partitioned; a generated column is no key.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/partition_scheme.h"
#include "advisors/partition/table_signals.h"
#include "analyzer/meaning.h"

namespace assay {

/// Sentences without capital and full stop.
struct SchemePrice {
  std::vector<std::string> obstacles;  ///< with one of them it is not possible as things stand
  std::vector<std::string> price;
};

SchemePrice price_of(const PartitionScheme& scheme, const TableSignals& signals, const Catalog& catalog);

/// Of the table alone, whatever the scheme: inherits, is a partition, the server is too old.
std::vector<std::string> table_obstacles(const Table& table, const Catalog& catalog);

}  // namespace assay
