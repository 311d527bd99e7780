#include "connectors/postgres.h"

#include <catch2/catch.hpp>

#include "parser/base/error.h"
#include "tests/connectors/real_server.h"
#include "tests/connectors/shop_schema.h"

namespace assay {
namespace {

/// "message | hint" of the Error that `conninfo` ends in.
std::string failure_of(const std::string& conninfo) {
  try {
    open_server(conninfo);
    return "connected";
  } catch (const Error& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
}

std::vector<std::string> index_descriptions(const Catalog& catalog) {
  std::vector<std::string> texts;
  for (const Index& index : catalog.indexes) texts.push_back(index.definition.name + ": " + describe(index.definition));
  return texts;
}

const Column& column_of(const Catalog& catalog, const std::string& table, const std::string& column) {
  const Table* found = catalog.find_table("shop", table);
  REQUIRE(found);
  const Column* wanted = find_column(*found, column);
  REQUIRE(wanted);
  return *wanted;
}

}  // namespace

TEST_CASE("a password in a connection URI is found, wherever it stands") {
  for (const char* uri :
       {"postgresql://u:p@host/db", "postgres://u:p%40@h", "postgresql://u:a@b@host", "postgresql://u:a/b@host/db",
        "postgresql://host/db?password=x", "postgresql://host/db?a=b&pass%77ord=x", "postgresql://h/?sslpassword=x",
        "host=h password=x", "password = 'x y'", "host='a b' password='x'", "host=a\\ b password=x"}) {
    INFO(uri);
    CHECK(holds_password(uri));
  }
  for (const char* uri : {"postgresql://u@host/db", "postgresql://host:5432/db", "postgresql://u:@host/db",
                          "postgresql:///db?host=/tmp", "postgresql://h/db?password=", "host=h dbname=password",
                          "host='password=x' user=u", "dbname=d passfile=/x", "", "="}) {
    INFO(uri);
    CHECK_FALSE(holds_password(uri));
  }
  CHECK(failure_of("postgresql://u:secret@h/db") ==
        "the connection URI holds a password, which process lists and shell histories would show | "
        "leave it out, and put it into ~/.pgpass (mode 0600) or into the file that PGPASSFILE names");
}

TEST_CASE("a failed connection says what to do next") {
  const RealServer server;
  const std::string conninfo = server.cluster().conninfo("none");
  CHECK_THAT(failure_of(conninfo),
             Catch::EndsWith("database \"none\" does not exist | psql -l lists the server's databases"));
  CHECK_THAT(
      failure_of(server.cluster().conninfo("postgres", "nobody")),
      Catch::EndsWith("role \"nobody\" does not exist | name a role of the server: postgresql://ROLE@HOST/DATABASE"));
  CHECK_THAT(failure_of("postgresql://u@127.0.0.1:1/db"),
             Catch::EndsWith("| check host and port, and that the server is running and may be reached"));
  CHECK_THAT(failure_of("db"), Catch::EndsWith("| a URI looks like postgresql://ROLE@HOST:5432/DATABASE"));
}

TEST_CASE("a catalog holds what the server knows, read without a trace") {
  RealServer server({{"log_statement", "all"}, {"log_min_messages", "log"}, {"random_page_cost", "1.1"}});
  server.run(shop_schema());
  server.run(
      {"CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM shop.lines; RETURN NULL; END'",
       "CREATE TRIGGER touch AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touched()",
       "CREATE FUNCTION twofold(a int) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'",
       "CREATE FUNCTION twofold(a text) RETURNS int LANGUAGE sql IMMUTABLE RETURN 1",
       "ALTER TABLE lines DROP CONSTRAINT lines_order_id_fkey, ADD CONSTRAINT lines_order_id_fkey FOREIGN KEY "
       "(order_id) REFERENCES orders ON DELETE CASCADE ON UPDATE SET NULL"});
  server.run({"CREATE ROLE guest LOGIN", "CREATE ROLE reader LOGIN", "GRANT pg_read_all_data TO reader"});

  if (server.cluster().programs().major >= 15) server.run({"SELECT pg_stat_force_next_flush()", "SELECT 1"});

  Session session = open_server(server.cluster().conninfo("postgres"));
  const std::size_t before = server.cluster().log().size();
  const Catalog catalog = read_catalog(session);
  const std::string seen = server.cluster().log().substr(before);

  {
    CHECK(catalog.source == CatalogSource::kServer);
    CHECK(catalog.database == "postgres");
    CHECK(catalog.server_version / 10000 == server.cluster().programs().major);
    CHECK(catalog.has_statistics);
    CHECK(catalog.taken_at);
    CHECK(catalog.settings.at("random_page_cost") == "1.1");
    CHECK(catalog.settings.at("block_size") == "8192");
    CHECK(catalog.extensions.size() == 4);
    CHECK(catalog.extensions[0].name == "citext");
    CHECK(catalog.extensions[0].version ==
          server.value("SELECT extversion FROM pg_extension WHERE extname = 'citext'"));
    CHECK(catalog.search_path == std::vector<std::string>{"shop", "public"});
    CHECK(catalog.hidden_tables.empty());

    const Table* orders = catalog.find_table("", "orders");
    REQUIRE(orders);
    CHECK(orders->rows == 25000);
    CHECK(std::to_string(orders->pages) == server.value("SELECT pg_relation_size('orders') / 8192"));
    CHECK(std::to_string(orders->all_visible_pages) ==
          server.value("SELECT relallvisible FROM pg_class WHERE relname = 'orders'"));
    CHECK(orders->counters->inserted == 25000);
    CHECK(catalog.find_table("shop", "events")->kind == 'p');
    CHECK(catalog.find_table("shop", "unpaid")->kind == 'v');
    CHECK(catalog.find_table("shop", "totals")->kind == 'm');

    CHECK(column_of(catalog, "orders", "total").type == "numeric(10,2)");
    CHECK(column_of(catalog, "orders", "state").type == "shop.status");
    CHECK(column_of(catalog, "orders", "placed").not_null);
    CHECK(column_of(catalog, "orders", "note").statistics.size() == 2);  // its own, and with the children's
    const ColumnStatistics state = column_of(catalog, "orders", "state").statistics.at(0);
    CHECK(state.most_common_values == "{sent,new,paid,back}");
    CHECK(state.most_common_frequencies == "{0.75,0.1,0.1,0.05}");
    CHECK(column_of(catalog, "customers", "tags").statistics.at(0).most_common_elements.has_value());
    CHECK(column_of(catalog, "orders", "note").statistics.at(0).null_fraction == Approx(1.0 / 3).epsilon(0.001));

    CHECK(index_descriptions(catalog) ==
          std::vector<std::string>{
              "customers_born_brin: shop.customers USING brin (born)", "customers_email_key: shop.customers (email)",
              "customers_initials_idx: shop.customers (shop.initials(name))",
              "customers_name_trgm: shop.customers USING gist (name public.gist_trgm_ops)",
              "customers_pkey: shop.customers (id)", "customers_tags_gin: shop.customers USING gin (tags)",
              "customers_token_hash: shop.customers USING hash (token)", "events_kind_idx: shop.events (kind, at)",
              "events_1_kind_at_idx: shop.events_1 (kind, at)", "events_2_kind_at_idx: shop.events_2 (kind, at)",
              "lines_pkey: shop.lines (order_id, \"position\")", "orders_customer_idx: shop.orders (customer_id)",
              "orders_pkey: shop.orders (id)", "orders_placed_idx: shop.orders (placed DESC)",
              "orders_state_total_idx: shop.orders (state, total) INCLUDE (note)",
              "orders_unpaid_idx: shop.orders (placed) WHERE NOT paid", "totals_idx: shop.totals (total)"});
    const Index* key = catalog.find_index("shop", "orders_pkey");
    REQUIRE(key);
    CHECK(key->constraint == "orders_pkey");
    CHECK(key->primary);
    CHECK(key->height == 1);
    CHECK(key->sql == "CREATE UNIQUE INDEX orders_pkey ON shop.orders USING btree (id)");
    CHECK(catalog.find_index("shop", "customers_initials_idx")->expression_statistics.at(0).size() == 1);
    CHECK(catalog.foreign_keys.size() == 2);
    CHECK(catalog.foreign_keys[0].columns == std::vector<std::string>{"order_id"});
    CHECK(catalog.foreign_keys[0].referenced_columns == std::vector<std::string>{"id"});

    CHECK(catalog.foreign_keys[0].on_delete == 'c');
    CHECK(catalog.foreign_keys[0].on_update == 'n');
    CHECK(catalog.foreign_keys[1].on_delete == 'a');
    CHECK(catalog.find_table("", "events_1")->parents.at(0).name == "events");
    CHECK_THAT(catalog.find_table("", "totals")->definition,
               Catch::StartsWith("SELECT") && Catch::Contains("shop.orders"));
    REQUIRE(catalog.triggers.size() == 1);
    const Trigger& trigger = catalog.triggers[0];
    CHECK(trigger.schema + "." + trigger.table + " " + trigger.name + " " + trigger.function ==
          "shop.orders touch touched");
    CHECK((trigger.on_insert && trigger.on_update && !trigger.on_delete && trigger.for_each_row && trigger.enabled));
    CHECK(catalog.volatility_of("", "twofold") == 's');
    CHECK(catalog.volatility_of("shop", "touched") == 'v');
    CHECK(catalog.volatility_of("", "similarity") == 'i');  // of an extension
    CHECK(catalog.volatility_of("", "lower") == 'i');
    CHECK(catalog.volatility_of("", "now") == 's');
    CHECK(catalog.volatility_of("", "random") == 'v');
    CHECK(catalog.volatility_of("", "textin") == std::nullopt);
    const auto body = [&](const std::string& name, const std::string& arguments) {
      for (const Function& function : catalog.functions) {
        if (function.name == name && function.arguments == arguments) return function.body;
      }
      return std::string("missing");
    };
    CHECK(body("touched", "") == "BEGIN DELETE FROM shop.lines; RETURN NULL; END");
    CHECK(body("twofold", "a text") == "RETURN 1");
    CHECK(body("similarity", "text, text").empty());

    for (const char* word : {"INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "LOCK", "TEMP", "COMMIT"}) {
      INFO(word);
      CHECK(seen.find(std::string("statement: ") + word) == std::string::npos);
      CHECK(seen.find(std::string("<unnamed>: ") + word) == std::string::npos);
    }
    CHECK(seen.find("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") != std::string::npos);
    CHECK(server.value("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                       "WHERE a.pid <> pg_backend_pid() AND a.application_name = 'assay'") == "0");
    CHECK(server.value("SELECT temp_files FROM pg_stat_database WHERE datname = 'postgres'") == "0");

    Session guest = open_server(server.cluster().conninfo("postgres", "guest"));
    const Catalog hidden = read_catalog(guest);
    CHECK(hidden.hidden_tables == std::vector<std::string>{"shop.archive", "shop.customers", "shop.events",
                                                           "shop.events_1", "shop.events_2", "shop.lines",
                                                           "shop.orders", "shop.totals"});
    CHECK(hidden.find_index("shop", "orders_pkey")->height == -1);
    Session reader = open_server(server.cluster().conninfo("postgres", "reader"));
    CHECK(read_catalog(reader).hidden_tables.empty());

    server.run({"BEGIN", "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE"});
    CHECK_THROWS_WITH(read_catalog(session), Catch::Contains("canceling statement due to lock timeout"));
    server.run({"ROLLBACK"});
    CHECK(read_catalog(session).tables.size() == catalog.tables.size());
  }
}

}  // namespace assay
