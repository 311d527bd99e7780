// What a plan costs where its pages are in memory already.
//
// The planner charges a page read at random four times one read in a row, and either like a hundred rows' work, since
// it may come from the disk. In a workload that runs all day most pages are in memory, and a page costs what finding
// and pinning a buffer costs: about a twentieth. So an index scan of a few hundred rows, which the planner takes for a
// fifth of the scan of the table, takes a thirtieth of its time. Which of the two holds, the calibration tells.
//
// The pages of a scan: of a sequential one its table's; of an index scan what the cost leaves over the rows' work,
// halved where a filter throws rows away. What it leaves out: sorts and hashes that spill.
#pragma once

#include "analyzer/catalog.h"
#include "analyzer/plan.h"

namespace assay {

/// Planner's units, at most the plan's own cost.
double cost_when_cached(const PlanNode& plan, const Catalog& catalog);

}  // namespace assay
