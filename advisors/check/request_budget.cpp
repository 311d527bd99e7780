// A budget of milliseconds for a kind of request, by the tag that sqlcommenter puts on its statements.
#include <fmt/format.h>

#include "advisors/check/check.h"

namespace assay {

std::vector<Finding> requests_over_budget(const CheckSubject& subject) {
  std::vector<Finding> findings;
  for (const RequestLoad& load : subject.requests) {
    const auto budget = subject.settings.budgets_ms.find(load.tag);
    if (budget == subject.settings.budgets_ms.end()) continue;
    const double worst = static_cast<double>(load.longest.count()) / 1e3;
    if (worst <= budget->second) continue;
    findings.push_back(
        {.subject = load.tag,
         .message = fmt::format(
             "{} takes {:.1f} ms of the database in its dearest request, {:.1f} ms on average over {}"
             " ({} statements each); its budget is {:g} ms",
             load.tag, worst, load.mean_ms(), load.requests, load.statements / load.requests, budget->second),
         .hint = "assay report on the same inputs tells which of its classes take the time"});
  }
  return findings;
}

}  // namespace assay
