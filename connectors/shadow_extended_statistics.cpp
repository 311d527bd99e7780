#include "connectors/shadow_extended_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "connectors/extended_statistics.h"
#include "connectors/shadow_schema.h"
#include "connectors/shadow_statistics.h"
#include "connectors/sql_value.h"

namespace assay {
namespace {

constexpr std::string_view kViews = "assay_expressions";  // the schema of the views on expressions
constexpr std::array kTypes{"pg_ndistinct", "pg_dependencies", "pg_mcv_list"};

/// A statistics object of the shadow.
struct Object {
  std::string oid, table;                         ///< the table's name, quoted, with its schema
  std::vector<std::pair<std::string, int>> keys;  ///< names and numbers, by number
  std::vector<std::string> expressions;
  std::string view_oid;                   ///< of the view on the expressions, whose columns are e1, e2, …
  std::vector<StatisticsColumn> columns;  ///< of the keys, then of the expressions
};

using Objects = std::map<std::pair<std::string, std::string>, Object>;

constexpr const char* kObjects = R"(
SELECT n.nspname, x.stxname, x.oid, format('%I.%I', tn.nspname, t.relname)
FROM pg_statistic_ext x JOIN pg_namespace n ON n.oid = x.stxnamespace
JOIN pg_class t ON t.oid = x.stxrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace)";

constexpr const char* kKeys = R"(
SELECT n.nspname, x.stxname, a.attname, a.attnum, y.oid, y.typlen, y.typbyval
FROM pg_statistic_ext x JOIN pg_namespace n ON n.oid = x.stxnamespace
JOIN pg_attribute a ON a.attrelid = x.stxrelid AND a.attnum = ANY (x.stxkeys)
JOIN pg_type y ON y.oid = a.atttypid ORDER BY x.oid, a.attnum)";

constexpr const char* kExpressions = R"(
SELECT n.nspname, x.stxname, e.expression
FROM pg_statistic_ext x JOIN pg_namespace n ON n.oid = x.stxnamespace
CROSS JOIN LATERAL unnest(pg_get_statisticsobjdef_expressions(x.oid)) WITH ORDINALITY AS e(expression, position)
ORDER BY x.oid, e.position)";

constexpr const char* kViewColumns = R"(
SELECT c.oid, y.oid, y.typlen, y.typbyval
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
JOIN pg_type y ON y.oid = a.atttypid
WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 ORDER BY a.attnum)";

StatisticsColumn column_from(const SqlRow& row, std::size_t first) {
  return {as_number<std::uint32_t>(row[first]), as_number<int>(row[first + 1]), as_bool(row[first + 2])};
}

std::string view_of(const Object& object) { return "s" + object.oid; }

Objects find_objects(Session& admin, bool has_expressions) {
  Objects objects;
  for (const SqlRow& row : admin.query(kObjects)) {
    Object& object = objects[{as_text(row[0]), as_text(row[1])}];
    object.oid = as_text(row[2]);
    object.table = as_text(row[3]);
  }
  for (const SqlRow& row : admin.query(kKeys)) {
    Object& object = objects[{as_text(row[0]), as_text(row[1])}];
    object.keys.emplace_back(as_text(row[2]), as_number<int>(row[3]));
    object.columns.push_back(column_from(row, 4));
  }
  for (const SqlRow& row : has_expressions ? admin.query(kExpressions) : SqlRows()) {
    objects[{as_text(row[0]), as_text(row[1])}].expressions.push_back(as_text(row[2]));
  }
  return objects;
}

/// The views are the planner's role's own, as everything that holds foreign text.
void make_views(const PrivateCluster& cluster, Session& admin, Objects& objects) {
  admin.query(fmt::format("DROP SCHEMA IF EXISTS {} CASCADE", kViews));  // a hostile schema's own
  admin.query(fmt::format("CREATE SCHEMA {} AUTHORIZATION {}", kViews, kPlannerRole));
  Session planner = open_planner_session(cluster, {"pg_catalog"});
  planner.query("SET search_path = pg_catalog, pg_temp");
  for (auto& [name, object] : objects) {
    std::string list;
    for (std::size_t i = 0; i < object.expressions.size(); ++i) {
      list += fmt::format("{}({}) AS e{}", i == 0 ? "" : ", ", object.expressions[i], i + 1);
    }
    if (list.empty()) continue;
    try {
      planner.query(fmt::format("CREATE VIEW {}.{} AS SELECT {} FROM {}", kViews, view_of(object), list, object.table));
    } catch (const SqlError&) {
      continue;  // its expressions then have no statistics
    }
    for (const SqlRow& row : admin.query(kViewColumns, {std::string(kViews), view_of(object)})) {
      object.view_oid = as_text(row[0]);
      object.columns.push_back(column_from(row, 1));
    }
  }
}

/// From production's numbers of columns to the shadow's.
std::map<int, int> new_numbers(const ExtendedStatistics& statistics, const Object& object) {
  std::map<int, int> numbers;
  for (const StatisticsKey& key : statistics.keys) {
    const auto found = std::find_if(object.keys.begin(), object.keys.end(),
                                    [&](const auto& candidate) { return candidate.first == key.column; });
    if (found != object.keys.end()) numbers[key.number] = found->second;
  }
  return numbers;
}

bool same_order(const ExtendedStatistics& statistics, const Object& object) {
  return std::equal(statistics.keys.begin(), statistics.keys.end(), object.keys.begin(), object.keys.end(),
                    [](const StatisticsKey& there, const auto& here) { return there.column == here.first; });
}

class ExtendedInjector {
 public:
  ExtendedInjector(Session& admin, const Objects& objects)
      : admin_(admin), objects_(objects), expressions_(admin), has_inherited_(has_column("stxdinherit")) {}

  /// False when something of it had to be left out.
  bool add(const ExtendedStatistics& statistics) {
    const auto found = objects_.find({statistics.schema, statistics.name});
    if (found == objects_.end()) return true;  // the object is missing, which the schema's remarks tell
    const Object& object = found->second;
    const std::map<int, int> numbers = new_numbers(statistics, object);
    const SqlValue distinct =
        sound(statistics.distinct, [&](const std::string& bytes) { return renumbered_distinct(bytes, numbers); });
    const SqlValue dependencies = sound(
        statistics.dependencies, [&](const std::string& bytes) { return renumbered_dependencies(bytes, numbers); });
    const SqlValue most_common = sound(statistics.most_common, [&](const std::string& bytes) {
      const bool fits = same_order(statistics, object) && is_sound_mcv_list(bytes, object.columns);
      return fits ? std::optional(bytes) : std::nullopt;
    });
    try {
      insert(statistics, object, distinct, dependencies, most_common);
    } catch (const SqlError&) {  // the same object twice
      return false;
    }
    const bool has_expressions = statistics.expressions.empty() || add_expressions(statistics, object);
    return has_expressions && distinct.has_value() == statistics.distinct.has_value() &&
           dependencies.has_value() == statistics.dependencies.has_value() &&
           most_common.has_value() == statistics.most_common.has_value();
  }

 private:
  template <typename Check>
  static SqlValue sound(const std::optional<std::string>& hex, Check check) {
    const auto bytes = hex ? from_hex(*hex) : std::nullopt;
    const auto checked = bytes ? check(*bytes) : std::nullopt;
    return checked ? SqlValue(to_hex(*checked)) : std::nullopt;
  }

  bool has_column(const char* name) {
    return !admin_
                .query("SELECT FROM pg_attribute WHERE attrelid = 'pg_statistic_ext_data'::regclass AND attname = $1",
                       {name})
                .empty();
  }

  void insert(const ExtendedStatistics& statistics, const Object& object, const SqlValue& distinct,
              const SqlValue& dependencies, const SqlValue& most_common) {
    const std::string inherited = statistics.inherited ? "true, " : "false, ";
    admin_.query(
        fmt::format("INSERT INTO pg_statistic_ext_data (stxoid, {} stxdndistinct, stxddependencies, stxdmcv) VALUES "
                    "($1::oid, {} decode($2, 'hex')::pg_ndistinct, decode($3, 'hex')::pg_dependencies, "
                    "decode($4, 'hex')::pg_mcv_list)",
                    has_inherited_ ? "stxdinherit, " : "", has_inherited_ ? inherited : ""),
        {object.oid, distinct, dependencies, most_common});
  }

  /// They are rows of pg_statistic: made as those of the view, then moved.
  bool add_expressions(const ExtendedStatistics& statistics, const Object& object) {
    if (statistics.expressions.size() != object.expressions.size() || object.view_oid.empty()) return false;
    const int incomplete = expressions_.incomplete();
    for (std::size_t i = 0; i < statistics.expressions.size(); ++i) {
      expressions_.add(std::string(kViews), view_of(object), fmt::format("e{}", i + 1), {statistics.expressions[i]});
    }
    expressions_.flush();
    admin_.query(fmt::format("UPDATE pg_statistic_ext_data SET stxdexpr = r.rows FROM (SELECT array_agg(s ORDER BY "
                             "staattnum) AS rows FROM pg_statistic s WHERE starelid = $1::oid) AS r WHERE stxoid = "
                             "$2::oid AND cardinality(r.rows) = $3::int {}",
                             !has_inherited_        ? ""
                             : statistics.inherited ? "AND stxdinherit"
                                                    : "AND NOT stxdinherit"),
                 {object.view_oid, object.oid, std::to_string(object.expressions.size())});
    admin_.query("DELETE FROM pg_statistic WHERE starelid = $1::oid", {object.view_oid});
    return expressions_.incomplete() == incomplete;
  }

  Session& admin_;
  const Objects& objects_;
  StatisticsInjector expressions_;
  bool has_inherited_;
};

void remark_on(const Catalog& catalog, std::size_t incomplete, const std::string& first,
               std::vector<std::string>& remarks) {
  if (incomplete > 0) {
    remarks.push_back(fmt::format("{} statistics object{} could not be taken over whole; the first: {}.", incomplete,
                                  incomplete == 1 ? "" : "s", first));
  }
  if (!catalog.hidden_statistics.empty()) {
    const std::size_t hidden = catalog.hidden_statistics.size();
    remarks.push_back(
        fmt::format("{} statistics object{} whose values the role that took the snapshot may not read, or "
                    "not in full; the first: {}.",
                    hidden, hidden == 1 ? "" : "s", catalog.hidden_statistics[0]));
  }
}

}  // namespace

void inject_extended_statistics(const PrivateCluster& cluster, Session& admin, const Catalog& catalog,
                                std::vector<std::string>& remarks) {
  std::size_t incomplete = 0;
  std::string first;
  if (!catalog.extended_statistics.empty()) {
    Objects objects = find_objects(admin, cluster.programs().major >= 14);
    make_views(cluster, admin, objects);
    for (const char* type : kTypes) admin.query(fmt::format("CREATE CAST (bytea AS {}) WITHOUT FUNCTION", type));
    ExtendedInjector injector(admin, objects);
    for (const ExtendedStatistics& statistics : catalog.extended_statistics) {
      if (!injector.add(statistics) && incomplete++ == 0) first = statistics.schema + "." + statistics.name;
    }
    for (const char* type : kTypes) admin.query(fmt::format("DROP CAST (bytea AS {})", type));
    admin.query(fmt::format("DROP SCHEMA {} CASCADE", kViews));
  }
  remark_on(catalog, incomplete, first, remarks);
}

}  // namespace assay
