// Many executions told in one row, as pg_stat_statements does, added to a query class.
//
// Calls, times and rows add up over rows of several users; a deviation is put together from those of the rows. What no
// row can tell: percentiles, single executions, when anything ran.
#pragma once

#include "analyzer/workload.h"
#include "parser/log/record.h"

namespace assay {

void add_summary(QueryClass& query, const ExecutionSummary& summary);

}  // namespace assay
