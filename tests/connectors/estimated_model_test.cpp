// The built-in model against the real planner, on real data: rows and costs of single-table paths to one percent, of
// joins and groups well enough to rank them.
#include <catch2/catch.hpp>
#include <cmath>

#include "analyzer/estimated/estimated_cost_model.h"
#include "connectors/postgres.h"
#include "tests/connectors/real_server.h"
#include "tests/connectors/shop_schema.h"

namespace assay {
namespace {

PlanNode planned(Session& server, const std::string& sql) {
  return parse_plan(server.query("EXPLAIN (FORMAT JSON) " + sql).at(0)[0].value());
}

std::vector<std::string> more_indexes() {
  return {"CREATE INDEX model_orders_total_idx ON orders (total)",
          "CREATE INDEX model_orders_note_idx ON orders (note text_pattern_ops)",
          "CREATE INDEX model_orders_customer_total_idx ON orders (customer_id, total) INCLUDE (paid)",
          "CREATE INDEX model_orders_unpaid_placed_idx ON orders (placed) WHERE NOT paid",
          "CREATE INDEX model_customers_lower_idx ON customers (lower(name))",
          "CREATE INDEX model_customers_born_idx ON customers (born DESC)",
          "CREATE INDEX model_lines_brin ON lines USING brin (order_id)",
          "CREATE INDEX model_customers_country_rating_idx ON customers (country, rating)",
          "VACUUM ANALYZE"};
}

/// Of one table each.
std::vector<std::string> single_table_queries() {
  return {
      "SELECT * FROM orders",
      "SELECT id FROM orders WHERE total > 10 AND NOT paid",
      "SELECT * FROM orders WHERE id = 77",
      "SELECT id FROM orders WHERE id BETWEEN 5000 AND 5100",
      "SELECT id FROM orders WHERE id IN (1, 20, 300, 4000)",
      "SELECT * FROM orders WHERE id IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)",
      "SELECT * FROM orders WHERE customer_id = 4711",
      "SELECT * FROM orders WHERE customer_id = 4711 AND total > 500",
      "SELECT customer_id, total, paid FROM orders WHERE customer_id BETWEEN 100 AND 140",
      "SELECT * FROM orders WHERE total BETWEEN 100 AND 110",
      "SELECT * FROM orders WHERE total < 400",
      "SELECT * FROM orders WHERE total < 20 OR customer_id = 17",
      "SELECT * FROM orders WHERE total > 990 AND placed < '2024-03-01 00:00+00'",
      "SELECT * FROM orders WHERE placed >= '2024-03-01 00:00+00' AND placed < '2024-03-04 00:00+00'",
      "SELECT * FROM orders WHERE NOT paid AND placed < '2024-01-20 00:00+00'",
      "SELECT * FROM orders WHERE note LIKE 'note abc%'",
      "SELECT * FROM orders WHERE note LIKE '%abc%'",
      "SELECT * FROM orders WHERE note IS NULL",
      "SELECT * FROM orders WHERE note = 'note c4ca4238a0b923820dcc509a6f75849b'",
      "SELECT * FROM orders ORDER BY total LIMIT 10",
      "SELECT * FROM orders ORDER BY total DESC",
      "SELECT * FROM orders ORDER BY note LIMIT 10",
      "SELECT * FROM orders ORDER BY note",
      "SELECT * FROM orders ORDER BY total, note LIMIT 20",
      "SELECT total FROM orders WHERE customer_id = 5 ORDER BY total DESC LIMIT 3",
      "SELECT * FROM orders WHERE total > 800 ORDER BY id OFFSET 20 LIMIT 10",
      "SELECT count(*) FROM orders WHERE total > 500",
      "SELECT max(total) FROM orders",
      "SELECT paid, count(*), sum(total) FROM orders GROUP BY paid",
      "SELECT customer_id, avg(total) FROM orders GROUP BY customer_id HAVING avg(total) > 500",
      "SELECT DISTINCT paid FROM orders",
      "SELECT * FROM customers WHERE lower(name) = 'name x'",
      "SELECT * FROM customers WHERE born BETWEEN '1960-01-01' AND '1960-03-01'",
      "SELECT * FROM customers WHERE born > '2000-01-01' ORDER BY born DESC LIMIT 7",
      "SELECT * FROM customers WHERE country = 'de' AND rating < 0.5",
      "SELECT * FROM customers WHERE country IN ('de', 'fr') AND rating = 1.5",
      "SELECT * FROM customers WHERE country <> 'de' AND NOT rating > 2",
      "SELECT * FROM customers WHERE token = '0cc175b9-c0f1-b6a8-31c3-99e269772661'",
      "SELECT id, name || 'x' FROM customers WHERE id < 500",
      "SELECT * FROM lines WHERE order_id = 5 AND position = 1",
      "SELECT * FROM lines WHERE product = 7 AND quantity > 3",
      "SELECT product FROM lines WHERE product * 2 = 14",
      "SELECT * FROM lines WHERE order_id BETWEEN 100 AND 200",
      "UPDATE orders SET total = 5 WHERE id = 70",
      "DELETE FROM lines WHERE order_id = 70",
      "SELECT * FROM orders WHERE id = 70 FOR UPDATE",
  };
}

std::vector<std::string> join_queries() {
  return {
      "SELECT c.name, o.total FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id = 17",
      "SELECT c.name, o.total FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.country = 'fr'",
      "SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.total > 900",
      "SELECT * FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.id BETWEEN 100 AND 120",
      "SELECT o.id, sum(l.quantity) FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.total > 990 GROUP BY o.id",
      "SELECT c.* FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.total > 990)",
      "SELECT c.* FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)",
      "SELECT o.* FROM orders o WHERE o.customer_id IN (SELECT id FROM customers WHERE rating = 4.9)",
      "SELECT c.name, l.product FROM customers c JOIN orders o ON o.customer_id = c.id JOIN lines l ON l.order_id = "
      "o.id "
      "WHERE c.born = '1960-01-01'",
      "SELECT name, (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c WHERE c.id < 50",
      "SELECT x.n FROM (SELECT customer_id, count(*) AS n FROM orders GROUP BY customer_id) x WHERE x.n > 3",
      "WITH o AS (SELECT * FROM orders WHERE total > 990) SELECT c.name FROM o JOIN customers c ON c.id = "
      "o.customer_id",
      "SELECT id FROM orders WHERE total < 10 UNION ALL SELECT order_id FROM lines WHERE product = 3",
  };
}

double distance(double one, double other) { return std::max(one, other) / std::max(1e-9, std::min(one, other)); }

}  // namespace

TEST_CASE("the built-in model's rows and costs are the planner's", "[estimated]") {
  RealServer server({{"work_mem", "1MB"}, {"random_page_cost", "1.7"}, {"max_parallel_workers_per_gather", "0"}});
  server.run(shop_schema());
  server.run({"DROP TABLE archive"});
  server.run(more_indexes());
  Session fresh(server.cluster().conninfo("postgres"));
  const Catalog catalog = read_catalog(fresh);
  EstimatedCostModel model(catalog);

  for (const std::string& sql : single_table_queries()) {
    INFO(sql);
    const PlanNode real = planned(fresh, sql);
    const PlanAnswer answer = model.plan({sql, {}}, {});
    if (const auto* problem = std::get_if<Unplannable>(&answer)) FAIL_CHECK(problem->reason);
    if (const auto* plan = std::get_if<PlanNode>(&answer)) {
      INFO(to_string(real) << to_string(*plan));
      CHECK(distance(plan->total_cost, real.total_cost) < 1.01);
      CHECK(std::abs(plan->rows - real.rows) <= std::max(1.0, 0.01 * real.rows));
      CHECK(used_indexes(*plan) == used_indexes(real));
    }
  }
  for (const std::string& sql : join_queries()) {
    INFO(sql);
    const PlanNode real = planned(fresh, sql);
    const PlanAnswer answer = model.plan({sql, {}}, {});
    if (const auto* problem = std::get_if<Unplannable>(&answer)) FAIL_CHECK(problem->reason);
    if (const auto* plan = std::get_if<PlanNode>(&answer)) {
      INFO(to_string(real) << to_string(*plan));
      CHECK(distance(plan->total_cost, real.total_cost) < 1.25);
    }
  }
}

}  // namespace assay
