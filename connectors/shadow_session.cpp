#include "connectors/shadow_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/explain.h"
#include "connectors/planner_settings.h"
#include "connectors/shadow_clock.h"
#include "connectors/shadow_schema.h"
#include "connectors/sql_value.h"

namespace assay {
namespace {

/// Oids below it are the server's own: FirstNormalObjectId.
constexpr const char* kMarker = R"(
CREATE FUNCTION assay_whatif.mark(shown oid[], hidden oid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE pg_catalog.pg_index SET indisvalid = indexrelid = ANY (shown)
  WHERE indexrelid = ANY (shown || hidden) AND indexrelid >= 16384;
  PERFORM pg_catalog.set_config('transaction_read_only', 'on', true);
END $$)";

std::string array_of(const std::vector<std::string>& oids) {
  std::string text;
  for (const std::string& oid : oids) text += (text.empty() ? "{" : ",") + oid;
  return text.empty() ? "{}" : text + "}";
}

}  // namespace

void create_marker(Session& admin) {
  admin.query("CREATE SCHEMA assay_whatif");
  admin.query(fmt::format("GRANT USAGE ON SCHEMA assay_whatif TO {}", kPlannerRole));
  admin.query(kMarker);
  admin.query("REVOKE ALL ON FUNCTION assay_whatif.mark FROM PUBLIC");
  admin.query(fmt::format("GRANT EXECUTE ON FUNCTION assay_whatif.mark TO {}", kPlannerRole));
}

ShadowSession::ShadowSession(const PrivateCluster& cluster, const std::vector<std::string>& search_path,
                             const std::map<std::string, std::string>& settings, std::vector<std::string>& remarks)
    : session_(open_planner_session(cluster, search_path)) {
  look_at_clock(session_);
  for (const char* name : kPlannerSettings) {
    const auto found = settings.find(name);
    if (found == settings.end()) continue;
    try {
      session_.query("SELECT pg_catalog.set_config($1, $2, false)", {name, found->second});
    } catch (const SqlError& refusal) {
      const std::string remark = fmt::format("The setting {} could not be taken over: {}.", name, refusal.what());
      if (std::find(remarks.begin(), remarks.end(), remark) == remarks.end()) remarks.push_back(remark);
    }
  }
}

PlanAnswer ShadowSession::plan(const PlannableQuery& query, const IndexMarks& marks) {
  try {
    return parse_plan(explain(query, marks));
  } catch (const SqlError& refusal) {
    constexpr std::string_view kQueryCanceled = "57014";  // by statement_timeout: nobody else is there
    return Unplannable{refusal.state() == kQueryCanceled ? kPlanningTooLong : refusal.what()};
  }
}

std::string ShadowSession::explain(const PlannableQuery& query, const IndexMarks& marks) {
  const bool timed = query.ran_at && asks_for_time(query.sql);
  const std::string sql = timed ? with_clock_calls(query.sql) : query.sql;
  session_.query(marks.empty() ? "BEGIN READ ONLY" : "BEGIN");
  try {
    if (!marks.empty()) {
      session_.query("SELECT assay_whatif.mark($1, $2)", {array_of(marks.shown), array_of(marks.hidden)});
    }
    if (timed) set_clock(session_, *query.ran_at);
    std::string json = explain_json(session_, sql, query.parameters, true);
    ++planning_.plans;
    planning_.ms += planning_ms(json);
    session_.query("ROLLBACK");
    return json;
  } catch (const SqlError&) {
    roll_back(session_);
    throw;
  }
}

}  // namespace assay
