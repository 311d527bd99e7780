// CostModel answers the one question of the house: what does this query cost under this design?
//
// Implementations: the shadow planner (connectors/), later a live server and the built-in model. Whoever asks
// need not know which; every figure in the report carries the model's evidence word instead.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "analyzer/physical_design.h"
#include "analyzer/plan.h"
#include "parser/base/time.h"
#include "parser/log/parameters.h"

namespace assay {

/// Where a figure comes from, worth most first.
enum class Evidence { kMeasured, kPlanned, kEstimated, kNone };

/// "measured", "planned", "estimated", "none".
std::string_view to_string(Evidence evidence);

/// One text with one set of values. A text with $n and no parameters is planned generically.
struct PlannableQuery {
  std::string sql;
  ParameterValues parameters;
  std::optional<ZonedTime> ran_at;  ///< what now() means; the moment of the question when absent
};

/// Why a query could not be planned: one line, for the report's `unjudged`.
struct Unplannable {
  std::string reason;
};

using PlanAnswer = std::variant<PlanNode, Unplannable>;

/// One what-if question of several; both parts are somebody else's.
struct WhatIfQuestion {
  const PlannableQuery* query = nullptr;
  const PhysicalDesign* design = nullptr;
};

/// What planning took, by the planner's own clock: for statistics of a run, never for a report.
struct PlanningTime {
  std::string divided;  ///< the tables that the designs divide, "public.events"; empty: as they are
  std::uint64_t plans = 0;
  double ms = 0;  ///< all of them
};

class CostModel {
 public:
  virtual ~CostModel() = default;

  virtual Evidence evidence() const = 0;

  /// One sentence for the report: which planner, whose statistics, what could not be reproduced.
  virtual std::vector<std::string> remarks() const = 0;

  /// The plan under the catalog's design changed by `design`. Nothing is executed. Throws Error only when the
  /// model itself fails (its server died), never because of the query.
  virtual PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign& design) = 0;

  /// The same for several questions at once, in their order: cheaper, where the model can answer some together.
  virtual std::vector<PlanAnswer> plan_all(const std::vector<WhatIfQuestion>& questions);

  /// So far, of a model that measures it; ordered by `divided`.
  virtual std::vector<PlanningTime> planning_times() const { return {}; }
};

}  // namespace assay
