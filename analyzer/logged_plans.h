// Plans that auto_explain logged: kept by class, and counted as executions where the log holds nothing else.
#pragma once

#include "analyzer/workload.h"
#include "parser/log/record.h"

namespace assay {

inline constexpr std::size_t kLongestPlan = 16 * 1024;  ///< bytes that are kept of a plan

/// Keeps the plan where it is the slowest of its class so far.
void keep_plan(QueryClass& query, const LogRecord& record);

/// The execution that a plan stands for.
LogRecord execution_of_plan(const LogRecord& plan);

/// `planned`, the workload whose executions are the plans of a log without any duration, with what `logged`, the
/// workload of the same log, has beside executions.
Workload workload_of_plans(Workload planned, Workload logged);

}  // namespace assay
