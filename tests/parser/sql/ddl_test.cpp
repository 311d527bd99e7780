#include "parser/sql/ddl.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "parser/sql/script.h"

namespace assay {
namespace {

using Strings = std::vector<std::string>;

std::vector<DdlStatement> parse(const std::string& script) {
  Diagnostics diagnostics;
  std::vector<DdlStatement> statements = parse_ddl(script, "dump.sql", diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) FAIL(diagnostic.message);
  return statements;
}

DdlStatement only(const std::string& script) {
  const std::vector<DdlStatement> statements = parse(script);
  REQUIRE(statements.size() == 1);
  return statements[0];
}

DdlKind kind_of(const std::string& script) { return only(script).kind; }

/// "name type [not null]" of each column.
Strings columns_of(const std::string& script) {
  Strings columns;
  for (const ColumnDefinition& column : only(script).columns) {
    columns.push_back(column.name + " " + column.type + (column.not_null ? " not null" : ""));
  }
  return columns;
}

std::string type_of(const std::string& type) { return only("CREATE TABLE t (a " + type + ")").columns.at(0).type; }

IndexDefinition index_of(const std::string& script) { return only(script).index; }

/// "file:line:column: message | excerpt | hint" of the only diagnostic.
std::string problem_of(const std::string& script) {
  Diagnostics diagnostics;
  parse_ddl(script, "dump.sql", diagnostics);
  REQUIRE(diagnostics.size() == 1);
  const Diagnostic& problem = diagnostics[0];
  return problem.file + ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": " +
         (problem.severity == Severity::kNote ? "note: " : "warning: ") + problem.message + " | " + problem.excerpt +
         " | " + problem.hint;
}

Strings parts_of(std::string_view text) {
  Strings parts;
  Script script(text);
  for (ScriptPart part = script.next(); part.kind != ScriptPartKind::kEnd; part = script.next()) {
    parts.push_back(std::to_string(part.line) + ": " + std::string(part.text));
  }
  return parts;
}

// What pg_dump --schema-only of PostgreSQL 15 writes, abridged.
const std::string kDump = R"(--
-- PostgreSQL database dump
--

\restrict 6QxqGnYvJk

-- Dumped from database version 15.8

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
SET default_table_access_method = heap;

CREATE SCHEMA sales;
ALTER SCHEMA sales OWNER TO postgres;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'text similarity; trigrams';

CREATE TYPE public.status AS ENUM (
    'new',
    'it''s; done'
);

CREATE DOMAIN public.positive AS integer
	CONSTRAINT positive_check CHECK ((VALUE > 0));

CREATE FUNCTION public.total(id bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE
    AS $_$
BEGIN
  RETURN (SELECT sum(x) FROM t WHERE y = $1); -- ';'
END;
$_$;

CREATE FUNCTION public.one() RETURNS integer
    BEGIN ATOMIC
 SELECT CASE WHEN true THEN 1 ELSE 2 END;
 SELECT 2;
END;

CREATE TABLE sales.orders (
    id bigint NOT NULL,
    customer_id integer NOT NULL,
    total numeric(12,2) DEFAULT 0,
    placed timestamp with time zone DEFAULT now() NOT NULL,
    note character varying(200)
)
PARTITION BY RANGE (placed);

CREATE TABLE sales.orders_2024 (
    id bigint NOT NULL
);

CREATE SEQUENCE sales.orders_id_seq
    START WITH 1
    INCREMENT BY 1;
ALTER SEQUENCE sales.orders_id_seq OWNED BY sales.orders.id;
CREATE VIEW public.recent AS
 SELECT orders.id FROM sales.orders;
CREATE MATERIALIZED VIEW public.daily AS
 SELECT count(*) AS n FROM sales.orders
  WITH NO DATA;
ALTER TABLE ONLY sales.orders ATTACH PARTITION sales.orders_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
ALTER TABLE ONLY sales.orders ALTER COLUMN id SET DEFAULT nextval('sales.orders_id_seq'::regclass);
ALTER TABLE ONLY sales.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id, placed);
CREATE INDEX orders_note_idx ON ONLY sales.orders USING gin (note public.gin_trgm_ops);
ALTER INDEX sales.orders_pkey ATTACH PARTITION sales.orders_2024_pkey;
CREATE STATISTICS sales.orders_stats (dependencies) ON customer_id, total FROM sales.orders;
CREATE TRIGGER audit AFTER INSERT ON sales.orders FOR EACH ROW EXECUTE FUNCTION public.one();
ALTER TABLE ONLY sales.orders
    ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE CASCADE;
ALTER TABLE sales.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON sales.orders USING ((id > 0));
GRANT SELECT ON TABLE sales.orders TO reader;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT ON TABLES TO reader;

\unrestrict 6QxqGnYvJk
)";

}  // namespace

TEST_CASE("a dump is taken apart by kind") {
  using K = DdlKind;
  const std::vector<DdlKind> expected = {K::kHarmless,        K::kHarmless,        K::kHarmless,
                                         K::kHarmless,        K::kCreateSchema,    K::kHarmless,
                                         K::kCreateExtension, K::kHarmless,        K::kCreateEnum,
                                         K::kCreateDomain,    K::kCreateFunction,  K::kCreateFunction,
                                         K::kCreateTable,     K::kCreateTable,     K::kCreateSequence,
                                         K::kHarmless,        K::kCreateView,      K::kCreateMaterializedView,
                                         K::kAttachPartition, K::kAlterColumn,     K::kAddConstraint,
                                         K::kCreateIndex,     K::kAttachPartition, K::kCreateStatistics,
                                         K::kCreateTrigger,   K::kAddConstraint,   K::kRowSecurity,
                                         K::kRowSecurity,     K::kHarmless,        K::kHarmless};
  std::vector<DdlKind> kinds;
  for (const DdlStatement& statement : parse(kDump)) kinds.push_back(statement.kind);
  CHECK(kinds == expected);
}

TEST_CASE("statements keep their text, line and name") {
  const std::vector<DdlStatement> statements = parse(kDump);
  CHECK(statements[0].sql == "SET statement_timeout = 0");
  CHECK(statements[0].line == 9);
  CHECK(statements[8].sql == "CREATE TYPE public.status AS ENUM (\n    'new',\n    'it''s; done'\n)");
  CHECK(statements[8].line == 19);
  CHECK(statements[8].schema == "public");
  CHECK(statements[8].name == "status");
  CHECK(statements[10].language == "plpgsql");
  CHECK(statements[11].language == "sql");
  CHECK(statements[11].sql.substr(statements[11].sql.size() - 3) == "END");
  CHECK(statements[21].name == "orders_note_idx");
  CHECK(statements[21].schema == "sales");
  CHECK(statements[21].index.keys[0].operator_class == "public.gin_trgm_ops");
}

TEST_CASE("the smaller kinds are recognised") {
  CHECK(kind_of("CREATE TYPE pair AS (a integer, b text)") == DdlKind::kCreateCompositeType);
  CHECK(kind_of("CREATE TYPE span AS RANGE (subtype = float8)") == DdlKind::kCreateRangeType);
  CHECK(kind_of("CREATE COLLATION german (locale = 'de_DE')") == DdlKind::kCreateCollation);
  CHECK(kind_of("CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'") == DdlKind::kCreateFunction);
  CHECK(kind_of("ALTER TABLE t ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY (START WITH 1)") ==
        DdlKind::kAlterColumn);
  CHECK(kind_of("ALTER TABLE t ALTER COLUMN a SET NOT NULL") == DdlKind::kAlterColumn);
  CHECK(kind_of("ALTER TABLE ONLY t ALTER COLUMN a SET STATISTICS 1000") == DdlKind::kAlterColumn);
  CHECK(kind_of("ALTER TABLE t OWNER TO postgres") == DdlKind::kHarmless);
  CHECK(kind_of("ALTER FUNCTION f(integer) OWNER TO postgres") == DdlKind::kHarmless);
  CHECK(kind_of("CREATE TABLE p PARTITION OF t FOR VALUES IN (1, NULL, 'x'::text)") == DdlKind::kCreateTable);
  CHECK(kind_of("CREATE TABLE p PARTITION OF t FOR VALUES FROM (MINVALUE) TO (10)") == DdlKind::kCreateTable);
  CHECK(kind_of("CREATE TABLE p PARTITION OF t DEFAULT") == DdlKind::kCreateTable);
  CHECK(kind_of("CREATE TABLE p (a integer) INHERITS (t)") == DdlKind::kCreateTable);
}

TEST_CASE("what is more than its kind, or runs code, is other") {
  for (const char* sql : {"DO $$ BEGIN PERFORM pg_sleep(9); END $$",
                          "COPY t TO PROGRAM 'rm -rf /'",
                          "COPY t FROM PROGRAM 'id'",
                          "CREATE TABLE t AS SELECT pg_read_file('/etc/passwd')",
                          "SELECT 1 INTO t",
                          "SELECT pg_catalog.lo_export(1, 'x')",
                          "SELECT pg_catalog.set_config('search_path', 'evil', false)",
                          "SELECT set_config('search_path', '', false)",
                          "SELECT pg_catalog.set_config('search_path', '', false) FROM f()",
                          "CREATE SCHEMA s CREATE TABLE t (a integer)",
                          "CREATE TYPE base (INPUT = f, OUTPUT = g)",
                          "CREATE TABLE p PARTITION OF t FOR VALUES IN (pg_read_file('x'))",
                          "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (f()) TO (2)",
                          "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1, DROP COLUMN b",
                          "ALTER TABLE t ADD COLUMN a integer DEFAULT f()",
                          "ALTER TABLE t ADD CHECK (a > 0), OWNER TO postgres",
                          "ALTER SYSTEM SET archive_command = 'x'",
                          "DROP TABLE t",
                          "BEGIN",
                          "VACUUM",
                          "CREATE AGGREGATE a (integer) (sfunc = f, stype = integer)",
                          "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
                          "CREATE FOREIGN TABLE t (a integer) SERVER s",
                          "LOAD 'evil.so'",
                          "INSERT INTO t VALUES (1)"}) {
    INFO(sql);
    CHECK(kind_of(sql) == DdlKind::kOther);
  }
  CHECK(kind_of("CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)") == DdlKind::kCreateRule);
  CHECK(kind_of("ALTER TABLE t FORCE ROW LEVEL SECURITY") == DdlKind::kRowSecurity);
}

TEST_CASE("the language of a function is told, and quoted names are names") {
  CHECK(only("CREATE FUNCTION f() RETURNS int LANGUAGE plpythonu AS 'import os'").language == "plpythonu");
  CHECK(only("CREATE FUNCTION f() RETURNS int AS 'evil.so', 'f' LANGUAGE 'c'").language == "c");
  const DdlStatement statement = only("CREATE TABLE \"a;\nb\".\"it\"\"s\" (\"x y\" integer)");
  CHECK(statement.schema == "a;\nb");
  CHECK(statement.name == "it\"s");
  CHECK(statement.columns[0].name == "x y");
}

TEST_CASE("functions tell their volatility and body") {
  const DdlStatement total = parse(kDump)[10], one = parse(kDump)[11];
  CHECK(total.volatility == 's');
  CHECK(total.body == "\nBEGIN\n  RETURN (SELECT sum(x) FROM t WHERE y = $1); -- ';'\nEND;\n");
  CHECK(one.volatility == 'v');
  CHECK(one.body == "BEGIN ATOMIC\n SELECT CASE WHEN true THEN 1 ELSE 2 END;\n SELECT 2;\nEND");
  CHECK(only("CREATE FUNCTION f() RETURNS int IMMUTABLE RETURN 1 + 1").body == "RETURN 1 + 1");
  CHECK(only("CREATE FUNCTION f() RETURNS int AS 'evil.so', 'f' LANGUAGE c IMMUTABLE").body.empty());
  CHECK(only("CREATE PROCEDURE f() LANGUAGE sql AS 'SELECT 1'").is_procedure);
}

TEST_CASE("triggers tell when they fire and what they call") {
  const DdlStatement trigger = parse(kDump)[24];
  CHECK(trigger.table.schema + "." + trigger.table.name + " " + trigger.name == "sales.orders audit");
  CHECK(trigger.trigger.function.name == "one");
  CHECK(trigger.trigger.time == 'a');
  CHECK((trigger.trigger.on_insert && trigger.trigger.for_each_row && !trigger.trigger.on_update));
  const TriggerDefinition other =
      only("CREATE TRIGGER x BEFORE UPDATE OF a OR DELETE OR TRUNCATE ON t EXECUTE FUNCTION f()").trigger;
  CHECK(other.time == 'b');
  CHECK((other.on_update && other.on_delete && other.on_truncate && !other.on_insert && !other.for_each_row));
  CHECK(only("CREATE TRIGGER x INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION f()").trigger.time == 'i');
}

TEST_CASE("views tell their query") {
  for (const char* sql :
       {"CREATE VIEW v AS SELECT a AS b FROM t", "CREATE OR REPLACE VIEW v (x, y) AS SELECT a AS b FROM t",
        "CREATE VIEW s.v WITH (security_barrier) AS SELECT a AS b FROM t WITH LOCAL CHECK OPTION",
        "CREATE MATERIALIZED VIEW v AS SELECT a AS b FROM t WITH NO DATA",
        "CREATE MATERIALIZED VIEW v AS SELECT a AS b FROM t"}) {
    CHECK(only(sql).query == "SELECT a AS b FROM t");
  }
}

TEST_CASE("tables tell their parents, and partitions whose they become") {
  CHECK(only("CREATE TABLE p PARTITION OF s.t DEFAULT").parents.at(0).name == "t");
  CHECK(only("CREATE TABLE p (a integer) INHERITS (t, u)").parents.size() == 2);
  CHECK(parse(kDump)[18].partition.name == "orders_2024");
}

TEST_CASE("a materialized view is never filled") {
  const std::string view = "CREATE MATERIALIZED VIEW v AS SELECT pg_read_file('x')";
  for (const char* tail : {"", " WITH DATA", " WITH NO DATA", " with /* all */ data"}) {
    CHECK(only(view + tail).sql == view + " WITH NO DATA");
  }
}

TEST_CASE("a statement hidden behind another is one of its own") {
  const std::vector<DdlStatement> statements = parse("CREATE TABLE a (b integer); DROP TABLE x;; SELECT 1");
  REQUIRE(statements.size() == 3);
  CHECK(statements[1].sql == "DROP TABLE x");
  CHECK(statements[1].kind == DdlKind::kOther);
  CHECK(statements[2].kind == DdlKind::kOther);
}

TEST_CASE("columns come with their types and NOT NULL") {
  CHECK(columns_of("CREATE TABLE t (a integer NOT NULL, b text NULL, c bigint PRIMARY KEY, d serial, "
                   "e bigint GENERATED ALWAYS AS IDENTITY, f integer GENERATED ALWAYS AS (a + 1) STORED)") ==
        Strings{"a integer not null", "b text", "c bigint not null", "d serial not null", "e bigint not null",
                "f integer"});
  CHECK(columns_of("CREATE TABLE t (a integer, b integer, c integer, PRIMARY KEY (a, c))") ==
        Strings{"a integer not null", "b integer", "c integer not null"});
}

TEST_CASE("types are spelt as PostgreSQL spells them") {
  CHECK(type_of("int4") == "integer");
  CHECK(type_of("int") == "integer");
  CHECK(type_of("pg_catalog.int8") == "bigint");
  CHECK(type_of("smallint") == "smallint");
  CHECK(type_of("float") == "double precision");
  CHECK(type_of("real") == "real");
  CHECK(type_of("bool") == "boolean");
  CHECK(type_of("decimal(8,2)") == "numeric(8,2)");
  CHECK(type_of("numeric") == "numeric");
  CHECK(type_of("varchar(20)") == "character varying(20)");
  CHECK(type_of("character varying") == "character varying");
  CHECK(type_of("char(3)") == "character(3)");
  CHECK(type_of("char") == "character(1)");
  CHECK(type_of("\"char\"") == "\"char\"");
  CHECK(type_of("bit varying(8)") == "bit varying(8)");
  CHECK(type_of("timestamptz") == "timestamp with time zone");
  CHECK(type_of("timestamp") == "timestamp without time zone");
  CHECK(type_of("timestamp(3) with time zone") == "timestamp(3) with time zone");
  CHECK(type_of("time") == "time without time zone");
  CHECK(type_of("interval") == "interval");
  CHECK(type_of("interval(3)") == "interval(3)");
  CHECK(type_of("interval year to month") == "interval year to month");
  CHECK(type_of("interval day to second(3)") == "interval day to second(3)");
  CHECK(type_of("text[]") == "text[]");
  CHECK(type_of("int[3][4]") == "integer[][]");
  CHECK(type_of("jsonb") == "jsonb");
  CHECK(type_of("public.status") == "public.status");
  CHECK(type_of("\"Shop\".\"Status\"[]") == "\"Shop\".\"Status\"[]");
  CHECK(type_of("public.geometry(Point,4326)") == "public.geometry(point,4326)");
}

TEST_CASE("constraints of columns and tables are told alike") {
  const DdlStatement table = only(
      "CREATE TABLE t (a integer PRIMARY KEY, b integer CONSTRAINT b_key UNIQUE, c integer REFERENCES s.u (id), "
      "d integer CHECK (d > 0), FOREIGN KEY (b, c) REFERENCES v, UNIQUE (c, d), EXCLUDE USING gist (a WITH =, (b + c) "
      "WITH &&))");
  REQUIRE(table.constraints.size() == 7);
  const std::vector<ConstraintKind> kinds = {
      ConstraintKind::kPrimaryKey, ConstraintKind::kUnique, ConstraintKind::kForeignKey, ConstraintKind::kCheck,
      ConstraintKind::kForeignKey, ConstraintKind::kUnique, ConstraintKind::kExclusion};
  const std::vector<Strings> columns = {{"a"}, {"b"}, {"c"}, {"d"}, {"b", "c"}, {"c", "d"}, {"a"}};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    CHECK(table.constraints[i].kind == kinds[i]);
    CHECK(table.constraints[i].columns == columns[i]);
  }
  CHECK(table.constraints[1].name == "b_key");
  CHECK(table.constraints[2].referenced_schema == "s");
  CHECK(table.constraints[2].referenced_table == "u");
  CHECK(table.constraints[2].referenced_columns == Strings{"id"});
  CHECK(table.constraints[4].referenced_table == "v");
  CHECK(table.constraints[4].referenced_columns.empty());
}

TEST_CASE("an added constraint names its table") {
  const DdlStatement statement =
      only("ALTER TABLE ONLY s.t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES u(b) ON DELETE CASCADE NOT VALID");
  CHECK(statement.constraints.at(0).on_delete == 'c');
  CHECK(statement.constraints.at(0).on_update == 'a');
  CHECK(statement.schema == "s");
  CHECK(statement.name == "t");
  REQUIRE(statement.constraints.size() == 1);
  CHECK(statement.constraints[0].name == "fk");
  CHECK(statement.constraints[0].columns == Strings{"a"});
}

TEST_CASE("an index is read in full") {
  IndexDefinition expected;
  expected.table = "t";
  expected.name = "i";
  expected.unique = true;
  expected.keys = {{"a", "", false, false, "", ""},
                   {"b", "", true, true, "", ""},
                   {"c", "", true, false, "text_pattern_ops", "pg_catalog.\"C\""},
                   {"", "lower(d)", false, true, "", ""}};
  expected.include = {"e", "F"};
  expected.predicate = "g IS NULL";
  CHECK(index_of("CREATE UNIQUE INDEX i ON t (a, b DESC, c COLLATE pg_catalog.\"C\" text_pattern_ops DESC NULLS LAST, "
                 "lower(d) NULLS FIRST) INCLUDE (e, \"F\") WHERE (g IS NULL)") == expected);
}

TEST_CASE("what an index says and what is made of it are the same") {
  for (const char* sql : {"CREATE INDEX i ON public.t USING btree (a, b DESC)",
                          "CREATE UNIQUE INDEX i ON s.\"T\" USING btree (a NULLS FIRST) INCLUDE (b) WHERE c > 0",
                          "CREATE INDEX i ON public.t USING gin (a public.gin_trgm_ops)",
                          "CREATE INDEX i ON public.t USING gist (a gist_trgm_ops (siglen='32'))",
                          "CREATE INDEX ON public.t USING btree ((lower(a)), ((b + 1)) DESC)"}) {
    const IndexDefinition index = index_of(sql);
    INFO(sql);
    CHECK(index_of(create_index_sql(index, true)) == index);
  }
  CHECK(create_index_sql(index_of("create index concurrently i on t using gist (a gist_trgm_ops (siglen=32))"),
                         false) == "CREATE INDEX i ON public.t USING gist (a gist_trgm_ops (siglen='32'))");
}

TEST_CASE("a bad statement is one warning, and the rest goes on") {
  CHECK(problem_of("CREATE TABLE a (b integer);\n\n  CREATE TABLE é (c integer,\n    'ü' FROM x);\nCREATE TABLE d (e "
                   "integer);") ==
        "dump.sql:4:5: warning: statement left out: syntax error at or near \"'ü'\" |     'ü' FROM x); | "
        "the rest of the file is read; what this statement creates is unknown to the advice");
  Diagnostics diagnostics;
  CHECK(parse_ddl("CREATE TABLE a (b int;CREATE TABLE c (d int);nonsense;CREATE VIEW v AS SELECT 1", "f", diagnostics)
            .size() == 2);
  REQUIRE(diagnostics.size() == 2);
  CHECK(diagnostics[0].message == "statement left out: syntax error at end of input");
  CHECK(diagnostics[0].column == 22);
  CHECK(diagnostics[1].message == "statement left out: syntax error at or near \"nonsense\"");
}

TEST_CASE("psql's commands are left out and told, but for pg_dump's fence") {
  CHECK(problem_of("\\restrict abc\nSET a = 1;\n\\connect other\n") ==
        "dump.sql:3:1: note: psql's command is left out | \\connect other | "
        "dump one database at a time, with pg_dump --schema-only");
}

TEST_CASE("data of COPY is left out and told") {
  const std::string script = "COPY t (a) FROM stdin;\n1\tDROP TABLE x;\n'\n\\.\n\nCREATE TABLE u (a integer);\n";
  CHECK(problem_of(script) ==
        "dump.sql:2:0: note: data of COPY left out: 2 lines |  | pg_dump --schema-only writes none");
  Diagnostics diagnostics;
  const std::vector<DdlStatement> statements = parse_ddl(script, "f", diagnostics);
  REQUIRE(statements.size() == 2);
  CHECK(statements[0].kind == DdlKind::kOther);
  CHECK(statements[1].line == 6);
}

TEST_CASE("a script is cut where psql cuts it") {
  CHECK(parts_of("a;b ; -- c;\n/* d; */ e") == Strings{"1: a", "1: b", "2: e"});
  CHECK(parts_of("'a;b' \"c;d\" $$;$$ $x$;$$;$x$;\ne") == Strings{"1: 'a;b' \"c;d\" $$;$$ $x$;$$;$x$", "2: e"});
  CHECK(parts_of("CREATE FUNCTION f() BEGIN ATOMIC a; CASE b END; END; c") ==
        Strings{"1: CREATE FUNCTION f() BEGIN ATOMIC a; CASE b END; END", "1: c"});
  CHECK(parts_of("BEGIN; a; END; b") == Strings{"1: BEGIN", "1: a", "1: END", "1: b"});
  CHECK(parts_of("CREATE OR REPLACE RULE r AS DO (a; b); c") ==
        Strings{"1: CREATE OR REPLACE RULE r AS DO (a; b)", "1: c"});
  CHECK(parts_of("a (b; c") == Strings{"1: a (b", "1: c"});
  CHECK(parts_of("\\set x 'y\r\na") == Strings{"1: \\set x 'y", "2: a"});
  CHECK(parts_of("COPY t FROM stdin;\n1") == Strings{"1: COPY t FROM stdin", "2: 1"});
  CHECK(parts_of("").empty());
}

TEST_CASE("hostile input is an ordinary warning") {
  const auto repeat = [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  const auto message_of = [](const std::string& script) {
    Diagnostics diagnostics;
    const std::size_t statements = parse_ddl(script, "f", diagnostics).size();
    CHECK(statements == 0);
    return diagnostics.empty() ? std::string() : diagnostics[0].message;
  };
  const std::string too_deep = "statement left out: too deeply nested: counted, not analysed";
  CHECK(message_of("CREATE VIEW v AS SELECT " + repeat("(", 100000)) == too_deep);
  CHECK(message_of("CREATE VIEW v AS SELECT 1" + repeat(" + 1", 100000)) == too_deep);
  CHECK(message_of("CREATE TABLE t (a int DEFAULT " + repeat("- ", 100000) + "1)") == too_deep);
  CHECK(message_of(std::string("CREATE TABLE a (b int)\0; DROP TABLE c", 37).substr(0, 23)) ==
        "statement left out: a NUL byte in the text");
  CHECK(message_of("CREATE TABLE 'abc") == "statement left out: unterminated quoted string at or near \"'abc\"");
  std::string binary;
  for (int i = 0; i < 3000; ++i) binary += static_cast<char>((i * 7919) % 251);
  Diagnostics diagnostics;
  parse_ddl(binary, "f", diagnostics);
  CHECK_FALSE(diagnostics.empty());
}

TEST_CASE("every prefix of a dump is read without harm") {
  for (std::size_t i = 0; i < kDump.size(); i += 7) {
    Diagnostics diagnostics;
    parse_ddl(kDump.substr(0, i), "f", diagnostics);
    CHECK(diagnostics.size() <= 1);
  }
}

TEST_CASE("millions of bad statements do not fill the memory with warnings") {
  Diagnostics diagnostics;
  CHECK(parse_ddl(std::string(5000, 'x') + std::string(10000, ';'), "f", diagnostics).empty());
  CHECK(diagnostics.size() == 1);
  CHECK(diagnostics[0].excerpt.size() <= 400);
  std::string many;
  for (int i = 0; i < 1500; ++i) many += ";x";
  diagnostics.clear();
  parse_ddl(many, "f", diagnostics);
  REQUIRE(diagnostics.size() == 1001);
  CHECK(diagnostics.back().message == "too many problems: the others are not told");
}

}  // namespace assay
