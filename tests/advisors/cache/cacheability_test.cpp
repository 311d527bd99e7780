#include "advisors/cache/cacheability.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "analyzer/catalog_from_ddl.h"

namespace assay {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE items (id int PRIMARY KEY, name text, price numeric, day date, at timestamptz, local timestamp, ratio float8,
                      tags tsvector, data jsonb);
  CREATE TABLE secrets (id int PRIMARY KEY, owner text);
  ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
  CREATE TABLE parts (id int, day date) PARTITION BY RANGE (day);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE TABLE old_items () INHERITS (items);
  CREATE FUNCTION price_now(int) RETURNS numeric LANGUAGE sql VOLATILE AS 'SELECT price FROM items WHERE id = $1';
  CREATE FUNCTION rate(int) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT price FROM items WHERE id = $1';
  CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
  CREATE FUNCTION liar(int) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT price FROM items WHERE id = $1';
  CREATE FUNCTION unmarked(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
  CREATE FUNCTION lower(items) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT random()::text';
  CREATE VIEW plain_items AS SELECT id, name FROM items;
  CREATE VIEW deep_items AS SELECT id FROM plain_items;
  CREATE VIEW random_items AS SELECT id, random() AS r FROM items;
  CREATE VIEW deep_random AS SELECT id FROM random_items;
  CREATE VIEW fresh_items AS SELECT id FROM items WHERE at > now() - interval '1 day';
  CREATE VIEW own_secrets AS SELECT id FROM secrets;
  CREATE VIEW costly AS SELECT id, price_now(id) AS p FROM items;
  CREATE VIEW locked AS SELECT id FROM items FOR UPDATE;
  CREATE MATERIALIZED VIEW daily AS SELECT day, count(*) AS n FROM items GROUP BY day;
)";

const Catalog& catalog() {
  static const Catalog value = [] {
    Diagnostics diagnostics;
    Catalog read = catalog_from_ddl(kSchema, "schema.sql", diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) FAIL(diagnostic.message);
    return read;
  }();
  return value;
}

ClassMeaning meaning_of(const std::string& sql) {
  ParsedStatement parsed = parse_statement(sql, column_oracle(catalog()));
  return {.statement = std::move(parsed.statement), .problem = std::move(parsed.problem)};
}

Cacheability judged(const std::string& sql, const SessionHabits& habits = {}) {
  return judge_cacheability(meaning_of(sql), SchemaFacts(&catalog()), habits);
}

Cacheability judged_by_text(const std::string& sql) {
  return judge_cacheability(meaning_of(sql), SchemaFacts(nullptr), {});
}

bool says(const Cacheability& judged, const std::string& words) {
  return std::any_of(judged.hindrances.begin(), judged.hindrances.end(), [&](const Hindrance& hindrance) {
    return (hindrance.reason + ": " + hindrance.cure).find(words) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("what must never be kept", "[cache]") {
  const auto sql = GENERATE(
      as<std::string>{},  //
      "INSERT INTO items (id) VALUES (1)", "UPDATE items SET name = 'x' WHERE id = 1",
      "WITH gone AS (DELETE FROM items RETURNING id) SELECT id FROM gone",
      "SELECT * FROM items WHERE id IN (WITH a AS (WITH b AS (UPDATE items SET name = 'x' RETURNING id) "
      "SELECT id FROM b) SELECT id FROM a)",
      "WITH a AS (INSERT INTO items (id) VALUES (1) RETURNING id) SELECT 1 FROM secrets",
      "SELECT * INTO copied FROM items", "CREATE TABLE copied AS SELECT * FROM items",
      "SELECT * FROM items WHERE id = 1 FOR UPDATE", "SELECT * FROM items FOR SHARE",
      "SELECT * FROM (SELECT id FROM items FOR NO KEY UPDATE) x", "SELECT * FROM locked",
      "SELECT * FROM items TABLESAMPLE SYSTEM (10)",
      "SELECT count(*) FROM (SELECT * FROM items TABLESAMPLE BERNOULLI (1)) x",
      "SELECT * FROM items ORDER BY random() LIMIT 1", "SELECT id, gen_random_uuid() FROM items",
      "SELECT id, pg_catalog.random() FROM items", "SELECT nextval('items_seq') FROM items",
      "SELECT setval('s', 1) FROM items", "SELECT pg_sleep(1) FROM items", "SELECT currval('s') FROM items",
      "SELECT pg_advisory_lock(id) FROM items", "SELECT pg_try_advisory_xact_lock(id) FROM items",
      "SELECT set_config('a.b', name, false) FROM items", "SELECT pg_backend_pid() FROM items",
      "SELECT inet_client_addr() FROM items", "SELECT txid_current() FROM items", "SELECT * FROM secrets",
      "SELECT i.id FROM items i JOIN secrets s USING (id)", "SELECT * FROM own_secrets", "SELECT * FROM random_items",
      "SELECT * FROM deep_random", "SELECT * FROM costly", "SELECT price_now(id) FROM items",
      "SELECT rate(id) FROM items", "SELECT liar(id) FROM items", "SELECT unmarked(id) FROM items",
      "SELECT public.price_now(1) FROM items", "SELECT unheard_of(id) FROM items", "SELECT lower(items) FROM items",
      "SELECT lower(name) FROM items",  // an overload is volatile
      "SELECT * FROM pg_class", "SELECT * FROM pg_catalog.pg_stat_activity", "SELECT * FROM information_schema.tables",
      "SELECT * FROM pg_stat_user_tables", "SELECT * FROM pg_temp.items", "SELECT * FROM pg_temp_3.items",
      "SELECT * FROM basket", "SELECT last_value FROM items_id_seq", "SELECT 1", "SELECT version()", "SELECT now()",
      "SELECT 'items'::regclass FROM items", "SELECT name <+> 'x' FROM items", "SELECT obj_description(id) FROM items",
      "SELECT pg_total_relation_size('items') FROM items", "SELECT lo_get(id) FROM items",
      "SELECT * FROM dblink('x', 'y') AS t(a int), items", "SELECT query_to_xml('SELECT 1', true, true, '') FROM items",
      "SELECT id FROM", "DECLARE c CURSOR FOR SELECT * FROM items", "EXPLAIN SELECT * FROM items", "FETCH 1 FROM c",
      "COPY items TO STDOUT", "CALL f()", "EXECUTE p(1)");
  INFO(sql);
  CHECK(judged(sql).verdict == CacheVerdict::kNot);
  CHECK(!judged(sql).hindrances.empty());
  CHECK(judged_by_text(sql).verdict != CacheVerdict::kCacheable);
}

TEST_CASE("what may be kept on a condition only", "[cache]") {
  const auto sql = GENERATE(
      as<std::string>{},  //
      "SELECT * FROM items WHERE id = 1", "SELECT id, at FROM items WHERE id = $1", "SELECT * FROM daily",
      "SELECT * FROM items WHERE at > now()", "SELECT * FROM items WHERE at > now() - interval '1 hour'",
      "SELECT id FROM items WHERE day = current_date", "SELECT id FROM items WHERE local < localtimestamp",
      "SELECT current_timestamp, id FROM items", "SELECT age(at) FROM items", "SELECT * FROM fresh_items",
      "SELECT clock_timestamp(), id FROM items", "SELECT id FROM items WHERE at > 'yesterday'",
      "SELECT id FROM items WHERE day = 'today'::date", "SELECT id FROM items WHERE day < date 'now'",
      "SELECT id FROM items WHERE name = current_user", "SELECT session_user, id FROM items",
      "SELECT id FROM items WHERE name = current_setting('app.tenant')", "SELECT at::text FROM items",
      "SELECT CAST(at AS varchar) FROM items", "SELECT at::date FROM items", "SELECT local::timestamptz FROM items",
      "SELECT date_trunc('day', at) FROM items", "SELECT date_trunc('month', day) FROM items",
      "SELECT extract(hour FROM at) FROM items", "SELECT date_part('dow', at) FROM items",
      "SELECT to_char(at, 'HH24') FROM items", "SELECT to_char(price, '9G999') FROM items",
      "SELECT at AT TIME ZONE 'UTC' FROM items", "SELECT id FROM items WHERE at > '2026-11-24'",
      "SELECT id FROM items WHERE at BETWEEN '2026-01-01' AND '2026-02-01'",
      "SELECT id FROM items WHERE at IN ('2026-01-01 10:00')",
      "SELECT CASE WHEN at > '2026-01-01' THEN 1 END FROM items", "SELECT id FROM items WHERE day = '1/2/2026'",
      "SELECT id FROM items WHERE at > day", "SELECT id FROM items WHERE at > local",
      "SELECT at + interval '1 day' FROM items", "SELECT at || '' FROM items", "SELECT concat(name, at) FROM items",
      "SELECT format('%s', ratio) FROM items", "SELECT json_agg(i) FROM items i", "SELECT json_agg(at) FROM items",
      "SELECT jsonb_object_agg(name, at) FROM items", "SELECT row_to_json(i) FROM items i",
      "SELECT array_to_string(array_agg(day), ',') FROM items", "SELECT to_tsvector(name) FROM items",
      "SELECT id FROM items WHERE name @@ 'x'", "SELECT id FROM items WHERE tags @@ to_tsquery('x')",
      "SELECT ratio::text FROM items", "SELECT '12'::money FROM items");
  INFO(sql);
  CHECK(judged(sql).verdict == CacheVerdict::kIf);
  for (const Hindrance& hindrance : judged(sql).hindrances) CHECK_FALSE(hindrance.cure.empty());
}

TEST_CASE("what may be kept as it stands", "[cache]") {
  const auto sql = GENERATE(
      as<std::string>{},  //
      "SELECT id, name FROM items WHERE id = 1", "SELECT id, day FROM items WHERE id = $1",
      "SELECT count(*), max(price) FROM items", "SELECT id FROM items WHERE at > $1",
      "SELECT id FROM items WHERE at > '2026-11-24 10:00:00+01'",
      "SELECT id FROM items WHERE at > '2026-11-24T10:00:00Z'", "SELECT id FROM items WHERE day >= '2026-11-24'",
      "SELECT upper(name) || 'x', length(name) FROM items WHERE name LIKE 'x%'", "SELECT twice(id) FROM items",
      "SELECT coalesce(name, '') FROM items ORDER BY price DESC LIMIT 3", "SELECT * FROM plain_items",
      "SELECT * FROM deep_items WHERE id = 7", "SELECT * FROM parts WHERE id = 1",
      "SELECT data->>'a' FROM items WHERE data @> '{}'", "SELECT name::varchar(10), id::text FROM items",
      "SELECT concat(name, id) FROM items", "SELECT jsonb_agg(name) FROM items",
      "SELECT id FROM items WHERE tags @@ $1::tsquery", "SELECT id FROM items TABLESAMPLE SYSTEM (10) REPEATABLE (1)",
      "SELECT row_number() OVER (ORDER BY id) FROM items",
      "SELECT a.id FROM items a WHERE EXISTS (SELECT 1 FROM items b WHERE b.id = a.id + 1)",
      "SELECT sum(id) + 1 FROM items", "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM items",
      "SELECT id FROM items WHERE name = 'P-0001'", "(SELECT id FROM items) UNION (SELECT id FROM old_items)",
      "WITH a AS (SELECT id FROM items) SELECT * FROM a");
  INFO(sql);
  for (const Hindrance& hindrance : judged(sql).hindrances) UNSCOPED_INFO(hindrance.reason);
  CHECK(judged(sql).verdict == CacheVerdict::kCacheable);
}

TEST_CASE("a result depends on what stands behind the names", "[cache]") {
  CHECK(judged("SELECT * FROM deep_items").tables == TableNames{"public.items", "public.old_items"});
  CHECK(judged("SELECT * FROM parts").tables == TableNames{"public.parts", "public.parts_1"});
  CHECK(judged("SELECT * FROM daily").tables == TableNames{"public.daily"});
}

TEST_CASE("each hindrance has its cure", "[cache]") {
  CHECK(says(judged("SELECT * FROM items WHERE at > now()"), "now tells the time: pass the time as a parameter"));
  CHECK_FALSE(judged("SELECT * FROM items WHERE at > now()").is_as_logged);
  CHECK(judged("SELECT id FROM items WHERE name = current_user").key_by_user);
  CHECK(judged("SELECT id FROM items WHERE name = current_user").is_as_logged);
  CHECK(judged("SELECT date_trunc('day', at) FROM items").key_by_settings);
  CHECK(says(judged("SELECT * FROM secrets"), "row-level security on public.secrets"));
}

TEST_CASE("what sessions do to names counts", "[cache]") {
  SessionHabits habits;
  habits.temporary_tables = {"plain_items"};
  CHECK(judged("SELECT * FROM plain_items", habits).verdict == CacheVerdict::kNot);
  habits = {.changes_search_path = true, .temporary_tables = {}};
  CHECK(judged("SELECT * FROM items", habits).verdict == CacheVerdict::kIf);
  CHECK(judged("SELECT id FROM public.items", habits).verdict == CacheVerdict::kCacheable);
}

TEST_CASE("without a catalog nothing is cacheable without an if", "[cache]") {
  CHECK(judged_by_text("SELECT * FROM items WHERE id = 1").verdict == CacheVerdict::kIf);
  CHECK(judged_by_text("SELECT * FROM items WHERE id = 1").tables == TableNames{"items"});
  CHECK(judged_by_text("SELECT price_now(id) FROM items").verdict == CacheVerdict::kNot);
}

}  // namespace assay
