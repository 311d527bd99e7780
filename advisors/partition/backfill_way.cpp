// A partitioned copy, filled behind the application's back.
//
// A trigger mirrors every write into the copy, in the writer's own transaction; the backfill copies what was there
// before. A batch locks its rows FOR SHARE: a writer that came first is waited for, and its row is then in the copy
// already (ON CONFLICT DO NOTHING); one that comes later waits for the batch, and its mirror finds the copied row. So
// no deleted row comes back, and no older version wins. A batch gives up after half a second, before the server's
// deadlock_timeout would end somebody's transaction instead. At the swap the mirror turns round, so that the old table
// stays whole and the way back loses nothing.
#include <fmt/format.h>

#include <algorithm>

#include "advisors/partition/carry_over.h"
#include "advisors/partition/gate.h"
#include "advisors/partition/migration_ways.h"
#include "advisors/partition/partitioned_ddl.h"
#include "parser/sql/index_definition.h"

namespace assay {
namespace {

constexpr double kPageBytes = 8192;

constexpr const char* kMirror = R"(
-- A function and two triggers; the columns are those that are not generated.
DECLARE
  v_columns text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                     WHERE attrelid = {from_class} AND attnum > 0 AND NOT attisdropped AND attgenerated = '');
  v_values text := (SELECT string_agg('NEW.' || quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                    WHERE attrelid = {from_class} AND attnum > 0 AND NOT attisdropped AND attgenerated = '');
BEGIN
  EXECUTE format('CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L',
    {function}, format(
'BEGIN
  IF TG_OP = ''TRUNCATE'' THEN
    TRUNCATE TABLE %1$s;
    RETURN NULL;
  END IF;
  IF TG_OP <> ''INSERT'' THEN
    DELETE FROM %1$s AS t WHERE %2$s;
  END IF;
  IF TG_OP <> ''DELETE'' THEN
    INSERT INTO %1$s (%3$s) OVERRIDING SYSTEM VALUE VALUES (%4$s);
  END IF;
  RETURN NULL;
END', {to}, {match}, v_columns, v_values));
  EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
    {trigger}, {from_class}, {function});
  EXECUTE format('CREATE TRIGGER %I AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s()',
    {truncate_trigger}, {from_class}, {function});
END)";

constexpr const char* kBackfill = R"(
-- A procedure that commits after each batch and remembers where it was.
DECLARE
  v_columns text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                     WHERE attrelid = {table_class} AND attnum > 0 AND NOT attisdropped AND attgenerated = '');
BEGIN
  EXECUTE format('CREATE PROCEDURE %s(batch int) LANGUAGE plpgsql AS %L', {backfill_literal}, format(
'DECLARE
  v_last %1$s%%ROWTYPE;
  v_next %1$s%%ROWTYPE;
  v_tries int := 0;
BEGIN
  PERFORM set_config(''lock_timeout'', ''500ms'', false), set_config(''plan_cache_mode'', ''force_custom_plan'', false);
  SELECT * INTO v_last FROM %1$s;
  LOOP
    BEGIN
      IF v_last IS NULL THEN
        WITH rows AS MATERIALIZED (SELECT * FROM %2$s ORDER BY %4$s LIMIT batch FOR SHARE),
             copied AS (INSERT INTO %3$s (%5$s) OVERRIDING SYSTEM VALUE SELECT %5$s FROM rows ON CONFLICT DO NOTHING)
        SELECT %4$s INTO v_next FROM rows ORDER BY %6$s LIMIT 1;
      ELSE
        WITH rows AS MATERIALIZED (SELECT * FROM %2$s WHERE (%4$s) > (%7$s) ORDER BY %4$s LIMIT batch FOR SHARE),
             copied AS (INSERT INTO %3$s (%5$s) OVERRIDING SYSTEM VALUE SELECT %5$s FROM rows ON CONFLICT DO NOTHING)
        SELECT %4$s INTO v_next FROM rows ORDER BY %6$s LIMIT 1;
      END IF;
      EXIT WHEN v_next IS NULL;
      DELETE FROM %1$s;
      INSERT INTO %1$s VALUES (v_next.*);
      v_last := v_next;
      v_tries := 0;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      v_tries := v_tries + 1;
      IF v_tries > 100 THEN RAISE; END IF;
    END;
    COMMIT;
  END LOOP;
  PERFORM set_config(''lock_timeout'', ''0'', false), set_config(''plan_cache_mode'', ''auto'', false);
END', {progress_literal}, {table_literal}, {parent_literal}, {pk_columns}, v_columns, {pk_descending}, {pk_last}));
END)";

constexpr const char* kCompare = R"(
BEGIN
  IF (SELECT row(count(*), sum(hashtextextended(t::text, 0)::numeric)) FROM {table} t) IS DISTINCT FROM
     (SELECT row(count(*), sum(hashtextextended(t::text, 0)::numeric)) FROM {parent} t) THEN
    RAISE EXCEPTION 'the copy differs from the table: do not go on';
  END IF;
END)";

class BackfillWay {
 public:
  explicit BackfillWay(const MigrationNames& names) : names_(names), places_(names.places()) {
    for (const IndexKey& key : names.primary_key()->index->definition.keys) primary_key_.push_back(key.column);
    const double bytes = static_cast<double>(names.table->pages) * kPageBytes;
    size_ = bytes > 0 ? size_text(bytes) : "all rows";
  }

  std::vector<MigrationStep> steps() const {
    std::vector<MigrationStep> steps{check_step(names_, false), create(), mirror_on(), fill()};
    for (const MigratedIndex& migrated : names_.indexes) {
      if (migrated.index->constraint.empty()) steps.push_back(build_index(migrated));
    }
    for (MigrationStep step : {compare(), swap(), analyze(), clean_up()}) steps.push_back(std::move(step));
    return steps;
  }

 private:
  std::string text(std::string_view pattern) const { return filled(pattern, places_); }
  /// "a, b" with something before and behind each.
  std::string primary_key(const std::string& before, const std::string& behind) const;
  std::string mirror_sql(bool back) const;
  MigrationStep create() const;
  MigrationStep mirror_on() const;
  MigrationStep fill() const;
  MigrationStep build_index(const MigratedIndex& migrated) const;
  MigrationStep compare() const;
  MigrationStep swap() const;
  std::vector<std::string> swap_back() const;
  MigrationStep analyze() const;
  MigrationStep clean_up() const;
  std::vector<std::string> drop_mirror(bool back, const std::string& table) const;

  const MigrationNames& names_;
  std::map<std::string, std::string, std::less<>> places_;
  std::vector<std::string> primary_key_;
  std::string size_;  ///< of the table, in words
};

std::string BackfillWay::primary_key(const std::string& before, const std::string& behind) const {
  std::string list;
  for (const std::string& column : primary_key_) {
    list += (list.empty() ? "" : ", ") + before + quote_identifier(column) + behind;
  }
  return list;
}

/// The row is found by the old key, and by the partition key, which tells its partition.
std::string BackfillWay::mirror_sql(bool back) const {
  const std::string& name = back ? names_.mirror_back : names_.mirror;
  std::vector<std::string> columns = primary_key_;
  for (const std::string& key : names_.key_columns()) {
    if (std::find(columns.begin(), columns.end(), key) == columns.end()) columns.push_back(key);
  }
  std::string match;
  for (const std::string& column : columns) {
    match += fmt::format("{}t.{} = OLD.{}", match.empty() ? "" : " AND ", quote_identifier(column),
                         quote_identifier(column));
  }
  return do_block(
      filled(kMirror, {{"from_class", places_.at("table_class")},
                       {"to", quote_literal(qualified(names_.schema(), back ? names_.legacy : names_.parent))},
                       {"function", quote_literal(qualified(names_.schema(), name))},
                       {"match", quote_literal(match)},
                       {"trigger", quote_literal(name)},
                       {"truncate_trigger", quote_literal(fitted_name(name, "_all"))}}));
}

std::vector<std::string> BackfillWay::drop_mirror(bool back, const std::string& table) const {
  const std::string& name = back ? names_.mirror_back : names_.mirror;
  return {fmt::format("DROP TRIGGER {} ON {};", quote_identifier(name), table),
          fmt::format("DROP TRIGGER {} ON {};", quote_identifier(fitted_name(name, "_all")), table),
          fmt::format("DROP FUNCTION {}();", qualified(names_.schema(), name))};
}

MigrationStep BackfillWay::create() const {
  std::vector<std::string> sql{create_parent_sql(names_)};
  append(sql, create_partitions_sql(names_, std::nullopt));
  append(sql, create_keys_sql(names_));
  append(sql, carry_over(names_));
  return {.title = "Create the new table with its partitions and its keys",
          .sql = in_transaction(std::move(sql)),
          .lock =
              "SHARE ROW EXCLUSIVE on the tables that its foreign keys refer to (writes there wait), for "
              "milliseconds, since the new table is empty",
          .may_fail = "A lock is not given within two seconds: nothing has been changed, try again.",
          .rollback = {text("DROP TABLE {parent};")}};
}

MigrationStep BackfillWay::mirror_on() const {
  return {.title = "Mirror every write into the new table from now on",
          .sql = in_transaction({mirror_sql(false)}),
          .lock =
              "SHARE ROW EXCLUSIVE on the table for milliseconds, after the writers of the moment have ended; from "
              "then on a row written is written twice",
          .may_fail =
              "A row that fits no partition, or has no value in the key, fails in the application as it will "
              "after the change: watch its errors, and carry out the way back if there are any.",
          .rollback = in_transaction(drop_mirror(false, places_.at("table")))};
}

MigrationStep BackfillWay::fill() const {
  auto places = places_;
  places["backfill_literal"] = quote_literal(places_.at("backfill"));
  places["progress_literal"] = quote_literal(places_.at("progress"));
  places["table_literal"] = quote_literal(places_.at("table"));
  places["parent_literal"] = quote_literal(places_.at("parent"));
  places["pk_columns"] = quote_literal(primary_key("", ""));
  places["pk_descending"] = quote_literal(primary_key("", " DESC"));
  places["pk_last"] = quote_literal(primary_key("v_last.", ""));
  return {.title = "Copy the rows that were there before, ten thousand at a time",
          .sql = {fmt::format("CREATE TABLE {} AS SELECT {} FROM {} WITH NO DATA;", places_.at("progress"),
                              primary_key("", ""), places_.at("table")),
                  do_block(filled(kBackfill, places)), text("CALL {backfill}(10000);")},
          .lock = fmt::format("rows of one batch FOR SHARE, so that who changes them waits for the batch; {} are read, "
                              "and written again with their WAL",
                              size_),
          .may_fail =
              "It needs as much free space as the table takes. If it ends early, CALL it again: it goes on "
              "where it was.",
          .rollback = {text("DROP PROCEDURE {backfill}(int);"), text("DROP TABLE {progress};"),
                       text("TRUNCATE TABLE {parent};")}};
}

MigrationStep BackfillWay::build_index(const MigratedIndex& migrated) const {
  MigrationStep step{.title = "Build the index " + migrated.index->definition.name + ", partition by partition"};
  const auto attach = [&](const std::string& whole, const std::string& part) {
    step.sql.push_back(fmt::format("ALTER INDEX {} ATTACH PARTITION {};", qualified(names_.schema(), whole),
                                   qualified(names_.schema(), part)));
  };
  step.sql.push_back(create_like_sql(migrated, migrated.made, "ONLY " + places_.at("parent"), false));
  for (std::size_t i = 0; i < names_.partitions.size(); ++i) {
    const NamedPartition& partition = names_.partitions[i];
    const std::vector<std::string>& parts = migrated.parts[i];
    const std::size_t above = parts.size() - partition.leaves.size();  // 1 where there is a second level
    const std::string& whole = above == 0 ? migrated.made : parts.front();
    if (above > 0) {
      const std::string on = "ONLY " + qualified(names_.schema(), partition.name);
      step.sql.push_back(create_like_sql(migrated, whole, on, false));
    }
    for (std::size_t leaf = 0; leaf < partition.leaves.size(); ++leaf) {
      const std::string on = qualified(names_.schema(), partition.leaves[leaf]);
      step.sql.push_back(create_like_sql(migrated, parts[above + leaf], on, true));
      attach(whole, parts[above + leaf]);
    }
    if (above > 0) attach(migrated.made, whole);
  }
  step.lock = "SHARE UPDATE EXCLUSIVE on one partition at a time; the mirror goes on writing";
  step.may_fail =
      "An invalid index is left on the partition where it failed: drop that one, and go on from there. The "
      "index of the whole is valid when its last part is attached.";
  step.rollback = {fmt::format("DROP INDEX IF EXISTS {};", qualified(names_.schema(), migrated.made))};
  return step;
}

MigrationStep BackfillWay::compare() const {
  return {.title = "Compare old and new, row by row, in one snapshot",
          .sql = {"BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;", do_block(text(kCompare)), "COMMIT;"},
          .lock = fmt::format("that of a query; {} are read twice", size_),
          .may_fail =
              "It fails where they differ: then something writes past the mirror (session_replication_role = replica, "
              "a disabled trigger). Do not go on."};
}

MigrationStep BackfillWay::swap() const {
  std::vector<std::string> sql{text("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;"),
                               text("LOCK TABLE {parent} IN ACCESS EXCLUSIVE MODE;")};
  append(sql, drop_mirror(false, places_.at("table")));
  append(sql, keep_definitions(places_.at("table_class"), TriggersLeft::kDisabled));
  sql.push_back(hand_over_sequences(places_.at("table_class"), places_.at("parent_class")));
  sql.push_back(hand_over_publications(names_, places_.at("table_class"), places_.at("parent_class"), true));
  for (const MigratedIndex& migrated : names_.indexes) {
    sql.push_back(rename_index(names_, migrated.index->definition.name, migrated.legacy));
    sql.push_back(rename_index(names_, migrated.made, migrated.index->definition.name));
  }
  sql.push_back(text("ALTER TABLE {table} RENAME TO {legacy_name};"));
  sql.push_back(text("ALTER TABLE {parent} RENAME TO {table_name};"));
  sql.push_back(restore_definitions());
  sql.push_back(mirror_sql(true));
  return {.title = "Change over: the new table takes the name, and writes are mirrored back into the old one",
          .sql = in_transaction(std::move(sql)),
          .lock = "ACCESS EXCLUSIVE on both tables, and on the views and tables that refer to them, for milliseconds",
          .may_fail =
              "A lock is not given within two seconds, or a view needs the primary key (GROUP BY): the "
              "transaction is rolled back as a whole, the mirror stands; try again.",
          .rollback = swap_back()};
}

/// The old table has got every write, so names alone change back.
std::vector<std::string> BackfillWay::swap_back() const {
  std::vector<std::string> sql{text("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE;"),
                               text("LOCK TABLE {legacy} IN ACCESS EXCLUSIVE MODE;")};
  append(sql, drop_mirror(true, places_.at("table")));
  sql.push_back(take_triggers_back(places_.at("legacy_class"), places_.at("table_class")));
  append(sql, keep_definitions(places_.at("table_class"), TriggersLeft::kUntouched));
  sql.push_back(hand_over_sequences(places_.at("table_class"), places_.at("legacy_class")));
  sql.push_back(hand_over_publications(names_, places_.at("table_class"), places_.at("legacy_class"), false));
  for (const MigratedIndex& migrated : names_.indexes) {
    sql.push_back(rename_index(names_, migrated.index->definition.name, migrated.made));
    sql.push_back(rename_index(names_, migrated.legacy, migrated.index->definition.name));
  }
  sql.push_back(text("ALTER TABLE {table} RENAME TO {parent_name};"));
  sql.push_back(text("ALTER TABLE {legacy} RENAME TO {table_name};"));
  sql.push_back(restore_definitions());
  sql.push_back(mirror_sql(false));
  return in_transaction(std::move(sql));
}

MigrationStep BackfillWay::analyze() const {
  return {.title = "Collect statistics of the whole, which autovacuum never does, and check foreign keys again",
          .sql = {text("ANALYZE {table};"), validate_inbound(places_.at("table_class"))},
          .lock = "SHARE UPDATE EXCLUSIVE; reads and writes go on",
          .may_fail =
              "It can be repeated at any time. Repeat ANALYZE on the new table after each new partition "
              "fills: plans that join it rest on these statistics."};
}

MigrationStep BackfillWay::clean_up() const {
  std::vector<std::string> sql = drop_mirror(true, places_.at("table"));
  for (const char* drop : {"DROP PROCEDURE {backfill}(int);", "DROP TABLE {progress};", "DROP TABLE {legacy};"}) {
    sql.push_back(text(drop));
  }
  return {.title = "When all is well, and a backup is there: end the mirror and drop the old table",
          .sql = in_transaction(std::move(sql)),
          .lock = "ACCESS EXCLUSIVE on both tables for milliseconds",
          .may_fail = "After it there is no way back.",
          .at_last = true};
}

}  // namespace

std::vector<MigrationStep> backfill_steps(const MigrationNames& names) { return BackfillWay(names).steps(); }

}  // namespace assay
