// What a statement means: scopes, predicates, order and grouping. statement_meaning.h explains the notation.
#include "parser/sql/statement.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "tests/parser/sql/statement_meaning.h"

namespace assay {
namespace {

void means(const std::string& sql, const std::string& expected) {
  INFO(sql);
  CHECK(meaning(sql) == expected);
}

/// The predicates of `SELECT 1 FROM t WHERE condition`, without the "t." before each column.
void where(const std::string& condition, const std::string& expected) {
  INFO(condition);
  std::string text = meaning("SELECT 1 FROM t WHERE " + condition);
  for (std::size_t at = text.find("t."); at != std::string::npos; at = text.find("t.", at)) text.erase(at, 2);
  CHECK(text == expected);
}

/// users (id, email, name, active), orders (id, user_id, total, created_at), s.orders (id, note); nothing else.
std::optional<bool> shop(std::string_view schema, std::string_view relation, std::string_view column) {
  static const std::map<std::string, std::set<std::string>, std::less<>> kTables = {
      {"users", {"id", "email", "name", "active"}},
      {"orders", {"id", "user_id", "total", "created_at"}},
      {"s.orders", {"id", "note"}}};
  const std::string name = (schema.empty() ? "" : std::string(schema) + ".") + std::string(relation);
  const auto table = kTables.find(name);
  if (table == kTables.end()) return std::nullopt;
  return table->second.contains(std::string(column));
}

void in_shop(const std::string& sql, const std::string& expected) {
  INFO(sql);
  CHECK(meaning(sql, shop) == expected);
}

TEST_CASE("statement: one table") {
  means("SELECT 1", "");
  means("SELECT * FROM opportunities WHERE owner_id = 7 ORDER BY created_at DESC LIMIT 10",
        "opportunities.owner_id = 7; order opportunities.created_at desc limit");
  means("SELECT * FROM opportunities o WHERE o.owner_id = 7 AND amount > 100", "o.owner_id = 7, o.amount > 100");
  means("SELECT * FROM crm.opportunities WHERE crm.opportunities.id = 7", "opportunities.id = 7");
  means("SELECT count FROM count WHERE count.sum = 1", "count.sum = 1");
  means("SELECT * FROM t TABLESAMPLE system (5) WHERE a = 1", "t.a = 1");
  means("SELECT * FROM ONLY t WHERE ctid = '(0,1)'", "t.ctid = (0,1)");
  means("TABLE t", "");
  CHECK(relations("SELECT * FROM t") == "t *");
  CHECK(relations("SELECT id FROM app.t x") == "app.t x");
  CHECK(relations("SELECT x.* FROM t x, u") == "t x *, u");
}

TEST_CASE("statement: what the mappers write") {
  means(R"(SELECT "opportunities".* FROM "opportunities" WHERE "opportunities"."owner_id" = $1 AND
           "opportunities"."deleted_at" IS NULL ORDER BY "opportunities"."id" ASC LIMIT $2)",
        "opportunities.owner_id =, opportunities.deleted_at IS NULL; order opportunities.id limit");
  means("SELECT o1_0.id FROM opportunities o1_0 JOIN users u1_0 ON u1_0.id = o1_0.owner_id WHERE u1_0.email = 'x'",
        "u1_0.id == o1_0.owner_id, u1_0.email = x");
  means(R"(SELECT "T3"."x" FROM "crm_user" INNER JOIN "crm_user" "T3" ON ("crm_user"."manager_id" = "T3"."id")
           WHERE "T3"."userName" = 'a')",
        "crm_user.manager_id == T3.id, T3.userName = a");
  means(R"(SELECT "up"."timeZone" FROM "UserPreferences" AS "up" WHERE ("up"."userId" = '17'))", "up.userId = 17");
  means("SELECT DISTINCT t0.id FROM deals t0 WHERE t0.stage IN ($1, $2) AND t0.tenant_id = $3",
        "t0.stage IN, t0.tenant_id =; distinct");
}

TEST_CASE("statement: joins") {
  means("SELECT * FROM a, b, c WHERE a.id = b.id AND b.cid = c.id AND a.x = 1", "a.id == b.id, b.cid == c.id, a.x = 1");
  means("SELECT e.id FROM emp e JOIN emp m ON e.boss = m.id WHERE m.id = 1", "e.boss == m.id, m.id = 1");
  means("SELECT * FROM a JOIN b USING (id) LEFT JOIN c USING (id) WHERE id = 5",
        "a.id == b.id, a.id == c.id, a.id = 5");
  means("SELECT * FROM a RIGHT JOIN b USING (id) WHERE id = 5", "a.id == b.id, b.id = 5");
  means("SELECT * FROM a FULL JOIN b USING (id) WHERE id = 5", "a.id == b.id, ? = 5 {other}");
  means("SELECT * FROM a JOIN b USING (id) AS k WHERE k.id = 5", "a.id == b.id, a.id = 5");
  means("SELECT * FROM (a JOIN b USING (id)) AS j WHERE j.id = 5 AND id = 6", "a.id == b.id, a.id = 5, a.id = 6");
  means("SELECT * FROM a JOIN b ON a.id = b.aid JOIN c USING (cid)", "a.id == b.aid, ?.cid == c.cid");
  means("SELECT * FROM a NATURAL JOIN b WHERE a.x = 1", "a.x = 1");
  means("SELECT * FROM a JOIN b ON a.ts > b.ts AND b.id = a.bid", "a.ts > b.ts, b.id == a.bid");
  means("SELECT * FROM e JOIN s ON e.ts BETWEEN s.a AND s.b", "e.ts >= s.a, e.ts <= s.b");
  means("SELECT * FROM a JOIN b ON lower(a.email) = lower(b.email)",
        "a.email: lower(email) = {function}, b.email: lower(email) = {function}");
  means("SELECT * FROM a JOIN b ON a.n = b.m + 1", "a.n == ?, b.m: m + 1 = {function}");
  means("SELECT * FROM t WHERE a = b AND t.c < t.d", "t.a = {other}, t.c < {other}");
}

TEST_CASE("statement: outer joins") {
  means("SELECT * FROM a LEFT JOIN b ON a.id = b.aid AND a.kind = 1 AND b.kind = 2",
        "a.id == b.aid, (a.kind = 1), b.kind = 2");
  means("SELECT * FROM a RIGHT JOIN b ON a.id = b.aid AND a.kind = 1 AND b.kind = 2",
        "a.id == b.aid, a.kind = 1, (b.kind = 2)");
  means("SELECT * FROM a FULL JOIN b ON a.id = b.aid AND a.kind = 1 AND b.kind = 2",
        "a.id == b.aid, (a.kind = 1), (b.kind = 2)");
  means("SELECT * FROM a LEFT JOIN b ON a.id = b.aid WHERE b.id IS NULL", "a.id == b.aid, b.id IS NULL");
  CHECK(relations("SELECT 1 FROM a LEFT JOIN (b JOIN c ON b.id = c.id) ON a.id = b.id, d RIGHT JOIN e ON d.x = e.x") ==
        "a, b nullable, c nullable, d nullable, e");
  CHECK(relations("SELECT 1 FROM a FULL JOIN b ON a.id = b.id") == "a nullable, b nullable");
}

TEST_CASE("statement: names without a relation") {
  means("SELECT * FROM a JOIN b ON a.id = b.aid WHERE status = 'x'", "a.id == b.aid, ?.status = x; 1 unresolved");
  means("SELECT * FROM a JOIN b ON a.id = b.aid JOIN c ON x = 1", "a.id == b.aid, ?.x = 1; 1 unresolved");
  means("SELECT nowhere", "1 unresolved");
  in_shop("SELECT * FROM users, orders WHERE user_id = 5 AND email = 'x'", "orders.user_id = 5, users.email = x");
  in_shop("SELECT * FROM users u JOIN orders o ON user_id = u.id WHERE total > 5 ORDER BY name",
          "o.user_id == u.id, o.total > 5; order u.name");
  in_shop("SELECT * FROM users, orders WHERE id = 5", "?.id = 5; 1 unresolved");
  in_shop("SELECT * FROM users, other WHERE email = 'x' AND kind = 5", "users.email = x, other.kind = 5");
  in_shop("SELECT * FROM users, s.orders WHERE note = 'x'", "orders.note = x");
  in_shop("SELECT * FROM users NATURAL JOIN orders WHERE id = 5", "users.id = 5");
  in_shop("SELECT * FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = email)",
          "1: orders.user_id == users.email; 1: correlated");
  in_shop("SELECT * FROM orders JOIN users ON user_id = users.id JOIN s.orders n USING (id)",
          "orders.user_id == users.id, ?.id == n.id");
  in_shop("SELECT * FROM users, (SELECT * FROM orders) o WHERE total > 5 AND active",
          "orders.total > 5, users.active = true");
  in_shop("SELECT * FROM users, generate_series(1, 3) g WHERE g = 1 AND email = 'x'", "? = 1 {other}, users.email = x");
}

TEST_CASE("statement: derived tables") {
  means("SELECT * FROM (SELECT * FROM t WHERE a = 1) x WHERE x.b > 2 ORDER BY x.c DESC LIMIT 5",
        "1: t.a = 1, t.b > 2; order t.c desc limit");
  means("SELECT * FROM (SELECT id AS k, v FROM t) x WHERE x.k = 1 AND v = 2", "t.id = 1, t.v = 2");
  means("SELECT * FROM (SELECT id, v FROM t) x(k) WHERE k = 1 AND v = 2", "t.id = 1, t.v = 2");
  means("SELECT * FROM (SELECT * FROM (SELECT * FROM t) y) x WHERE a = 1", "t.a = 1");
  means("SELECT * FROM (SELECT a.*, b.kind FROM a, b) x WHERE kind = 1 AND name = 'n'", "b.kind = 1, a.name = n");
  means("SELECT * FROM (SELECT lower(a) AS l FROM t) x WHERE l = 'x'", "? = x {other}");
  means("SELECT * FROM (SELECT user_id, count(*) AS n FROM o GROUP BY user_id) x WHERE x.user_id = 5 AND n > 3",
        "o.user_id = 5, ? > 3 {other}; 1: group o.user_id aggregates");
  means("SELECT * FROM u JOIN (SELECT user_id, count(*) AS n FROM o GROUP BY 1) x ON x.user_id = u.id",
        "u.id == ?; 1: group o.user_id aggregates");
  means("SELECT * FROM (SELECT DISTINCT a FROM t) x WHERE a = 1", "t.a = 1; 1: distinct");
  means("SELECT * FROM (SELECT * FROM t ORDER BY b) x WHERE a = 1", "t.a = 1; 1: order t.b");
  means("SELECT * FROM (SELECT * FROM t LIMIT 5) x WHERE a = 1", "? = 1 {other}; 1: limit");
  means("SELECT * FROM (SELECT DISTINCT ON (a) a, b FROM t) x WHERE b = 1", "? = 1 {other}; 1: distinct");
  means("SELECT * FROM (SELECT a, rank() OVER (ORDER BY b) AS r FROM t) x WHERE r = 1 AND a = 2",
        "? = 1 {other}, ? = 2 {other}; 1: aggregates");
  means("SELECT * FROM (SELECT a FROM t UNION ALL SELECT b FROM u) x WHERE a = 1", "? = 1 {other}");
  means("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(id, n) JOIN t ON t.id = v.id", "t.id == ?");
  CHECK(relations("SELECT count(*) FROM (SELECT * FROM t) x") == "t");
  CHECK(relations("SELECT x.a FROM (SELECT * FROM t) x") == "t");
  CHECK(relations("SELECT * FROM (SELECT * FROM t) x") == "t *");
  CHECK(relations("SELECT count(*) FROM (SELECT DISTINCT * FROM t) x") == "t *");
  CHECK(columns_read("SELECT x.a FROM (SELECT * FROM t) x WHERE x.b = 1") == "t.b, t.a");
}

TEST_CASE("statement: WITH") {
  means("WITH users AS (SELECT * FROM users WHERE active) SELECT email FROM users WHERE id = 5",
        "1: users.active = true, users.id = 5");
  means("WITH c AS (SELECT id, owner_id AS o FROM t) SELECT * FROM c WHERE o = 1", "t.owner_id = 1");
  means("WITH c(x, y) AS (SELECT id, owner_id FROM t) SELECT * FROM c WHERE y = 1", "t.owner_id = 1");
  means("WITH a AS (SELECT * FROM t), b AS (SELECT * FROM a WHERE x = 1) SELECT y FROM b WHERE z = 2",
        "2: t.x = 1, t.z = 2");
  means("WITH c AS (SELECT * FROM t) SELECT * FROM c WHERE x = 1 AND y IN (SELECT y FROM c WHERE z = 2)",
        "? = 1 {other}, 2: ? = 2 {other}, ? = {other}");
  means("WITH c AS MATERIALIZED (SELECT * FROM t) SELECT * FROM c WHERE o = 1", "? = 1 {other}");
  means("WITH c AS NOT MATERIALIZED (SELECT * FROM t) SELECT * FROM c WHERE o = 1", "t.o = 1");
  means("WITH c AS (SELECT * FROM t WHERE r < random()) SELECT * FROM c WHERE o = 1",
        "1: t.r < {volatile}, ? = 1 {other}");
  means("WITH c AS (SELECT * FROM t FOR UPDATE) SELECT * FROM c WHERE o = 1", "? = 1 {other}");
  means(
      "WITH x AS (SELECT * FROM t) SELECT * FROM (WITH x AS (SELECT * FROM u) SELECT * FROM x WHERE a = 1) y, x "
      "WHERE x.b = 2",
      "2: u.a = 1, t.b = 2");
  means("SELECT * FROM (WITH x AS (SELECT * FROM u) SELECT * FROM x) y, x WHERE x.b = 2", "x.b = 2");
  means("WITH x AS (SELECT 1) SELECT * FROM s.x WHERE b = 2", "x.b = 2");
  CHECK(relations("WITH x AS (SELECT a FROM t) SELECT a FROM x, s.x y, x z") == "t, s.x y");
  CHECK(relations("WITH a AS (SELECT q FROM b), b AS (SELECT q FROM a) SELECT q FROM b") == "b");
  CHECK(relations("WITH RECURSIVE a AS (SELECT q FROM b), b AS (SELECT q FROM t) SELECT q FROM a") == "t");
}

TEST_CASE("statement: WITH RECURSIVE and data-modifying WITH") {
  means(
      "WITH RECURSIVE tree AS (SELECT id, parent_id FROM cat WHERE id = 1 UNION ALL SELECT c.id, c.parent_id "
      "FROM cat c JOIN tree t ON c.parent_id = t.id) SELECT * FROM tree WHERE parent_id = 3",
      "2: cat.id = 1, 3: c.parent_id == ?, ? = 3 {other}");
  means("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT * FROM t, n WHERE id = i",
        "3: ? < 9 {other}, t.id == ?");
  means(
      "WITH d AS (DELETE FROM q WHERE id IN (SELECT id FROM q ORDER BY p LIMIT 5 FOR UPDATE SKIP LOCKED) RETURNING *) "
      "SELECT * FROM d WHERE p > 3",
      "1: q.id == ?, ? > 3 {other}; 2: order q.p limit");
  means("WITH q AS (SELECT id FROM t WHERE s = 'n' LIMIT 1 FOR UPDATE) UPDATE t SET s = 'd' FROM q WHERE t.id = q.id",
        "1: t.s = n, t.id == ?; 1: limit");
  CHECK(relations("WITH n AS (INSERT INTO a (x) VALUES (1) RETURNING x) SELECT x FROM n, b") == "a written, b");
}

TEST_CASE("statement: subqueries in expressions") {
  means("SELECT * FROM u WHERE EXISTS (SELECT 1 FROM o WHERE o.user_id = u.id AND o.state = 'open')",
        "1: o.user_id == u.id, 1: o.state = open; 1: correlated");
  means("SELECT * FROM u WHERE NOT EXISTS (SELECT * FROM o WHERE u.id = o.user_id)",
        "1: o.user_id == u.id; 1: correlated");
  means("SELECT * FROM u WHERE a = 1 OR EXISTS (SELECT 1 FROM o WHERE o.user_id = u.id)",
        "(u.a = 1), 1: o.user_id == u.id; 1: correlated");
  means("SELECT * FROM u WHERE EXISTS (SELECT 1 FROM o WHERE o.created_at > u.seen_at AND o.k = u.k || 'x')",
        "1: o.created_at > u.seen_at, 1: o.k == ?; 1: correlated");
  means("SELECT * FROM u WHERE id IN (SELECT user_id FROM o WHERE o.k = 3)", "1: o.k = 3, u.id == o.user_id");
  means("SELECT * FROM u WHERE id = ANY (SELECT user_id FROM o)", "u.id == o.user_id");
  means("SELECT * FROM u WHERE id NOT IN (SELECT user_id FROM o)", "u.id NOT IN o.user_id {not}");
  means("SELECT * FROM u WHERE a = 1 OR id IN (SELECT user_id FROM o)", "(u.a = 1), (u.id == o.user_id)");
  means("SELECT * FROM u WHERE (x, y) IN (SELECT a, b FROM o)", "u.x == o.a, u.y == o.b");
  means("SELECT * FROM u WHERE id IN (SELECT user_id FROM o GROUP BY user_id)", "u.id == ?; 1: group o.user_id");
  means("SELECT * FROM u WHERE id = (SELECT user_id FROM o WHERE o.id = 5)", "1: o.id = 5, u.id =");
  means("SELECT * FROM o WHERE ts = (SELECT max(ts) FROM o p WHERE p.uid = o.uid)",
        "1: p.uid == o.uid, o.ts = {other}; 1: aggregates correlated");
  means("SELECT x.*, (SELECT name FROM users u WHERE u.id = x.owner_id) FROM deals x WHERE x.id = 1",
        "x.id = 1, 1: u.id == x.owner_id; 1: correlated");
  means("SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b WHERE EXISTS (SELECT 1 FROM c WHERE c.x = a.x AND c.y = b.y))",
        "2: c.x == a.x, 2: c.y == b.y; 1: correlated; 2: correlated");
  CHECK(relations("SELECT u.id FROM u WHERE EXISTS (SELECT * FROM o)") == "u, o");
}

TEST_CASE("statement: LATERAL and functions in FROM") {
  means(
      "SELECT u.id FROM u, LATERAL (SELECT * FROM o WHERE o.user_id = u.id ORDER BY o.ts DESC LIMIT 1) l "
      "WHERE l.total > 5",
      "1: o.user_id == u.id, ? > 5 {other}; 1: order o.ts desc correlated limit");
  means("SELECT u.id FROM u LEFT JOIN LATERAL (SELECT o.total FROM o WHERE o.user_id = u.id) l ON true",
        "1: o.user_id == u.id; 1: correlated");
  means("SELECT * FROM a, (SELECT * FROM b WHERE b.x = a.x) c", "1: b.x == ?.x; 1 unresolved");
  means("SELECT t.id FROM t, unnest($1::int[]) AS x(id) WHERE t.id = x.id", "t.id == ?");
  means("SELECT id FROM t, unnest(t.tags) AS tag WHERE tag = 'x' AND t.k = 2", "? = x {other}, t.k = 2");
  means("SELECT * FROM t, jsonb_array_elements(t.data) e WHERE e->>'k' = 'x' AND id = 3", "? = x {other}, t.id = 3");
  means("SELECT * FROM t, jsonb_to_recordset(t.data) AS r(x int, y text) WHERE y = 'a' AND id = 3",
        "? = a {other}, t.id = 3");
  CHECK(relations("SELECT * FROM generate_series(1, 5) g, users() u") == "");
  CHECK(relations("SELECT 1 FROM xmltable('/a' PASSING (SELECT d FROM t) COLUMNS y int PATH 'z') q WHERE q.y = 1") ==
        "t");
}

TEST_CASE("statement: set operations") {
  means("SELECT a FROM t WHERE b = 1 UNION ALL SELECT c FROM u WHERE d = 2 UNION SELECT e FROM v ORDER BY 1 LIMIT 3",
        "1: t.b = 1, 2: u.d = 2; order a limit");
  means("(SELECT a FROM t ORDER BY a LIMIT 1) EXCEPT (SELECT a FROM u ORDER BY b) ORDER BY a DESC",
        "order a desc; 1: order t.a limit; 2: order u.b");
  means("SELECT a FROM t UNION (SELECT a FROM u INTERSECT SELECT a FROM v WHERE x = 1)", "3: v.x = 1");
  means("VALUES (1), (2) ORDER BY 1", "order column1");
  CHECK(relations("SELECT * FROM t UNION ALL SELECT * FROM u") == "t *, u *");
}

TEST_CASE("statement: comparisons") {
  where("a = 5 AND b = 'x' AND c = $1 AND d = 1.5 AND e = -5 AND f = true",
        "a = 5, b = x, c =, d = 1.5, e = -5, f = true");
  where("5 < a AND 5 >= b AND 7 = c AND 1 <> d", "a > 5, b <= 5, c = 7, d <> 1 {not}");
  where("a = now() - interval '1 day' AND b > current_date", "a =, b >");
  where("a = random() AND b < pg_catalog.clock_timestamp()", "a = {volatile}, b < {volatile}");
  where("a = '5'::int AND b = date '2020-01-01' AND c = cast('x' AS text)", "a = 5, b = 2020-01-01, c = x");
  where("a = NULL AND b IS NULL AND c IS NOT NULL", "a = {other}, b IS NULL, c IS NOT NULL");
  where("a IS NOT DISTINCT FROM 5 AND b IS DISTINCT FROM 4", "a IS NOT DISTINCT FROM 5, b IS DISTINCT FROM 4 {not}");
  where("a BETWEEN 1 AND 5 AND b NOT BETWEEN 1 AND 2 AND 5 BETWEEN c AND d",
        "a BETWEEN, b NOT BETWEEN {not}, c <= 5, d >= 5");
  where("a OPERATOR(pg_catalog.=) 5 AND b ~ '^x' AND c !~* 'y' AND 1 = 1", "a = 5, b ~ ^x {other}, c !~* y {not}");
  where("(a, b) = (1, 2) AND (c, d) > (3, 4)", "a = 1, b = 2, c > 3");
  where("(a, b) IN ((1, 2), (3, 4)) AND (c, d) = (SELECT 1, 2)", "a IN, b IN, c =, d =");
  where("starts_with(a, 'x') AND NULLIF(b, c)", "a starts_with {other}, b {other}");
  where("CASE WHEN a = 1 THEN b = 2 ELSE c = 3 END", "a {other}");
}

TEST_CASE("statement: lists and arrays") {
  where("a IN (1, 2) AND b IN ('x') AND c NOT IN (1, 2) AND 5 IN (d, e)", "a IN, b IN x, c NOT IN {not}");
  where("a = ANY (ARRAY[1, 2]) AND b = ANY ($1) AND c = ANY ('{1,2}')", "a = ANY, b = ANY, c = ANY {1,2}");
  where("a <> ALL ($1) AND NOT (b = ANY ($1)) AND c LIKE ANY (ARRAY['a%'])",
        "a <> ALL {not}, b <> ALL {not}, c ~~ ANY {other}");
  where("$1 = ANY (tags) AND labels && ARRAY['x'] AND a @> '{x,y}' AND b <@ $1::text[] AND ARRAY[1] <@ c",
        "tags = ANY {array}, labels && {array}, a @> {x,y} {array}, b <@ {array}, c @> {array}");
  where("during && '[2020-01-01,2020-02-01)' AND span @> int4range(1, 2)",
        "during && [2020-01-01,2020-02-01) {other}, span @> {other}");
  where("arr[1] = 5", "arr: arr[1] = 5 {function}");
}

TEST_CASE("statement: AND, OR, NOT") {
  where("a = 1 OR (b = 2 AND c = 3)", "(a = 1), (b = 2), (c = 3)");
  where("a = 1 AND (b = 2 OR c = 3) AND (d = 4 AND e = 5)", "a = 1, (b = 2), (c = 3), d = 4, e = 5");
  where("NOT (a = 1) AND NOT (b < 2) AND NOT c IN (1, 2) AND NOT (d IS NULL) AND NOT NOT e = 1",
        "a <> 1 {not}, b >= 2, c NOT IN {not}, d IS NOT NULL, e = 1");
  where("NOT (a = 1 AND b = 2) AND NOT (c = 1 OR d = 2)", "(a = 1), (b = 2), (c = 1), (d = 2)");
  where("NOT (a <> 1) AND NOT (b BETWEEN 1 AND 2) AND NOT (c LIKE 'x%') AND NOT (d @> '{}')",
        "a = 1, b NOT BETWEEN {not}, c NOT LIKE x% {not}, (d @> {} {json})");
  where("active AND NOT deleted AND (x OR y)", "active = true, deleted = false, (x = true), (y = true)");
  where("a IS TRUE AND b IS FALSE AND c IS NOT TRUE AND d IS UNKNOWN AND e IS NOT UNKNOWN",
        "a = true, b = false, c IS NOT true {other}, d IS NULL, e IS NOT NULL");
  where("(a = 1) IS TRUE AND (b = 2) IS NOT FALSE AND NOT (c IS TRUE)", "a = 1, (b = 2), c IS NOT true {other}");
}

TEST_CASE("statement: LIKE") {
  where("a LIKE 'x%' AND b LIKE 'x' AND c LIKE '%x' AND d LIKE '_x' AND e LIKE '\\%x'",
        "a LIKE x% {prefix}, b LIKE x {prefix}, c LIKE %x {infix}, d LIKE _x {infix}, e LIKE \\%x {prefix}");
  where("a ILIKE '%x%' AND b NOT LIKE 'x%' AND c NOT ILIKE 'x'",
        "a ILIKE %x% {infix}, b NOT LIKE x% {not}, c NOT ILIKE x {not}");
  where("a LIKE $1 AND b ILIKE lower($1)", "a LIKE {parameter}, b ILIKE {parameter}");
  where("a LIKE 'x' || '%' AND b LIKE '%' || $1 || '%' AND c LIKE $1 || '%' AND d LIKE concat('%', $1)",
        "a LIKE x% {prefix}, b LIKE {infix}, c LIKE {prefix}, d LIKE {infix}");
  where("a LIKE 'x!%%' ESCAPE '!' AND b ~~ 'x%' AND c !~~* 'x%' AND d SIMILAR TO 'x%'",
        "a LIKE x!%% {prefix}, b LIKE x% {prefix}, c NOT ILIKE x% {not}, d SIMILAR TO {other}");
  where("lower(a) LIKE 'x%' AND 'abc' LIKE b AND c LIKE d", "a: lower(a) LIKE x% {function}, c LIKE {other}");
}

TEST_CASE("statement: expressions over a column") {
  where("lower(a) = $1 AND a + 1 = 5 AND coalesce(b, 0) > 1 AND c::date = '2020-01-01'",
        "a: lower(a) = {function}, a: a + 1 = 5 {function}, b: COALESCE(b, 0) > 1 {function}, "
        "c: c::date = 2020-01-01 {function}");
  where("date_trunc('month', a) = '2020-01-01' AND lower(\"userName\") IN ('x', 'y') AND upper(c) IS NULL",
        "a: date_trunc('month', a) = 2020-01-01 {function}, userName: lower(\"userName\") IN {function}, "
        "c: upper(c) IS NULL {function}");
  where("a || b = 'xy' AND c COLLATE \"C\" < 'x'", "a: a || b = xy {function}, c: c COLLATE \"C\" < x {function}");
  where("date_trunc($1, a) = $2 AND a = lower($1) AND a + random() > 5", "a = {other}, a =, a > 5 {other}");
  where("lower(a) <> 'x'", "a <> x {not}");
  means("SELECT 1 FROM (SELECT id AS k FROM t) x WHERE abs(x.k) = 5", "t.id: abs(id) = 5 {function}");
  means("SELECT 1 FROM a, b WHERE a.x + b.y = 5", "a.x = 5 {other}");
  means("SELECT 1 FROM \"T\" WHERE lower(\"T\".\"eMail\") = 'x'", "T.eMail: lower(\"eMail\") = x {function}");
}

TEST_CASE("statement: json and full text") {
  where("data->>'k' = 'x' AND (data->>'n')::int > 5 AND data #>> '{a,b}' IN ('x')",
        "data: data ->> 'k' ->> x {json}, data: CAST(data ->> 'n' AS int) ->> 5 {json}, "
        "data: data #>> '{a,b}' #>> x {json}");
  where("data @> '{\"a\": 1}' AND data ? 'k' AND data ?| ARRAY['a'] AND data @? '$.a' AND data @> $1",
        "data @> {\"a\": 1} {json}, data ? k {json}, data ?| {json}, data @? $.a {json}, data @> {json}");
  where("data->'tags' @> '[\"x\"]' AND data @@ '$.a == 1' AND $1::jsonb <@ data",
        "data: data -> 'tags' @> [\"x\"] {json}, data @@ $.a == 1 {json}, data @> {json}");
  where("tsv @@ to_tsquery($1) AND plainto_tsquery('x') @@ ts2", "tsv @@ {text}, ts2 @@ {text}");
  where("to_tsvector('english', body) @@ plainto_tsquery('x')", "body: to_tsvector('english', body) @@ {text}");
  means("SELECT * FROM docs, plainto_tsquery('x') q WHERE tsv @@ q", "docs.tsv @@ {text}");
}

TEST_CASE("statement: the branches of an OR") {
  const auto branches = [](const std::string& condition) {
    const ParsedStatement parsed = parse_statement("SELECT 1 FROM t WHERE " + condition);
    std::string text;
    for (const Predicate& predicate : parsed.statement->predicates) {
      text += (text.empty() ? "" : " ") + predicate.column.name + std::to_string(predicate.disjunction) + "." +
              std::to_string(predicate.branch);
    }
    for (const Disjunction& disjunction : parsed.statement->disjunctions) {
      text += " /" + std::to_string(disjunction.branches);
    }
    return text;
  };
  CHECK(branches("a = 1 OR b = 2 OR c = 3") == "a0.0 b0.1 c0.2 /3");
  CHECK(branches("a = 1 OR (b = 2 AND c > 3)") == "a0.0 b0.1 c0.1 /2");
  CHECK(branches("x = 0 AND (a = 1 OR b = 2) AND (c = 3 OR d = 4)") == "x-1.-1 a0.0 b0.1 c1.0 d1.1 /2 /2");
  CHECK(branches("a = 1 OR (b = 2 AND (c = 3 OR d = 4))") == "a0.0 b0.1 c-1.-1 d-1.-1 /2");
  CHECK(branches("NOT (a = 1 OR b = 2)") == "a-1.-1 b-1.-1");
  CHECK(branches("a = 1 OR NOT (b = 2 AND c = 3)") == "a0.0 b-1.-1 c-1.-1 /2");
}

TEST_CASE("statement: min and max, DISTINCT's columns, the type of a value") {
  const auto block = [](const std::string& sql) { return parse_statement(sql).statement->blocks.at(0); };
  const std::vector<Extreme> both = block("SELECT min(a), max(b) FROM t").extremes;
  REQUIRE(both.size() == 2);
  CHECK(both[1].column.name == "b");
  CHECK((!both[0].maximum && both[1].maximum));
  CHECK(block("SELECT min(a), count(*) FROM t").extremes.empty());
  CHECK(block("SELECT count(*), min(a) FROM t").extremes.empty());
  CHECK(block("SELECT max(a + 1) FROM t").extremes.empty());
  CHECK(block("SELECT max(a) OVER () FROM t").extremes.empty());
  CHECK(block("SELECT DISTINCT a, b FROM t").distinct_columns.size() == 2);
  CHECK(block("SELECT DISTINCT a, lower(b) FROM t").distinct_columns.empty());
  CHECK(block("SELECT DISTINCT ON (a) * FROM t ORDER BY a, b").distinct_columns.size() == 1);
  CHECK(block("SELECT a FROM t ORDER BY a LIMIT 10 OFFSET 500").offset == "500");
  CHECK(block("SELECT a FROM t ORDER BY a LIMIT $1 OFFSET $2").offset == "$2");
  const auto type = [](const std::string& value) {
    return parse_statement("SELECT 1 FROM t WHERE a = " + value).statement->predicates.at(0).value_type;
  };
  CHECK(type("1").empty());
  CHECK(type("1.0") == "numeric");
  CHECK(type("3000000000").empty());
  CHECK(type("'1'::float8") == "float8");
  CHECK(type("$1").empty());
}

TEST_CASE("statement: order, group, limit") {
  means("SELECT id AS a, a AS id FROM t ORDER BY a, id", "order t.id, t.a");
  means("SELECT a, b AS c FROM t ORDER BY 2 DESC, 1 ASC NULLS FIRST", "order t.b desc, t.a nulls first");
  means("SELECT * FROM t ORDER BY a DESC NULLS LAST, b USING >, 1", "order t.a desc nulls last, t.b desc, 1");
  means("SELECT * FROM t ORDER BY random(), lower(a) DESC, NULL, $1", "order random(), lower(a) desc");
  means("SELECT a, count(*) AS n FROM t GROUP BY a ORDER BY n DESC, count(*)",
        "group t.a order count(*) desc, count(*) aggregates");
  means("SELECT date_trunc('day', ts) AS d FROM t GROUP BY d", "group ?.date_trunc('day', ts)");
  means("SELECT a AS k, b FROM t GROUP BY 1, b", "group t.a, t.b");
  means("SELECT a FROM t GROUP BY GROUPING SETS ((a), (b, c), ()), ROLLUP (d)", "group t.a, t.b, t.c, t.d");
  in_shop("SELECT lower(email) AS email FROM users GROUP BY email", "group users.email");
  means("SELECT a FROM t GROUP BY a HAVING count(*) > 5 AND a > 3", "t.a > 3; group t.a aggregates");
  means("SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, c DESC", "order t.a, t.c desc distinct");
  means("SELECT a FROM t FETCH FIRST 5 ROWS ONLY", "limit");
  means("SELECT a FROM t LIMIT ALL OFFSET $1", "offset");
  means("SELECT a, rank() OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY c) ORDER BY d", "order t.d aggregates");
  means("SELECT sum(x) FILTER (WHERE y = 1) FROM t", "aggregates");
  means("SELECT (SELECT count(*) FROM x WHERE x.t_id = t.id) AS c FROM t ORDER BY c DESC",
        "1: x.t_id == t.id; order (SELECT count(*) FROM x WHERE x.t_id = t.id) desc; 1: aggregates correlated");
}

TEST_CASE("statement: columns read") {
  CHECK(columns_read("SELECT a, b FROM t WHERE c = 1 ORDER BY d, a") == "t.c, t.a, t.b, t.d");
  CHECK(columns_read("SELECT sum(x) FILTER (WHERE y = 1), max(z) OVER w FROM t WINDOW w AS (PARTITION BY k)") ==
        "t.x, t.y, t.z, t.k");
  CHECK(columns_read("UPDATE t SET a = b + 1 WHERE c = 2 RETURNING d") == "t.c, t.b, t.d");
  CHECK(columns_read("SELECT x.a FROM t x JOIN t y ON x.id = y.id") == "x.id, y.id, x.a");
  CHECK(columns_read("SELECT (comp).f, arr[i] FROM t") == "t.comp, t.arr, t.i");
  CHECK(columns_read("SELECT CASE WHEN a THEN b END, COALESCE(c, d), ARRAY[e], ROW(f) FROM t") ==
        "t.a, t.b, t.c, t.d, t.e, t.f");
  CHECK(relations("SELECT count(u.*) FROM users u") == "users u *");
  CHECK(relations("SELECT row_to_json(u) FROM users u") == "users u *");
  CHECK(relations("SELECT row_to_json(users) FROM users", shop) == "users *");
}

TEST_CASE("statement: functions") {
  CHECK(functions("SELECT pg_catalog.lower(a), My_Func(b), \"MyFunc\"(c), now(), now() FROM t, g(1)") ==
        "g, pg_catalog.lower, my_func, MyFunc, now");
  CHECK(functions("SELECT extract(year FROM a), current_date, a LIKE 'x' ESCAPE '!' FROM t") ==
        "extract, current_date");
}

TEST_CASE("statement: UPDATE, DELETE, MERGE") {
  means("UPDATE t SET a = b + 1, c = (SELECT max(x) FROM u WHERE u.t_id = t.id) WHERE id = 3",
        "t.id = 3, 1: u.t_id == t.id; 1: aggregates correlated");
  means("UPDATE t SET a = 1 FROM w WHERE w.t_id = t.id AND w.k = 1", "w.t_id == t.id, w.k = 1");
  means("DELETE FROM sessions s USING users u WHERE s.user_id = u.id AND u.banned AND s.ts < now()",
        "s.user_id == u.id, u.banned = true, s.ts <");
  means(
      "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.del THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v "
      "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)",
      "t.id == s.id");
  CHECK(columns_written("UPDATE t AS x SET a = 1, arr[1] = 5, c.d = 3") == "x.a, x.arr, x.c");
  CHECK(columns_written("UPDATE t SET (a, b) = (SELECT x, y FROM s)") == "t.a, t.b");
  CHECK(relations("UPDATE t SET (a, b) = (SELECT x, y FROM s) RETURNING *") == "t written *, s");
  CHECK(relations("WITH t AS (SELECT 1) DELETE FROM t") == "t written");
  CHECK(
      columns_written("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN "
                      "INSERT (id, w) VALUES (s.id, s.v)") == "t.v, t.id, t.w");
}

TEST_CASE("statement: INSERT") {
  means("INSERT INTO t (a, b) SELECT x, y FROM s WHERE z = 1", "1: s.z = 1");
  means("INSERT INTO t VALUES (1, (SELECT max(a) FROM u WHERE b = 3)), (2, DEFAULT)", "2: u.b = 3; 2: aggregates");
  means("INSERT INTO t DEFAULT VALUES", "");
  const char* upsert =
      "INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = excluded.b, n = t.n + 1 WHERE t.b <> "
      "excluded.b RETURNING id";
  means(upsert, "");
  CHECK(columns_written(upsert) == "t.a, t.b, t.n");
  CHECK(columns_read(upsert) == "t.a, t.n, t.b, t.id");
  CHECK(parse_statement(upsert).statement->on_conflict);
  CHECK(parse_statement("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING").statement->on_conflict);
  CHECK_FALSE(parse_statement("INSERT INTO t (a) VALUES (1)").statement->on_conflict);
}

TEST_CASE("statement: kinds and locks") {
  const auto kind = [](const char* sql) { return parse_statement(sql).statement->kind; };
  CHECK(kind("SELECT 1") == StatementKind::kSelect);
  CHECK(kind("VALUES (1)") == StatementKind::kSelect);
  CHECK(kind("INSERT INTO t VALUES (1)") == StatementKind::kInsert);
  CHECK(kind("UPDATE t SET a = 1") == StatementKind::kUpdate);
  CHECK(kind("DELETE FROM t") == StatementKind::kDelete);
  CHECK(kind("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE") == StatementKind::kMerge);
  for (const char* sql : {"BEGIN", "COMMIT", "SET work_mem = '1MB'", "SHOW all", "VACUUM t", "COPY t TO STDOUT",
                          "EXPLAIN SELECT * FROM t", "DECLARE c CURSOR FOR SELECT * FROM t",
                          "PREPARE p AS SELECT * FROM t", "EXECUTE p"}) {
    INFO(sql);
    CHECK(kind(sql) == StatementKind::kUtility);
    CHECK(relations(sql).empty());
  }
  for (const char* sql : {"COPY x FROM STDIN", "TRUNCATE x", "REFRESH MATERIALIZED VIEW x", "DROP TABLE x",
                          "CREATE TABLE x AS SELECT * FROM t", "SELECT * INTO x FROM t", "ALTER TABLE x ADD a int"}) {
    INFO(sql);
    CHECK(kind(sql) == StatementKind::kUtility);
    const Statement command = *parse_statement(sql).statement;
    REQUIRE(command.relations.size() == 1);
    CHECK(command.relations[0].name == "x");
    CHECK(command.relations[0].written);
  }
  for (const char* sql : {"DO $$BEGIN END$$", "CALL f()", "EXECUTE p", "EXPLAIN ANALYZE DELETE FROM t",
                          "COPY (DELETE FROM t RETURNING a) TO STDOUT"}) {
    INFO(sql);
    CHECK(parse_statement(sql).statement->runs_unseen);
  }
  CHECK(parse_statement("SELECT * FROM t FOR SHARE").statement->locks_rows);
  CHECK(parse_statement("SELECT * FROM (SELECT * FROM t FOR NO KEY UPDATE) x").statement->locks_rows);
  CHECK_FALSE(parse_statement("SELECT * FROM t").statement->locks_rows);
}

TEST_CASE("statement: blocks") {
  const Statement statement =
      *parse_statement("SELECT * FROM a, (SELECT * FROM b) x WHERE EXISTS (SELECT 1 FROM c UNION SELECT 1 FROM d)")
           .statement;
  REQUIRE(statement.blocks.size() == 5);
  CHECK(statement.blocks[0].parent == -1);
  CHECK(statement.blocks[0].relations == std::vector<int>{0});
  CHECK(statement.blocks[1].relations == std::vector<int>{1});
  CHECK(statement.blocks[2].relations.empty());
  CHECK(statement.blocks[2].parent == 0);
  CHECK(statement.blocks[3].parent == 2);
  CHECK(statement.blocks[4].relations == std::vector<int>{3});
}

}  // namespace
}  // namespace assay
