// Who answers what-if questions in this run.
#pragma once

#include <memory>
#include <optional>

#include "analyzer/catalog.h"
#include "analyzer/cost_model.h"
#include "cli/options.h"

namespace assay {

/// The real planner where there is one on this machine, else the built-in model, with a warning; a live server where
/// that is asked for. Nothing without statistics, with a warning where there is a catalog. Throws Error where a live
/// server cannot plan, since that was asked for.
std::unique_ptr<CostModel> planner_for(const std::optional<Catalog>& catalog, const ReportOptions& options);

}  // namespace assay
