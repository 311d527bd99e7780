#include "advisors/cache/table_writers.h"

#include <catch2/catch.hpp>

#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE teams (id int PRIMARY KEY);
  CREATE TABLE people (id int PRIMARY KEY, team int REFERENCES teams ON DELETE CASCADE, code int);
  CREATE TABLE badges (id int, person int REFERENCES people ON DELETE SET NULL ON UPDATE CASCADE);
  CREATE TABLE notes (id int, person int REFERENCES people);
  CREATE TABLE log (id int, what text);
  CREATE TABLE events (id int, day date) PARTITION BY RANGE (day);
  CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE TABLE ruled (id int);
  CREATE TABLE stamped (id int);
  CREATE TABLE watched (id int);
  CREATE TABLE lost (id int);
  CREATE VIEW team_view AS SELECT id FROM teams;
  CREATE RULE r AS ON INSERT TO ruled DO ALSO NOTIFY x;
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := 1; RETURN NEW; END';
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (1); RETURN NULL; END';
  CREATE FUNCTION build() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN EXECUTE ''DELETE FROM '' || TG_ARGV[0]; RETURN NULL; END';
  CREATE FUNCTION far() RETURNS trigger LANGUAGE c AS 'lib', 'far';
  CREATE TRIGGER s BEFORE INSERT ON stamped FOR EACH ROW EXECUTE FUNCTION stamp();
  CREATE TRIGGER w AFTER UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER l AFTER DELETE ON lost FOR EACH ROW EXECUTE FUNCTION build();
  CREATE FUNCTION add_note() RETURNS void LANGUAGE sql VOLATILE AS 'INSERT INTO notes VALUES (1)';
  CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
)";

struct World {
  Catalog catalog;
  Workload workload;
  std::vector<ClassMeaning> meanings;
};

World world_of(const std::vector<std::string>& statements) {
  Diagnostics diagnostics;
  World world{.catalog = catalog_from_ddl(kSchema, "schema.sql", diagnostics), .workload = {}, .meanings = {}};
  WorkloadBuilder builder({});
  std::int64_t second = 0;
  for (const std::string& sql : statements) {
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(std::chrono::seconds(++second)), {}},
                 .duration = Microseconds{1000},
                 .process = 1,
                 .database = "db",
                 .sql = sql,
                 .shape = shape_hash(sql)});
  }
  world.workload = builder.finish({});
  world.meanings = understand(world.workload, &world.catalog);
  return world;
}

TableWriters writers_of(const std::vector<std::string>& statements) {
  const World world = world_of(statements);
  return find_writers(world.workload, world.meanings, SchemaFacts(&world.catalog), {"db"});
}

TableNames written_by(const std::string& sql) {
  TableNames names;
  for (const auto& [name, table] : writers_of({sql}).written) names.insert(name);
  return names;
}

bool makes_all_unsafe(const std::string& sql) { return writers_of({sql}).all_unsafe.has_value(); }

}  // namespace

TEST_CASE("a write reaches what cascades, children, views and triggers carry it to", "[cache]") {
  CHECK(written_by("UPDATE log SET what = 'x'") == TableNames{"public.log"});
  CHECK(written_by("INSERT INTO teams VALUES (1)") == TableNames{"public.teams"});
  CHECK(written_by("DELETE FROM teams WHERE id = 1") == TableNames{"public.badges", "public.people", "public.teams"});
  CHECK(written_by("DELETE FROM people WHERE id = 1") == TableNames{"public.badges", "public.people"});
  CHECK(written_by("UPDATE people SET id = 2") == TableNames{"public.badges", "public.people"});
  CHECK(written_by("INSERT INTO events VALUES (1, '2026-02-01')") == TableNames{"public.events", "public.events_1"});
  CHECK(written_by("DELETE FROM events_1") == TableNames{"public.events_1"});
  CHECK(written_by("INSERT INTO team_view VALUES (1)") == TableNames{"public.team_view", "public.teams"});
  CHECK(written_by("INSERT INTO stamped VALUES (1)") == TableNames{"public.stamped"});
  CHECK(written_by("UPDATE watched SET id = 1") == TableNames{"public.log", "public.watched"});
  CHECK(written_by("INSERT INTO watched VALUES (1)") == TableNames{"public.watched"});  // the trigger is on UPDATE
  CHECK(written_by("TRUNCATE teams") == TableNames{"public.badges", "public.people", "public.teams"});
  CHECK(written_by("WITH a AS (DELETE FROM log RETURNING id) SELECT * FROM a") == TableNames{"public.log"});
  CHECK(written_by("SELECT * FROM log FOR UPDATE").empty());
}

TEST_CASE("who writes unseen makes tables unsafe", "[cache]") {
  CHECK(makes_all_unsafe("DO $$BEGIN NULL; END$$"));
  CHECK(makes_all_unsafe("CALL f()"));
  CHECK(makes_all_unsafe("EXECUTE p(1)"));
  CHECK(makes_all_unsafe("SELECT unheard_of()"));
  CHECK(makes_all_unsafe("INSERT INTO ruled VALUES (1)"));
  CHECK(makes_all_unsafe("DELETE FROM lost"));
  CHECK(makes_all_unsafe("INSERT INTO (("));  // not parsed, no table named
  CHECK_FALSE(makes_all_unsafe("INSERT INTO lost VALUES (1)"));
  CHECK_FALSE(makes_all_unsafe("SELECT nextval('s'), now(), lower('x'), twice(1)"));
  CHECK_FALSE(makes_all_unsafe("SET work_mem = '1MB'"));
  CHECK_FALSE(makes_all_unsafe("SELECT FROM WHERE"));  // not parsed, but nothing in it writes
  CHECK(writers_of({"SELECT add_note()"}).unsafe.contains("public.notes"));
  CHECK_FALSE(writers_of({"SELECT add_note()"}).unsafe.contains("public.log"));
  CHECK(writers_of({"COPY log FROM STDIN"}).unsafe.contains("public.log"));
  CHECK(writers_of({"UPDATE log SET ((what = 'x'"}).unsafe.contains("public.log"));
  CHECK_FALSE(writers_of({"COPY log TO STDOUT"}).unsafe.contains("public.log"));
}

TEST_CASE("counters that know of writes which the log does not make a table unsafe", "[cache]") {
  World world = world_of({"SELECT * FROM log", "UPDATE teams SET id = 1"});
  for (Table& table : world.catalog.tables) {
    table.rows = 10;
    table.counters = TableCounters{.inserted = 10, .updated = 0};
    if (table.name != "notes") table.counters->updated = 5;
  }
  const auto writers = find_writers(world.workload, world.meanings, SchemaFacts(&world.catalog), {"db"});
  CHECK(writers.unsafe.contains("public.log"));
  CHECK_FALSE(writers.unsafe.contains("public.teams"));  // the log shows who writes it
  CHECK_FALSE(writers.unsafe.contains("public.notes"));  // filled once, and never changed
}

TEST_CASE("filters that leave others out make every table unsafe", "[cache]") {
  const World world = world_of({"SELECT * FROM log"});
  CHECK(find_writers(world.workload, world.meanings, SchemaFacts(&world.catalog),
                     {.database = "db", .others_left_out = true})
            .all_unsafe.has_value());
}

TEST_CASE("a table is written when its transaction commits", "[cache]") {
  const auto writers = writers_of({"BEGIN", "UPDATE log SET what = 'x'", "SELECT 1", "COMMIT", "DELETE FROM log"});
  CHECK(writers.times_of({"public.log"}) ==
        std::vector<std::int64_t>{4'000'000 - kLogClockUs, 5'000'000 - kLogClockUs});
  CHECK(writers.times_of({"public.log", "public.teams"}).size() == 2);
  CHECK(writers.written.at("public.log").classes.size() == 2);
}

TEST_CASE("writes that do not look like one of the table that is read", "[cache]") {
  // The text, and a table whose results it ends.
  const std::vector<std::pair<std::string, std::string>> kWrites = {
      {"INSERT INTO events_1 VALUES (1, '2026-01-02')", "public.events_1"},
      {"INSERT INTO events VALUES (1, '2026-01-02')", "public.events_1"},
      {"DELETE FROM teams WHERE id = 1", "public.badges"},  // by way of people
      {"UPDATE people SET id = 2", "public.badges"},
      {"UPDATE watched SET id = 1", "public.log"},
      {"TRUNCATE teams CASCADE", "public.notes"},  // whose foreign key does nothing
      {"DELETE FROM team_view", "public.teams"},
      {"ALTER TABLE log RENAME TO old_log", "public.log"},
      {"ALTER TABLE new_log RENAME TO log", "public.log"},
      {"ALTER TABLE log SET SCHEMA archive", "public.log"},
      {"ALTER TABLE log ADD COLUMN x int DEFAULT 1", "public.log"},
      {"DROP TABLE log", "public.log"},
      {"CREATE OR REPLACE VIEW team_view AS SELECT 1 AS id", "public.team_view"},
      {"WITH x AS (UPDATE log SET id = 1 RETURNING id) SELECT id FROM x", "public.log"},
      {"INSERT INTO notes VALUES (1) ON CONFLICT (id) DO UPDATE SET person = 2", "public.notes"},
      {"MERGE INTO log USING notes ON log.id = notes.id WHEN MATCHED THEN DELETE", "public.log"},
      {"SELECT id INTO log FROM notes", "public.log"}};
  for (const auto& [sql, table] : kWrites) {
    INFO(sql);
    const TableWriters writers = writers_of({sql});
    CHECK(writers.written.contains(table));
  }
}

TEST_CASE("writers that nobody can follow make tables unsafe", "[cache]") {
  for (const char* sql :
       {"PREPARE TRANSACTION 'x'", "COMMIT PREPARED 'x'", "EXPLAIN ANALYZE DELETE FROM log", "EXECUTE p(1)",
        "DO $$BEGIN DELETE FROM log; END$$", "CALL p()", "SELECT unheard_of()", "INSERT INTO ruled VALUES (1)",
        "DELETE FROM lost", "COPY (DELETE FROM log RETURNING id) TO STDOUT"}) {
    INFO(sql);
    CHECK(writers_of({sql}).why_unsafe({"public.log"}).has_value());
  }
  CHECK(writers_of({"SELECT add_note()"}).why_unsafe({"public.notes"}).has_value());
  CHECK(writers_of({"COPY log FROM STDIN"}).why_unsafe({"public.log"}).has_value());
  CHECK(writers_of({"SELECT 1"}).why_unsafe({"public.ruled"}).has_value());  // rules, and no write seen
  CHECK_FALSE(writers_of({"EXPLAIN DELETE FROM log"}).why_unsafe({"public.log"}).has_value());
}

}  // namespace assay
