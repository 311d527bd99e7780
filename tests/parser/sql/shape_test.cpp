#include "parser/sql/shape.h"

#include <pg_query.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "parser/sql/depth.h"
#include "parser/sql/lexer.h"
#include "parser/sql/like_pattern.h"

namespace assay {
namespace {

using Strings = std::vector<std::string>;

bool same_shape(const std::string& a, const std::string& b) { return shape_hash(a) == shape_hash(b); }

Strings tokens(std::string_view sql) {
  Strings texts;
  Lexer lexer(sql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) texts.emplace_back(token.text);
  return texts;
}

TokenKind kind_of(std::string_view sql) { return Lexer(sql).next().kind; }

/// The normalized text with all but quoted names in lower case: what shape_hash() hashes.
std::string folded(const std::string& sql) {
  std::string text = normalize(sql);
  bool quoted = false;
  for (char& c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return text;
}

/// Several ways to write one statement: literals, lengths of lists, white space, comments, case.
class Variants {
 public:
  std::string of(const std::string& shape) {
    std::string sql = random() % 2 == 0 ? "" : " \n ";
    bool quoted = false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == '"') quoted = !quoted;
      if (shape[i] == '#') {
        sql += literal();
      } else if (shape[i] == '@' && (shape[i + 1] == 'i' || shape[i + 1] == 'r')) {
        sql += list(shape[++i] == 'r');
      } else if (shape[i] == ' ') {
        sql += space();
      } else if (shape[i] == '~') {
        sql += "\n ";
      } else {
        const bool upper = !quoted && shape[i] >= 'a' && shape[i] <= 'z' && random() % 3 == 0;
        sql += upper ? static_cast<char>(shape[i] - 0x20) : shape[i];
      }
    }
    return sql + (random() % 2 == 0 ? "" : " ; ");
  }

 private:
  std::size_t random() { return random_(); }
  std::string literal() {
    static const Strings kLiterals = {"1",        "$3",         "'it''s -- /* x'", "-7",         ".5",   "1e5",
                                      "E'a\\'b'", "$1",         "$$a;b$$",         "$q$ $$ $q$", "0.25", "- 12",
                                      "''",       "U&'\\0061'", "B'01'",           "99999999999"};
    return kLiterals[random() % kLiterals.size()];
  }
  std::string space() {
    static const Strings kSpaces = {" ", "\n", "\t ", " /* a /* b */ c */ ", " -- x'y\n", "  "};
    return kSpaces[random() % kSpaces.size()];
  }
  std::string list(bool rows) {
    std::string text;
    for (std::size_t n = 1 + random() % 5; n > 0; --n) {
      const std::string item = rows ? "(" + literal() + "," + space() + literal() + ")" : literal();
      text += text.empty() ? item : space() + "," + item;
    }
    return text;
  }

  std::mt19937 random_{20240229};
};

std::string fingerprint_of(const std::string& sql) {
  const PgQueryFingerprintResult result = pg_query_fingerprint(sql.c_str());
  const std::string text =
      result.error == nullptr ? result.fingerprint_str : std::string("error: ") + result.error->message;
  pg_query_free_fingerprint_result(result);
  return text;
}

// '#' stands for a literal, '@i' for the items of an IN list, '@r' for rows, '~' for white space without a comment:
// libpg_query 15 fails on NOT /* … */ IN.
const Strings kFamily = {
    "select * from t where a = #",
    "select * from t where a = # and b = # or not c < #",
    "select a, b from users_2009 where a in (@i)",
    "select a, b from users_2010 where a not~in (@i) and b <> #",
    "select * from t where (a, b) in (@r)",
    "select * from t where a in (#, b, #)",
    "select * from t where a in (select b from u where c = #)",
    "select * from t where a = any($1)",
    "select count(*) from t where lower(a) = # group by b having count(*) > # order by 1, 2 desc limit # offset #",
    "select f(#), f(#, #), x.y, t.* from s.t as x where a between # and #",
    "select a - #, a + #, a * -1::int from \"T\"",
    "select case when a = # then # else # end from t",
    "select a::numeric(10,2), b::text from t where c @> # and d ? # and e ->> # = #",
    "select * from t where d = date '2024-01-01' and e > now() - interval '1h'",
    "select * from t join u using (id) left join v on v.id = t.id and v.k = # where t.a = #",
    "select x from t where a is null and b is not distinct from # union all select y from u where c = #",
    "with w as (select a from t where b = #) select * from w where a in (@i) for update",
    "insert into t (a, b) values @r",
    "insert into s.t (a, b) values @r on conflict (a) do update set b = excluded.b, c = # returning id",
    "insert into t select a, # from u where b in (@i)",
    "update t set a = #, b = b + # where id = # and c in (@i)",
    "update t set a = u.x from (values @r) as u(id, x) where u.id = t.id",
    "delete from t using u where t.id = u.id and u.a in (@i) and t.b < #",
    "select a[#], a[#:#], array[#, #] from t where row_number() over (partition by a order by b) = #",
    "select \"Select\".\"a\"\"b\" from \"Select\" where \"Select\".id = #",
    "select sum(a) filter (where b > #) from t where exists (select # from u where u.id = t.id)",
};

}  // namespace

TEST_CASE("the lexer tells tokens apart") {
  CHECK(tokens("SELECT a.b,c FROM t") == Strings{"SELECT", "a", ".", "b", ",", "c", "FROM", "t"});
  CHECK(tokens("1 1e5 .5 1.5e-3 0x1F 1_000 1..2") ==
        Strings{"1", "1e5", ".5", "1.5e-3", "0x1F", "1_000", "1", "..", "2"});
  CHECK(tokens("a<=b<>c!=d->>e=-1") == Strings{"a", "<=", "b", "<>", "c", "!=", "d", "->>", "e", "=", "-", "1"});
  CHECK(tokens("a @-1 b+--c\n*/**/d") == Strings{"a", "@-", "1", "b", "+", "*", "d"});
  CHECK(tokens("x::int y:=1 z[1:2]") == Strings{"x", "::", "int", "y", ":=", "1", "z", "[", "1", ":", "2", "]"});
  CHECK(tokens("'it''s' E'\\'' e'\\\\' U&'x' n'y' b'1' X'F'") ==
        Strings{"'it''s'", "E'\\''", "e'\\\\'", "U&'x'", "n'y'", "b'1'", "X'F'"});
  CHECK(tokens("'a\\' 'b'") == Strings{"'a\\'", "'b'"});
  CHECK(tokens("$1$2 $$a'b$$ $t$ $$ $t$ a$b$c $") == Strings{"$1", "$2", "$$a'b$$", "$t$ $$ $t$", "a$b$c", "$"});
  CHECK(tokens("\"a\"\"b\" U&\"c\" \"it's\"") == Strings{"\"a\"\"b\"", "U&\"c\"", "\"it's\""});
  CHECK(tokens("a/* x /* y */ z */b--c\nd") == Strings{"a", "b", "d"});
  CHECK(tokens("größe _x") == Strings{"größe", "_x"});
}

TEST_CASE("the lexer closes at the end what is not closed") {
  for (const char* text : {"'abc", "E'abc\\", "\"abc", "$tag$ abc $tag", "$$", "U&'", "'"}) {
    CHECK(tokens(text) == Strings{text});
  }
  CHECK(tokens("/* abc /* x */").empty());
  CHECK(tokens("-- abc").empty());
  CHECK(kind_of("$12") == TokenKind::kParameter);
  CHECK(kind_of("$a$") == TokenKind::kString);
  CHECK(kind_of("?|") == TokenKind::kOperator);
  CHECK(kind_of("\x01") == TokenKind::kPunctuation);
}

TEST_CASE("a normalized text reads well") {
  CHECK(normalize("select  A.b , count( * ) from  T a where x=1") == "select A.b, count(*) from T a where x = ?");
  CHECK(normalize("SELECT * FROM t WHERE a = 5 AND b IN (1,2) AND c LIKE 'x%';") ==
        "SELECT * FROM t WHERE a = ? AND b IN (?, …) AND c LIKE '?%'");
  CHECK(normalize("INSERT INTO s.t(a,b) VALUES(1,'x'),(2,'y')") == "INSERT INTO s.t (a, b) VALUES (?, ?), …");
  CHECK(normalize("select x::text, -x, a - -b, (1)::int[], v[1], f(-2)") ==
        "select x::text, -x, a - -b, (?)::int[], v[?], f(?)");
  CHECK(normalize("select exists(select 1) , any('{}'),\"A\".\"b\" -- end") ==
        "select exists (select ?), any(?), \"A\".\"b\"");
  CHECK(normalize("select 1;\n;select 2 ;;") == "select ?; select ?");
  CHECK(normalize("") == "");
  CHECK(normalize(" -- nothing\n;") == "");
}

TEST_CASE("literals of every kind are one mark") {
  const std::string mark = "select ?";
  for (const char* literal : {"1", "-1", "- 1", "1e5", ".5", "0x1F", "1_000", "$1", "'x'", "E'\\''", "$$x$$",
                              "$a$ $$ $a$", "U&'x'", "B'01'", "X'ff'", "?"}) {
    CHECK(normalize(std::string("select ") + literal) == mark);
  }
}

TEST_CASE("a minus is part of a number only where it is a sign") {
  CHECK(normalize("select a-1") == "select a - ?");
  CHECK(normalize("select a*-1, (-1), x between -1 and -2 limit -1") == "select a * ?, (?), x between ? and ? limit ?");
  CHECK(normalize("select f(x)-1, v[1]-1, 2-1, \"q\"-1") == "select f(x) - ?, v[?] - ?, ? - ?, \"q\" - ?");
  CHECK(normalize("select -1::int") == "select -?::int");  // -(1::int), as PostgreSQL reads it
}

TEST_CASE("white space, comments, case and semicolons do not matter, quoted names do") {
  CHECK(same_shape("SELECT a FROM t", "select/**/A\nfrom T -- x\n;"));
  CHECK_FALSE(same_shape("select \"A\" from t", "select \"a\" from t"));
  CHECK_FALSE(same_shape("select a b from t", "select ab from t"));
  CHECK_FALSE(same_shape("select a", "select a; select a"));
  const std::string long_name(100, 'x');
  CHECK(same_shape("select " + long_name, "SELECT " + std::string(100, 'X')));
  CHECK_FALSE(same_shape("select " + long_name, "select " + long_name.substr(0, 64) + " " + long_name.substr(64)));
}

TEST_CASE("what wants other advice is told apart") {
  CHECK_FALSE(same_shape("select * from users_2009", "select * from users_2010"));
  CHECK_FALSE(same_shape("select * from t where a = 1", "select * from t where a in (1, 2, 3)"));
  CHECK_FALSE(same_shape("select * from t where a = 1", "select * from t where a = any($1)"));
  CHECK_FALSE(same_shape("select * from t where a in (1, 2, 3)", "select * from t where a = any($1)"));
  CHECK_FALSE(same_shape("select * from t where a like 'x%'", "select * from t where a like '%x%'"));
  CHECK_FALSE(same_shape("select f(1)", "select f(1, 2)"));
  CHECK_FALSE(same_shape("select * from t where a = 1", "select * from t where a < 1"));
  CHECK_FALSE(same_shape("select * from t where a = true", "select * from t where a = false"));
  CHECK_FALSE(same_shape("select * from t where a is null", "select * from t where a is not null"));
  CHECK_FALSE(same_shape("select * from t order by 1", "select * from t order by 2"));
  CHECK(same_shape("select * from t limit 10", "select * from t limit 20"));
}

TEST_CASE("a list of constants is one shape for any length") {
  CHECK(normalize("a in (1)") == "a in (?, …)");
  CHECK(normalize("a in (1,'x', $3)") == "a in (?, …)");
  CHECK(normalize("a not in ('x'::text, 'y'::text)") == "a not in (?::text, …)");
  CHECK(normalize("a in (date '2024-01-01', date '2024-01-02')") == "a in (date ?, …)");
  CHECK(normalize("(a, b) in ((1,2),(3,4))") == "(a, b) in ((?, ?), …)");
}

TEST_CASE("any other list is kept element by element") {
  CHECK(normalize("a in (1, b, 2)") == "a in (?, b, ?)");
  CHECK(normalize("a in (f(1), f(2))") == "a in (f(?), f(?))");
  CHECK(normalize("a in (select 1)") == "a in (select ?)");
  CHECK(normalize("a in (select b from t where c in (1, 2))") == "a in (select b from t where c in (?, …))");
  CHECK(normalize("a in (1, null)") == "a in (?, null)");
  CHECK(normalize("a in ((1, 2), (3, 4, 5))") == "a in ((?, ?), (?, ?, ?))");
  CHECK(normalize("a in (1, 2") == "a in (?, ?");
  CHECK_FALSE(same_shape("select a from t where x in (1, 2", "select a from u where x in (1, 2"));
}

TEST_CASE("rows of VALUES are one shape for any number") {
  CHECK(normalize("values (1), (2), (3)") == "values (?), …");
  CHECK(normalize("insert into t values (now(), 1), (now(), 2)") == "insert into t values (now(), ?), …");
  CHECK(normalize("insert into t values (1, null), (true, 'x')") == "insert into t values (?, ?), …");
  CHECK(normalize("insert into t values (1), (default), (2), (3)") == "insert into t values (?), (default), (?), …");
  CHECK(normalize("select * from (values (1, 2), (3, 4)) v(a, b)") == "select * from (values (?, ?), …) v(a, b)");
  CHECK(normalize("insert into t values ((select a from (values (1), (2)) v)), ((select a from (values (3)) v))") ==
        "insert into t values ((select a from (values (?), …) v)), …");
  CHECK(normalize("insert into t values (1), (2") == "insert into t values (?), (?");
  CHECK(normalize("insert into t values (1),") == "insert into t values (?), …,");
  CHECK(normalize("on duplicate key update a = values(a), b = values(b)") ==
        "on duplicate key update a = values (a), b = values (b)");
}

TEST_CASE("LIKE patterns are sorted by where their wildcards stand") {
  CHECK(like_class("'x'") == "'?'");
  CHECK(like_class("''") == "'?'");
  CHECK(like_class("'x%'") == "'?%'");
  CHECK(like_class("'x_'") == "'?%'");
  CHECK(like_class("'%x'") == "'%?'");
  CHECK(like_class("'_%x%_'") == "'%?%'");
  CHECK(like_class("'x%y'") == "'?*?'");
  CHECK(like_class("'x_y%'") == "'?*?%'");
  CHECK(like_class("'%x%y'") == "'%?*?'");
  CHECK(like_class("'%x%y%'") == "'%?*?%'");
  CHECK(like_class("'%'") == "'%'");
  CHECK(like_class("'x\\%'") == "'?'");
  CHECK(like_class("'\\%x%'") == "'?%'");
  CHECK(like_class("'x\\\\%'") == "'?%'");
  CHECK(like_class("E'x\\\\%'") == "'?'");
  CHECK(like_class("E'x\\%'") == "'?%'");
  CHECK(like_class("$$%x$$") == "'%?'");
  CHECK(like_class("'%cut off") == "'%?'");
}

TEST_CASE("a pattern is one only behind its operators") {
  for (const char* operation : {"like", "ILIKE", "not like", "NOT ILIKE", "similar to", "~~", "~~*", "!~~", "!~~*"}) {
    CHECK(normalize("a " + std::string(operation) + " '%x'") == "a " + std::string(operation) + " '%?'");
    CHECK(normalize("a " + std::string(operation) + " $1") == "a " + std::string(operation) + " ?");
  }
  CHECK(normalize("a like ('x%')") == "a like ('?%')");
  CHECK(normalize("a = 'x%' or b like 'y%' or c = 'z%'") == "a = ? or b like '?%' or c = ?");
  CHECK(normalize("a ~ '^x'") == "a ~ ?");
}

TEST_CASE("texts of one class have one libpg_query fingerprint, and classes are not mixed up") {
  Variants variants;
  std::map<std::uint64_t, std::string> seen;
  for (const std::string& shape : kFamily) {
    const std::string first = variants.of(shape);
    INFO(shape);
    CHECK(seen.emplace(shape_hash(first), shape).second);
    const std::string fingerprint = fingerprint_of(first);
    CHECK_THAT(fingerprint, !Catch::StartsWith("error"));
    for (int i = 0; i < 20; ++i) {
      const std::string variant = variants.of(shape);
      INFO(variant);
      CHECK(shape_hash(variant) == shape_hash(first));
      CHECK(folded(variant) == folded(first));
      CHECK(fingerprint_of(variant) == fingerprint);
    }
  }
}

TEST_CASE("two texts have one hash if and only if they print alike") {
  const Strings words = {"select", "a", "in",    "(",  ")",  ",",  "values", "1",  "'x%'", "-",    "like", ";",
                         "null",   "B", "\"B\"", "$1", "::", "by", ".",      "or", "into", "date", "f",    "(1),(2)"};
  std::mt19937 random(7);
  std::map<std::string, std::uint64_t> hash_of_text;
  std::map<std::uint64_t, std::string> text_of_hash;
  for (int i = 0; i < 20000; ++i) {
    std::string sql;
    for (std::size_t n = random() % 8; n > 0; --n) sql += words[random() % words.size()] + " ";
    const std::string text = folded(sql);
    const std::uint64_t hash = shape_hash(sql);
    INFO(sql);
    REQUIRE(hash_of_text.emplace(text, hash).first->second == hash);
    REQUIRE(text_of_hash.emplace(hash, text).first->second == text);
    REQUIRE(hash != 0);
  }
}

TEST_CASE("any bytes do") {
  const Strings nasty = {
      "select 'a''b' /* /* */ */ -- x\n $tag$ $$ $tag$ E'\\'' \"q\"\"\" 1e5 .5 0x1F u&'x' in (1,(2,3)) values "
      "(1),(2);;",
      "insert into t values (1,null),(2,'x') on conflict do nothing",
      "a in (b in (c in (d in (1, 2), 3), 4), 5) and x like E'\\\\%' ? $1",
      std::string(200, '(') + "values ((values ((values ((1),(2)" + std::string(200, ')')};
  for (const std::string& text : nasty) {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      for (const std::string& part : {text.substr(0, i), text.substr(i)}) {
        CHECK(shape_hash(part) != 0);
        normalize(part);
      }
    }
  }
  std::mt19937 random(11);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes(random() % 60, '\0');
    for (char& byte : bytes)
      byte = static_cast<char>(random() % 3 == 0 ? random() : "'\"$(),-/*;EeinIN valuesVALUES?1\\"[random() % 31]);
    CHECK(shape_hash(bytes) != 0);
    normalize(bytes);
  }
}

TEST_CASE("deep nesting is told before a tree is built") {
  const auto repeat = [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  for (const char* step :
       {"(", "f(", "CASE WHEN ", "NOT ", "- ", "a + ", "a::int + ", "x.and + ", "set + ", "(x.end + ", "(SELECT a, ",
        "a UNION SELECT ", "a JOIN b ON ", "ARRAY[", "a OPERATOR(pg_catalog.+) "}) {
    INFO(step);
    CHECK_FALSE(too_deeply_nested("SELECT " + repeat(step, 50)));
    CHECK(too_deeply_nested("SELECT " + repeat(step, 400)));
  }
  CHECK(too_deeply_nested(repeat("SELECT 1 FROM a JOIN (SELECT 1 FROM b WHERE x IN (", 60)));
}

TEST_CASE("long lists and chains that the parser flattens are not deep") {
  std::string conditions = "a = 0", rows = "(0)", items = "'x'::text", cases = "0";
  for (int i = 0; i < 5000; ++i) {
    conditions += i % 2 == 0 ? " OR a = -1" : " AND a IS NULL";
    rows += ", (-1 + 2)";
    items += ", 'y'::text";
    cases += ", CASE WHEN a = 1 THEN b ELSE c END";
  }
  CHECK_FALSE(too_deeply_nested("SELECT 1 FROM t WHERE " + conditions));
  CHECK_FALSE(too_deeply_nested("INSERT INTO t VALUES " + rows));
  CHECK_FALSE(too_deeply_nested("SELECT 1 FROM t WHERE a IN (" + items + ")"));
  CHECK_FALSE(too_deeply_nested("SELECT " + cases));
}

}  // namespace assay
