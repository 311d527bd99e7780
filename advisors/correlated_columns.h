// Extended statistics: where auto_explain logged with log_analyze that far more or fewer rows matched several columns
// of one table than the planner expected. It takes columns for independent, unless CREATE STATISTICS tells otherwise.
//
// Leaves out: plans in other formats than text, misestimates of joins and of single columns (ANALYZE helps those), and
// what the better estimate would bring: the shadow planner has no rows to gather such statistics from, so this is
// advice without a figure.
#pragma once

#include <string>
#include <vector>

#include "advisors/recommendation.h"
#include "analyzer/catalog.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

/// Of the classes of `database`, one for each table and set of columns, in the workload's order.
std::vector<CreateStatistics> advise_statistics(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                                const Catalog& catalog, const std::string& database);

/// One scan of a plan as EXPLAIN ANALYZE prints it: what was expected of it and what came.
struct ScanRows {
  std::string relation;
  double expected = 0, actual = 0;  ///< rows, each time that it ran
  std::string conditions;           ///< its Index Cond, Recheck Cond and Filter lines
};

/// The scans of a plan in text format that tell both figures.
std::vector<ScanRows> scan_rows(std::string_view plan);

}  // namespace assay
