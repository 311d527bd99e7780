// The old table as one partition. Its CHECK is validated before the swap, so that ATTACH PARTITION believes it and
// reads nothing (PostgreSQL's documentation, 5.11.2.2); its indexes are like the parent's, so that ATTACH takes them
// over and builds none.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "advisors/index_steps.h"
#include "advisors/partition/carry_over.h"
#include "advisors/partition/gate.h"
#include "advisors/partition/migration_ways.h"
#include "advisors/partition/partition_bounds.h"
#include "advisors/partition/partitioned_ddl.h"
#include "parser/sql/index_definition.h"

namespace assay {
namespace {

constexpr double kPageBytes = 8192;

class AttachWay {
 public:
  AttachWay(const MigrationNames& names, const std::string& boundary)
      : names_(names), boundary_(boundary), places_(names.places()) {
    places_["boundary"] = quote_literal(boundary);
    places_["beginning"] = names.scheme->interval.empty() ? "MINVALUE" : kBeginningOfTime;
    if (const MigratedIndex* key = names.primary_key()) {
      places_["pk_legacy"] = quote_identifier(key->legacy);
      places_["pk_constraint"] = quote_identifier(key->index->constraint);
      places_["pk_old"] = quote_identifier(names.old_key);
    }
  }

  std::vector<MigrationStep> steps() const;

 private:
  std::string text(std::string_view pattern) const { return filled(pattern, places_); }
  const MigratedIndex* extended_key() const {
    const MigratedIndex* key = names_.primary_key();
    return key && key->extended ? key : nullptr;
  }
  std::string columns(const std::vector<std::string>& names) const;
  std::vector<std::string> old_columns() const;
  std::string include() const;
  MigrationStep create() const;
  MigrationStep add_check() const;
  MigrationStep validate() const;
  MigrationStep build_key() const;
  MigrationStep swap() const;
  std::vector<std::string> swap_back() const;
  MigrationStep analyze() const;
  MigrationStep clean_up() const;

  const MigrationNames& names_;
  const std::string& boundary_;
  std::map<std::string, std::string, std::less<>> places_;
};

std::string AttachWay::columns(const std::vector<std::string>& names) const {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + quote_identifier(name);
  return list;
}

std::vector<std::string> AttachWay::old_columns() const {
  std::vector<std::string> old;
  for (const IndexKey& key : names_.primary_key()->index->definition.keys) old.push_back(key.column);
  return old;
}

/// Of the primary key.
std::string AttachWay::include() const {
  const auto& include = names_.primary_key()->index->definition.include;
  return include.empty() ? "" : " INCLUDE (" + columns(include) + ")";
}

MigrationStep AttachWay::create() const {
  MigrationStep step{.title = "Create the new table, with the partitions from " + boundary_ + " on"};
  std::vector<std::string> sql{create_parent_sql(names_)};
  append(sql, create_partitions_sql(names_, boundary_));
  append(sql, create_keys_sql(names_));
  for (const MigratedIndex& migrated : names_.indexes) {
    if (migrated.index->constraint.empty()) {
      sql.push_back(create_like_sql(migrated, migrated.made, places_.at("parent"), false));
    }
  }
  append(sql, carry_over(names_));
  step.sql = in_transaction(std::move(sql));
  step.lock =
      "SHARE ROW EXCLUSIVE on the tables that its foreign keys refer to (writes there wait), for milliseconds, since "
      "the new table is empty";
  step.may_fail = "A lock is not given within two seconds: nothing has been changed, try again.";
  step.rollback = {text("DROP TABLE {parent};")};
  return step;
}

MigrationStep AttachWay::add_check() const {
  return {.title = "Promise that the old table ends at the boundary",
          .sql = in_transaction({text("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({key} IS NOT NULL AND {key} < "
                                      "{boundary}) NOT VALID;")}),
          .lock = "ACCESS EXCLUSIVE on the table for milliseconds; no row is read",
          .may_fail = fmt::format("From here to the swap, rows at or after {} are refused, and rows without a value in "
                                  "the key: carry out the swap before that moment, or plan again.",
                                  boundary_),
          .rollback = in_transaction({text("ALTER TABLE {table} DROP CONSTRAINT {check};")})};
}

MigrationStep AttachWay::validate() const {
  const double bytes = static_cast<double>(names_.table->pages) * kPageBytes;
  return {.title = "Let the server check that promise",
          .sql = {text("ALTER TABLE {table} VALIDATE CONSTRAINT {check};"), "SET lock_timeout = '2s';",
                  text("ALTER TABLE {table} ALTER COLUMN {key} SET NOT NULL;"), "RESET lock_timeout;"},
          .lock = fmt::format(
              "SHARE UPDATE EXCLUSIVE on the table while it is read once{}, which only VACUUM, ANALYZE "
              "and DDL wait for; then ACCESS EXCLUSIVE for milliseconds",
              bytes > 0 ? fmt::format(" ({}: {:.0f} s at 200 MB/s)", size_text(bytes), bytes / kBytesPerSecond) : ""),
          .may_fail =
              "Rows at or after the boundary, or without a value in the key: correct or move them, and repeat "
              "the step.",
          .rollback = [&]() -> std::vector<std::string> {
            const Column* key = find_column(*names_.table, names_.scheme->partitioning.column);
            if (key && key->not_null) return {};
            return in_transaction({text("ALTER TABLE {table} ALTER COLUMN {key} DROP NOT NULL;")});
          }()};
}

MigrationStep AttachWay::build_key() const {
  const MigratedIndex& key = *extended_key();
  MigrationStep step{.title = "Build the primary key with the partition key in it"};
  step.sql = {fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} ({}){};", places_.at("pk_legacy"),
                          places_.at("table"), columns(key.columns), include())};
  step.lock = "SHARE UPDATE EXCLUSIVE on the table for as long as it is read twice and sorted; reads and writes go on";
  step.may_fail =
      "It waits for older transactions. If it fails, an invalid index is left: carry out the way back, and repeat.";
  step.rollback = {fmt::format("DROP INDEX CONCURRENTLY IF EXISTS {};", qualified(names_.schema(), key.legacy))};
  return step;
}

MigrationStep AttachWay::swap() const {
  std::vector<std::string> sql{text("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;"),
                               text("LOCK TABLE {parent} IN ACCESS EXCLUSIVE MODE;")};
  append(sql, keep_definitions(places_.at("table_class"), TriggersLeft::kDropped));
  if (extended_key()) {
    sql.push_back(text("ALTER TABLE {table} DROP CONSTRAINT {pk_constraint};"));
    sql.push_back(text("ALTER TABLE {table} ADD CONSTRAINT {pk_legacy} PRIMARY KEY USING INDEX {pk_legacy};"));
  }
  sql.push_back(hand_over_sequences(places_.at("table_class"), places_.at("parent_class")));
  sql.push_back(hand_over_publications(names_, places_.at("table_class"), places_.at("parent_class"), true));
  for (const MigratedIndex& migrated : names_.indexes) {
    const std::string& name = migrated.index->definition.name;
    if (!(migrated.index->primary && migrated.extended)) sql.push_back(rename_index(names_, name, migrated.legacy));
    sql.push_back(rename_index(names_, migrated.made, name));
  }
  sql.push_back(text("ALTER TABLE {table} RENAME TO {legacy_name};"));
  sql.push_back(text("ALTER TABLE {parent} RENAME TO {table_name};"));
  sql.push_back(text("ALTER TABLE {table} ATTACH PARTITION {legacy} FOR VALUES FROM ({beginning}) TO ({boundary});"));
  sql.push_back(restore_definitions());
  return {.title = "Change over: the old table becomes a partition of the new one, which takes its name",
          .sql = in_transaction(std::move(sql)),
          .lock =
              "ACCESS EXCLUSIVE on the table, and on the views and tables that refer to it, for milliseconds: no "
              "row is read, no index is built",
          .may_fail =
              "A lock is not given within two seconds, or a view needs the primary key (GROUP BY): the "
              "transaction is rolled back as a whole; try again, or drop that view first.",
          .rollback = swap_back()};
}

/// Rows that came into the new partitions go back into the old table.
std::vector<std::string> AttachWay::swap_back() const {
  constexpr const char* kMoveBack = R"(
-- Rows that came into the new partitions.
DECLARE
  v_columns text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                     WHERE attrelid = {legacy_class} AND attnum > 0 AND NOT attisdropped AND attgenerated = '');
BEGIN
  EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM %3$s', {legacy_class}, v_columns, {table_class});
END)";
  std::vector<std::string> all;
  const MigratedIndex* key = extended_key();
  if (key) {
    all.push_back(fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} ({}){};", places_.at("pk_old"),
                              places_.at("legacy"), columns(old_columns()), include()));
  }
  std::vector<std::string> sql{text("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;")};
  append(sql, keep_definitions(places_.at("table_class"), TriggersLeft::kDropped));
  sql.push_back(text("ALTER TABLE {table} DETACH PARTITION {legacy};"));
  sql.push_back(text("ALTER TABLE {legacy} DROP CONSTRAINT IF EXISTS {check};"));
  if (key) {
    sql.push_back(text("ALTER TABLE {legacy} DROP CONSTRAINT {pk_legacy};"));
    sql.push_back(text("ALTER TABLE {legacy} ADD CONSTRAINT {pk_old} PRIMARY KEY USING INDEX {pk_old};"));
  }
  sql.push_back(do_block(text(kMoveBack)));
  sql.push_back(hand_over_sequences(places_.at("table_class"), places_.at("legacy_class")));
  sql.push_back(hand_over_publications(names_, places_.at("table_class"), places_.at("legacy_class"), false));
  for (const MigratedIndex& migrated : names_.indexes) {
    const std::string& name = migrated.index->definition.name;
    sql.push_back(rename_index(names_, name, migrated.made));
    sql.push_back(rename_index(names_, &migrated == key ? names_.old_key : migrated.legacy, name));
  }
  sql.push_back(text("ALTER TABLE {table} RENAME TO {parent_name};"));
  sql.push_back(text("ALTER TABLE {legacy} RENAME TO {table_name};"));
  sql.push_back(restore_definitions());
  // The steps before this one find what they left.
  sql.push_back(
      text("ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({key} IS NOT NULL AND {key} < {boundary}) NOT VALID;"));
  append(all, in_transaction(std::move(sql)));
  return all;
}

MigrationStep AttachWay::analyze() const {
  return {.title = "Collect statistics of the whole, which autovacuum never does, and check foreign keys again",
          .sql = {text("ANALYZE {table};"), validate_inbound(places_.at("table_class"))},
          .lock = "SHARE UPDATE EXCLUSIVE; reads and writes go on",
          .may_fail =
              "It can be repeated at any time. Repeat ANALYZE on the new table after each new partition "
              "fills: plans that join it rest on these statistics."};
}

MigrationStep AttachWay::clean_up() const {
  return {.title = "When all is well: drop the check, which the partition's bound repeats",
          .sql = in_transaction({text("ALTER TABLE {legacy} DROP CONSTRAINT {check};")}),
          .lock = "ACCESS EXCLUSIVE on the old table, now a partition, for milliseconds",
          .may_fail = "A lock is not given within two seconds: try again.",
          .at_last = true};
}

std::vector<MigrationStep> AttachWay::steps() const {
  std::vector<MigrationStep> steps{check_step(names_, true), create(), add_check(), validate()};
  if (extended_key()) steps.push_back(build_key());
  steps.push_back(swap());
  steps.push_back(analyze());
  steps.push_back(clean_up());
  return steps;
}

}  // namespace

std::vector<MigrationStep> attach_steps(const MigrationNames& names, const std::string& boundary) {
  return AttachWay(names, boundary).steps();
}

}  // namespace assay
