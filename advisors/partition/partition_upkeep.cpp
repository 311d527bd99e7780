#include "advisors/partition/partition_upkeep.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/partition/partition_bounds.h"
#include "parser/sql/index_definition.h"

namespace assay {
namespace {

/// Continues where the last partition ends, as long as that lies less than {premake} intervals ahead. LIKE and ATTACH
/// rather than PARTITION OF: that would lock the whole table for reads too.
constexpr const char* kMakeAhead = R"(
-- Makes the partitions that are missing ahead of now.
DECLARE
  v_parent CONSTANT regclass := {table_class};
  v_from {type};
  v_to {type};
  v_name name;
  v_options text;
BEGIN
  SELECT max((regexp_match(pg_get_expr(c.relpartbound, c.oid), $$TO \('([^']*)'\)$$))[1]::{type}) INTO v_from
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = v_parent;
  SELECT string_agg(split_part(o, '=', 1) || ' = ' || quote_literal(substr(o, strpos(o, '=') + 1)), ', ') INTO v_options
    FROM (SELECT c.reloptions FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
          WHERE i.inhparent = v_parent AND c.relkind = 'r' ORDER BY c.oid DESC LIMIT 1) AS newest, unnest(reloptions) AS o;
  PERFORM set_config('lock_timeout', '2s', true);
  WHILE v_from < now() + {premake} * {interval}::interval LOOP
    v_to := v_from + {interval}::interval;
    v_name := {prefix} || to_char(v_from, {format});
    EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY EXCLUDING STATISTICS)',
                   {schema}, v_name, v_parent){divide};{make_parts}
    IF v_options IS NOT NULL AND {is_leaf} THEN
      EXECUTE format('ALTER TABLE %I.%I SET (%s)', {schema}, v_name, v_options);
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)', v_parent, {schema}, v_name, v_from, v_to);
    v_from := v_to;
  END LOOP;
END)";

constexpr const char* kDivide = R"( || format(' PARTITION BY HASH (%I)', {sub}))";

constexpr const char* kMakeParts = R"(
    FOR v_part IN 0 .. {modulus} - 1 LOOP
      EXECUTE format('CREATE TABLE %I.%I PARTITION OF %1$I.%3$I FOR VALUES WITH (MODULUS {modulus}, REMAINDER %4$s)',
                     {schema}, left(v_name, 63 - length('_h' || v_part)) || '_h' || v_part, v_name, v_part);
    END LOOP;)";

/// A partition is detached in two transactions, so that the whole is locked with SHARE UPDATE EXCLUSIVE alone. That may
/// not run inside of a transaction, hence statements as rows. A detachment that was interrupted is finished first.
constexpr const char* kDetach = R"(SELECT statement FROM (
  SELECT c.oid, i.inhparent, i.inhdetachpending,
         (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$TO \('([^']*)'\)$$))[1]::{type} AS upper
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = {table_class}) AS partition
CROSS JOIN LATERAL (VALUES
  (1, format('ALTER TABLE %s DETACH PARTITION %s%s;', inhparent::regclass, oid::regclass,
             CASE WHEN inhdetachpending THEN ' FINALIZE' ELSE '{how}' END)),
  (2, format('DROP TABLE %s;', oid::regclass))) AS step(place, statement)
WHERE upper <= now() - {retention}::interval OR inhdetachpending
ORDER BY NOT inhdetachpending, upper, place;)";

/// One of three words, since what a catalog says is not to be trusted as SQL.
std::string type_of_key(const MigrationNames& names) {
  const Column* key = find_column(*names.table, names.scheme->partitioning.column);
  if (key && key->type == "date") return "date";
  return key && key->type.ends_with("with time zone") ? "timestamptz" : "timestamp";
}

/// Does the last partition begin where one of that interval does?
bool is_aligned(const MigrationNames& names) {
  const HypotheticalPartition& last = names.partitions.back().partition;
  return last.from && last.to &&
         conventional_partition_name(names.table->name, *last.from, names.scheme->interval).has_value() &&
         conventional_partition_name(names.table->name, *last.to, names.scheme->interval).has_value();
}

bool has_default(const MigrationNames& names) {
  return std::any_of(names.partitions.begin(), names.partitions.end(),
                     [](const NamedPartition& item) { return item.partition.is_default; });
}

std::string why_no_partman(const MigrationNames& names) {
  const PartitionScheme& scheme = *names.scheme;
  if (scheme.partitioning.strategy != PartitionStrategy::kRange) return "pg_partman 4.7 makes ranges alone";
  if (scheme.sub_hash_modulus) return "pg_partman 4.7 makes ranges alone, so no second level by hash";
  if (!named_interval(scheme.interval)) return "pg_partman 4.7 has no word for the interval";
  if (!is_aligned(names)) return "the partitions do not begin where those of pg_partman do";
  if ((names.schema() + names.table->name).find('.') != std::string::npos) {
    return "pg_partman 4.7 takes no names with a period";
  }
  return "";
}

PartmanUpkeep partman_of(const MigrationNames& names, bool attached) {
  PartmanUpkeep upkeep{.refused = why_no_partman(names)};
  if (!upkeep.refused.empty()) return upkeep;
  const PartitionScheme& scheme = *names.scheme;
  const std::string parent = quote_literal(names.schema() + "." + names.table->name);
  // It sorts partitions by what stands behind the last "_p" of their names, read as a time.
  const auto rename = [&](const std::string& from, const std::string& to) {
    if (from == to) return;
    upkeep.setup.push_back(
        fmt::format("ALTER TABLE {} RENAME TO {};", qualified(names.schema(), from), quote_identifier(to)));
  };
  const std::string beginning = fitted_name(names.table->name, "_p0001_01_01");
  if (attached) rename(names.legacy, beginning);
  for (const NamedPartition& item : names.partitions) {
    const bool is_before = names.has_before && &item == &names.partitions.front();
    if (is_before) {
      if (!attached) rename(item.name, beginning);
      continue;
    }
    const auto name = conventional_partition_name(names.table->name, item.partition.from.value_or(""), scheme.interval);
    if (name) rename(item.name, *name);
  }
  upkeep.setup.emplace_back("CREATE SCHEMA IF NOT EXISTS partman;");
  upkeep.setup.emplace_back("CREATE EXTENSION IF NOT EXISTS pg_partman SCHEMA partman;");
  upkeep.setup.push_back(fmt::format(
      "SELECT partman.create_parent(p_parent_table := {}, p_control := {}, p_type := 'native', p_interval := '{}', "
      "p_premake := {}, p_start_partition := {});",
      parent, quote_literal(scheme.partitioning.column), named_interval(scheme.interval)->word, kPremake,
      quote_literal(*names.partitions.back().partition.from)));
  upkeep.setup.push_back(
      fmt::format("UPDATE partman.part_config SET infinite_time_partitions = true, inherit_privileges = true WHERE "
                  "parent_table = {};",
                  parent));
  // A default partition is scanned by every new one, and forbids DETACH … CONCURRENTLY.
  upkeep.setup.push_back(
      fmt::format("DROP TABLE IF EXISTS {};", qualified(names.schema(), fitted_name(names.table->name, "_default"))));
  upkeep.every_day = {"CALL partman.run_maintenance_proc();"};
  upkeep.server_settings = {"shared_preload_libraries = 'pg_partman_bgw'",
                            fmt::format("pg_partman_bgw.dbname = {}", quote_literal(names.catalog->database)),
                            "pg_partman_bgw.interval = 3600"};
  upkeep.rollback = {
      fmt::format("DELETE FROM partman.part_config WHERE parent_table = {};", parent),
      fmt::format("DROP TABLE IF EXISTS {};",
                  qualified("partman", fitted_name("template_" + names.schema() + "_" + names.table->name, "")))};
  if (scheme.retention) {
    upkeep.retention = {fmt::format(
        "UPDATE partman.part_config SET retention = {}, retention_keep_table = false WHERE parent_table = {};",
        quote_literal(*scheme.retention), parent)};
    upkeep.retention_when =
        attached
            ? "Only after the old table, now the partition from the beginning of time, has been dropped: pg_partman "
              "takes a partition to be one interval long, and would drop that one at once, with all its rows."
        : !names.has_before && !names.partitions.front().partition.from
            ? "Only after the first partition, which has no beginning, has grown old as a whole and been dropped: "
              "pg_partman takes a partition to be one interval long, and would drop that one at once, with its rows."
        : names.has_before
            ? "After the empty partition for rows before the first range has been dropped. Partitions are dropped "
              "under ACCESS EXCLUSIVE on the whole table, for milliseconds."
            : "At once. Partitions are dropped under ACCESS EXCLUSIVE on the whole table, for milliseconds.";
  }
  return upkeep;
}

std::string why_no_plain(const MigrationNames& names) {
  const PartitionScheme& scheme = *names.scheme;
  if (scheme.partitioning.strategy == PartitionStrategy::kHash) {
    return "the partitions of a hash are all there from the beginning";
  }
  if (scheme.interval.empty() || !is_range_on_time(scheme, *names.table)) {
    return "no interval of time is known: make partitions for new values by hand, ahead of them";
  }
  if (!names.partitions.back().partition.to && !has_default(names)) return "the last partition has no end";
  return "";
}

/// "orders_p", cut so that the longest of its partitions' names fits.
std::string prefix_of(const std::string& table, std::string_view format) {
  std::string sample = "_p";
  for (const char c : format) {
    if (c != '"') sample += c;
  }
  const std::string name = fitted_name(table, sample);
  return name.substr(0, name.size() - (sample.size() - 2));
}

PlainUpkeep plain_of(const MigrationNames& names) {
  PlainUpkeep upkeep{.refused = why_no_plain(names)};
  if (!upkeep.refused.empty()) return upkeep;
  const PartitionScheme& scheme = *names.scheme;
  const auto named = named_interval(scheme.interval);
  const std::string format = named ? named->format : "YYYY_MM_DD_HH24MI";
  auto places = names.places();
  places["type"] = type_of_key(names);
  places["premake"] = std::to_string(kPremake);
  places["interval"] = quote_literal(scheme.interval);
  places["schema"] = quote_literal(names.schema());
  places["format"] = quote_literal(format);
  places["prefix"] = quote_literal(prefix_of(names.table->name, format));
  places["modulus"] = std::to_string(scheme.sub_hash_modulus.value_or(0));
  places["sub"] = quote_literal(scheme.sub_column);
  const bool two = scheme.sub_hash_modulus.has_value();
  upkeep.every_day = {do_block(filled(filled(kMakeAhead, {{"divide", two ? kDivide : ""},
                                                          {"make_parts", two ? kMakeParts : ""},
                                                          {"is_leaf", two ? "false" : "true"}}),
                                      places))};
  if (!scheme.retention) return upkeep;
  places["retention"] = quote_literal(*scheme.retention);
  places["how"] = has_default(names) ? "" : " CONCURRENTLY";
  upkeep.retention = {filled(kDetach, places)};
  if (has_default(names)) {
    upkeep.remarks.emplace_back(
        "With a default partition PostgreSQL cannot detach CONCURRENTLY: the plain DETACH takes ACCESS EXCLUSIVE on "
        "the "
        "whole table for milliseconds. Drop the default partition while it is empty to be rid of that.");
  }
  return upkeep;
}

}  // namespace

PartitionUpkeep upkeep_of(const MigrationNames& names, bool attached) {
  return {partman_of(names, attached), plain_of(names)};
}

}  // namespace assay
