#include "parser/sql/index_definition.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace assay {
namespace {

IndexDefinition index_on(const std::string& table, const std::vector<std::string>& columns) {
  IndexDefinition index;
  index.table = table;
  for (const std::string& column : columns) index.keys.push_back({column, "", false, false, "", ""});
  return index;
}

IndexDefinition expression_index(const std::string& table, const std::string& expression) {
  IndexDefinition index = index_on(table, {""});
  index.keys[0].expression = expression;
  return index;
}

std::string name_of(const std::string& table, const std::vector<std::string>& columns) {
  return conventional_index_name(index_on(table, columns));
}

}  // namespace

TEST_CASE("identifiers are quoted where PostgreSQL quotes them") {
  CHECK(quote_identifier("users") == "users");
  CHECK(quote_identifier("_a1") == "_a1");
  CHECK(quote_identifier("Users") == "\"Users\"");
  CHECK(quote_identifier("1a") == "\"1a\"");
  CHECK(quote_identifier("a b") == "\"a b\"");
  CHECK(quote_identifier("a$b") == "\"a$b\"");
  CHECK(quote_identifier("größe") == "\"größe\"");
  CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
  CHECK(quote_identifier("a\nb") == "\"a\nb\"");
  CHECK(quote_identifier("") == "\"\"");
  for (const char* reserved :
       {"select", "user", "order", "table", "end", "left", "ilike", "values", "char", "between"}) {
    CHECK(quote_identifier(reserved) == "\"" + std::string(reserved) + "\"");
  }
  for (const char* unreserved : {"name", "date", "type", "key", "index", "text", "value", "year", "set"}) {
    CHECK(quote_identifier(unreserved) == unreserved);
  }
}

TEST_CASE("literals are quoted for any setting of standard_conforming_strings") {
  CHECK(quote_literal("abc") == "'abc'");
  CHECK(quote_literal("it's") == "'it''s'");
  CHECK(quote_literal("a\\'b") == "E'a\\\\''b'");
  CHECK(quote_literal("") == "''");
}

TEST_CASE("an index is described on one line") {
  IndexDefinition index = index_on("orders", {"a", "Order"});
  index.keys[1].descending = index.keys[1].nulls_first = true;
  CHECK(describe(index) == "orders (a, \"Order\" DESC)");
  index.include = {"c", "d"};
  index.predicate = "deleted_at IS NULL";
  CHECK(describe(index) == "orders (a, \"Order\" DESC) INCLUDE (c, d) WHERE deleted_at IS NULL");
  index.schema = "Sales";
  CHECK(describe(index) == "\"Sales\".orders (a, \"Order\" DESC) INCLUDE (c, d) WHERE deleted_at IS NULL");
  CHECK(describe(expression_index("users", "lower(email)")) == "users (lower(email))");
  CHECK(describe(expression_index("users", "lower(a) || lower(b)")) == "users ((lower(a) || lower(b)))");
  CHECK(describe(expression_index("users", "(a || ')')")) == "users (((a || ')')))");
  index = index_on("docs", {"title"});
  index.method = "gin";
  index.keys[0].operator_class = "public.gin_trgm_ops";
  CHECK(describe(index) == "docs USING gin (title public.gin_trgm_ops)");
}

TEST_CASE("the order of NULLs is written only where it is not the default") {
  IndexDefinition index = index_on("t", {"a"});
  index.keys[0].nulls_first = true;
  CHECK(describe(index) == "t (a NULLS FIRST)");
  index.keys[0].descending = true;
  CHECK(describe(index) == "t (a DESC)");
  index.keys[0].nulls_first = false;
  CHECK(describe(index) == "t (a DESC NULLS LAST)");
}

TEST_CASE("CREATE INDEX is schema-qualified and quoted") {
  IndexDefinition index = index_on("Orders", {"user", "created_at"});
  CHECK(create_index_sql(index, false) == "CREATE INDEX ON public.\"Orders\" USING btree (\"user\", created_at)");
  index.name = "orders; drop table x";
  index.unique = true;
  index.keys[0].collation = "\"C\"";
  index.keys[0].operator_class = "text_pattern_ops";
  index.include = {"Total"};
  index.predicate = "total > 0";
  CHECK(create_index_sql(index, true) ==
        "CREATE UNIQUE INDEX CONCURRENTLY \"orders; drop table x\" ON public.\"Orders\" USING btree "
        "(\"user\" COLLATE \"C\" text_pattern_ops, created_at) INCLUDE (\"Total\") WHERE total > 0");
  CHECK(create_index_sql(expression_index("users", "lower(email)"), false) ==
        "CREATE INDEX ON public.users USING btree ((lower(email)))");
}

TEST_CASE("the conventional name is the one that PostgreSQL chooses") {
  CHECK(name_of("t", {"a"}) == "t_a_idx");
  CHECK(name_of("t", {"a", "b"}) == "t_a_b_idx");
  CHECK(name_of("Orders", {"User ID"}) == "Orders_User ID_idx");
  IndexDefinition index = index_on("t", {"a"});
  index.include = {"b", "c"};
  CHECK(conventional_index_name(index) == "t_a_b_c_idx");
  CHECK(conventional_index_name(expression_index("users", "lower(email)")) == "users_lower_idx");
  CHECK(conventional_index_name(expression_index("t", "a + b")) == "t_expr_idx");
  CHECK(conventional_index_name(expression_index("t", "no sql at ; all")) == "t_expr_idx");
  IndexDefinition twice = expression_index("t", "a + b");
  twice.keys.push_back(twice.keys[0]);
  CHECK(conventional_index_name(twice) == "t_expr_expr1_idx");
}

TEST_CASE("a long conventional name is cut to 63 bytes, on a border of UTF-8") {
  const std::string table(50, 't'), column(50, 'c');
  CHECK(name_of(table, {"a"}) == table + "_a_idx");
  CHECK(name_of(table, {column}) == std::string(29, 't') + "_" + std::string(29, 'c') + "_idx");
  CHECK(name_of(table, {column, "d"}) == std::string(29, 't') + "_" + std::string(29, 'c') + "_idx");
  CHECK(name_of("t", std::vector<std::string>(40, "abc")).size() <= 63);
  std::string umlauts;
  for (int i = 0; i < 30; ++i) umlauts += "ü";
  CHECK(name_of("t", {umlauts}) == "t_" + umlauts.substr(0, 56) + "_idx");  // 57 bytes are free: half a character
}

}  // namespace assay
