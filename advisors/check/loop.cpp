// N+1: one class again and again in a session, with other values, where one statement for all of them would do.
#include <fmt/format.h>

#include "advisors/check/check.h"

namespace assay {

std::vector<Finding> loops_of_statements(const CheckSubject& subject) {
  std::vector<Finding> findings;
  const auto& classes = subject.workload.classes;
  for (const LoopFinding& loop : subject.workload.patterns.loops) {
    if (loop.role != TransactionRole::kRead && loop.role != TransactionRole::kWrite) continue;
    for (std::size_t position = 0; position < classes.size(); ++position) {
      if (classes[position].id != loop.class_id || !subject.is_read(position)) continue;
      findings.push_back(about_class(
          subject, position, "",
          fmt::format("runs {} times in a row with other values ({} such loops, {} executions)", loop.median, loop.runs,
                      loop.repeats),
          loop.role == TransactionRole::kRead ? "ask once for all values: = ANY ($1), or a join"
                                              : "write once for all rows: a VALUES list of many rows, or unnest"));
      break;
    }
  }
  return findings;
}

}  // namespace assay
