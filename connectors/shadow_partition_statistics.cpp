#include "connectors/shadow_partition_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "analyzer/plan.h"
#include "connectors/sql_value.h"
#include "parser/sql/index_definition.h"

namespace assay {
namespace {

std::string table_name(const HypotheticalPartitioning& partitioning) {
  return quote_identifier(partitioning.schema) + "." + quote_identifier(partitioning.table);
}

std::string list_of(const std::vector<std::string>& values, const std::string& cast) {
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ", ") + quote_literal(value) + cast;
  return list;
}

/// The bound as a condition on `value`; empty for one that all values fulfil.
std::string condition(const HypotheticalPartitioning& partitioning, const HypotheticalPartition& partition,
                      const PartitionKey& key, const std::string& value) {
  const std::string cast = "::" + key.type;
  if (partition.is_default) {
    std::string others;
    for (const HypotheticalPartition& other : partitioning.partitions) {
      if (other.is_default) continue;
      const std::string one = condition(partitioning, other, key, value);
      others += (others.empty() ? "(" : ") OR (") + (one.empty() ? "true" : one);
    }
    return others.empty() ? "" : "(" + others + ")) IS NOT TRUE";
  }
  if (partitioning.strategy == PartitionStrategy::kHash) {
    return fmt::format("pg_catalog.satisfies_hash_partition({}, {}, {}, {})", key.twin, partitioning.partitions.size(),
                       partition.remainder, value);
  }
  if (partitioning.strategy == PartitionStrategy::kList) {
    return value + " IN (" + list_of(partition.values, cast) + ")";
  }
  std::string text = partition.from ? value + " >= " + quote_literal(*partition.from) + cast : "";
  if (partition.to) text += (text.empty() ? "" : " AND ") + value + " < " + quote_literal(*partition.to) + cast;
  return text;
}

double planned_rows(Session& planner, const std::string& from) {
  return parse_plan(as_text(planner.query("EXPLAIN (FORMAT JSON) SELECT FROM " + from).at(0)[0])).rows;
}

/// What pg_stats knows of the key, as texts.
struct KeyStatistics {
  SqlValue values, frequencies, histogram;
};

KeyStatistics key_statistics(Session& planner, const HypotheticalPartitioning& partitioning) {
  const SqlRows rows = planner.query(
      "SELECT most_common_vals::text, most_common_freqs::text, histogram_bounds::text FROM pg_catalog.pg_stats "
      "WHERE schemaname = $1 AND tablename = $2 AND attname = $3 AND NOT inherited",
      {partitioning.schema, partitioning.table, partitioning.column});
  return rows.empty() ? KeyStatistics{} : KeyStatistics{rows[0][0], rows[0][1], rows[0][2]};
}

/// Beyond every value that the statistics know: the planner would still count with a few rows.
bool beyond_all_values(Session& planner, const HypotheticalPartition& partition, const PartitionKey& key,
                       const KeyStatistics& known) {
  if (partition.is_default || (!known.values && !known.histogram)) return false;
  std::string inside = "true";
  if (partition.from) inside += " AND max(v) >= " + quote_literal(*partition.from) + "::" + key.type;
  if (partition.to) inside += " AND min(v) < " + quote_literal(*partition.to) + "::" + key.type;
  return !as_bool(planner
                      .query(fmt::format("SELECT {0} FROM pg_catalog.unnest(coalesce($1::text::{1}[], '{{}}') || "
                                         "coalesce($2::text::{1}[], '{{}}')) AS v",
                                         inside, key.type),
                             {known.values, known.histogram})
                      .at(0)[0]);
}

/// Of the rows: those with a common value that fulfils the bound.
double common_share(Session& planner, const std::string& bound, const PartitionKey& key, const KeyStatistics& known) {
  if (!known.values) return 0;
  return as_number<double>(planner
                               .query(fmt::format("SELECT coalesce(sum(f), 0)::float8 FROM unnest($1::text::{}[], "
                                                  "$2::text::real[]) AS m(v, f) WHERE {}",
                                                  key.type, bound),
                                      {known.values, known.frequencies})
                               .at(0)[0]);
}

/// pg_statistic's columns behind the identity of the row.
std::string slots(const std::string& prefix) {
  std::string columns;
  for (int slot = 1; slot <= 5; ++slot) {
    columns +=
        fmt::format(", {1}stakind{0}, {1}staop{0}, {1}stacoll{0}, {1}stanumbers{0}, {1}stavalues{0}", slot, prefix);
  }
  return columns;
}

/// Puts other values into the slot of that kind; without any, the slot is emptied.
void replace_slot(Session& admin, const std::string& relation, const PartitionKey& key, const std::string& column,
                  int kind, const SqlValue& numbers, const SqlValue& values) {
  for (int slot = 1; slot <= 5; ++slot) {
    const std::string set =
        values ? "stanumbers{0} = $4::real[], stavalues{0} = array_in($5::cstring, $6::oid, -1)::anyarray"
               : "stakind{0} = 0, staop{0} = 0, stacoll{0} = 0, stanumbers{0} = $4::real[], "
                 "stavalues{0} = CASE WHEN $5::text = $6::text THEN stavalues{0} END";
    admin.query(fmt::format(fmt::runtime("UPDATE pg_statistic SET " + set +
                                         " WHERE starelid = $1::oid AND stakind{0} = $3::int2 AND staattnum = (SELECT "
                                         "attnum FROM pg_attribute WHERE attrelid = $1::oid AND attname = $2)"),
                            slot),
                {relation, column, std::to_string(kind), numbers, values, key.type_oid});
  }
}

/// What an interpolation needs of a type: the part that lies between, and the value at a part of the way.
struct Arithmetic {
  const char* part;   ///< of the way from v to n at which x lies
  const char* value;  ///< at the part f of the way from v to n
  int steps;          ///< of the histogram that is made
};

std::optional<Arithmetic> arithmetic_of(const std::string& type) {
  if (type.starts_with("timestamp")) {
    return Arithmetic{"extract(epoch FROM x - v)::float8 / nullif(extract(epoch FROM n - v)::float8, 0)",
                      "v + (n - v) * f", 100};
  }
  if (type == "date") return Arithmetic{"(x - v)::float8 / nullif(n - v, 0)", "v + ((n - v) * f)::int", 20};
  if (type == "integer" || type == "bigint" || type == "smallint" || type.starts_with("numeric")) {
    return Arithmetic{"(x - v)::float8 / nullif(n - v, 0)::float8", "v + ((n - v) * f::numeric)", 100};
  }
  return std::nullopt;
}

/// The planner takes all steps of a histogram to hold as many rows. The bounds of a partition cut two of its table's
/// steps, which then hold less: so the part within is divided anew, into equal ones. Histograms with infinite ends and
/// types without arithmetic keep their steps, the ends of the partition standing for what was cut off.
SqlValue evenly_divided(Session& planner, const HypotheticalPartition& partition, const PartitionKey& key,
                        const SqlValue& histogram) {
  const auto how = arithmetic_of(key.type);
  if (!how || !histogram || histogram->find("infinity") != std::string::npos) return std::nullopt;
  const auto end = [&](const std::optional<std::string>& bound, const char* extreme, const char* other) {
    return bound ? fmt::format("{}({}(v), {}::{})", other, extreme, quote_literal(*bound), key.type)
                 : fmt::format("{}(v)", extreme);
  };
  // h: a step from v to n. ends: lo and hi. cut: where these lie, counted in steps.
  return planner
      .query(
          fmt::format(
              "WITH h AS (SELECT v, place - 1 AS i, lead(v) OVER (ORDER BY place) AS n FROM unnest($1::text::{0}[]) "
              "WITH ORDINALITY AS b(v, place)), ends AS (SELECT {1} AS lo, {2} AS hi FROM h), cut AS (SELECT (SELECT "
              "i + coalesce({3}, 0) FROM h, (SELECT lo) AS e(x) WHERE v <= x AND n IS NOT NULL ORDER BY i DESC LIMIT "
              "1) AS p, (SELECT i + coalesce({3}, 1) FROM h, (SELECT hi) AS e(x) WHERE v <= x AND n IS NOT NULL "
              "ORDER BY i DESC LIMIT 1) AS q FROM ends WHERE lo < hi) SELECT array_agg(({4})::{0} ORDER BY j)::text "
              "FROM (SELECT j, p + (q - p) * j / {5} AS at FROM cut, generate_series(0, {5}) AS j) AS steps, LATERAL "
              "(SELECT v, n, least(greatest(at - i, 0), 1)::float8 AS f FROM h WHERE i <= at AND n IS NOT NULL ORDER "
              "BY i DESC LIMIT 1) AS step",
              key.type, end(partition.from, "min", "greatest"), end(partition.to, "max", "least"), how->part,
              how->value, how->steps),
          {histogram})
      .at(0)[0];
}

SqlValue cut_histogram(Session& planner, const HypotheticalPartition& partition, const PartitionKey& key,
                       const std::string& bound, const SqlValue& histogram) {
  if (!partition.is_default && partition.values.empty()) {
    if (SqlValue even = evenly_divided(planner, partition, key, histogram)) return even;
  }
  std::string ends;
  for (const std::optional<std::string>& end : {partition.from, partition.to}) {
    if (!end) continue;
    ends += fmt::format(
        " UNION SELECT {0}::{1} WHERE {0}::{1} > (SELECT min(h) FROM unnest($1::text::{1}[]) AS h) AND "
        "{0}::{1} < (SELECT max(h) FROM unnest($1::text::{1}[]) AS h)",
        quote_literal(*end), key.type);
  }
  return planner
      .query(fmt::format("SELECT CASE WHEN count(*) >= 2 THEN array_agg(v ORDER BY v)::text END FROM (SELECT v FROM "
                         "unnest($1::text::{}[]) AS v WHERE {}{}) AS bounds(v)",
                         key.type, bound, ends),
             {histogram})
      .at(0)[0];
}

}  // namespace

PartitionKey find_partition_key(Session& admin, const HypotheticalPartitioning& partitioning) {
  const SqlRows rows = admin.query(
      "SELECT c.oid, format_type(b.oid, a.atttypmod), b.oid FROM pg_class c JOIN pg_namespace n ON n.oid = "
      "c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid "
      "JOIN pg_type b ON b.oid = CASE WHEN t.typbasetype <> 0 THEN t.typbasetype ELSE t.oid END "
      "WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = $3 AND c.relkind = 'r'",
      {partitioning.schema, partitioning.table, partitioning.column});
  if (rows.empty()) {
    throw SqlError("there is no plain table " + table_name(partitioning) + " with a column " +
                       quote_identifier(partitioning.column),
                   "42703");
  }
  return {as_text(rows[0][0]), "", as_text(rows[0][1]), as_text(rows[0][2])};
}

std::string bound_sql(const HypotheticalPartitioning& partitioning, const HypotheticalPartition& partition) {
  if (partition.is_default) return "DEFAULT";
  switch (partitioning.strategy) {
    case PartitionStrategy::kList:
      return "FOR VALUES IN (" + list_of(partition.values, "") + ")";
    case PartitionStrategy::kHash:
      return fmt::format("FOR VALUES WITH (MODULUS {}, REMAINDER {})", partitioning.partitions.size(),
                         partition.remainder);
    case PartitionStrategy::kRange:
      break;
  }
  return "FOR VALUES FROM (" + (partition.from ? quote_literal(*partition.from) : "MINVALUE") + ") TO (" +
         (partition.to ? quote_literal(*partition.to) : "MAXVALUE") + ")";
}

std::vector<double> partition_shares(Session& planner, const HypotheticalPartitioning& partitioning,
                                     const PartitionKey& key) {
  const std::vector<HypotheticalPartition>& partitions = partitioning.partitions;
  std::vector<double> shares(partitions.size(), 1);
  const KeyStatistics known = key_statistics(planner, partitioning);
  if (partitioning.strategy == PartitionStrategy::kHash) {
    // Common values lie where they hash to, all others evenly.
    double common = 0;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      shares[i] = common_share(planner, condition(partitioning, partitions[i], key, "v"), key, known);
      common += shares[i];
    }
    for (double& share : shares) share += std::max(0.0, 1 - common) / static_cast<double>(partitions.size());
  } else {
    const std::string from = table_name(partitioning);
    const double all = std::max(1.0, planned_rows(planner, from));
    double named = 0;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      if (partitions[i].is_default) continue;
      const std::string bound = condition(partitioning, partitions[i], key, quote_identifier(partitioning.column));
      const bool empty =
          partitioning.strategy == PartitionStrategy::kRange && beyond_all_values(planner, partitions[i], key, known);
      shares[i] = empty ? 0 : planned_rows(planner, from + (bound.empty() ? "" : " WHERE " + bound)) / all;
      named += shares[i];
    }
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      if (partitions[i].is_default) shares[i] = std::max(0.0, 1 - named);
    }
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share = sum > 0 ? share / sum : 0;
  return shares;
}

void copy_statistics(Session& admin, const std::string& from, const std::string& to, bool inherited, double rows) {
  admin.query("INSERT INTO pg_statistic (starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct" +
                  slots("") +
                  ") SELECT b.attrelid, b.attnum, $3::bool, s.stanullfrac, s.stawidth, "
                  "least(s.stadistinct, greatest($4::real, 1))" +
                  slots("s.") +
                  " FROM pg_statistic s JOIN pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum "
                  "JOIN pg_attribute b ON b.attrelid = $2::oid AND b.attname = a.attname "
                  "WHERE s.starelid = $1::oid AND NOT s.stainherit",
              {from, to, inherited ? "t" : "f", fmt::format("{}", rows)});
}

void cut_key_statistics(Session& admin, Session& planner, const HypotheticalPartitioning& partitioning,
                        const HypotheticalPartition& partition, const PartitionKey& key, const std::string& relation,
                        double share) {
  const std::string bound = condition(partitioning, partition, key, "v");
  if (bound.empty() || share <= 0) return;
  const KeyStatistics known = key_statistics(planner, partitioning);
  const SqlRow common =
      planner
          .query(fmt::format("SELECT array_agg(v ORDER BY place)::text, array_agg(least(f / $3::real, "
                             "1) ORDER BY place)::text FROM unnest($1::text::{}[], "
                             "$2::text::real[]) WITH ORDINALITY AS m(v, f, place) WHERE {}",
                             key.type, bound),
                 {known.values, known.frequencies, fmt::format("{}", share)})
          .at(0);
  replace_slot(admin, relation, key, partitioning.column, 1, common[1], common[0]);
  // A hash shares out the values evenly, whatever the rows; a bound takes as many values as rows.
  const double values = partitioning.strategy == PartitionStrategy::kHash
                            ? 1 / static_cast<double>(partitioning.partitions.size())
                            : std::min(1.0, share);
  admin.query(
      "UPDATE pg_statistic SET stadistinct = CASE WHEN stadistinct > 0 THEN greatest(1, stadistinct * $3::real) ELSE "
      "greatest(-1, stadistinct * $4::real) END WHERE starelid = $1::oid AND staattnum = (SELECT attnum FROM "
      "pg_attribute WHERE attrelid = $1::oid AND attname = $2)",
      {relation, partitioning.column, fmt::format("{}", values), fmt::format("{}", values / std::min(1.0, share))});
  if (partitioning.strategy == PartitionStrategy::kHash) return;  // a sample of all bounds is the same histogram
  const SqlValue histogram = cut_histogram(planner, partition, key, bound, known.histogram);
  replace_slot(admin, relation, key, partitioning.column, 2, std::nullopt, histogram);
}

}  // namespace assay
