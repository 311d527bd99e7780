// Statements that look as if their results could be kept, and whose answers change without a write to their tables, or
// differ from session to session: a line each.
#include <catch2/catch.hpp>

#include "advisors/cache/cacheability.h"
#include "advisors/cache/session_habits.h"
#include "analyzer/catalog_from_ddl.h"
#include "connectors/postgres.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

/// What a server and a dump both take. A statement a line.
std::vector<std::string> schema() {
  return {
      "CREATE SCHEMA tenant",
      "CREATE DOMAIN moment AS timestamptz",
      "CREATE DOMAIN instant AS moment",
      "CREATE DOMAIN word AS text CHECK (VALUE <> '')",
      "CREATE TYPE mood AS ENUM ('sad', 'ok')",
      "CREATE TYPE pair AS (a int, at timestamptz)",
      "CREATE TABLE items (id int PRIMARY KEY, name text, price numeric, day date, at timestamptz, local timestamp, "
      "ratio float8, gap interval, data jsonb, seen instant, mood mood, two pair, span tstzrange, marks timestamptz[], "
      "note word, raw bytea)",
      "CREATE TABLE secrets (id int PRIMARY KEY, owner text)",
      "ALTER TABLE secrets ENABLE ROW LEVEL SECURITY",
      "CREATE TABLE parts (id int, day date) PARTITION BY RANGE (day)",
      "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
      "CREATE TABLE twins (id int)",
      "CREATE TABLE tenant.twins (id int)",
      "CREATE FUNCTION roll(int) RETURNS float8 LANGUAGE sql VOLATILE AS 'SELECT random()'",
      "CREATE FUNCTION two_kinds(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1'",
      "CREATE FUNCTION two_kinds(text) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1'",
      "CREATE FUNCTION lying_clock() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS 'SELECT now()'",
      "CREATE FUNCTION lying_date() RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN current_date::text; END'",
      "CREATE FUNCTION lying_caller(int) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT roll($1)'",
      "CREATE FUNCTION deep_liar(int) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT lying_caller($1)'",
      "CREATE FUNCTION lying_tenant() RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT current_setting(''app.t'')'",
      "CREATE FUNCTION lying_reader(int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT name FROM items WHERE id = $1'",
      "CREATE FUNCTION since(timestamptz DEFAULT now()) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'",
      "CREATE FUNCTION rows_of(int) RETURNS SETOF int LANGUAGE sql VOLATILE AS 'SELECT $1'",
      "CREATE FUNCTION noisy_equal(text, text) RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT random() < 0.5'",
      "CREATE FUNCTION pair_text(pair) RETURNS text LANGUAGE sql STABLE AS 'SELECT ($1).at::text'",
      "CREATE FUNCTION pair_number(pair) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT random()::int'",
      "CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1'",
      "CREATE FUNCTION fill() RETURNS void LANGUAGE plpgsql AS "
      "'BEGIN CREATE TEMP TABLE basket (id int); CREATE TEMPORARY TABLE IF NOT EXISTS hidden AS SELECT 1; END'",
      "CREATE TABLE hidden (id int)",
      "CREATE OPERATOR === (FUNCTION = noisy_equal, LEFTARG = text, RIGHTARG = text)",
      "CREATE OPERATOR + (FUNCTION = noisy_equal, LEFTARG = text, RIGHTARG = text)",
      "CREATE FUNCTION same(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2'",
      "CREATE OPERATOR <+> (FUNCTION = same, LEFTARG = text, RIGHTARG = text)",
      "CREATE CAST (pair AS text) WITH FUNCTION pair_text(pair)",
      "CREATE CAST (pair AS int) WITH FUNCTION pair_number(pair) AS IMPLICIT",
      "CREATE VIEW random_items AS SELECT id, random() AS r FROM items",
      "CREATE VIEW deep_random AS SELECT id FROM random_items",
      "CREATE VIEW deeper_random AS SELECT id FROM deep_random",
      "CREATE VIEW fresh AS SELECT id FROM items WHERE day = current_date",
      "CREATE VIEW barrier WITH (security_barrier) AS SELECT id FROM items WHERE name = current_user",
      "CREATE VIEW own_secrets AS SELECT id FROM secrets",
      "CREATE VIEW shown AS SELECT id, at::date AS d FROM items",
      "CREATE VIEW rolled AS SELECT id, roll(id) FROM items",
      "CREATE VIEW sampled AS SELECT id FROM items TABLESAMPLE SYSTEM (10)",
      "CREATE MATERIALIZED VIEW daily AS SELECT day, count(*) AS n FROM items GROUP BY day",
      "CREATE SEQUENCE numbers",
  };
}

const Catalog& dumped() {
  static const Catalog catalog = [] {
    std::string script;
    for (const std::string& statement : schema()) script += statement + ";\n";
    Diagnostics diagnostics;
    return catalog_from_ddl(script, "schema.sql", diagnostics);
  }();
  return catalog;
}

Cacheability judged(const std::string& sql, const Catalog& catalog, const SessionHabits& habits) {
  ParsedStatement parsed = parse_statement(sql, column_oracle(catalog));
  return judge_cacheability({.statement = std::move(parsed.statement), .problem = std::move(parsed.problem)},
                            SchemaFacts(&catalog), habits);
}

/// Each is wrong to keep as it stands.
const std::vector<std::string> kTraps = {
    // The clock, in all its disguises.
    "SELECT id FROM items WHERE at > now() - interval '1 day'",
    "SELECT id FROM items WHERE day = 'today'",
    "SELECT id FROM items WHERE at > timestamptz 'yesterday'",
    "SELECT id, age(at) FROM items",
    "SELECT id FROM items WHERE at > to_timestamp(extract(epoch FROM clock_timestamp()))",
    "SELECT id FROM fresh",
    "SELECT id, lying_clock() FROM items",
    "SELECT id, lying_date() FROM items",
    "SELECT id, since() FROM items",
    "SELECT id FROM items WHERE at > statement_timestamp()",
    "SELECT id FROM items WHERE local > timeofday()::timestamp",
    // Chance.
    "SELECT id FROM items ORDER BY random() LIMIT 1",
    "SELECT id FROM deeper_random",
    "SELECT id FROM rolled",
    "SELECT id, lying_caller(id) FROM items",
    "SELECT id, deep_liar(id) FROM items",
    "SELECT i.id FROM items i, rows_of(3)",
    "SELECT i.id FROM items i, LATERAL (SELECT roll(i.id)) x",
    "SELECT id FROM items TABLESAMPLE BERNOULLI (10)",
    "SELECT id FROM sampled",
    "SELECT gen_random_uuid(), id FROM items",
    "SELECT id FROM items GROUP BY id HAVING count(*) > random()",
    "SELECT id FROM items WHERE EXISTS (SELECT 1 FROM parts WHERE parts.id = (SELECT roll(1)))",
    // Overloads, operators and casts of the database's own.
    "SELECT two_kinds(id) FROM items",
    "SELECT public.two_kinds(id) FROM items",
    "SELECT id FROM items WHERE name === 'x'",
    "SELECT id FROM items WHERE name OPERATOR(public.===) 'x'",
    "SELECT name + 'x' FROM items",
    "SELECT two::text FROM items",
    "SELECT two + 1 FROM items",
    "SELECT unheard_of(id) FROM items",
    "SELECT lying_reader(id) FROM items",
    // Time zones and other settings of the session.
    "SELECT to_char(at, 'YYYY-MM-DD') FROM items",
    "SELECT at::date FROM items",
    "SELECT date(at) FROM items",
    "SELECT date_trunc('day', at) FROM items",
    "SELECT extract(hour FROM at) FROM items",
    "SELECT at AT TIME ZONE current_setting('TimeZone') FROM items",
    "SELECT local AT TIME ZONE 'UTC' FROM items",
    "SELECT at::text FROM items",
    "SELECT at FROM items",
    "SELECT * FROM items",
    "SELECT max(at) FROM items",
    "SELECT seen FROM items",
    "SELECT seen::date FROM items",
    "SELECT id FROM items WHERE seen > '2026-11-24 10:00'",
    "SELECT id FROM items WHERE at > '2026-11-24'",
    "SELECT id FROM items WHERE at > '20261124'",
    "SELECT id FROM items WHERE at > '24 Nov 2026'",
    "SELECT id FROM items WHERE at > 'Nov 24, 2026'",
    "SELECT id FROM items WHERE at = ANY ('{2026-11-24,2026-11-25}')",
    "SELECT id FROM items WHERE span @> '2026-11-24 10:00'",
    "SELECT id FROM items WHERE at <@ '[2026-01-01,2026-02-01)'::tstzrange",
    "SELECT id FROM items WHERE at <@ tstzrange('2026-01-01', '2026-02-01')",
    "SELECT id FROM items WHERE coalesce(at, '2026-11-24') > $1",
    "SELECT coalesce(at, '2026-11-24') FROM items",
    "SELECT CASE at WHEN '2026-11-24' THEN 1 END FROM items",
    "SELECT id FROM items WHERE marks[1] > '2026-11-24'",
    "SELECT id FROM items WHERE day = '1/2/2026'",
    "SELECT id FROM items WHERE day > at",
    "SELECT id FROM items WHERE at - interval '1 month' > $1",
    "SELECT id FROM items WHERE (two).at > '2026-11-24'",
    "SELECT two FROM items",
    "SELECT marks FROM items",
    "SELECT (data->>'at')::timestamptz FROM items",
    "SELECT data->>'x' || at FROM items",
    "SELECT concat(name, at) FROM items",
    "SELECT row_to_json(items) FROM items",
    "SELECT array_agg(at)::text FROM items",
    "SELECT id FROM items WHERE at::word = 'x'",
    "SELECT d FROM shown",
    "SELECT gap::text FROM items",
    "SELECT ratio::text FROM items",
    "SELECT name::instant FROM items",
    "SELECT generate_series(at, $1, interval '1 day') FROM items",
    "SELECT date_bin('1 day', at, '2001-01-01') FROM items",
    "SELECT to_tsvector(name) FROM items",
    "SELECT price::money FROM items",
    // Who asks, and what he may see.
    "SELECT * FROM secrets",
    "SELECT id FROM own_secrets",
    "SELECT i.id FROM items i LEFT JOIN secrets s USING (id)",
    "SELECT id FROM barrier",
    "SELECT id FROM items WHERE name = current_user",
    "SELECT id FROM items WHERE name = (SELECT user)",
    "SELECT id FROM items WHERE name = current_setting('app.tenant', true)",
    "SELECT id, lying_tenant() FROM items",
    "SELECT id FROM items WHERE pg_has_role(name, 'member')",
    "SELECT has_table_privilege('items', 'select') FROM items",
    "SELECT pg_backend_pid(), id FROM items",
    "SELECT id FROM twins",
    // What is no table, or not one for all.
    "SELECT id FROM basket",
    "SELECT id FROM hidden",
    "SELECT id FROM pg_temp.items",
    "SELECT last_value FROM numbers",
    "SELECT relname FROM pg_class",
    "SELECT id FROM items, pg_stat_activity",
    "SELECT count(*) FROM information_schema.columns",
    "SELECT pg_relation_size('items') FROM items",
    "SELECT ctid, id FROM items",
    "SELECT id FROM items WHERE xmin::text = '1'",
    "SELECT 'items'::regclass FROM items",
    "SELECT txid_current(), id FROM items",
    "SELECT pg_current_snapshot(), id FROM items",
    // What does something.
    "SELECT nextval('numbers') FROM items",
    "SELECT currval('numbers'), id FROM items",
    "SELECT lastval(), id FROM items",
    "SELECT setval('numbers', 1) FROM items",
    "SELECT pg_advisory_lock(id) FROM items",
    "SELECT pg_try_advisory_xact_lock(id) FROM items",
    "SELECT pg_sleep(1) FROM items",
    "SELECT set_config('a.b', 'c', true) FROM items",
    "SELECT pg_notify('x', name) FROM items",
    "SELECT lo_create(0) FROM items",
    "SELECT lo_get(id) FROM items",
    "SELECT id FROM items FOR UPDATE SKIP LOCKED LIMIT 1",
    "WITH x AS (SELECT id FROM items FOR SHARE) SELECT id FROM x",
    "SELECT id FROM (SELECT id FROM items FOR KEY SHARE) x",
    "WITH gone AS (DELETE FROM items RETURNING id) SELECT id FROM gone",
    "WITH a AS (INSERT INTO twins VALUES (1) RETURNING id) SELECT i.id FROM items i, a",
    "SELECT id INTO copied FROM items",
    "SELECT id INTO TEMP copied FROM items",
    "DECLARE c CURSOR FOR SELECT id FROM items",
    "FETCH 10 FROM c",
    "EXECUTE prepared(1)",
    "LISTEN items",
    "PREPARE TRANSACTION 'x'",
    "EXPLAIN SELECT id FROM items",
    "COPY items TO STDOUT",
    "COPY (SELECT id FROM items) TO STDOUT",
};

/// Each may be kept as it stands, though it looks like a trap.
const std::vector<std::string> kHarmless = {
    "SELECT id FROM items WHERE id = 1",
    "SELECT id, name FROM items ORDER BY price LIMIT 10",
    "SELECT id FROM items LIMIT 10",  // any ten are an answer, the kept ones too
    "SELECT id FROM items WHERE at > $1",
    "SELECT id FROM items WHERE at > '2026-11-24 10:00:00+01'",
    "SELECT id FROM items WHERE day >= '2026-11-24'",
    "SELECT id, day FROM items WHERE day BETWEEN $1 AND $2",
    "SELECT id FROM items WHERE mood = 'ok'",
    "SELECT mood, count(*) FROM items GROUP BY mood",
    "SELECT note FROM items WHERE note <> ''",
    "SELECT twice(id) FROM items",
    "SELECT name <+> 'x' FROM items",
    "SELECT name::word FROM items",
    "SELECT id FROM public.twins",
    "SELECT id FROM parts_1 WHERE id = 1",
    "SELECT count(*) FROM ONLY items",
    "SELECT id FROM items TABLESAMPLE SYSTEM (10) REPEATABLE (7)",
    "WITH x AS MATERIALIZED (SELECT id FROM items) SELECT id FROM x",
    "TABLE parts",
    "SELECT count(*) FILTER (WHERE i.id > 1), sum(price) FROM parts JOIN items i USING (id)",
};

void check_traps(const Catalog& catalog) {
  const SessionHabits habits = session_habits(Workload(), &catalog);
  for (const std::string& sql : kTraps) {
    INFO(sql);
    CHECK(judged(sql, catalog, habits).verdict != CacheVerdict::kCacheable);
  }
}

}  // namespace

TEST_CASE("traps are seen from a dump of the schema", "[cache]") { check_traps(dumped()); }

TEST_CASE("traps are seen from a server's catalog", "[cache]") {
  RealServer server;
  server.run(schema());
  check_traps(read_catalog(server.session()));
}

TEST_CASE("what looks like a trap and is none may be kept as it stands", "[cache]") {
  RealServer server;
  server.run(schema());
  const Catalog live = read_catalog(server.session());
  for (const Catalog* catalog : {&live, &dumped()}) {
    const SessionHabits habits = session_habits(Workload(), catalog);
    for (const std::string& sql : kHarmless) {
      const Cacheability judgement = judged(sql, *catalog, habits);
      INFO(sql);
      for (const Hindrance& hindrance : judgement.hindrances) UNSCOPED_INFO(hindrance.reason);
      CHECK(judgement.verdict == CacheVerdict::kCacheable);
    }
  }
}

}  // namespace assay
