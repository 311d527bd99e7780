#include "advisors/cache/cache_advisor.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "advisors/cache/cache_plan.h"
#include "advisors/cache/cache_recipe.h"
#include "advisors/cache/result_size.h"
#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

struct Run {
  std::int64_t ms = 0;  ///< its end
  std::string sql;
  std::uint64_t values = 1;
  std::int64_t us = 50'000;
  std::int64_t process = 1;
  std::string user = "app";
  std::string parameters;
};

struct World {
  Catalog catalog;
  Workload workload;
  std::vector<ClassMeaning> meanings;
};

World world_of(const std::vector<Run>& runs, std::size_t trace_bytes = Trace::kDefaultBytes) {
  Diagnostics diagnostics;
  World world{
      .catalog = catalog_from_ddl("CREATE TABLE items (id int PRIMARY KEY, name text); CREATE TABLE other (id int);"
                                  "CREATE TABLE secrets (id int); ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;",
                                  "schema.sql", diagnostics),
      .workload = {},
      .meanings = {}};
  WorkloadBuilder builder({}, trace_bytes);
  for (const Run& run : runs) {
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(std::chrono::milliseconds(run.ms)), {}},
                 .duration = Microseconds{run.us},
                 .process = run.process,
                 .user = run.user,
                 .database = "db",
                 .sql = run.sql,
                 .parameters = run.parameters,
                 .shape = shape_hash(run.sql),
                 .values = run.values});
  }
  world.workload = builder.finish({});
  world.meanings = understand(world.workload, &world.catalog);
  return world;
}

CacheAdvice advice_of(const World& world, CacheAdvisorOptions options = {}) {
  options.database = "db";
  if (!options.demand_ms) {
    options.demand_ms = [&](std::size_t position) { return world.workload.classes[position].mean_us() / 1e3; };
  }
  return advise_caches(world.workload, world.meanings, &world.catalog, options);
}

const CacheQuery& only_cache(const CacheAdvice& advice) {
  REQUIRE(advice.recommendations.size() == 1);
  return std::get<CacheQuery>(advice.recommendations.front().change);
}

/// `count` reads, one a second from the second one on.
std::vector<Run> reads(const std::string& sql, int count, std::uint64_t keys = 1) {
  std::vector<Run> runs;
  for (int i = 0; i < count; ++i) runs.push_back({(i + 1) * 1000, sql, static_cast<std::uint64_t>(i) % keys});
  return runs;
}

constexpr const char* kRead = "SELECT name FROM items WHERE id = 1";
constexpr const char* kWrite = "UPDATE items SET name = 'x' WHERE id = 1";

std::vector<Run> in_order(std::vector<Run> runs) {
  std::stable_sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.ms < b.ms; });
  return runs;
}

/// Of a script whose comments have lines of their own.
std::vector<std::string> statements_of(const std::string& script) {
  std::vector<std::string> statements(1);
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("--")) continue;
    statements.back() += line + "\n";
    if (line.ends_with(";")) statements.emplace_back();
  }
  statements.pop_back();
  return statements;
}

}  // namespace

TEST_CASE("what is read again and again, and never written, is kept", "[cache]") {
  const World world = world_of(reads(kRead, 100));
  const CacheAdvice advice = advice_of(world);
  const CacheQuery& cache = only_cache(advice);
  CHECK(cache.heeds_writes);
  CHECK(cache.reads == 100);
  CHECK(cache.keys == 1);
  CHECK(cache.tables == std::vector<std::string>{"public.items"});
  const CachePoint& longest = cache.curve.back().by_writes;
  CHECK(longest.hits == 99);
  CHECK(longest.misses == 1);
  CHECK(longest.saved_ms_per_s == Approx(99 * 50 / 99.05).epsilon(0.01));
  CHECK(advice.recommendations.front().gain_ms_per_s == cache.chosen.saved_ms_per_s);
  CHECK(kind_of(advice.recommendations.front()) == "cache_query");
}

TEST_CASE("writes end entries, when their transaction commits", "[cache]") {
  std::vector<Run> runs = reads(kRead, 100);
  runs.push_back({20'100, "BEGIN", 1, 10, 2});
  runs.push_back({20'200, kWrite, 1, 10, 2});
  runs.push_back({30'400, "COMMIT", 1, 10, 2});
  const CacheQuery cache = only_cache(advice_of(world_of(in_order(runs))));
  CHECK(cache.writes == 1);
  CHECK(cache.curve.back().by_writes.misses == 2);
  CHECK(cache.curve.back().by_ttl.misses == 1);
  CHECK(cache.curve.back().by_ttl.stale_share == Approx(70.0 / 99));  // those from 31 s on
  CHECK(cache.curve.back().by_ttl.worst_staleness_s == Approx(100 - 0.05 - 30.4).margin(0.01));
  REQUIRE(cache.write_paths.size() == 1);
}

TEST_CASE("a read after a write of its own transaction goes to the database", "[cache]") {
  std::vector<Run> runs = reads(kRead, 50);
  runs.push_back({20'100, "BEGIN", 1, 10, 2});
  runs.push_back({20'200, kWrite, 1, 10, 2});
  runs.push_back({20'300, kRead, 0, 10, 2});
  runs.push_back({20'400, "ROLLBACK", 1, 10, 2});
  const CacheQuery cache = only_cache(advice_of(world_of(in_order(runs))));
  CHECK(cache.bypassed == 1);
  CHECK(cache.reads == 51);
  CHECK(cache.curve.back().by_writes.hits + cache.curve.back().by_writes.misses == 50);
}

TEST_CASE("where something may write unseen only a TTL bounds the staleness", "[cache]") {
  std::vector<Run> runs = reads(kRead, 100);
  runs.push_back({50'100, "DO $$BEGIN NULL; END$$", 1, 10, 2});
  const CacheQuery cache = only_cache(advice_of(world_of(in_order(runs))));
  CHECK_FALSE(cache.heeds_writes);
  CHECK_FALSE(cache.writes_known);
  CHECK(cache.chosen.ttl_us <= 60'000'000);
  CHECK(cache.why_ttl_alone.find("runs what its text does not tell") != std::string::npos);
}

TEST_CASE("what an index saves no cache saves again", "[cache]") {
  const World world = world_of(reads(kRead, 100));
  CHECK(advice_of(world, {.demand_ms = [](std::size_t) { return 0.01; }}).recommendations.empty());
  const CacheAdvice half = advice_of(world, {.demand_ms = [](std::size_t) { return 25.0; }});
  CHECK(half.recommendations.front().gain_ms_per_s * 2 ==
        Approx(advice_of(world).recommendations.front().gain_ms_per_s));
}

TEST_CASE("a class that asks who reads is kept by user", "[cache]") {
  std::vector<Run> runs = reads("SELECT id FROM items WHERE name = current_user", 100);
  for (std::size_t i = 0; i < runs.size(); ++i) runs[i].user = i % 2 == 0 ? "ann" : "bob";
  const CacheQuery cache = only_cache(advice_of(world_of(runs)));
  CHECK(cache.key_by_user);
  CHECK(cache.keys == 2);
  CHECK(cache.curve.back().by_writes.misses == 2);
  CHECK(cache.conditions.size() == 1);
}

TEST_CASE("nothing that may not be kept is recommended", "[cache]") {
  for (const char* sql : {"SELECT id FROM secrets", "SELECT name FROM items WHERE random() < 0.5", "SELECT 1",
                          "SELECT id FROM items FOR UPDATE", "SELECT now(), id FROM items"}) {
    INFO(sql);
    CHECK(advice_of(world_of(reads(sql, 200))).recommendations.empty());
  }
}

TEST_CASE("what is seldom asked twice, or costs little, is not worth a cache", "[cache]") {
  CHECK(advice_of(world_of(reads(kRead, 100, 100))).recommendations.empty());
  CHECK(advice_of(world_of(reads(kRead, 5))).recommendations.empty());
  std::vector<Run> cheap = reads(kRead, 100);
  for (Run& run : cheap) run.us = 100;
  CHECK(advice_of(world_of(cheap)).recommendations.empty());
}

TEST_CASE("an incomplete log is not simulated", "[cache]") {
  const CacheAdvice advice = advice_of(world_of(reads(kRead, 100)), {.incomplete = "statements are missing"});
  CHECK(advice.refusal == "statements are missing");
  CHECK(advice.recommendations.empty());
  CHECK(advice.classes.size() == 1);
  CHECK(advice.classes.front().cacheability.verdict == CacheVerdict::kCacheable);
}

TEST_CASE("reads whose values the log does not tell are not taken for the same read", "[cache]") {
  std::vector<Run> runs = reads("SELECT name FROM items WHERE id = $1", 100);
  CHECK(advice_of(world_of(runs)).recommendations.empty());
  CHECK(advice_of(world_of(runs)).remarks.size() == 1);
  for (Run& run : runs) run.parameters = "$1 = 'abc...'";
  CHECK(advice_of(world_of(runs)).recommendations.empty());
  for (Run& run : runs) run.parameters = "$1 = '1'";
  CHECK(advice_of(world_of(runs)).recommendations.size() == 1);
}

TEST_CASE("a trace that is a sample of keys keeps all writes, and counts for the whole", "[cache]") {
  std::vector<Run> runs = reads(kRead, 20'000, 500);
  for (int i = 1; i < 20; ++i) runs.push_back({i * 1'000'000 + 1, kWrite, static_cast<std::uint64_t>(i), 10, 2});
  const auto whole = only_cache(advice_of(world_of(in_order(runs))));
  const World part = world_of(in_order(runs), 300'000);
  REQUIRE(part.workload.trace.rate() < 0.6);
  const auto sampled = only_cache(advice_of(part));
  CHECK(sampled.writes == whole.writes);
  CHECK(sampled.reads == whole.reads);
  CHECK(sampled.chosen.hit_ratio == Approx(whole.chosen.hit_ratio).margin(0.02));
  CHECK(static_cast<double>(sampled.chosen.hits) == Approx(static_cast<double>(whole.chosen.hits)).epsilon(0.03));
  CHECK(static_cast<double>(sampled.keys) == Approx(500).epsilon(0.15));
}

namespace {

CacheQuery cache_with(std::size_t position, double saved, std::int64_t bytes) {
  CacheQuery cache;
  cache.position = position;
  CachePoint point{.ttl_us = 10'000'000, .hits = 100, .misses = 10, .hit_ratio = 0.9};
  point.saved_ms_per_s = saved;
  point.memory_bytes = bytes;
  CachePoint shorter = point;
  shorter.ttl_us = 1'000'000;
  shorter.saved_ms_per_s = saved / 2;
  shorter.memory_bytes = bytes / 10;
  cache.curve = {{shorter, shorter}, {point, point}};
  cache.chosen = point;
  return cache;
}

}  // namespace

TEST_CASE("memory goes to whom it saves the most per byte", "[cache]") {
  std::vector<CacheQuery> caches = {cache_with(0, 10, 1000), cache_with(1, 9, 100), cache_with(2, 8, 1000)};
  CHECK(plan_caches(caches, 3000) == std::vector<std::size_t>{0, 1, 2});
  std::vector<CacheQuery> again = {cache_with(0, 10, 1000), cache_with(1, 9, 100), cache_with(2, 8, 1000)};
  const auto chosen = plan_caches(again, 300);
  CHECK(chosen == std::vector<std::size_t>{1, 0, 2});  // the large ones with a shorter TTL
  CHECK(again[0].chosen.ttl_us == 1'000'000);
  std::vector<CacheQuery> little = {cache_with(0, 10, 1000), cache_with(1, 9, 100)};
  CHECK(plan_caches(little, 5).empty());
}

TEST_CASE("a digest pattern says the text and no more", "[cache]") {
  CHECK(
      digest_pattern("SELECT a FROM t WHERE b = ? AND c IN (?, …)") ==
      R"(^SELECT\s*a\s*FROM\s*t\s*WHERE\s*b\s*=\s*(?:\?|\$[0-9]+)\s*AND\s*c\s*IN\s*\((?:\?|\$[0-9]+),\s*[?,.()\s]*\)$)");
}

TEST_CASE("recipes say what to do, and hostile names stay on their line", "[cache]") {
  std::vector<Run> runs = reads("SELECT name FROM items WHERE id = $1", 100);
  for (Run& run : runs) run.parameters = "$1 = '1'";
  runs.push_back({50'500, kWrite, 1, 10, 2});
  const CacheQuery cache = only_cache(advice_of(world_of(in_order(runs))));
  REQUIRE(cache.recipes.size() >= 3);
  CHECK(cache.recipes[0].text.find("INCR v:table after COMMIT") != std::string::npos);
  CHECK(cache.recipes[0].text.find("MGET key v:public.items") != std::string::npos);
  CHECK(cache.recipes[0].text.find("UPDATE items SET name = ?") != std::string::npos);
  CHECK(cache.recipes[1].text.find("CREATE DEEP CACHE q_") != std::string::npos);
  CHECK(cache.recipes[1].text.find("WHERE id = $1;") != std::string::npos);
  CHECK(cache.recipes[2].text.find("pgsql_query_rules") != std::string::npos);
  CacheQuery hostile = cache;
  hostile.tables = {"public.a\nmemqcache_method = evil"};
  CHECK(pgpool_recipe({&hostile}, {}).text.find("\nmemqcache_method = evil") == std::string::npos);
  hostile.tables = {"public.a', memqcache_method = 'evil"};
  const std::string text = pgpool_recipe({&hostile}, {}).text;
  CHECK(text.find("evil") > text.find("\n# Left out"));  // in a comment
}

TEST_CASE("pgpool-II keeps what it can unless it is told not to: tables of no recommended cache are named", "[cache]") {
  CacheQuery cache;
  cache.tables = {"public.items"};
  cache.chosen.ttl_us = 60'000'000;
  const std::string text = pgpool_recipe({&cache}, {"public.items", "public.other"}).text;
  CHECK(text.find("memqcache_expire = 60 ") != std::string::npos);
  CHECK(text.find("\ncache_safe_memqcache_table_list = 'items,public.items'\n") != std::string::npos);
  CHECK(text.find("\ncache_unsafe_memqcache_table_list = 'other,public.other'\n") != std::string::npos);
}

TEST_CASE("no proxy is told to keep what hangs on a session's settings", "[cache]") {
  CacheQuery cache = only_cache(advice_of(world_of(reads(kRead, 100))));
  const World world = world_of(reads(kRead, 100));
  const auto products = [&] {
    std::vector<std::string> names;
    for (const CacheRecipe& recipe : cache_recipes(cache, world.workload.classes[0], world.meanings[0], world.workload))
      names.push_back(recipe.product);
    return names;
  };
  CHECK(products() == std::vector<std::string>{"Redis or Memcached", "Readyset", "ProxySQL 3"});
  cache.key_by_user = true;
  CHECK(products() == std::vector<std::string>{"Redis or Memcached", "ProxySQL 3"});
  cache.key_by_settings = true;
  CHECK(products() == std::vector<std::string>{"Redis or Memcached"});
}

TEST_CASE("a digest pattern matches values and placeholders alike, and no other statement", "[cache]") {
  const std::regex pattern(digest_pattern("SELECT a FROM t WHERE b = ? AND c IN (?, …)"));
  CHECK(std::regex_search("SELECT a FROM t WHERE b=? AND c IN (?,?,?,...)", pattern));
  CHECK(std::regex_search("SELECT a FROM t WHERE b = $1 AND c IN (?,?)", pattern));
  CHECK_FALSE(std::regex_search("SELECT a FROM t WHERE b = ? AND c IN (?,?) OR (d = ?)", pattern));
  CHECK_FALSE(std::regex_search("SELECT a FROM t WHERE b = ?", pattern));
}

TEST_CASE("a logged plan tells how many rows came, in each of its formats", "[cache]") {
  const LoggedSize text = logged_size(
      "Sort  (cost=9.1..9.2 rows=10 width=36) (actual time=0.1..0.2 rows=57 loops=1)\n  ->  Seq Scan on t  (cost=0..1 "
      "rows=1 width=8) (actual time=0..0 rows=3 loops=1)");
  CHECK(text.rows == 57);
  CHECK(text.width == 36);
  CHECK(logged_size("Sort  (cost=9.1..9.2 rows=10 width=36)\n").rows == std::nullopt);
  CHECK(logged_size(R"({"Plan": {"Node Type": "Sort", "Plan Width": 36, "Actual Rows": 57, "Plans": [{}]}})").rows ==
        57);
  CHECK(logged_size(R"({"Plan": {"Plan Width": 36, "Plans": [{"Actual Rows": 3}]}})").rows == std::nullopt);
  CHECK(logged_size("<Plan><Plan-Width>36</Plan-Width><Actual-Rows>57</Actual-Rows></Plan>").rows == 57);
  CHECK(logged_size("Plan: \n  Plan Width: 36\n  Actual Rows: 57.00\n").width == 36);
  CHECK(logged_size("rows=-1 (cost=1 width=1e999) (actual rows=nan").rows == std::nullopt);
}

TEST_CASE("rows that a plan in the log tells size a result without a planner", "[cache]") {
  World world = world_of(reads(kRead, 100));
  CHECK_FALSE(only_cache(advice_of(world)).result_bytes);
  world.workload.classes[0].plan =
      LoggedPlan{.text = "Seq Scan on items  (cost=0..1 rows=1 width=32) (actual time=0..0 rows=5 loops=1)"};
  const CacheQuery cache = only_cache(advice_of(world));
  CHECK(cache.result_bytes.value_or(0) == Approx(kEntryBytes + 5 * 40));
  CHECK(cache.size_source == "rows of the slowest plan in the log, width planned in the log");
}

TEST_CASE("an aggregate without values that is read far more than written can be a materialised view", "[cache]") {
  std::vector<Run> runs = reads("SELECT name, count(*) FROM items GROUP BY name", 100);
  runs.push_back({50'500, kWrite, 1, 10, 2});
  const World world = world_of(in_order(runs));
  const CacheQuery cache = only_cache(advice_of(world));
  const auto view = std::find_if(cache.recipes.begin(), cache.recipes.end(),
                                 [](const CacheRecipe& recipe) { return recipe.product == "a materialised view"; });
  REQUIRE(view != cache.recipes.end());
  CHECK(view->text.find("CREATE MATERIALIZED VIEW kept_") == 0);
  RealServer server;
  server.run({"CREATE TABLE items (id int PRIMARY KEY, name text)", "INSERT INTO items VALUES (1, 'a'), (2, 'a')"});
  server.run(statements_of(view->text));
  const std::string name = "kept_" + class_name(world.workload.classes[cache.position].id).substr(0, 8);
  CHECK(server.column("SELECT name || count FROM " + name + " ORDER BY kept_row") == std::vector<std::string>{"a2"});
  server.run({"INSERT INTO items VALUES (3, 'b')", "REFRESH MATERIALIZED VIEW CONCURRENTLY " + name});
  CHECK(server.value("SELECT count(*) FROM " + name) == "2");
}

TEST_CASE("small tables that are not written could be held by the application", "[cache]") {
  World world = world_of(reads("SELECT name FROM items WHERE id = 1", 200));
  for (Table& table : world.catalog.tables) {
    table.rows = 50;
    table.pages = 1;
  }
  const CacheAdvice advice = advice_of(world);
  REQUIRE(advice.reference_tables.size() == 1);
  CHECK(advice.reference_tables.front().table == "public.items");
  CHECK(advice.reference_tables.front().calls == 200);
}

}  // namespace assay
