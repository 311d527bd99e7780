#include "parser/sql/ingredients.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "parser/sql/statement.h"

namespace assay {
namespace {

using Words = std::vector<std::string>;

Ingredients of(const std::string& sql) { return parse_statement(sql).statement->ingredients; }

Words calls(const std::string& sql) {
  Words list;
  for (const CalledFunction& call : of(sql).functions) list.push_back(call.name + "/" + std::to_string(call.arguments));
  return list;
}

}  // namespace

TEST_CASE("ingredients: functions with the number of their arguments, wherever they stand") {
  CHECK(calls("SELECT lower(a), f(1, 2), count(*) FROM t") == Words{"lower/1", "f/2", "count/0"});
  CHECK(calls("SELECT 1 FROM t WHERE a > now() - interval '1 day' ORDER BY random()") == Words{"now/0", "random/0"});
  CHECK(calls("SELECT current_date, CURRENT_USER") == Words{"current_date/0", "current_user/0"});
  CHECK(calls("SELECT * FROM s.g(1) x JOIN (SELECT h() FROM t) y ON true") == Words{"s.g/1", "h/0"});
  CHECK(calls("WITH a AS (SELECT f(x) FROM t) SELECT * FROM a LIMIT f(1)") == Words{"f/1"});
  CHECK(calls("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t") == Words{"percentile_cont/2"});
  CHECK(calls("SELECT extract(year FROM a), a AT TIME ZONE 'UTC' FROM t") == Words{"extract/2", "timezone/2"});
}

TEST_CASE("ingredients: operators, casts and operands") {
  CHECK(of("SELECT a || 'x' FROM t WHERE b BETWEEN 1 AND 2 AND c LIKE 'x%'").operators == Words{"||", ">=", "~~"});
  CHECK(of("SELECT a OPERATOR(s.+) 1 FROM t").operators == Words{"s.+"});
  CHECK(of("SELECT a::text, CAST(b AS timestamptz), date '2026-01-01' FROM t").casts ==
        Words{"text", "timestamptz", "date"});
  CHECK(of("SELECT a, b FROM t JOIN u USING (c) WHERE d > 1 AND f(e) = 2").operands == Words{"c", "d", "e"});
}

TEST_CASE("ingredients: what changes or locks, at any depth") {
  CHECK(of("WITH a AS (WITH b AS (DELETE FROM t RETURNING x) SELECT * FROM b) SELECT * FROM a").changes_data);
  CHECK(of("SELECT * FROM (SELECT * FROM t FOR SHARE) x").locks_rows);
  CHECK(of("SELECT * FROM t TABLESAMPLE SYSTEM (1)").samples_rows);
  CHECK_FALSE(of("SELECT * FROM t TABLESAMPLE SYSTEM (1) REPEATABLE (2)").samples_rows);
  const Ingredients plain = of("SELECT * FROM t WHERE a = 1");
  CHECK_FALSE((plain.changes_data || plain.locks_rows || plain.samples_rows));
}

TEST_CASE("ingredients: literals that are moments") {
  const auto literal = [](const std::string& text) { return of("SELECT * FROM t WHERE a = '" + text + "'"); };
  for (const char* text : {"now", "Today", " yesterday ", "tomorrow 10:00"}) CHECK(literal(text).clock_literal);
  for (const char* text : {"nowhere", "x now", "", "1"}) CHECK_FALSE(literal(text).clock_literal);
  for (const char* text : {"2026-11-24", "2026-11-24 10:00:00", "10:00", "20261124 10", "20261124", "24 Nov 2026",
                           "{2026-11-24}", "[2026-01-01,)", "Nov 24, 2026", "1/2/2026"}) {
    CHECK(literal(text).zoneless_literal);
  }
  for (const char* text :
       {"2026-11-24 10:00:00+01", "2026-11-24T10:00:00Z", "P-0001", "1", "550e8400-e29b-41d4", "may"}) {
    CHECK_FALSE(literal(text).zoneless_literal);
  }
  for (const char* text : {"1/2/2026", "24.11.2026", "Nov 24, 2026"}) CHECK(literal(text).styled_literal);
  CHECK_FALSE(literal("2026-11-24").styled_literal);
}

}  // namespace assay
