// Which existing indexes are not worth their keep.
//
//   duplicate    another one has the same keys, predicate and INCLUDE
//   prefix       another one begins with its keys, and is not more than four times as large
//   superseded   the same, by one that is to be created
//   unused       not scanned once in at least a week of statistics, and in no plan of the log's statements
//   invalid      left behind by a build that failed; or by one that still runs
//
// Never one that backs a constraint, a unique one, or the last one by which a foreign key's check finds its rows, on
// either side; never one of a single partition. Each is planned without, where a plan uses it: it stays if that makes a
// class slower by more than 5 %. Scans on a replica are counted there and not here, so the report says to look.
#pragma once

#include <vector>

#include "advisors/evaluation.h"
#include "advisors/maintenance.h"

namespace assay {

/// Younger statistics say nothing of an index that is used at the end of the month, or the week.
inline constexpr double kLeastStatisticsDays = 7;

struct DropContext {
  const Workload& workload;
  const std::vector<ClassMeaning>& meanings;
  const Catalog& catalog;
  const std::string& database;
  const std::vector<JudgedClass>& classes;         ///< with the final design's plans
  const Configuration& chosen;                     ///< of the candidates
  const std::vector<Recommendation>& recommended;  ///< to be created
  RowsWritten rows;
};

struct DropAdvice {
  std::vector<Recommendation> drops;  ///< the dearest for the writers first; ids "D1", …
  std::size_t unused_but_young = 0;
};

DropAdvice advise_drops(const DropContext& context, WhatIf& whatif);

/// Those that no index serves, none of the recommended ones either, with at least a thousand referencing rows.
std::vector<BareForeignKey> bare_foreign_keys(const DropContext& context);

}  // namespace assay
