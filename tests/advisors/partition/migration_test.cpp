// The way to a partitioned table, gone on a real server: rows kept, constraints hold, and back again.
#include "advisors/partition/migration.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "analyzer/catalog_from_ddl.h"
#include "connectors/postgres.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

using Names = std::vector<std::string>;

/// January 2026 to June 2026 hold rows, and the two months behind do not.
PartitionScheme by_month(const std::string& schema, const std::string& table, const std::string& column) {
  PartitionScheme scheme{.partitioning = {schema, table, PartitionStrategy::kRange, column, {}},
                         .interval = "1 month",
                         .retention = "12 months"};
  for (int month = 1; month <= 8; ++month) {
    const std::string number = std::to_string(month), next = std::to_string(month + 1);
    scheme.partitioning.partitions.push_back(
        {table.substr(0, 54) + "_p2026_0" + number, "2026-0" + number + "-01", "2026-0" + next + "-01"});
  }
  return scheme;
}

/// Of everything that a table can have and a partitioned one can keep.
const Names kShop{
    "CREATE ROLE clerk",
    "CREATE TABLE customers (id int PRIMARY KEY)",
    "INSERT INTO customers SELECT generate_series(0, 99)",
    "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number bigserial, "
    "customer int NOT NULL REFERENCES customers ON DELETE CASCADE, at timestamptz NOT NULL DEFAULT now(), "
    "amount numeric(10,2) DEFAULT 1 CHECK (amount >= 0), gross numeric GENERATED ALWAYS AS (amount * 1.2) STORED, "
    "note text) WITH (fillfactor = 90)",
    "COMMENT ON TABLE orders IS 'it''s ours'",
    "COMMENT ON COLUMN orders.note IS 'free text'",
    "CREATE INDEX orders_customer_idx ON orders (customer) INCLUDE (amount)",
    "CREATE INDEX orders_note_idx ON orders (lower(note)) WITH (fillfactor = 80) WHERE note IS NOT NULL",
    "CREATE UNIQUE INDEX orders_number_at_idx ON orders (number, at)",
    "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY small ON orders FOR SELECT TO clerk USING (amount < 5)",
    "GRANT SELECT, INSERT ON orders TO clerk WITH GRANT OPTION",
    "GRANT UPDATE (note) ON orders TO clerk",
    "CREATE VIEW dear WITH (security_barrier) AS SELECT id, customer, amount FROM orders WHERE amount > 7",
    "CREATE TABLE audit (op text, id bigint)",
    "CREATE FUNCTION audited() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN INSERT INTO audit VALUES (TG_OP, NEW.id); RETURN NEW; END$$",
    "CREATE TRIGGER audited AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION audited()",
    "CREATE PUBLICATION feed FOR TABLE orders",
    "INSERT INTO orders (customer, at, amount, note) SELECT i % 100, timestamptz '2026-01-01' + i * interval '25 "
    "minutes', "
    "i % 10, CASE WHEN i % 3 = 0 THEN 'Note ' || i END FROM generate_series(1, 10000) AS i",
    "TRUNCATE audit",
    "ANALYZE",
};

Catalog catalog_of(RealServer& server) {
  Session fresh(server.cluster().conninfo("postgres"));
  Catalog catalog = read_catalog(fresh);
  // The moment of the log, not of the test.
  catalog.taken_at = parse_iso8601("2026-06-23", UtcOffset{0});
  return catalog;
}

const MigrationWay& way_of(const MigrationPlan& plan, MigrationKind kind) {
  CAPTURE(plan.obstacles, plan.not_offered);
  const auto found =
      std::find_if(plan.ways.begin(), plan.ways.end(), [&](const auto& way) { return way.kind == kind; });
  REQUIRE(found != plan.ways.end());
  return *found;
}

void run(RealServer& server, const Names& statements) {
  for (const std::string& sql : statements) {
    INFO(sql);
    REQUIRE_NOTHROW(server.session().query(sql));
  }
}

void carry_out(RealServer& server, const MigrationWay& way, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) run(server, way.steps[i].sql);
}

std::size_t step_of(const MigrationWay& way, std::string_view title) {
  const auto found = std::find_if(way.steps.begin(), way.steps.end(),
                                  [&](const MigrationStep& step) { return step.title.starts_with(title); });
  REQUIRE(found != way.steps.end());
  return static_cast<std::size_t>(found - way.steps.begin());
}

void go_back(RealServer& server, const MigrationWay& way, std::size_t from) {
  for (std::size_t i = from + 1; i-- > 0;) run(server, way.steps[i].rollback);
}

std::string rows_of(RealServer& server, const std::string& table) {
  return server.value("SELECT row(count(*), sum(hashtextextended(t::text, 0)::numeric))::text FROM " + table + " t");
}

/// All that a schema dump says of the table orders and what belongs to it, but for the names of the copies.
Names described(RealServer& server) {
  Names told = server.column(
      "SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, "
      "a.attgenerated, "
      "pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum), a.attacl) FROM pg_attribute a "
      "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
      "WHERE a.attrelid = 'orders'::regclass AND a.attnum > 0 ORDER BY a.attnum");
  for (const char* sql :
       {"SELECT concat_ws(' ', conname, contype, pg_get_constraintdef(oid)) FROM pg_constraint "
        "WHERE 'orders'::regclass IN (conrelid, confrelid) AND contype <> 'p' AND conparentid = 0 ORDER BY 1",
        "SELECT replace(pg_get_indexdef(indexrelid), ' ONLY ', ' ') || indisvalid FROM pg_index "
        "WHERE indrelid = 'orders'::regclass AND NOT indisprimary ORDER BY 1",
        "SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE tgrelid = 'orders'::regclass AND NOT "
        "tgisinternal",
        "SELECT concat_ws(' ', polname, polcmd, polroles, pg_get_expr(polqual, polrelid)) FROM pg_policy "
        "WHERE polrelid = 'orders'::regclass",
        "SELECT concat_ws(' ', relacl, relrowsecurity, obj_description(oid), pg_get_userbyid(relowner)) FROM pg_class "
        "WHERE oid = 'orders'::regclass",
        "SELECT pg_get_viewdef('dear'::regclass) || reloptions::text FROM pg_class WHERE oid = 'dear'::regclass",
        "SELECT tablename FROM pg_publication_tables WHERE pubname = 'feed'",
        "SELECT pg_get_serial_sequence('orders', c) FROM unnest(ARRAY['id', 'number']) AS c"}) {
    for (std::string& line : server.column(sql)) told.push_back(std::move(line));
  }
  return told;
}

std::string count(RealServer& server, const std::string& from) { return server.value("SELECT count(*) FROM " + from); }

}  // namespace

TEST_CASE("an old table is attached as one partition: rows, constraints and all that belongs to it are kept") {
  RealServer server(std::map<std::string, std::string>{{"TimeZone", "UTC"}, {"wal_level", "logical"}});
  run(server, kShop);
  const Catalog catalog = catalog_of(server);
  const MigrationPlan plan = migration_of(by_month("public", "orders", "at"), catalog);
  const MigrationWay& way = way_of(plan, MigrationKind::kAttach);
  const std::string rows = rows_of(server, "orders");
  const Names before = described(server);
  carry_out(server, way, 0, way.steps.size());
  CHECK(rows_of(server, "orders") == rows);
  CHECK(described(server) == before);
  CHECK(count(server, "pg_index WHERE indrelid::regclass::text LIKE 'orders%' AND NOT indisvalid") == "0");
  CHECK(count(server, "pg_inherits WHERE inhparent = 'orders'::regclass") == "3");
  CHECK(server.value(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype "
            "= 'p'") == "PRIMARY KEY (id, at)");
  // Each index of the old table serves as a part of the parent's: none was built, none is left over.
  CHECK(count(server,
              "pg_index i WHERE indrelid = 'orders_legacy'::regclass AND NOT EXISTS (SELECT FROM pg_inherits "
              "WHERE inhrelid = i.indexrelid)") == "0");
  run(server, {"INSERT INTO orders (customer, at, amount) VALUES (1, '2026-06-30', 9), (2, '2026-07-02', 9)"});
  CHECK(server.column("SELECT tableoid::regclass::text FROM orders WHERE id > 10000 ORDER BY id") ==
        Names{"orders_legacy", "orders_p2026_07"});
  CHECK(server.value("SELECT max(id) || ' ' || max(number) FROM orders") == "10002 10002");
  CHECK(count(server, "audit") == "2");
  CHECK(count(server, "dear WHERE id > 10000") == "2");
  CHECK_THROWS_WITH(server.session().query("INSERT INTO orders (customer, at) VALUES (777, '2026-07-02')"),
                    Catch::Contains("violates foreign key constraint"));
  CHECK_THROWS_WITH(server.session().query("INSERT INTO orders (customer, at, amount) VALUES (7, '2026-07-02', -1)"),
                    Catch::Contains("violates check constraint"));
  run(server, {"DELETE FROM customers WHERE id = 2"});
  CHECK(count(server, "orders WHERE customer = 2") == "0");
  CHECK(server.value("SELECT stainherit FROM pg_statistic WHERE starelid = 'orders'::regclass LIMIT 1") == "t");
}

TEST_CASE("the way back from an attached table keeps the rows that came in after it") {
  RealServer server(std::map<std::string, std::string>{{"TimeZone", "UTC"}, {"wal_level", "logical"}});
  run(server, kShop);
  const Catalog catalog = catalog_of(server);
  const MigrationPlan plan = migration_of(by_month("public", "orders", "at"), catalog);
  const MigrationWay& way = way_of(plan, MigrationKind::kAttach);
  const Names before = described(server);
  const std::size_t swap = step_of(way, "Change over");
  carry_out(server, way, 0, swap + 2);
  run(server, {"INSERT INTO orders (customer, at, amount) VALUES (1, '2026-06-30', 9), (2, '2026-07-02', 9)"});
  const std::string rows = rows_of(server, "orders");
  go_back(server, way, swap);
  CHECK(rows_of(server, "orders") == rows);
  CHECK(described(server) == before);
  CHECK(server.column("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND (relkind = 'p' OR "
                      "relname ~ '_(new|legacy|old|partitioned)')") == Names{});
  CHECK(server.value(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype "
            "= 'p'") == "PRIMARY KEY (id)");
  run(server, {"INSERT INTO orders (customer, at, amount) VALUES (1, '2026-09-30', 9)"});
  CHECK(server.value("SELECT max(id) || ' ' || max(number) FROM orders") == "10003 10003");
  CHECK(count(server, "audit") == "3");
}

TEST_CASE("a copy is filled while rows arrive, and takes the table's place with every one of them") {
  RealServer server(std::map<std::string, std::string>{{"TimeZone", "UTC"}, {"wal_level", "logical"}});
  run(server, kShop);
  const Catalog catalog = catalog_of(server);
  const MigrationPlan plan = migration_of(by_month("public", "orders", "at"), catalog);
  const MigrationWay& way = way_of(plan, MigrationKind::kBackfill);
  const Names before = described(server);
  const std::size_t fill = step_of(way, "Copy the rows"), compare = step_of(way, "Compare"),
                    swap = step_of(way, "Change over");
  const Names writes{"INSERT INTO orders (customer, at, amount) VALUES (1, '2026-06-30', 9), (2, '2026-07-02', 9)",
                     "UPDATE orders SET amount = 3 WHERE id % 7 = 0",
                     "UPDATE orders SET at = at + interval '40 days' WHERE id BETWEEN 100 AND 200",
                     "DELETE FROM orders WHERE id % 11 = 0"};
  carry_out(server, way, 0, fill);
  run(server, writes);
  carry_out(server, way, fill, compare);
  run(server, writes);
  const std::string rows = rows_of(server, "orders");
  CHECK(rows_of(server, "orders_partitioned") == rows);
  run(server, way.steps[compare].sql);
  run(server, {"BEGIN", "DELETE FROM orders_partitioned WHERE id = (SELECT min(id) FROM orders)"});
  CHECK_THROWS_WITH(server.session().query(way.steps[compare].sql[1]), Catch::Contains("the copy differs"));
  run(server, {"ROLLBACK"});
  carry_out(server, way, swap, swap + 2);
  CHECK(rows_of(server, "orders") == rows);
  CHECK(count(server, "pg_index WHERE indrelid::regclass::text LIKE 'orders%' AND NOT indisvalid") == "0");
  CHECK(count(server, "pg_inherits WHERE inhparent = 'orders'::regclass") == "9");
  CHECK(count(server, "orders_before") == "0");
  CHECK(server.value("SELECT count(*) = 0 FROM orders_p2026_03 WHERE at < '2026-03-01' OR at >= '2026-04-01'") == "t");
  const std::string audited = count(server, "audit");
  run(server, {"INSERT INTO orders (customer, at, amount) VALUES (1, '2026-07-30', 9)",
               "UPDATE orders SET at = '2026-02-02' WHERE id = 5"});
  // A row that moves to another partition is deleted and inserted, and so do its triggers fire.
  CHECK(std::stoi(count(server, "audit")) == std::stoi(audited) + 2);
  CHECK(server.value("SELECT max(id) = max(number) FROM orders") == "t");
  CHECK(rows_of(server, "orders_legacy") == rows_of(server, "orders"));
  carry_out(server, way, swap + 2, way.steps.size());
  CHECK(described(server) == before);
  CHECK(server.column("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname ~ "
                      "'_(new|legacy|old|partitioned|mirror|progress)'") == Names{});
  CHECK(count(server, "pg_proc WHERE proname ~ '^orders'") == "0");
}

TEST_CASE("the way back from a copy that took over loses no row, and leaves nothing behind") {
  RealServer server(std::map<std::string, std::string>{{"TimeZone", "UTC"}, {"wal_level", "logical"}});
  run(server, kShop);
  const Catalog catalog = catalog_of(server);
  const MigrationPlan plan = migration_of(by_month("public", "orders", "at"), catalog);
  const MigrationWay& way = way_of(plan, MigrationKind::kBackfill);
  const Names before = described(server);
  const std::size_t swap = step_of(way, "Change over");
  carry_out(server, way, 0, swap + 2);
  run(server, {"INSERT INTO orders (customer, at, amount) VALUES (1, '2026-06-30', 9), (2, '2026-07-02', 9)",
               "UPDATE orders SET at = at + interval '40 days' WHERE id BETWEEN 100 AND 200",
               "DELETE FROM orders WHERE id % 11 = 0"});
  const std::string rows = rows_of(server, "orders");
  go_back(server, way, swap);
  CHECK(rows_of(server, "orders") == rows);
  CHECK(described(server) == before);
  CHECK(server.column("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND (relkind = 'p' OR "
                      "relname ~ '_(new|legacy|old|partitioned|mirror|progress)')") == Names{});
  CHECK(count(server, "pg_proc WHERE proname ~ '^orders'") == "0");
  run(server, {"INSERT INTO orders (customer, at, amount) VALUES (1, '2026-09-30', 9)"});
  CHECK(server.value("SELECT max(id) || ' ' || max(number) FROM orders") == "10003 10003");
  CHECK(count(server, "audit") == std::to_string(3 + 101));  // 101 rows moved
}

TEST_CASE("a batch waits for a writer that came first, and brings no deleted row back") {
  RealServer server;
  run(server,
      {"CREATE TABLE orders (id int PRIMARY KEY, at timestamptz NOT NULL, n int)",
       "INSERT INTO orders SELECT i, timestamptz '2026-01-01' + i * interval '1 hour', 0 FROM generate_series(1, "
       "1000) AS i"});
  const Catalog catalog = catalog_of(server);
  const MigrationPlan plan = migration_of(by_month("public", "orders", "at"), catalog);
  const MigrationWay& way = way_of(plan, MigrationKind::kBackfill);
  const std::size_t fill = step_of(way, "Copy the rows");
  carry_out(server, way, 0, fill);
  const Names& sql = way.steps[fill].sql;
  run(server, {sql[0], sql[1]});
  Session writer(server.cluster().conninfo("postgres"));
  writer.query("BEGIN");
  writer.query("DELETE FROM orders WHERE id = 500");
  writer.query("UPDATE orders SET n = 1, at = at + interval '2 months' WHERE id = 501");
  std::string failure;
  std::thread filler([&] {
    try {
      Session session(server.cluster().conninfo("postgres"));
      session.query("CALL orders_backfill(100)");
    } catch (const std::exception& problem) {
      failure = problem.what();
    }
  });
  // It comes to the batch of the locked rows, and tries that one again and again.
  while (server.column("SELECT id FROM orders_progress") != Names{"400"} && failure.empty()) std::this_thread::yield();
  CHECK(count(server, "orders_partitioned") == "400");
  writer.query("COMMIT");
  filler.join();
  CHECK(failure == "");
  CHECK(rows_of(server, "orders_partitioned") == rows_of(server, "orders"));
  CHECK(count(server, "orders_partitioned WHERE id = 500 OR n = 1") == "1");
}

TEST_CASE("writers go on while the copy is filled, and every one of their rows is in it") {
  RealServer server;
  run(server,
      {"CREATE TABLE orders (id int PRIMARY KEY, at timestamptz NOT NULL, n int)",
       "INSERT INTO orders SELECT i, timestamptz '2026-01-01' + i * interval '1 hour', 0 FROM generate_series(1, "
       "3000) AS i"});
  const Catalog catalog = catalog_of(server);
  const MigrationPlan plan = migration_of(by_month("public", "orders", "at"), catalog);
  const MigrationWay& way = way_of(plan, MigrationKind::kBackfill);
  const std::size_t fill = step_of(way, "Copy the rows");
  carry_out(server, way, 0, fill);
  const Names& sql = way.steps[fill].sql;
  run(server, {sql[0], sql[1]});
  std::atomic<bool> done = false;
  std::size_t written = 0;
  std::string failure;
  std::thread writer([&] {
    try {
      Session session(server.cluster().conninfo("postgres"));
      for (std::mt19937 random(7); !done || written < 200; ++written) {
        const std::string id = std::to_string(1 + random() % 4000);
        const char* const statements[] = {
            "UPDATE orders SET n = n + 1 WHERE id BETWEEN $1::int AND $1::int + 30",
            "UPDATE orders SET at = at + interval '20 days' WHERE id = $1::int AND at < '2026-06-01'",
            "DELETE FROM orders WHERE id = $1::int",
            "INSERT INTO orders VALUES ($1::int, '2026-03-03', -1) ON CONFLICT DO NOTHING"};
        session.query(statements[random() % 4], {id});
      }
    } catch (const std::exception& problem) {
      failure = problem.what();
    }
  });
  run(server, {"CALL orders_backfill(20)"});
  done = true;
  writer.join();
  CHECK(failure == "");
  CHECK(written >= 200);
  CHECK(rows_of(server, "orders_partitioned") == rows_of(server, "orders"));
}

TEST_CASE("a foreign key that refers to the whole key refers to the new table, and is valid again") {
  RealServer server;
  run(server, {"CREATE TABLE orders (id int, at date NOT NULL, PRIMARY KEY (id, at))",
               "CREATE TABLE items (id int, order_id int, order_at date, CONSTRAINT of_order FOREIGN KEY (order_id, "
               "order_at) REFERENCES orders ON DELETE CASCADE)",
               "INSERT INTO orders SELECT i, date '2026-01-01' + i FROM generate_series(1, 150) AS i",
               "INSERT INTO items SELECT i, i, date '2026-01-01' + i FROM generate_series(1, 150) AS i", "ANALYZE"});
  const Catalog catalog = catalog_of(server);
  const MigrationPlan plan = migration_of(by_month("public", "orders", "at"), catalog);
  const MigrationWay& way = way_of(plan, GENERATE(MigrationKind::kAttach, MigrationKind::kBackfill));
  const bool back = GENERATE(false, true);
  carry_out(server, way, 0, step_of(way, "When all is well"));
  if (back) go_back(server, way, step_of(way, "Change over"));
  if (back) run(server, {"ALTER TABLE items VALIDATE CONSTRAINT of_order"});
  CHECK(
      server.column("SELECT conrelid::regclass || ' ' || confrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM "
                    "pg_constraint WHERE contype = 'f' AND conparentid = 0") ==
      Names{"items orders FOREIGN KEY (order_id, order_at) REFERENCES orders(id, at) ON DELETE CASCADE"});
  run(server, {"DELETE FROM orders WHERE id < 100"});
  CHECK(count(server, "items") == "51");
  CHECK_THROWS_AS(server.session().query("INSERT INTO items VALUES (1, 1, '2026-01-02')"), SqlError);
}

TEST_CASE("lists and hashes and two levels are filled, with indexes on every leaf") {
  RealServer server;
  run(server,
      {"CREATE TABLE orders (id int, tenant int NOT NULL, at date NOT NULL, status text NOT NULL, "
       "PRIMARY KEY (id))",
       "CREATE INDEX orders_status_idx ON orders (status, at DESC)",
       "INSERT INTO orders SELECT i, i % 20, date '2026-01-01' + i % 150, (ARRAY['new','paid','sent'])[1 + i % 3] "
       "FROM generate_series(1, 3000) AS i"});
  const Catalog catalog = catalog_of(server);
  PartitionScheme list{.partitioning = {"public", "orders", PartitionStrategy::kList, "status", {}}};
  list.partitioning.partitions = {{.name = "orders_open", .values = {"new", "paid"}},
                                  {.name = "orders_rest", .is_default = true}};
  PartitionScheme hash{.partitioning = {"public", "orders", PartitionStrategy::kHash, "tenant", {}}};
  for (int i = 0; i < 3; ++i)
    hash.partitioning.partitions.push_back({.name = "orders_" + std::to_string(i), .remainder = i});
  PartitionScheme both = by_month("public", "orders", "at");
  both.sub_hash_modulus = 2;
  both.sub_column = "tenant";
  const PartitionScheme scheme = GENERATE_COPY(list, hash, both);
  const MigrationPlan plan = migration_of(scheme, catalog);
  const MigrationWay& way = way_of(plan, MigrationKind::kBackfill);
  const std::string rows = rows_of(server, "orders");
  carry_out(server, way, 0, way.steps.size());
  CHECK(rows_of(server, "orders") == rows);
  CHECK(count(server,
              "pg_index i JOIN pg_class c ON c.oid = i.indrelid AND c.relname LIKE 'orders%' WHERE NOT indisvalid") ==
        "0");
  CHECK(count(server, "pg_partition_tree('orders_status_idx') WHERE isleaf") ==
        count(server, "pg_partition_tree('orders') WHERE isleaf"));
}

TEST_CASE("names of a hostile schema are quoted, and shortened without a clash") {
  const std::string schema = "O'Neil\"s; DROP TABLE x; --", long_name(63, 'n');
  const std::string table = GENERATE_COPY(std::string("a\n$migration$\"{parent}'\\"), long_name);
  const std::string column = "at {table} \"now\"\n; --";
  const std::string quoted_schema = quote_identifier(schema), quoted = quoted_schema + "." + quote_identifier(table);
  RealServer server;
  run(server, {"CREATE SCHEMA " + quoted_schema, "CREATE TABLE x (a int)",
               "CREATE TABLE " + quoted + " (\"i'd\" int PRIMARY KEY, " + quote_identifier(column) +
                   " timestamp NOT NULL, \"sel\"\"ect\" text)",
               "CREATE INDEX ON " + quoted + " (\"sel\"\"ect\") WHERE \"sel\"\"ect\" <> ' USING '",
               "CREATE INDEX ON " + quoted + " (\"sel\"\"ect\", \"i'd\")",
               "INSERT INTO " + quoted +
                   " SELECT i, timestamp '2026-01-02' + i * interval '4 hours', 'x' FROM "
                   "generate_series(1, 900) i",
               "ANALYZE"});
  const Catalog catalog = catalog_of(server);
  PartitionScheme scheme = by_month(schema, table, column);
  if (GENERATE(false, true)) {
    scheme.sub_hash_modulus = 2;
    scheme.sub_column = "i'd";
  }
  const MigrationPlan plan = migration_of(scheme, catalog);
  const MigrationKind kind = GENERATE(MigrationKind::kAttach, MigrationKind::kBackfill);
  const MigrationWay& way = way_of(plan, kind);
  const std::string rows = rows_of(server, quoted);
  carry_out(server, way, 0, step_of(way, "When all is well"));
  CHECK(rows_of(server, quoted) == rows);
  go_back(server, way, step_of(way, "Change over"));
  CHECK(rows_of(server, quoted) == rows);
  CHECK(count(server, "pg_class WHERE relkind = 'p'") == "0");
  CHECK(count(server, "x") == "0");
}

}  // namespace assay
