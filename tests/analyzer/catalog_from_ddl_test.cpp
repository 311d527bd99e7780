#include "analyzer/catalog_from_ddl.h"

#include <catch2/catch.hpp>

#include "analyzer/meaning.h"

namespace assay {
namespace {

Catalog catalog_of(std::string_view ddl) {
  Diagnostics diagnostics;
  return catalog_from_ddl(ddl, "dump.sql", diagnostics);
}

// "name: description", one a line, in the catalog's order.
std::string indexes_of(std::string_view ddl) {
  std::string text;
  for (const Index& index : catalog_of(ddl).indexes) {
    text += index.definition.name + ": " + describe(index.definition) +
            (index.constraint.empty() ? "" : " constraint") + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a dump's tables, columns and types") {
  const Catalog catalog = catalog_of("CREATE TABLE public.account (id bigint NOT NULL, name character varying(80));");
  REQUIRE(catalog.tables.size() == 1);
  CHECK(catalog.tables[0].name == "account");
  CHECK(catalog.tables[0].columns[0].not_null);
  CHECK(catalog.tables[0].columns[1].type == "character varying(80)");
  CHECK_FALSE(catalog.has_statistics);
}

TEST_CASE("primary keys and unique constraints are indexes that back a constraint") {
  CHECK(indexes_of("CREATE TABLE t (a int, b int); ALTER TABLE ONLY t ADD CONSTRAINT t_pkey PRIMARY KEY (a);") ==
        "t_pkey: t (a) constraint\n");
  CHECK(indexes_of("CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE);") ==
        "t_pkey: t (a) constraint\nt_b_key: t (b) constraint\n");
}

TEST_CASE("a primary key's columns are not null") {
  const Catalog catalog = catalog_of("CREATE TABLE t (a int, b int, PRIMARY KEY (a));");
  CHECK(catalog.tables[0].columns[0].not_null);
  CHECK_FALSE(catalog.tables[0].columns[1].not_null);
}

TEST_CASE("plain indexes keep their directions and predicates") {
  CHECK(indexes_of("CREATE TABLE t (a int, b int); CREATE INDEX i ON t USING btree (a, b DESC) WHERE (b > 0);") ==
        "i: t (a, b DESC) WHERE b > 0\n");
}

TEST_CASE("a foreign key without columns points at the primary key") {
  const Catalog catalog = catalog_of(
      "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p_id int REFERENCES p);"
      "ALTER TABLE c ADD CONSTRAINT again FOREIGN KEY (p_id) REFERENCES p(id);");
  REQUIRE(catalog.foreign_keys.size() == 2);
  CHECK(catalog.foreign_keys[0].referenced_columns == std::vector<std::string>{"id"});
  CHECK(catalog.foreign_keys[1].name == "again");
}

TEST_CASE("a dump tells what a write reaches: views, partitions, cascades, triggers") {
  const Catalog catalog = catalog_of(
      "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE t1 (id int);"
      "ALTER TABLE ONLY t ATTACH PARTITION t1 FOR VALUES FROM (1) TO (9); CREATE VIEW v AS SELECT id FROM t;"
      "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM u; END';"
      "CREATE TRIGGER x AFTER DELETE ON t1 FOR EACH ROW EXECUTE FUNCTION f();"
      "CREATE TABLE u (t_id int REFERENCES t ON DELETE SET NULL); ALTER TABLE u ENABLE ROW LEVEL SECURITY;");
  CHECK(catalog.find_table("", "u")->row_security);
  CHECK_FALSE(catalog.find_table("", "t")->row_security);
  CHECK(catalog.find_table("", "t1")->parents.at(0).name == "t");
  CHECK(catalog.find_table("", "v")->definition == "SELECT id FROM t");
  CHECK(catalog.foreign_keys.at(0).on_delete == 'n');
  REQUIRE(catalog.triggers.size() == 1);
  CHECK((catalog.triggers[0].on_delete && catalog.triggers[0].function == "f"));
  CHECK(catalog.functions.at(0).body == "BEGIN DELETE FROM u; END");
}

TEST_CASE("a function is as volatile as the most volatile of its overloads") {
  Catalog catalog = catalog_of(
      "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';"
      "CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';"
      "CREATE FUNCTION s.g() RETURNS int LANGUAGE sql AS 'SELECT 1';");
  catalog.builtin_functions = {{"lower", 'i'}, {"random", 'v'}};
  CHECK(catalog.volatility_of("", "f") == 's');
  CHECK(catalog.volatility_of("s", "g") == 'v');
  CHECK(catalog.volatility_of("", "g") == std::nullopt);
  CHECK(catalog.volatility_of("", "lower") == 'i');
  CHECK(catalog.volatility_of("pg_catalog", "random") == 'v');
  CHECK(catalog.volatility_of("public", "random") == std::nullopt);
}

TEST_CASE("unqualified names are found through the search path") {
  const Catalog catalog = catalog_of("CREATE TABLE crm.t (a int); CREATE TABLE public.u (b int);");
  CHECK(catalog.find_table("", "t") == nullptr);
  CHECK(catalog.find_table("crm", "t") != nullptr);
  CHECK(catalog.find_table("", "u") != nullptr);
  const ColumnOracle has_column = column_oracle(catalog);
  CHECK(has_column("", "u", "b") == true);
  CHECK(has_column("", "u", "c") == false);
  CHECK(has_column("", "nowhere", "b") == std::nullopt);
}

TEST_CASE("what a dump could do is not taken into the DDL") {
  const Catalog catalog =
      catalog_of("CREATE TABLE t (a int); DO $$ BEGIN DROP TABLE t; END $$; DROP TABLE t; COPY t FROM PROGRAM 'x';");
  CHECK(catalog.ddl == std::vector<std::string>{"CREATE TABLE t (a int)"});
}

}  // namespace assay
