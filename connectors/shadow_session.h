// One connection that plans in the shadow, as the role without rights. Several of them plan at the same time.
//
// Which indexes a question sees is decided inside its own transaction: a function of the superuser's, the only right
// that the role has been given, marks indexes as valid or invalid in pg_index, makes the transaction read-only, and the
// rollback behind the plan takes the marks back. So no other session sees or waits for them, unless it marks the same
// index: deal_out() (shadow_dealer.h) keeps those apart.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/cost_model.h"
#include "connectors/private_cluster.h"
#include "connectors/session.h"

namespace assay {

/// Indexes by oid that a question sees otherwise than they stand in pg_index.
struct IndexMarks {
  std::vector<std::string> shown, hidden;

  bool empty() const { return shown.empty() && hidden.empty(); }
};

/// Why there is no plan when the time limit has struck: the one reason that a faster machine may take away.
inline constexpr const char* kPlanningTooLong = "planning took longer than 10 seconds";

/// Creates the function; `admin` is a superuser's session in the shadow's database.
void create_marker(Session& admin);

class ShadowSession {
 public:
  /// `search_path` and `settings` as in Catalog. What cannot be set is added to `remarks`, once.
  ShadowSession(const PrivateCluster& cluster, const std::vector<std::string>& search_path,
                const std::map<std::string, std::string>& settings, std::vector<std::string>& remarks);

  /// The plan, in a transaction of its own, so that neither a failure nor a function that planning calls leaves a
  /// trace. Throws Error when the connection is lost.
  PlanAnswer plan(const PlannableQuery& query, const IndexMarks& marks);

  /// Plans since the last call, and the ms that they took.
  PlanningTime take_planning_time() { return std::exchange(planning_, {}); }

 private:
  std::string explain(const PlannableQuery& query, const IndexMarks& marks);

  Session session_;
  PlanningTime planning_;
};

}  // namespace assay
