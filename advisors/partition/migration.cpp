#include "advisors/partition/migration.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/partition/application_changes.h"
#include "advisors/partition/migration_obstacles.h"
#include "advisors/partition/migration_ways.h"
#include "advisors/partition/partition_bounds.h"

namespace assay {
namespace {

/// Those that begin at `from` or later, all without one.
std::vector<std::string> leaves_from(const MigrationNames& names, const std::optional<std::string>& from) {
  std::vector<std::string> leaves;
  bool reached = !from;
  for (const NamedPartition& item : names.partitions) {
    reached = reached || item.partition.from == from;
    if (reached && !(from && item.partition.is_default)) append(leaves, item.leaves);
  }
  return leaves;
}

void offer_attach(const MigrationNames& names, MigrationPlan& plan) {
  if (names.scheme->partitioning.strategy != PartitionStrategy::kRange) {
    plan.not_offered.emplace_back(
        "Attaching the old table as one partition is possible by range alone: its rows belong to many partitions.");
    return;
  }
  const auto boundary = boundary_of(*names.scheme, *names.table, *names.catalog);
  if (!boundary) {
    plan.not_offered.emplace_back(
        "Attaching the old table as one partition needs a partition that no row reaches before the change over is "
        "done: "
        "add one that begins at least a week ahead of now.");
    return;
  }
  std::vector<std::string> leaves = leaves_from(names, boundary);
  leaves.insert(leaves.begin(), names.legacy);
  plan.ways.push_back({.kind = MigrationKind::kAttach,
                       .summary = fmt::format(
                           "The old table becomes the partition of everything before {}; nothing is copied, and what "
                           "is in it is divided no further: old rows leave it as they do today until all of it is "
                           "old enough to be dropped. The change over must be done before that moment.",
                           *boundary),
                       .steps = attach_steps(names, *boundary),
                       .upkeep = upkeep_of(names, true),
                       .partitions = std::move(leaves)});
}

void offer_backfill(const MigrationNames& names, MigrationPlan& plan) {
  if (!names.primary_key()) {
    plan.not_offered.emplace_back("Filling a copy in batches needs a primary key, by which the mirror finds its rows.");
    return;
  }
  plan.ways.push_back({.kind = MigrationKind::kBackfill,
                       .summary =
                           "A partitioned copy is filled in batches while a trigger mirrors each write, then the "
                           "two change names. It needs the table's space once more, and every row is divided.",
                       .steps = backfill_steps(names),
                       .upkeep = upkeep_of(names, false),
                       .partitions = leaves_from(names, std::nullopt)});
}

std::vector<std::string> remarks_on(const MigrationNames& names) {
  std::vector<std::string> remarks{
      "Defaults, identities, generated columns, checks, storage, compression, comments of columns and extended "
      "statistics come over by LIKE … INCLUDING ALL; owner, grants, policies, comment, statistics targets, foreign "
      "keys, "
      "storage parameters and REPLICA IDENTITY FULL or NOTHING are read on the server when the table is made; views, "
      "triggers, foreign keys that refer to the table, sequences and publications change over with it. The first step "
      "refuses what is not kept: materialized views, rules, and functions with a body in standard SQL that read the "
      "table.",
      "A publication that names the table gets publish_via_partition_root, so that subscribers see one table; refresh "
      "the subscription (copy_data = false). REPLICA IDENTITY USING INDEX has to be set on each partition by hand, and "
      "so "
      "have parameters of TOAST tables and a tablespace of its own."};
  for (const Trigger& trigger : names.catalog->triggers) {
    if (trigger.schema != names.schema() || trigger.table != names.table->name) continue;
    remarks.push_back(fmt::format("The trigger {} is made again on the new table at the change over.", trigger.name));
  }
  return remarks;
}

std::string comment(std::string_view text) {
  std::string line = "-- ";
  for (const char c : text) line += c == '\n' || c == '\r' ? ' ' : c;
  return line + "\n";
}

/// SQL of several lines, each as a comment.
std::string commented(const std::string& sql) {
  std::string text;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = sql.find('\n', begin);
    text += comment(sql.substr(begin, end == std::string::npos ? end : end - begin));
  }
  return text;
}

}  // namespace

MigrationPlan migration_of(const PartitionScheme& scheme, const Catalog& catalog) {
  MigrationPlan plan{.obstacles = obstacles_to(scheme, catalog)};
  if (!plan.obstacles.empty()) return plan;
  const MigrationNames names =
      names_of(scheme, catalog, *catalog.find_table(scheme.partitioning.schema, scheme.partitioning.table));
  offer_attach(names, plan);
  offer_backfill(names, plan);
  plan.application = application_changes(names);
  plan.remarks = remarks_on(names);
  return plan;
}

std::string_view to_string(MigrationKind kind) { return kind == MigrationKind::kAttach ? "attach" : "backfill"; }

const MigrationWay* recommended_way(const MigrationPlan& plan) {
  if (plan.ways.empty()) return nullptr;
  const auto divides =
      std::find_if(plan.ways.begin(), plan.ways.end(), [](auto& way) { return way.kind == MigrationKind::kBackfill; });
  return divides == plan.ways.end() ? &plan.ways.front() : &*divides;
}

std::vector<std::string> statements_of(const MigrationWay& way) {
  std::vector<std::string> all;
  for (const MigrationStep& step : way.steps) {
    if (!step.at_last) append(all, step.sql);
  }
  return all;
}

std::vector<std::string> way_back_of(const MigrationWay& way) {
  std::vector<std::string> all;
  for (auto step = way.steps.rbegin(); step != way.steps.rend(); ++step) {
    if (!step->at_last) append(all, step->rollback);
  }
  return all;
}

Catalog catalog_after(const MigrationWay& way, const PartitionScheme& scheme, const Catalog& catalog) {
  Catalog after = catalog;
  const HypotheticalPartitioning& what = scheme.partitioning;
  for (Table& table : after.tables) {
    if (table.schema == what.schema && table.name == what.table) table.kind = 'p';
  }
  for (const std::string& name : way.partitions) {
    Table& part = after.tables.emplace_back();
    part.schema = what.schema;
    part.name = name;
    part.parents = {{what.schema, what.table}};
  }
  return after;
}

std::string script_of(const MigrationWay& way) {
  std::string script = comment(way.summary);
  int number = 0;
  for (const MigrationStep& step : way.steps) {
    script += "\n" + comment(fmt::format("{}. {}.", ++number, step.title));
    script += comment("Lock: " + step.lock + ".") + comment("What may fail: " + step.may_fail);
    for (const std::string& sql : step.sql) script += step.at_last ? commented(sql) : sql + "\n";
    if (step.rollback.empty()) continue;
    script += comment("Way back:");
    for (const std::string& sql : step.rollback) script += commented(sql);
  }
  return script;
}

}  // namespace assay
