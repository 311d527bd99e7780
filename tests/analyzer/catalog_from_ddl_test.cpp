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
