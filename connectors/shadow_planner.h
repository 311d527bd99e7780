// The shadow planner: PostgreSQL's own planner, with production's schema and statistics and none of its rows.
//
// A private, throw-away cluster gets the schema, the statistics, files of production's length (holes, without a byte on
// disk), row counts and B-trees of production's height: all that the planner looks at. EXPLAIN there gives production's
// plans and costs. Nothing is ever executed there, and nothing that a log, a dump or a snapshot holds reaches
// more than a role without rights, in a read-only transaction that is rolled back.
// Leaves out: GIN's page counts (the planner then assumes usual ones), row security, rules, settings of single
// tablespaces, and what only rows could tell: for a range at the edge of its histogram, the planner of a real server
// looks up the ends of the data in an index (get_actual_variable_range), the shadow's those of the histogram.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/cost_model.h"
#include "connectors/private_cluster.h"
#include "connectors/session.h"
#include "connectors/shadow_dealer.h"
#include "connectors/shadow_indexes.h"
#include "connectors/shadow_partitions.h"
#include "connectors/shadow_session.h"

namespace assay {

class ShadowPlanner : public CostModel {
 public:
  /// Starts the cluster and builds the shadow of `catalog`, within seconds. Throws Error when there is no PostgreSQL on
  /// this machine or it does not start; what of the catalog cannot be reproduced is told by remarks().
  /// Questions asked together are planned over up to `connections` sessions at the same time.
  explicit ShadowPlanner(const Catalog& catalog, std::size_t connections = 1);

  Evidence evidence() const override { return Evidence::kPlanned; }
  std::vector<std::string> remarks() const override { return remarks_; }
  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign& design) override;
  std::vector<PlanAnswer> plan_all(const std::vector<WhatIfQuestion>& questions) override;
  std::vector<PlanningTime> planning_times() const override;

 private:
  void add_general_remarks(const Catalog& catalog);
  void connect();
  void reconnect();
  std::optional<std::string> why_not_asked(const WhatIfQuestion& question);
  bool prepare_and_ask(const std::vector<WhatIfQuestion>& questions, const std::vector<std::size_t>& wave,
                       std::vector<PlanAnswer>& answers);
  void answer(const std::vector<WhatIfQuestion>& questions, const std::vector<std::size_t>& wave,
              std::vector<PlanAnswer>& answers);
  void add_planning_time(const PhysicalDesign& design);
  void ask(const std::vector<DealtQuestion>& dealt, const std::vector<std::size_t>& asked,
           std::vector<PlanAnswer>& answers);
  PlanAnswer ask_again(const DealtQuestion& question);

  std::size_t connections_;
  PrivateCluster cluster_;
  std::vector<std::string> search_path_;
  std::map<std::string, std::string> settings_;
  std::vector<std::string> remarks_;
  std::optional<Session> admin_;
  std::vector<ShadowSession> sessions_;
  std::unordered_map<std::string, bool> explainable_;  ///< by text
  std::map<std::string, PlanningTime> planning_;       ///< by PlanningTime::divided
  std::optional<ShadowPartitions> partitions_;
  std::optional<ShadowIndexes> indexes_;
};

}  // namespace assay
