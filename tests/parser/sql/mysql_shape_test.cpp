// The lexical normaliser in MySQL's dialect.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "parser/sql/lexer.h"
#include "parser/sql/like_pattern.h"
#include "parser/sql/shape.h"

using namespace assay;

namespace {

std::string mysql(std::string_view sql) { return normalize(sql, SqlDialect::kMysql); }

bool same(std::string_view a, std::string_view b) {
  return shape_hash(a, SqlDialect::kMysql) == shape_hash(b, SqlDialect::kMysql);
}

std::string tokens(std::string_view sql) {
  constexpr std::string_view kKinds = "ewqsnpo.";
  std::string out;
  Lexer lexer(sql, SqlDialect::kMysql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (!out.empty()) out += ' ';
    out += std::string(1, kKinds[static_cast<std::size_t>(token.kind)]) + ":" + std::string(token.text);
  }
  return out;
}

}  // namespace

TEST_CASE("mysql: strings in either quotes, names in backticks") {
  CHECK(tokens(R"('a' "b" `c` 'it''s' "say ""hi""" 'a\'b' "a\"b" `a``b` '\\' x)") ==
        R"(s:'a' s:"b" q:`c` s:'it''s' s:"say ""hi""" s:'a\'b' s:"a\"b" q:`a``b` s:'\\' w:x)");
  CHECK(tokens("'open") == "s:'open");
  CHECK(tokens("'ends in \\") == "s:'ends in \\");
}

TEST_CASE("mysql: literals that begin like words") {
  CHECK(tokens("x'4D' X'4D' b'01' N'a' _utf8mb4'é' _latin1\"b\" _utf8 xx'a'") ==
        "s:x'4D' s:X'4D' s:b'01' s:N'a' s:_utf8mb4'é' s:_latin1\"b\" w:_utf8 w:xx s:'a'");
}

TEST_CASE("mysql: numbers, and names that begin with digits") {
  CHECK(tokens("1 1.5 .5 1. 1e5 1.5E-3 0x1F 0b101 2010_sales 1abc 0xZZ 1e 5e+") ==
        "n:1 n:1.5 n:.5 n:1. n:1e5 n:1.5E-3 n:0x1F n:0b101 w:2010_sales w:1abc w:0xZZ w:1e w:5e o:+");
}

TEST_CASE("mysql: comments") {
  CHECK(tokens("a # b\nc -- d\ne --f\n/* g */ h /*+ NO_INDEX(t) */ i --") == "w:a w:c w:e o:- o:- w:f w:h w:i");
  CHECK(tokens("SELECT /*!50003 STRAIGHT_JOIN */ 1 /*M!100100 + 2 */ /*! */ * 3") ==
        "w:SELECT w:STRAIGHT_JOIN n:1 o:+ n:2 o:* n:3");
  CHECK(tokens("/* open") == "");
}

TEST_CASE("mysql: variables, operators, placeholders") {
  CHECK(tokens("@a := @@global.b, @@c <=> ? AND x->>'$.y' || !z && a<=-1") ==
        "w:@a .::= w:@@global .:. w:b .:, w:@@c o:<=> p:? w:AND w:x o:->> s:'$.y' o:|| o:! w:z o:&& w:a o:<= o:- n:1");
  CHECK(tokens("'web'@'localhost'") == "s:'web' o:@ s:'localhost'");
}

TEST_CASE("mysql: one class whatever the literals") {
  CHECK(same("SELECT * FROM t WHERE a = 'x'", "select * from t where a = \"it's\" # note"));
  CHECK(same("SELECT * FROM t WHERE a IN (1)", "SELECT * FROM t WHERE a IN (2, -3, 0x1F)"));
  CHECK(same("INSERT INTO t (a, b) VALUES (1, 'x')", "INSERT INTO t (a, b) VALUES (2, NULL), (3, \"y\")"));
  CHECK(same("INSERT INTO t VALUE (1)", "INSERT INTO t VALUE (1), (2)"));
  CHECK(same("SELECT a LIMIT 5, 10", "SELECT a LIMIT 50, 7"));
  CHECK(same("SELECT -1", "SELECT 1"));
  CHECK(same("SELECT a FROM t WHERE b = ?", "SELECT a FROM t WHERE b = 7"));
}

TEST_CASE("mysql: what is kept apart") {
  CHECK_FALSE(same("SELECT 1 FROM users_2009", "SELECT 1 FROM users_2010"));
  CHECK_FALSE(same("SELECT 1 FROM 2009_users", "SELECT 1 FROM 2010_users"));
  CHECK_FALSE(same("SELECT 1 FROM `users`", "SELECT 1 FROM `USERS`"));
  CHECK_FALSE(same("SELECT 1 FROM t LIMIT 1", "SELECT 1 FROM t LIMIT 1, 2"));
  CHECK_FALSE(same("SELECT a = 1", "SELECT a <=> 1"));
  CHECK_FALSE(same("SELECT value - 1 FROM t", "SELECT value FROM t"));
  CHECK_FALSE(same("SELECT f LIKE 'a%'", "SELECT f LIKE '%a'"));
  CHECK_FALSE(same("SELECT f LIKE \"a%\"", "SELECT f LIKE \"%a\""));
}

TEST_CASE("mysql: texts for people") {
  CHECK(
      mysql(
          "INSERT INTO `t` (a) VALUES (1), (2) ON DUPLICATE KEY UPDATE a = a + VALUES(a), b=IF(VALUES(b) > b, 1, b)") ==
      "INSERT INTO `t` (a) VALUES (?), … ON DUPLICATE KEY UPDATE a = a + VALUES (a), b = IF(VALUES (b) > b, ?, b)");
  CHECK(mysql("SELECT @n := @n + 1, DATE_SUB(NOW(), INTERVAL -1 DAY) FROM t LIMIT 5, 10") ==
        "SELECT @n := @n + ?, DATE_SUB(NOW(), INTERVAL ? DAY) FROM t LIMIT ?, ?");
  CHECK(mysql("administrator command: Prepare") == "administrator command: Prepare");
}

TEST_CASE("mysql: LIKE patterns, in which a backslash before a wildcard stays") {
  const auto shape = [](std::string_view literal) { return like_class(literal, SqlDialect::kMysql); };
  CHECK(shape("'a%'") == "'?%'");
  CHECK(shape("\"%a\"") == "'%?'");
  CHECK(shape("'a\\%'") == "'?'");
  CHECK(shape("'a\\\\%'") == "'?'");
  CHECK(shape("'it\\'s%'") == "'?%'");
}

TEST_CASE("mysql: any bytes make a shape") {
  std::mt19937 random(1);
  using namespace std::string_view_literals;  // with a zero byte
  constexpr std::string_view kBytes = "\0'\"`\\#-/*!@:=<>?.,;()[]x1_ \nIN VALUES\xE4"sv;
  for (int round = 0; round < 20'000; ++round) {
    std::string sql(random() % 40, ' ');
    for (char& c : sql) c = kBytes[random() % kBytes.size()];
    CHECK(shape_hash(sql, SqlDialect::kMysql) != 0);
    CHECK(mysql(sql).size() <= 3 * sql.size() + 16);
  }
}

TEST_CASE("PostgreSQL's dialect is the default, and is as it was") {
  CHECK(normalize("SELECT \"a\", `b # c\n-- d") == "SELECT \"a\", ` b # c");
  CHECK(shape_hash("SELECT 1") == shape_hash("SELECT 2", SqlDialect::kPostgres));
}
