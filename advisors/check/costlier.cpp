// A class that the baseline knows, and that is planned several times costlier now: a lost index, a new join.
#include <fmt/format.h>

#include "advisors/check/check.h"

namespace assay {
namespace {

constexpr double kCheap = 100;  // planner's units: what costs less than that may grow as it likes

}  // namespace

std::vector<Finding> costlier_classes(const CheckSubject& subject) {
  std::vector<Finding> findings;
  if (!subject.baseline) return findings;
  for (const PlannedClass& one : subject.planned) {
    const auto known = subject.baseline->costs.find(class_name(subject.workload.classes[one.position].id));
    if (known == subject.baseline->costs.end() || !known->second || one.cost < kCheap) continue;
    if (one.cost < subject.settings.costlier * *known->second) continue;
    findings.push_back(about_class(subject, one.position, "",
                                   fmt::format("planned cost {:.0f}, {:.1f} times that of the baseline ({:.0f})",
                                               one.cost, one.cost / std::max(*known->second, 1e-9), *known->second),
                                   "compare the plans: an index may have gone, or a condition may have changed"));
  }
  return findings;
}

}  // namespace assay
