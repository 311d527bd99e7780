// Which results of MySQL's statements may be kept, what writes end them, and what ProxySQL is told.
#include "advisors/cache/mysql_cacheability.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

#include "advisors/cache/cache_advisor.h"
#include "analyzer/mysql_meaning.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/mysql_statement.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

Cacheability judged(const std::string& sql, const SessionHabits& habits = {}) {
  ParsedStatement parsed = parse_mysql_statement(sql);
  return judge_mysql_cacheability({.statement = std::move(parsed.statement), .problem = std::move(parsed.problem)},
                                  habits);
}

struct Run {
  int second = 0;
  std::string sql;
  std::uint64_t values = 1;
  int session = 1;
  std::string database = "shop";
};

Workload workload_of(const std::vector<Run>& runs) {
  std::deque<std::string> texts;
  WorkloadBuilder builder({});
  for (const Run& run : runs) {
    LogRecord record{.kind = RecordKind::kExecution, .timed = true};
    record.time.utc = Timestamp(std::chrono::seconds(run.second));
    record.duration = Microseconds{50'000};
    record.process = run.session;
    record.user = "web";
    record.database = run.database;
    record.sql = texts.emplace_back(run.sql);
    record.dialect = SqlDialect::kMysql;
    record.shape = shape_hash(run.sql, SqlDialect::kMysql);
    record.values = run.values;
    record.rows_sent = 3;
    record.rows_examined = 5;
    builder.add(record);
  }
  return builder.finish({});
}

CacheAdvice advice_of(const Workload& workload) {
  return advise_caches(
      workload, understand_mysql(workload), nullptr,
      {.database = "shop", .dialect = SqlDialect::kMysql, .demand_ms = [](std::size_t) { return 50.0; }});
}

constexpr const char* kRead = "SELECT name FROM `items` WHERE id = 1";

std::vector<Run> reads(int count) {
  std::vector<Run> runs;
  for (int i = 0; i < count; ++i) runs.push_back({i + 1, kRead, 1, 1, "shop"});
  return runs;
}

CacheQuery only_cache(const std::vector<Run>& unordered) {
  std::vector<Run> runs = unordered;
  std::stable_sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.second < b.second; });
  const Workload workload = workload_of(runs);
  const CacheAdvice advice = advice_of(workload);
  for (const std::string& remark : advice.remarks) UNSCOPED_INFO(remark);
  REQUIRE(advice.recommendations.size() == 1);
  return std::get<CacheQuery>(advice.recommendations.front().change);
}

}  // namespace

TEST_CASE("mysql: what must never be kept", "[cache]") {
  const auto sql =
      GENERATE(as<std::string>{},  //
               "SELECT RAND(), id FROM t", "SELECT id FROM t ORDER BY RAND() LIMIT 1", "SELECT UUID() FROM t",
               "SELECT UUID_SHORT(), id FROM t", "SELECT CONNECTION_ID(), id FROM t", "SELECT LAST_INSERT_ID() FROM t",
               "SELECT FOUND_ROWS() FROM t", "SELECT ROW_COUNT() FROM t",
               "SELECT SQL_CALC_FOUND_ROWS id FROM t LIMIT 10", "SELECT @x, id FROM t", "SELECT @n := @n + 1 FROM t",
               "SELECT id FROM t WHERE a = @a", "SELECT @@sql_mode FROM t", "SELECT @@global.read_only, id FROM t",
               "SELECT GET_LOCK('x', 1) FROM t", "SELECT RELEASE_LOCK('x') FROM t", "SELECT IS_FREE_LOCK('x') FROM t",
               "SELECT SLEEP(1) FROM t", "SELECT BENCHMARK(10, 1) FROM t", "SELECT LOAD_FILE('/x') FROM t",
               "SELECT id FROM t WHERE owner = CURRENT_USER()", "SELECT id FROM t WHERE owner = USER()",
               "SELECT current_user, id FROM t", "SELECT id FROM t FOR UPDATE", "SELECT id FROM t LOCK IN SHARE MODE",
               "SELECT id FROM t FOR SHARE SKIP LOCKED", "SELECT * FROM a WHERE id IN (SELECT id FROM b FOR UPDATE)",
               "SELECT shop_total(id) FROM t", "SELECT crm.total(id) FROM t", "SELECT NEXTVAL(s), id FROM t",
               "SELECT id INTO @x FROM t", "SELECT id FROM t INTO OUTFILE '/x'",
               "SELECT TABLE_NAME FROM information_schema.tables", "SELECT user FROM mysql.user",
               "SELECT * FROM performance_schema.threads", "SELECT 1", "SELECT NOW()", "INSERT INTO t VALUES (1)",
               "REPLACE INTO t VALUES (1)", "CALL p()", "SHOW TABLES", "SET @x = 1", "HANDLER t OPEN",
               "SELECT * FROM t GROUP BY a DESC, b ASC WITH ROLLUP", "SELECT FROM", "administrator command: Ping");
  INFO(sql);
  CHECK(judged(sql).verdict == CacheVerdict::kNot);
}

TEST_CASE("mysql: nothing is kept without an if, since no schema is known", "[cache]") {
  const auto sql = GENERATE(as<std::string>{},  //
                            "SELECT name FROM items WHERE id = 5", "SELECT * FROM items ORDER BY id LIMIT 5, 10",
                            "SELECT COUNT(*), SUM(amount) FROM orders GROUP BY country",
                            "SELECT IF(a, UPPER(b), CONCAT(c, 'x')) FROM t",
                            "SELECT a FROM t USE INDEX (i) WHERE MATCH (b) AGAINST ('x' IN BOOLEAN MODE)",
                            "SELECT DATABASE(), id FROM t", "SELECT CAST(a AS UNSIGNED) FROM t WHERE b REGEXP 'x'");
  INFO(sql);
  const Cacheability cacheability = judged(sql);
  for (const Hindrance& hindrance : cacheability.hindrances) UNSCOPED_INFO(hindrance.reason);
  CHECK(cacheability.verdict == CacheVerdict::kIf);
  CHECK(cacheability.is_as_logged);
  CHECK_FALSE(cacheability.key_by_settings);
}

TEST_CASE("mysql: the clock and the session's settings have their cures", "[cache]") {
  for (const char* sql : {"SELECT id FROM t WHERE at > NOW()", "SELECT id FROM t WHERE day = CURDATE()",
                          "SELECT UNIX_TIMESTAMP(), id FROM t", "SELECT id FROM t WHERE at > current_timestamp",
                          "SELECT SYSDATE(), id FROM t", "SELECT UTC_TIMESTAMP(), id FROM t"}) {
    INFO(sql);
    CHECK(judged(sql).verdict == CacheVerdict::kIf);
    CHECK_FALSE(judged(sql).is_as_logged);
  }
  for (const char* sql : {"SELECT FROM_UNIXTIME(at) FROM t", "SELECT CONVERT_TZ(at, 'UTC', 'Europe/Berlin') FROM t",
                          "SELECT UNIX_TIMESTAMP(at) FROM t", "SELECT DATE_FORMAT(at, '%M') FROM t",
                          "SELECT GROUP_CONCAT(a) FROM t", "SELECT WEEK(at) FROM t"}) {
    INFO(sql);
    CHECK(judged(sql).verdict == CacheVerdict::kIf);
    CHECK(judged(sql).key_by_settings);
  }
}

TEST_CASE("mysql: temporary tables are the session's own", "[cache]") {
  const Workload workload = workload_of({{1, "CREATE TEMPORARY TABLE IF NOT EXISTS `Basket` (id INT)"}});
  const SessionHabits habits = session_habits(workload, nullptr);
  CHECK(judged("SELECT id FROM basket", habits).verdict == CacheVerdict::kNot);
  CHECK(judged("SELECT id FROM other", habits).verdict == CacheVerdict::kIf);
}

TEST_CASE("mysql: what is read again and again is kept until it is written", "[cache]") {
  std::vector<Run> runs = reads(100);
  const CacheQuery unwritten = only_cache(runs);
  CHECK(unwritten.tables == std::vector<std::string>{"shop.items"});
  CHECK(unwritten.heeds_writes);
  CHECK(unwritten.result_rows == 3);
  CHECK_FALSE(unwritten.result_bytes);
  CHECK(unwritten.curve.back().by_writes.hits == 99);
  runs.push_back({50, "UPDATE LOW_PRIORITY items SET name = 'x' WHERE id = 1 LIMIT 1", 1, 2});
  CHECK(only_cache(runs).curve.back().by_writes.hits == 98);
  runs.back() = {50, "REPLACE INTO shop.items VALUES (1, 'x')", 1, 2, "admin"};  // from another database
  CHECK(only_cache(runs).curve.back().by_writes.hits == 98);
  runs.back() = {50, "TRUNCATE Items", 1, 2};
  CHECK(only_cache(runs).curve.back().by_writes.hits == 98);
  runs.back() = {50, "UPDATE other SET a = 1", 1, 2};
  CHECK(only_cache(runs).curve.back().by_writes.hits == 99);
}

TEST_CASE("mysql: unknown writers leave a TTL alone", "[cache]") {
  for (const char* sql :
       {"CALL fill()", "UPDATE items JOIN other ON items.id = other.id SET items.name = 'x'",
        "INSERT INTO other VALUES (stored_function(1))", "DELETE i FROM items i JOIN other o USING (id)"}) {
    INFO(sql);
    std::vector<Run> runs = reads(100);
    runs.push_back({50, sql, 1, 2});
    CHECK_FALSE(only_cache(runs).heeds_writes);
  }
}

TEST_CASE("mysql: a transaction keeps its snapshot, so its reads go to the database", "[cache]") {
  std::vector<Run> runs = reads(50);
  runs.push_back({20, "START TRANSACTION", 1, 2});
  runs.push_back({21, kRead, 1, 2});
  runs.push_back({22, "COMMIT", 1, 2});
  CHECK(only_cache(runs).bypassed == 1);
}

TEST_CASE("mysql: ProxySQL's rule has the TTL in ms, and says how stale its answers are", "[cache]") {
  std::vector<Run> runs = reads(100);
  runs.push_back({50, "UPDATE items SET name = 'x' WHERE id = 1", 1, 2});
  const CacheQuery cache = only_cache(runs);
  std::vector<std::string> products;
  for (const CacheRecipe& recipe : cache.recipes) products.push_back(recipe.product);
  CHECK(products == std::vector<std::string>{"Redis or Memcached", "Readyset", "ProxySQL"});
  const std::string& rule = cache.recipes[2].text;
  CHECK(
      rule.find(
          "INSERT INTO mysql_query_rules (active, match_digest, re_modifiers, cache_ttl, apply)\n"
          "VALUES (1, '^SELECT\\s*name\\s*FROM\\s*`items`\\s*WHERE\\s*id\\s*=\\s*(?:\\?|\\$[0-9]+)$', 'CASELESS', ") !=
      std::string::npos);
  CHECK(rule.find(
            "000, 1);  -- cache_ttl in ms\nLOAD MYSQL QUERY RULES TO RUNTIME;\nSAVE MYSQL QUERY RULES TO DISK;\n") !=
        std::string::npos);
  CHECK(rule.find("knows of no write: until the TTL is over answers may be stale, in this log ") != std::string::npos);
  CHECK(cache.recipes[1].text.find("FROM SELECT name FROM `items` WHERE id = ?;") != std::string::npos);
}

TEST_CASE("mysql: what cannot be parsed is told with its share", "[cache]") {
  std::vector<Run> runs = reads(3);
  runs.push_back({10, "SELECT a FROM t JOIN u WHERE t.id = u.id", 1, 2});
  const CacheAdvice advice = advice_of(workload_of(runs));
  REQUIRE(advice.remarks.size() == 1);
  CHECK(advice.remarks.front().find("1 of 2 classes are not judged, 25 % of the logged time") != std::string::npos);
}

}  // namespace assay
