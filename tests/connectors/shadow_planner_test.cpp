#include "connectors/shadow_planner.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "analyzer/index_size.h"
#include "connectors/postgres.h"
#include "connectors/snapshot.h"
#include "tests/connectors/real_server.h"
#include "tests/connectors/shop_schema.h"

namespace assay {
namespace {

std::string plan_of(Session& server, const std::string& sql) {
  return to_string(parse_plan(server.query("EXPLAIN (FORMAT JSON) " + sql).at(0)[0].value()));
}

/// EXPLAIN's own text, which to_string must reproduce.
std::string text_plan_of(Session& server, const std::string& sql) {
  std::string text;
  for (const SqlRow& row : server.query("EXPLAIN " + sql)) text += row[0].value() + "\n";
  return text;
}

/// The shadow's plan, or why there is none.
std::string plan_of(ShadowPlanner& shadow, const PlannableQuery& query, const PhysicalDesign& design = {}) {
  const PlanAnswer answer = shadow.plan(query, design);
  const auto* plan = std::get_if<PlanNode>(&answer);
  return plan ? to_string(*plan) : "unplannable: " + std::get<Unplannable>(answer).reason;
}

Catalog through_a_snapshot(const Catalog& catalog) {
  const auto path = std::filesystem::temp_directory_path() / ("assay-test-" + std::to_string(getpid()) + ".snapshot");
  save_snapshot(catalog, path);
  Catalog loaded = load_catalog(path);
  std::filesystem::remove(path);
  return loaded;
}

IndexDefinition index_on(const std::string& table, const std::string& name, std::vector<std::string> columns) {
  IndexDefinition definition;
  definition.schema = "shop";
  definition.table = table;
  definition.name = name;
  for (std::string& column : columns) definition.keys.emplace_back().column = std::move(column);
  return definition;
}

struct WhatIf {
  IndexDefinition index;
  std::string sql;
};

std::vector<WhatIf> what_ifs() {
  IndexDefinition covering = index_on("lines", "lines_product_idx", {"product"});
  covering.include = {"quantity"};
  IndexDefinition partial = index_on("orders", "orders_back_idx", {"customer_id"});
  partial.predicate = "state = 'back'::shop.status";
  IndexDefinition expression = index_on("customers", "customers_lower_idx", {""});
  expression.keys[0].expression = "lower(name)";
  IndexDefinition descending = index_on("orders", "orders_total_placed_idx", {"total", "placed"});
  descending.keys[1].descending = descending.keys[1].nulls_first = true;
  return {{index_on("orders", "orders_note_idx", {"note"}), "SELECT * FROM orders WHERE note = 'note abc'"},
          {covering, "SELECT product, sum(quantity) FROM lines WHERE product BETWEEN 10 AND 20 GROUP BY product"},
          {partial, "SELECT * FROM orders WHERE customer_id = 17 AND state = 'back'"},
          {expression, "SELECT * FROM customers WHERE lower(name) = 'name x'"},
          {descending, "SELECT * FROM orders WHERE total = 310 ORDER BY placed DESC LIMIT 5"},
          {index_on("customers", "customers_country_born_idx", {"country", "born"}),
           "SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.country = 'de' AND c.born = '1960-01-01'"},
          {index_on("events", "events_payload_idx", {"payload"}), "SELECT * FROM events WHERE payload = 'x'"}};
}

/// The index as the real server has built it, but not its statistics: a hypothetical one has none.
HypotheticalIndex as_built(Session& server, const IndexDefinition& definition) {
  for (const Index& index : read_catalog(server).indexes) {
    if (index.definition.name == definition.name) return {definition, index.pages, index.height, index.rows};
  }
  FAIL("the real server has no index " << definition.name);
  return {};
}

}  // namespace

TEST_CASE("the shadow's plans and costs are the real server's, before and with indexes that are only there") {
  RealServer server({{"min_parallel_table_scan_size", "256kB"}, {"parallel_setup_cost", "50"}, {"work_mem", "1MB"},
                     {"shared_buffers", "64MB"}});
  server.run(shop_schema());
  Session fresh(server.cluster().conninfo("postgres"));
  ShadowPlanner shadow(through_a_snapshot(read_catalog(fresh)));
  CHECK(shadow.remarks().size() == 1);
  for (const std::string& remark : shadow.remarks()) UNSCOPED_INFO(remark);

  for (const std::string& sql : shop_queries()) {
    INFO(sql);
    CHECK(plan_of(shadow, {sql, {}}) == plan_of(fresh, sql));
    CHECK(plan_of(fresh, sql) == text_plan_of(fresh, sql));
  }

  for (const auto& [definition, sql] : what_ifs()) {
    INFO(sql);
    const std::string before = plan_of(fresh, sql);
    server.run({create_index_sql(definition, false)});
    const HypotheticalIndex index = as_built(fresh, definition);
    if (definition.table != "events") {
      const std::string with_index = plan_of(fresh, sql);
      CHECK(with_index != before);
      CHECK(plan_of(shadow, {sql, {}}, {{index}, {}}) == with_index);
    }
    server.run({"DROP INDEX shop." + definition.name});
    CHECK(plan_of(shadow, {sql, {}}) == before);
  }
}

}  // namespace assay
