// N+1: one statement for each row of another one's result. One statement for all values saves the round trips, which no
// index does. Who calls it how is the application's, so no SQL is given.
#include "advisors/rewrites/rewrites.h"

namespace assay {

std::optional<RewriteHint> loop_of_statements(const RewriteSubject& subject) {
  const LoopFinding* loop = subject.loop;
  if (!loop || loop->runs == 0 || loop->role != TransactionRole::kRead) return std::nullopt;
  return RewriteHint{"loop-of-statements",
                     "Ran in loops: " + std::to_string(loop->runs) + (loop->runs == 1 ? " run" : " runs") +
                         " of about " + std::to_string(loop->median) +
                         " executions. Fetch all of a run in one statement: a join with the one before it, or = ANY "
                         "(array of the values).",
                     {}};
}

}  // namespace assay
