// What statements of MySQL's and MariaDB's mean: tables, functions, locks.
#include "parser/sql/mysql_statement.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "parser/sql/mysql_rewrite.h"

namespace assay {
namespace {

/// "db.read, !written" in the order of the text, then functions behind a bar; the problem where there is no statement.
std::string meaning(std::string_view sql) {
  const ParsedStatement parsed = parse_mysql_statement(sql);
  if (!parsed.statement) return "not parsed";
  std::string text;
  for (const RelationUse& relation : parsed.statement->relations) {
    text += (text.empty() ? "" : ", ") + std::string(relation.written ? "!" : "") +
            (relation.schema.empty() ? "" : relation.schema + ".") + relation.name;
  }
  std::string functions;
  for (const CalledFunction& call : parsed.statement->ingredients.functions) functions += " " + call.name;
  if (!functions.empty()) text += " |" + functions;
  if (parsed.statement->ingredients.locks_rows) text += " locks";
  if (parsed.statement->runs_unseen) text += " unseen";
  return text;
}

}  // namespace

TEST_CASE("mysql: tables and functions of queries") {
  CHECK(meaning("SELECT * FROM `Orders` WHERE `id` = 5") == "orders");
  CHECK(meaning("SELECT * FROM crm.`order``s` o, users u WHERE o.user = u.id LIMIT 5, 10") == "crm.order`s, users");
  CHECK(meaning("SELECT SQL_NO_CACHE /*! STRAIGHT_JOIN */ a FROM t FORCE INDEX (i, j) WHERE b <=> NULL") == "t");
  CHECK(meaning("SELECT a FROM t USE INDEX FOR ORDER BY (i) IGNORE KEY (k) ORDER BY a LIMIT ?, ?") == "t");
  CHECK(meaning("SELECT DATE_SUB(NOW(), INTERVAL 1 DAY), day(x) FROM t") == "t | date_sub now day");
  CHECK(meaning("SELECT x + INTERVAL ? HOUR_SECOND FROM t") == "t");
  CHECK(meaning("SELECT CAST(a AS UNSIGNED INTEGER), CONVERT(b, DECIMAL(10,2)), CONVERT(c USING utf8mb4) FROM t") ==
        "t | convert");
  CHECK(meaning("SELECT a FROM t WHERE MATCH (b, c) AGAINST ('+x -y' IN BOOLEAN MODE)") == "t | match");
  CHECK(meaning("SELECT GROUP_CONCAT(DISTINCT a ORDER BY b DESC SEPARATOR ', ') FROM t GROUP BY c WITH ROLLUP") ==
        "t | group_concat");
  CHECK(meaning("SELECT a FROM t WHERE b REGEXP '^x' AND c NOT RLIKE \"y\" AND d LIKE BINARY 'z' COLLATE utf8_bin") ==
        "t");
  CHECK(meaning("SELECT IF(a, 'b', \"it's\"), LEFT(c, 3), CHAR(65), USER(), CURRENT_DATE(), TIME(x) FROM t") ==
        "t | if left char user current_date time");
  CHECK(meaning("SELECT @x := @x + 1, @@session.sql_mode FROM t") == "t | @user_variable @@system_variable");
  CHECK(meaning("SELECT SQL_CALC_FOUND_ROWS DISTINCTROW a FROM t LIMIT 1") != "t");
  CHECK(meaning("SELECT a DIV 2, b MOD 3, MOD(b, 3), !c, d && e || f XOR g FROM t") == "t | mod");
  CHECK(meaning("SELECT a AS 'name', b AS \"other\" FROM t AS x JOIN db2.y USING (id)") == "t, db2.y");
  CHECK(meaning("SELECT count(*), COUNT(DISTINCT a, b) FROM 2010_sales PARTITION (p0, p1)") ==
        "2010_sales | count count");
  CHECK(meaning("SELECT a FROM t WHERE id IN (SELECT id FROM u FOR UPDATE)") == "t, u locks");
  CHECK(meaning("SELECT a FROM t LIMIT 1 LOCK IN SHARE MODE") == "t locks");
  CHECK(meaning("(SELECT a FROM t) UNION ALL (SELECT b FROM u) ORDER BY 1") == "t, u");
  CHECK(meaning("WITH x AS (SELECT a FROM t) SELECT * FROM x") == "t");
  CHECK(meaning("SELECT 0x1F, x'4142', 0b101, _utf8mb4'é', 1.5e3, -5, TRUE FROM DUAL").find("not") ==
        std::string::npos);
  CHECK(meaning("SELECT data->>'$.x', JSON_EXTRACT(data, '$.y') FROM t") == "t | json_extract");
  CHECK(meaning("SELECT shop_total(id) FROM t") == "t | shop_total");
}

TEST_CASE("mysql: what changes") {
  CHECK(meaning("INSERT INTO t (a, b) VALUES (1, NOW()), (2, 'x')") == "!t | now");
  CHECK(meaning("INSERT IGNORE crm.t VALUES (1) ON DUPLICATE KEY UPDATE a = a + VALUES(a)").starts_with("!crm.t"));
  CHECK(meaning("INSERT INTO t SET a = 1, b = 2") == "!t");
  CHECK(meaning("INSERT INTO t SELECT * FROM u") == "!t, u");
  CHECK(meaning("REPLACE INTO t VALUE (1)") == "!t");
  CHECK(meaning("UPDATE LOW_PRIORITY t SET a = 1 WHERE b = 2 ORDER BY c LIMIT 1") == "!t");
  CHECK(meaning("DELETE QUICK FROM t WHERE a = 1 LIMIT 10") == "!t");
  CHECK(meaning("UPDATE t JOIN u ON t.id = u.id SET t.a = 1") == "not parsed");
  CHECK(meaning("TRUNCATE TABLE crm.t") == "!crm.t");
  CHECK(meaning("TRUNCATE t") == "!t");
  CHECK(meaning("DROP TABLE IF EXISTS a, `B`.c") == "!a, !b.c");
  CHECK(meaning("ALTER TABLE t ADD COLUMN x INT") == "!t");
  CHECK(meaning("RENAME TABLE t TO old, new TO t") == "!t, !old, !new, !t");
  CHECK(meaning("LOAD DATA INFILE 'x' INTO TABLE t FIELDS TERMINATED BY ','") == "!t");
  CHECK(meaning("CALL fill()") == " unseen");
  CHECK(meaning("DROP DATABASE crm") == " unseen");
  CHECK(meaning("SET @x = 1").empty());
  CHECK(meaning("SELECT a INTO @x FROM t").empty());
  CHECK(meaning("SHOW TABLES").empty());
}

TEST_CASE("mysql: any bytes are rewritten, and nothing else happens") {
  std::mt19937 random(1);
  using namespace std::string_view_literals;  // with a zero byte
  const std::vector<std::string_view> parts = {"select ",
                                               "insert ",
                                               "(",
                                               ")",
                                               ",",
                                               "limit ",
                                               "1",
                                               "`a",
                                               "'x",
                                               "cast(",
                                               "as ",
                                               "convert(",
                                               "against (",
                                               "in ",
                                               "interval ",
                                               "@x ",
                                               "@@",
                                               ".",
                                               "on duplicate key update ",
                                               "values(",
                                               "use index ",
                                               "\0"sv,
                                               "?",
                                               "--\n",
                                               "/*! ",
                                               "set ",
                                               "from ",
                                               "t "};
  for (int round = 0; round < 5000; ++round) {
    std::string sql;
    for (std::size_t i = random() % 12; i > 0; --i) sql += parts[random() % parts.size()];
    CHECK(rewrite_mysql(sql).size() <= 20 * sql.size() + 40);
    parse_mysql_statement(sql);
  }
}

}  // namespace assay
