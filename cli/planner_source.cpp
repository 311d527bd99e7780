#include "cli/planner_source.h"

#include <string>

#include "analyzer/estimated/estimated_cost_model.h"
#include "cli/messages.h"
#include "connectors/live_planner.h"
#include "connectors/shadow_planner.h"

namespace assay {

std::unique_ptr<CostModel> planner_for(const std::optional<Catalog>& catalog, const ReportOptions& options) {
  if (!catalog) return nullptr;
  if (options.live) return std::make_unique<LivePlanner>(*options.database);
  if (!catalog->has_statistics) {
    warn("the catalog holds no statistics, so candidates cannot be weighed",
         "take a snapshot with `assay snapshot URI -o FILE` and give that");
    return nullptr;
  }
  try {
    return std::make_unique<ShadowPlanner>(*catalog, options.read.jobs);
  } catch (const Error& problem) {
    warn(std::string("costs are estimated by the built-in model, not planned: ") + problem.what(), problem.hint());
    return std::make_unique<EstimatedCostModel>(*catalog);
  }
}

}  // namespace assay
