#include "parser/sql/skeleton.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "parser/sql/shape.h"
#include "parser/sql/shape_cache.h"

namespace assay {
namespace {

Skeleton skeleton_of(const std::string& sql) {
  SkeletonScanner scanner;
  const auto exact = std::make_unique<char[]>(sql.size());  // without a byte behind it, for the sanitizer
  std::memcpy(exact.get(), sql.data(), sql.size());
  return scanner.scan({exact.get(), sql.size()});
}

void have_one(const std::string& a, const std::string& b) {
  INFO(a << "\n" << b);
  CHECK(skeleton_of(a).known);
  CHECK(skeleton_of(a).text == skeleton_of(b).text);
  CHECK(shape_hash(a) == shape_hash(b));
}

void differ(const std::string& a, const std::string& b) {
  INFO(a << "\n" << b);
  CHECK((!skeleton_of(a).known || !skeleton_of(b).known || skeleton_of(a).text != skeleton_of(b).text));
}

/// Pieces of SQL put together at random: the more joints, the more ways to misread one.
std::string random_sql(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {
      "SELECT ",  "a",      "t1",    "\"b 2\"", "'x'",       "''",      "'it''s'", "'a%'",     "'%_'",
      "E'\\''",   "e'a\\'", "$1",    "$12",     "$tag$",     "$$",      " 7",      "1.5",      "1e5",
      ".5",       "0x1F",   "1_000", "1..2",    "-",         "--c\n",   "/*c*/",   "/* /* */", "*/",
      " ",        "\n",     "\t",    ",",       "(",         ")",       " LIKE ",  " ilike(",  " BY ",
      " by 1",    " desc",  "::int", " IN (",   " VALUES (", "1, 2, 3", "?",       ";",        "~~",
      "<",        "=",      "+",     "U&'x'",   "U&\"x\"",   "N'x'",    "\x01",    "\x05",     std::string(1, '\0'),
      "\xc3\xa4", "\xff",   "[",     "]",       "_",         "e",       "E",       " TO ",     "&",
      "'"};
  std::string sql;
  const auto pieces = std::uniform_int_distribution<std::size_t>(1, 24)(random);
  for (std::size_t i = 0; i < pieces; ++i) {
    sql += kPieces[std::uniform_int_distribution<std::size_t>(0, kPieces.size() - 1)(random)];
  }
  return sql;
}

}  // namespace

TEST_CASE("literals are no part of a skeleton") {
  have_one("SELECT * FROM t WHERE a = 1 AND b = 'x'", "SELECT * FROM t WHERE a = 20 AND b = 'it''s 5'");
  have_one("SELECT 1.5e3, 'a'", "SELECT 0x1F, ''");
  have_one("SELECT \"a1\".\"b\" FROM \"a1\" WHERE \"a1\".id = $1",
           "SELECT \"a1\".\"b\" FROM \"a1\" WHERE \"a1\".id = $2");
  have_one("SELECT a FROM t WHERE b LIKE 'x%'", "SELECT a FROM t WHERE b LIKE 'yz%'");
  have_one("SELECT a FROM t /* request 1 */", "SELECT a FROM t /* request 2 */");
  have_one("/* request 1 */ SELECT a FROM t", "/* request 2 */ SELECT a FROM t");
  have_one("SELECT /* all */ a FROM t WHERE b = 1", "SELECT /* all */ a FROM t WHERE b = 2");
  have_one("SELECT a -- the name\n, 5", "SELECT a -- the name\n, 6");
}

TEST_CASE("what a shape looks at is part of a skeleton") {
  differ("SELECT 1 FROM users_2009", "SELECT 1 FROM users_2010");
  differ("SELECT a FROM t WHERE b LIKE 'x%'", "SELECT a FROM t WHERE b LIKE '%x'");
  differ("SELECT a, b FROM t ORDER BY 1", "SELECT a, b FROM t ORDER BY 2");
  differ("SELECT a, b FROM t ORDER BY 1, 2", "SELECT a, b FROM t ORDER BY 1, 1");
  differ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = '1'");
  differ("SELECT 'a' FROM t", "SELECT \"a\" FROM t");
  differ("SELECT a FROM t ORDER BY /* c */ 1", "SELECT a FROM t ORDER BY /* c */ 2");
  differ("SELECT a FROM t ORDER BY -- c\n 1", "SELECT a FROM t ORDER BY -- c\n 2");
  differ("SELECT a FROM t WHERE b LIKE /* c */ 'x%'", "SELECT a FROM t WHERE b LIKE /* c */ '%x'");
}

TEST_CASE("texts that only a lexer can take apart have no skeleton") {
  for (const char* sql :
       {"SELECT E'\\''", "SELECT $a$ x $a$", "SELECT a /* \x01 */ + 2", "SELECT \x01", "SELECT U&'x'"}) {
    INFO(sql);
    CHECK_FALSE(skeleton_of(sql).known);
  }
  CHECK_FALSE(skeleton_of("SELECT '" + std::string(70'000, 'x') + "'").known);
}

TEST_CASE("values tell executions of one statement apart") {
  CHECK(skeleton_of("SELECT 1").values == skeleton_of("select 1").values);
  CHECK(skeleton_of("SELECT 1").values != skeleton_of("SELECT 2").values);
  CHECK(skeleton_of("SELECT 1, 23").values != skeleton_of("SELECT 12, 3").values);
  CHECK(skeleton_of("SELECT a FROM t").values == 0);
}

TEST_CASE("one skeleton, one shape: for whatever text") {
  std::mt19937 random(2026);
  std::map<std::uint64_t, std::pair<std::uint64_t, std::string>> shapes;
  ShapeCache cache;
  for (int i = 0; i < 300'000; ++i) {
    const std::string sql = random_sql(random);
    const std::uint64_t shape = shape_hash(sql);
    const Skeleton skeleton = skeleton_of(sql);
    if (cache.of(sql).shape != shape) FAIL("the cache errs on: " << sql);
    if (!skeleton.known) continue;
    const auto [other, is_new] = shapes.try_emplace(skeleton.text, shape, sql);
    if (!is_new && other->second.first != shape)
      FAIL("one skeleton, two shapes:\n" << sql << "\n" << other->second.second);
  }
  CHECK(shapes.size() > 10'000);
}

}  // namespace assay
