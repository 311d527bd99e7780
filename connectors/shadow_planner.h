// The shadow planner: PostgreSQL's own planner, with production's schema and statistics and none of its rows.
//
// A private, throw-away cluster gets the schema, the statistics, files of production's length (holes, without a byte on
// disk), row counts and B-trees of production's height: all that the planner looks at. EXPLAIN there gives production's
// plans and costs. Nothing is ever executed there, and nothing that a log, a dump or a snapshot holds reaches
// more than a role without rights, in a read-only transaction that is rolled back.
// Leaves out: GIN's page counts (the planner then assumes usual ones), row security, rules, settings of single
// tablespaces, and what only rows could tell: for a range that reaches beyond its histogram, the planner of a real
// server looks up the ends of the data in an index (get_actual_variable_range).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/cost_model.h"
#include "connectors/private_cluster.h"
#include "connectors/session.h"
#include "connectors/shadow_indexes.h"

namespace assay {

class ShadowPlanner : public CostModel {
 public:
  /// Starts the cluster and builds the shadow of `catalog`, within seconds. Throws Error when there is no PostgreSQL on
  /// this machine or it does not start; what of the catalog cannot be reproduced is told by remarks().
  explicit ShadowPlanner(const Catalog& catalog);

  Evidence evidence() const override { return Evidence::kPlanned; }
  std::vector<std::string> remarks() const override { return remarks_; }
  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign& design) override;

 private:
  void add_general_remarks(const Catalog& catalog);
  void connect();
  void reconnect();
  std::string explain(const PlannableQuery& query);
  std::string explain_generic(const std::string& sql);

  PrivateCluster cluster_;
  std::vector<std::string> search_path_;
  std::map<std::string, std::string> settings_;
  std::vector<std::string> remarks_;
  std::optional<Session> admin_, planner_;
  std::optional<ShadowIndexes> indexes_;
};

}  // namespace assay
