#include "connectors/explain.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "connectors/sql_value.h"

namespace assay {
namespace {

constexpr const char* kGenericName = "assay_generic";

/// Could the text hold a parameter? A string literal may look like one; the server knows.
bool may_have_parameters(std::string_view sql) {
  for (std::size_t at = sql.find('$'); at != std::string_view::npos; at = sql.find('$', at + 1)) {
    if (at + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[at + 1]))) return true;
  }
  return false;
}

/// EXPLAIN (GENERIC_PLAN) for servers that do not have it. The values are of no matter to a generic plan.
std::string explain_generic(Session& session, const std::string& explain, const std::string& sql) {
  session.query("DEALLOCATE ALL");  // prepared statements outlive a rollback
  session.query("SET LOCAL plan_cache_mode = force_generic_plan");
  session.query(fmt::format("PREPARE {} AS {}", kGenericName, sql));
  const SqlRows types = session.query(
      "SELECT pg_catalog.cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name = $1",
      {kGenericName});
  std::string nulls;
  for (int i = 0; i < as_number<int>(types.at(0)[0]); ++i) nulls += i == 0 ? "(NULL" : ", NULL";
  if (!nulls.empty()) nulls += ")";
  return as_text(session.query(fmt::format("{} EXECUTE {}{}", explain, kGenericName, nulls)).at(0)[0]);
}

}  // namespace

std::string explain_json(Session& session, const std::string& sql, const ParameterValues& parameters,
                         bool with_summary) {
  const std::string explain = with_summary ? "EXPLAIN (FORMAT JSON, SUMMARY)" : "EXPLAIN (FORMAT JSON)";
  if (parameters.empty() && may_have_parameters(sql)) return explain_generic(session, explain, sql);
  return as_text(session.query(explain + " " + sql, parameters).at(0)[0]);
}

// It stands behind the plan, whatever the texts in that hold.
double planning_ms(std::string_view json) {
  constexpr std::string_view kName = "\"Planning Time\":";
  const std::size_t at = json.rfind(kName);
  if (at == std::string_view::npos) return 0;
  std::size_t from = at + kName.size();
  while (from < json.size() && json[from] == ' ') ++from;
  double ms = 0;
  std::from_chars(json.data() + from, json.data() + json.size(), ms);
  return ms;
}

}  // namespace assay
