// Statistics: from pg_statistic where the role may read it, else from the view pg_stats, which hides the tables that
// the role may not read and, before PostgreSQL 17, the histograms of range types. The same for statistics objects.
#include <fmt/format.h>

#include <utility>

#include "connectors/catalog_queries.h"

namespace assay {
namespace {

// Conditions.
const char* const kReadsStatistics = "CASE WHEN has_table_privilege('pg_statistic', 'SELECT') THEN 'yes' END";

std::string version_is(const char* comparison, const char* also) {
  return fmt::format("CASE WHEN current_setting('server_version_num')::int {} AND {} THEN 'yes' END", comparison, also);
}
std::string may_read_extended(const char* comparison) {
  return version_is(comparison, "has_table_privilege('pg_statistic_ext_data', 'SELECT')");
}
std::string may_not_read_extended(const char* comparison) {
  return version_is(comparison, "NOT has_table_privilege('pg_statistic_ext_data', 'SELECT')");
}

/// Types whose values stay when a snapshot is redacted: numbers, truth values, dates and times.
#define ASSAY_KEPT(type)                                                                                       \
  type " = ANY ('{bool,int2,int4,int8,float4,float8,numeric,money,oid,date,time,timetz,timestamp,timestamptz," \
       "interval}'::regtype[]::oid[])"

/// Writes one SELECT's list of values, each left out where `condition` says that it must stay at home.
class Values {
 public:
  explicit Values(std::string condition) : condition_(std::move(condition)) {}
  std::string operator()(const std::string& value) const {
    return condition_.empty() ? value : fmt::format("CASE WHEN {} THEN {} END", condition_, value);
  }
  /// Was any of these left out?
  std::string left_out(const std::vector<std::string>& values) const {
    if (condition_.empty()) return "false";
    std::string any;
    for (const std::string& value : values) any += (any.empty() ? "" : " OR ") + value + " IS NOT NULL";
    return fmt::format("NOT ({}) AND ({})", condition_, any);
  }

 private:
  std::string condition_;
};

/// What a row `s` of pg_statistic tells, as the view pg_stats does: STATISTIC_KIND_* of
/// src/include/catalog/pg_statistic.h.
std::string from_slots(const Values& shown) {
  const auto slot = [](int kind, const char* what) {
    return fmt::format(
        "CASE {0} WHEN s.stakind1 THEN s.{1}1 WHEN s.stakind2 THEN s.{1}2 WHEN s.stakind3 THEN s.{1}3\n"
        "           WHEN s.stakind4 THEN s.{1}4 WHEN s.stakind5 THEN s.{1}5 END",
        kind, what);
  };
  const auto all_values = [&](int kind) { return "(" + slot(kind, "stavalues") + ")"; };
  const auto values = [&](int kind) { return shown(all_values(kind) + "::text"); };
  const auto numbers = [&](int kind) { return "(" + slot(kind, "stanumbers") + ")"; };
  return fmt::format(
      "       {}, {},\n       {}, {}[1],\n       {}, {},\n       {}::text,\n       {}, {}[1],\n       {},\n       {}",
      values(1), shown(numbers(1) + "::text"), values(2), numbers(3), values(4), shown(numbers(4) + "::text"),
      numbers(5), values(6), numbers(6), values(7),
      shown.left_out({all_values(1), all_values(2), all_values(4), all_values(7)}));
}

/// What a row `s` of pg_stats or pg_stats_ext_exprs tells.
std::string from_view(const Values& shown, bool has_ranges) {
  const std::string ranges =
      has_ranges ? fmt::format("{}, s.range_empty_frac,\n       {}", shown("s.range_length_histogram::text"),
                               shown("s.range_bounds_histogram::text"))
                 : "NULL, NULL, NULL";
  return fmt::format(
      "       {}, {},\n       {}, s.correlation,\n       {}, {},\n       s.elem_count_histogram::text,\n       {},\n"
      "       {}",
      shown("s.most_common_vals::text"), shown("s.most_common_freqs::text"), shown("s.histogram_bounds::text"),
      shown("s.most_common_elems::text"), shown("s.most_common_elem_freqs::text"), ranges,
      shown.left_out({"s.most_common_vals", "s.histogram_bounds", "s.most_common_elems"}));
}

/// An expression's value may be a text in another guise.
constexpr const char* kKept = "c.relkind NOT IN ('i', 'I') AND " ASSAY_KEPT("a.atttypid");

/// Of columns and, under the index, of index expressions.
std::string statistics_sql(bool redact) {
  return "\nSELECT c.oid, a.attname, a.attnum, s.stanullfrac, s.stawidth, s.stadistinct, s.stainherit,\n" +
         from_slots(Values(redact ? kKept : "")) + R"(
FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = s.staattnum AND NOT a.attisdropped
WHERE )" ASSAY_USER_SCHEMA R"(
ORDER BY c.oid, a.attnum, s.stainherit)";
}

std::string statistics_view_sql(bool redact, bool has_ranges) {
  return "\nSELECT c.oid, s.attname, a.attnum, s.null_frac, s.avg_width, s.n_distinct, s.inherited,\n" +
         from_view(Values(redact ? kKept : ""), has_ranges) + R"(
FROM pg_stats s JOIN pg_namespace n ON n.nspname = s.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
WHERE )" ASSAY_USER_SCHEMA R"(
ORDER BY c.oid, a.attnum, s.inherited)";
}

constexpr const char* kObjects = R"(
SELECT x.oid, n.nspname, x.stxname, array_to_string(x.stxkind, ''),
       has_table_privilege('pg_statistic_ext_data', 'SELECT')
FROM pg_statistic_ext x JOIN pg_namespace n ON n.oid = x.stxnamespace
WHERE )" ASSAY_OWN("pg_statistic_ext", "x.oid") R"(
ORDER BY n.nspname COLLATE "C", x.stxname COLLATE "C")";

constexpr const char* kObjectKeys = R"(
SELECT x.oid, a.attnum, a.attname
FROM pg_statistic_ext x JOIN pg_attribute a ON a.attrelid = x.stxrelid AND a.attnum = ANY (x.stxkeys)
ORDER BY x.oid, a.attnum)";

/// A list of common combinations holds values of all columns; an expression's type is not to be seen from here.
constexpr const char* kAllKept = R"(to_jsonb(x)->>'stxexprs' IS NULL
              AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = x.stxrelid AND a.attnum = ANY (x.stxkeys)
                              AND NOT )" ASSAY_KEPT("a.atttypid") ")";

std::string extended_sql(bool redact, bool has_inherited) {
  return fmt::format(R"(
SELECT x.oid, {}, encode(d.stxdndistinct::bytea, 'hex'), encode(d.stxddependencies::bytea, 'hex'),
       {}, NULL, NULL
FROM pg_statistic_ext_data d JOIN pg_statistic_ext x ON x.oid = d.stxoid
ORDER BY 1, 2)",
                     has_inherited ? "d.stxdinherit" : "false",
                     Values(redact ? kAllKept : "")("encode(d.stxdmcv::bytea, 'hex')"));
}

/// The view shows no bytes, and its rows to the table's owner alone.
std::string extended_view_sql(bool has_inherited) {
  return fmt::format(R"(
SELECT x.oid, {}, NULL, NULL, NULL, s.n_distinct::text, s.dependencies::text
FROM pg_stats_ext s JOIN pg_namespace n ON n.nspname = s.statistics_schemaname
JOIN pg_statistic_ext x ON x.stxnamespace = n.oid AND x.stxname = s.statistics_name
ORDER BY 1, 2)",
                     has_inherited ? "s.inherited" : "false");
}

std::string expressions_sql(bool redact, bool has_inherited) {
  const std::string inherited = has_inherited ? "d.stxdinherit" : "false";
  return fmt::format("\nSELECT d.stxoid, {0}, s.ordinality, s.stanullfrac, s.stawidth, s.stadistinct, {0},\n",
                     inherited) +
         from_slots(Values(redact ? "false" : "")) + R"(
FROM pg_statistic_ext_data d CROSS JOIN LATERAL unnest(d.stxdexpr) WITH ORDINALITY AS s
ORDER BY 1, 2, 3)";
}

std::string expressions_view_sql(bool redact, bool has_inherited) {
  const std::string inherited = has_inherited ? "s.inherited" : "false";
  return fmt::format(
             "\nSELECT x.oid, {0}, array_position(pg_get_statisticsobjdef_expressions(x.oid), s.expr),\n"
             "       s.null_frac, s.avg_width, s.n_distinct, {0},\n",
             inherited) +
         from_view(Values(redact ? "false" : ""), false) + R"(
FROM pg_stats_ext_exprs s JOIN pg_namespace n ON n.nspname = s.statistics_schemaname
JOIN pg_statistic_ext x ON x.stxnamespace = n.oid AND x.stxname = s.statistics_name
ORDER BY 1, 2, 3)";
}

}  // namespace

std::vector<CatalogQuery> statistics_queries(bool redact) {
  const char* const hides = "NOT has_table_privilege('pg_statistic', 'SELECT')";
  const char* const columns = "statistics of columns and of index expressions";
  const char* const values = "values of statistics objects";
  const char* const expressions = "statistics of expressions in statistics objects";
  return {
      {"statistics", columns, 18, statistics_sql(redact), kReadsStatistics},
      {"statistics", columns, 18, statistics_view_sql(redact, true), version_is(">= 170000", hides)},
      {"statistics", columns, 18, statistics_view_sql(redact, false), version_is("< 170000", hides)},
      {"statistics_objects", "statistics objects (CREATE STATISTICS)", 5, kObjects},
      {"statistics_keys", "columns of statistics objects", 3, kObjectKeys},
      {"extended", values, 7, extended_sql(redact, true), may_read_extended(">= 150000")},
      {"extended", values, 7, extended_sql(redact, false), may_read_extended("< 150000")},
      {"extended", values, 7, extended_view_sql(true), may_not_read_extended(">= 150000")},
      {"extended", values, 7, extended_view_sql(false), may_not_read_extended("< 150000")},
      {"extended_expressions", expressions, 18, expressions_sql(redact, true), may_read_extended(">= 150000")},
      {"extended_expressions", expressions, 18, expressions_sql(redact, false),
       may_read_extended("BETWEEN 140000 AND 149999")},
      {"extended_expressions", expressions, 18, expressions_view_sql(redact, true), may_not_read_extended(">= 150000")},
      {"extended_expressions", expressions, 18, expressions_view_sql(redact, false),
       may_not_read_extended("BETWEEN 140000 AND 149999")},
  };
}

}  // namespace assay
