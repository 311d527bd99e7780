#include "advisors/replica/routing.h"

#include <catch2/catch.hpp>

#include "tests/advisors/replica/replica_world.h"

namespace assay {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE orders (id int PRIMARY KEY, customer int, total numeric);
  CREATE UNLOGGED TABLE hits (id int, at timestamptz);
  CREATE TABLE events (id int, day date) PARTITION BY RANGE (day);
  CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE UNLOGGED TABLE events_2 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
  CREATE TABLE audit (id int, what text);
  CREATE VIEW big AS SELECT id FROM orders WHERE total > 100;
  CREATE VIEW fresh AS SELECT id FROM hits;
  CREATE VIEW drawn AS SELECT id, random() AS place FROM orders;
  CREATE FUNCTION add_audit() RETURNS void LANGUAGE sql VOLATILE AS 'INSERT INTO audit VALUES (1)';
  CREATE FUNCTION sum_of(int) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT sum(total) FROM orders WHERE customer = $1';
  CREATE FUNCTION dynamic(text) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN EXECUTE $1; RETURN 1; END';
)";

ReplicaWorld world_of(const std::string& sql, bool with_catalog = true) {
  return replica_world(kSchema, {{"CREATE TEMP TABLE scratch (id int)", 1}, {sql, 2}}, with_catalog);
}

/// The first reason; "may go" or "goes along" without any.
std::string verdict(const std::string& sql, bool with_catalog = true) {
  const ReplicaWorld world = world_of(sql, with_catalog);
  const ClassRouting& routing = world.routing(sql);
  if (routing.role == RoutingRole::kRead) return "may go";
  if (routing.role == RoutingRole::kNeutral) return "goes along";
  return routing.denials.front().reason;
}

}  // namespace

TEST_CASE("a plain read may go to a replica, also through a view or a stable function", "[replica]") {
  for (const char* sql : {"SELECT id FROM orders WHERE id = 1", "SELECT now(), count(*) FROM orders",
                          "SELECT id FROM big", "SELECT sum_of(3) FROM orders", "SELECT current_date",
                          "SELECT lower('A'), coalesce(total, 0) FROM orders", "SELECT relname FROM pg_class"}) {
    CHECK(verdict(sql) == "may go");
  }
  CHECK(verdict("SELECT id FROM orders WHERE id = 1", false) == "may go");
}

TEST_CASE("what a standby refuses, or would answer otherwise, stays on the primary", "[replica]") {
  const auto denied = [](const std::string& sql, const std::string& reason) {
    INFO(sql);
    CHECK(verdict(sql) == reason);
  };
  denied("INSERT INTO orders VALUES (1, 2, 3)", "it changes data");
  denied("WITH gone AS (DELETE FROM orders RETURNING id) SELECT id FROM gone", "it changes data");
  denied("SELECT id FROM orders FOR UPDATE", "it locks rows, which a standby refuses");
  denied("SELECT id FROM orders FOR KEY SHARE", "it locks rows, which a standby refuses");
  denied("SELECT random()", "function random is volatile");
  denied("SELECT id, place FROM drawn", "function random is volatile");
  denied("SELECT clock_timestamp()", "function clock_timestamp is volatile");
  denied("SELECT nextval('orders_id_seq')", "function nextval is volatile");
  denied("SELECT pg_advisory_lock(1)", "function pg_advisory_lock is volatile");
  denied("SELECT currval('s')",
         "currval() asks for what this session drew from a sequence, on the server where it drew it");
  denied("SELECT lastval()",
         "lastval() asks for what this session drew from a sequence, on the server where it drew it");
  denied("SELECT txid_current()", "txid_current() needs a transaction that writes");
  denied("SELECT pg_backend_pid()", "pg_backend_pid() tells of its own server");
  denied("SELECT add_audit()", "function add_audit is volatile: it may write");
  denied("SELECT far_away(1)", "function far_away is not known");
  denied("SELECT id FROM hits", "public.hits is unlogged: a standby cannot read it");
  denied("SELECT id FROM fresh", "public.hits is unlogged: a standby cannot read it");
  denied("SELECT id FROM events", "public.events_2 is unlogged: a standby cannot read it");
  denied("SELECT id FROM scratch",
         "scratch is a temporary table: it lives on the server, and in the session, that made it");
  denied("SELECT pid FROM pg_stat_activity", "pg_stat_activity tells of its own server");
  denied("SELECT id FROM newer",
         "newer is not in the catalog: a temporary table, a sequence, or newer than the snapshot");
  denied("BEGIN ISOLATION LEVEL SERIALIZABLE", "a standby has no SERIALIZABLE transactions");
  denied("BEGIN READ WRITE", "a standby refuses READ WRITE transactions");
  denied("LOCK TABLE orders", "it changes or locks what others see");
  denied("LISTEN news", "it is no plain SELECT");
  CHECK(verdict("SELECT FROM WHERE").starts_with("it is not understood"));
}

TEST_CASE("what opens, closes and sets goes with its transaction", "[replica]") {
  for (const char* sql :
       {"BEGIN", "START TRANSACTION READ ONLY", "COMMIT", "ROLLBACK", "SAVEPOINT a", "SET work_mem = 1",
        "ROLLBACK TO SAVEPOINT a", "SHOW work_mem", "BEGIN ISOLATION LEVEL REPEATABLE READ"}) {
    CHECK(verdict(sql) == "goes along");
  }
  const std::string sets = "SET default_transaction_isolation = 'serializable'";
  CHECK(world_of(sets).routing(sets).pins_session);
}

TEST_CASE("what a class reads and writes is told, with what stands behind the names", "[replica]") {
  const auto routing = [](const std::string& sql) { return world_of(sql).routing(sql); };
  CHECK(routing("SELECT id FROM big").reads == TableNames{"public.orders"});
  CHECK(routing("SELECT sum_of(3)").reads == TableNames{"public.orders"});
  CHECK(routing("SELECT dynamic('x')").reads_anything);
  CHECK(routing("SELECT relname FROM pg_class").reads_anything);
  CHECK(routing("INSERT INTO orders VALUES (1, 2, 3)").writes == TableNames{"public.orders"});
  CHECK_FALSE(routing("INSERT INTO orders VALUES (1, 2, 3)").writes_anything);
  CHECK(routing("SELECT add_audit()").writes == TableNames{"public.audit"});
  CHECK(routing("ALTER TABLE orders ADD more int").writes == TableNames{"public.orders"});
  CHECK(routing("DO $$ BEGIN NULL; END $$").writes_anything);
  CHECK(routing("SELECT far_away(1)").writes_anything);
  CHECK_FALSE(routing("SELECT id FROM orders FOR UPDATE").writes_anything);
  CHECK_FALSE(routing("LOCK TABLE orders").writes_anything);
  CHECK_FALSE(routing("SELECT random()").writes_anything);
}

}  // namespace assay
