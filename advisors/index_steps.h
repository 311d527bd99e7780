// How an index is made and taken back without stopping anybody: DDL, and what it takes.
//
// CREATE INDEX CONCURRENTLY reads the table twice, sorts what it has read, and waits for open transactions. On a
// partitioned table it is not allowed: there the index is made ON ONLY the parent, which is quick and leaves it
// invalid, then concurrently on each partition, and attached; with the last one it becomes valid. What a partition has
// of its own that is the same is attached instead of built; the way back makes that again, since it goes with the
// whole.
#pragma once

#include <string>
#include <vector>

#include "advisors/recommendation.h"
#include "analyzer/catalog.h"
#include "analyzer/physical_design.h"

namespace assay {

struct IndexSteps {
  std::vector<std::string> ddl, rollback;  ///< one statement each, with semicolon
  bool partitioned = false;
};

/// Without a catalog the table is taken for a plain one.
IndexSteps create_steps(const IndexDefinition& index, const Catalog* catalog);

/// The rollback makes it again. Of a partitioned table DROP INDEX cannot be concurrent.
IndexSteps drop_steps(const Index& index, const Catalog& catalog);

/// Assumed: 200 MB a second read and written, a million rows a second sorted, each for a key of 16 bytes.
BuildEffort build_effort(const HypotheticalIndex& index, const Table& table);

inline constexpr double kBytesPerSecond = 200e6;
inline constexpr double kRowsSortedPerSecond = 1e6;

}  // namespace assay
