// Texts that have no meaning, texts made to break a parser, and what may be sent to EXPLAIN.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "parser/sql/statement.h"
#include "tests/parser/sql/statement_meaning.h"

namespace assay {
namespace {

constexpr const char* kTooDeep = "too deeply nested: counted, not analysed";
constexpr const char* kTooLarge = "too large: counted, not analysed";

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST_CASE("statement: no meaning") {
  CHECK(problem("SELECT * FORM t") == "syntax error at or near \"FORM\"");
  CHECK(problem("SELECT 'x") == "unterminated quoted string at or near \"'x\"");
  CHECK(problem("SELECT 1; SELECT 2") == "more than one statement in the text");
  CHECK(problem("SELECT 1; COMMIT; DROP TABLE t") == "more than one statement in the text");
  CHECK(problem("") == "no statement in the text");
  CHECK(problem(" ; ") == "no statement in the text");
  CHECK(problem("-- nothing\n/* at all */") == "no statement in the text");
  CHECK(problem(std::string("SELECT 1\0; DROP TABLE t", 23)) == "a NUL byte in the text");
  CHECK(problem("SELECT 1;") == "none");
  CHECK(problem("/* controller='x' */ SELECT 1 -- end") == "none");
}

TEST_CASE("statement: nesting is bounded before the parser sees it") {
  const int many = 100'000;
  CHECK(problem("SELECT " + repeated("(", many) + "1" + repeated(")", many)) == kTooDeep);
  CHECK(problem("SELECT 1" + repeated(" + 1", many)) == kTooDeep);
  CHECK(problem("SELECT 1 FROM t WHERE " + repeated("NOT ", many) + "a") == kTooDeep);
  CHECK(problem("SELECT 1 FROM a" + repeated(" NATURAL JOIN a", many)) == kTooDeep);
  CHECK(problem("SELECT 1" + repeated(" UNION SELECT 1", many)) == kTooDeep);
  CHECK(problem(repeated("SELECT * FROM (", many) + "t" + repeated(")", many)) == kTooDeep);
  CHECK(problem("SELECT a" + repeated("::int", many) + " FROM t") == kTooDeep);
  CHECK_FALSE(fingerprint("SELECT " + repeated("(", many) + "1" + repeated(")", many)).has_value());
  CHECK_FALSE(is_explainable("SELECT " + repeated("(", many) + "1" + repeated(")", many)));
}

TEST_CASE("statement: long is not deep") {
  CHECK(problem("SELECT 1 FROM t WHERE a" + repeated(" OR a", 20'000)) == "none");
  CHECK(problem("SELECT 1 FROM t WHERE a = 1" + repeated(" AND a = 1", 20'000)) == "none");
  CHECK(problem("SELECT 1 FROM t WHERE a IN (1" + repeated(", 1", 100'000) + ")") == "none");
  CHECK(problem("SELECT a" + repeated("[1]", 20'000) + " FROM t") == "none");
  CHECK(problem("INSERT INTO t VALUES (1, 'x')" + repeated(", (1, 'x')", 50'000)) == "none");
}

TEST_CASE("statement: work is bounded") {
  std::string doubling = "WITH c0 AS (SELECT a, b FROM t)";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "c" + std::to_string(i - 1);
    doubling += ", c" + std::to_string(i) + " AS (SELECT * FROM " + before + " x, " + before + " y)";
  }
  CHECK(problem(doubling + " SELECT * FROM c59") == kTooLarge);
  std::string chain = "WITH c0 AS (SELECT a, b FROM t)";
  for (int i = 1; i < 5'000; ++i) {
    chain += ", c" + std::to_string(i) + " AS (SELECT * FROM c" + std::to_string(i - 1) + ")";
  }
  CHECK(problem(chain + " SELECT * FROM c4999") == "none");
  CHECK(problem("SELECT 1 + length('" + repeated("x", 50'000) + "') AS x" + " FROM t ORDER BY x" +
                repeated(", x", 1'000)) == kTooLarge);
  std::string from = "SELECT 1 FROM t0";
  for (int i = 1; i < 5'000; ++i) from += ", t" + std::to_string(i);
  CHECK(problem(from + " WHERE t4999.a = 1" + repeated(" AND t4999.a = 1", 5'000)) == kTooLarge);
}

TEST_CASE("statement: what may be explained") {
  for (const char* sql :
       {"SELECT 1", "SELECT 1;", "VALUES (1)", "TABLE t", "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1",
        "DELETE FROM t", "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE",
        "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", "(SELECT 1) UNION SELECT 2"}) {
    INFO(sql);
    CHECK(is_explainable(sql));
  }
  for (const char* sql :
       {"", "BEGIN", "SELECT 1; COMMIT; DROP TABLE t", "SELECT 1 INTO x", "SELECT 1 INTO x UNION SELECT 2",
        "CREATE TABLE x AS SELECT 1", "EXPLAIN ANALYZE SELECT 1", "CALL p()", "DO 'x'",
        "COPY (SELECT 1) TO PROGRAM 'x'", "EXECUTE p", "LOCK t", "SELECT FROM WHERE", "-- SELECT 1"}) {
    INFO(sql);
    CHECK_FALSE(is_explainable(sql));
  }
  CHECK_FALSE(is_explainable(std::string("SELECT 1\0", 9)));
}

TEST_CASE("statement: fingerprint") {
  REQUIRE(fingerprint("SELECT a FROM t WHERE b = 1").has_value());
  CHECK(fingerprint("SELECT a FROM t WHERE b = 1")->size() == 16);
  CHECK(fingerprint("SELECT a FROM t WHERE b = 1") == fingerprint("select a from t /* x */ where b = 'y'"));
  CHECK(fingerprint("SELECT a FROM t WHERE b = 1") != fingerprint("SELECT a FROM t WHERE c = 1"));
  CHECK_FALSE(fingerprint("SELECT FROM WHERE").has_value());
  CHECK_FALSE(fingerprint(std::string("SELECT 1\0", 9)).has_value());
}

/// One change: a byte replaced, a piece taken out, doubled, or brought in from another statement.
std::string mutated(std::string text, const std::string& other, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
  const std::size_t at = below(text.size()), length = below(12), from = below(other.size());
  switch (below(4)) {
    case 0:
      return text.replace(at, 1, 1, static_cast<char>(1 + below(255)));
    case 1:
      return text.erase(at, length);
    case 2:
      return text.insert(at, text.substr(at, length));
    default:
      return text.insert(at, other.substr(from, 2 * length));
  }
}

TEST_CASE("statement: mutations of statements never break anything") {
  const std::vector<std::string> seeds = {
      "WITH RECURSIVE c(x) AS (SELECT a FROM t UNION ALL SELECT x + 1 FROM c WHERE x < 5) SELECT * FROM c JOIN u USING "
      "(x)",
      "SELECT DISTINCT ON (a) a, count(*) FILTER (WHERE b) OVER w FROM s.t x LEFT JOIN LATERAL (SELECT * FROM u WHERE "
      "u.i = "
      "x.i LIMIT 1) y ON true WHERE (a, b) > (1, 2) AND c LIKE '%' || $1 GROUP BY ROLLUP (a, 1) ORDER BY 1 DESC NULLS "
      "LAST",
      "INSERT INTO t AS k (a, b[1]) VALUES (1, DEFAULT) ON CONFLICT (a, lower(b)) WHERE c DO UPDATE SET (a, b) = "
      "(SELECT "
      "excluded.a, 2) WHERE k.a <> 3 RETURNING *, k.*",
      "MERGE INTO t USING (VALUES (1)) s(i) ON t.i = s.i WHEN MATCHED AND t.x THEN UPDATE SET a = s.i WHEN NOT MATCHED "
      "THEN "
      "INSERT (i) VALUES (s.i)",
      "UPDATE t SET a = CASE WHEN b THEN 1 ELSE 2 END FROM ROWS FROM (f(1), g(2)) WITH ORDINALITY q(m, n) WHERE t.i = "
      "ANY "
      "(ARRAY[1]) AND data->'k' @> '{}' AND NOT (c::date BETWEEN $1 AND now() OR d IN (SELECT 1))",
      "SELECT x.a[1:2], (y).b.c, ROW(1, 2), xmlelement(name f, g), EXISTS (TABLE t), 1 = ALL (SELECT 2) FROM t "
      "TABLESAMPLE "
      "system (1) x NATURAL JOIN (a CROSS JOIN b) AS y, xmltable('/' PASSING d COLUMNS z int) WHERE CURRENT OF cur"};
  std::mt19937 random(20260101);
  int parsed = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seeds[random() % seeds.size()];
    for (int change = static_cast<int>(random() % 4); change >= 0; --change) {
      text = mutated(text, seeds[random() % seeds.size()], random);
    }
    parsed += parse_statement(text).statement.has_value() ? 1 : 0;
  }
  CHECK(parsed > 500);  // else the mutations tell nothing
}

}  // namespace
}  // namespace assay
