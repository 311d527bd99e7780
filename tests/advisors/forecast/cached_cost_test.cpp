#include "advisors/forecast/cached_cost.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

Catalog catalog() {
  Catalog one;
  one.search_path = {"public"};
  Table table;
  table.schema = "public";
  table.name = "t";
  table.rows = 200'000;
  table.pages = 3000;
  one.tables.push_back(std::move(table));
  return one;
}

PlanNode scan(const char* type, double cost, double rows) {
  return {.type = type, .relation = "t", .total_cost = cost, .rows = rows};
}

double cached(const PlanNode& plan) { return cost_when_cached(plan, catalog()); }

}  // namespace

TEST_CASE("a sequential scan keeps its rows' work, and a twentieth of its pages") {
  CHECK(cached(scan("Seq Scan", 5500, 400)) == Approx(2500 + 3000 * 0.05));
}

TEST_CASE("an index scan of many rows costs a small part of what the planner charges for its pages") {
  CHECK(cached(scan("Index Scan", 1166, 400)) < 80);
  CHECK(cached(scan("Index Scan", 8.44, 1)) == Approx(0.32 + (8.44 - 0.3175) * 0.05).epsilon(0.02));
}

TEST_CASE("what the inner side of a loop reads counts once a row of the outer side") {
  const PlanNode inner = scan("Index Scan", 8.3, 1);
  PlanNode loop{.type = "Nested Loop", .total_cost = 900, .children = {scan("Function Scan", 10, 100), inner}};
  CHECK(cached(loop) == Approx(900 - 0.95 * 100 * (8.3 - 0.3 - 0.0175)).epsilon(0.01));
}

TEST_CASE("under a Limit, a part of the pages is read") {
  PlanNode limit{.type = "Limit", .total_cost = 550, .children = {scan("Seq Scan", 5500, 400)}};
  CHECK(cached(limit) == Approx(550 - 0.95 * 300));
}

TEST_CASE("a plan without a scan costs what it costs, and none is free") {
  CHECK(cached({.type = "Result", .total_cost = 0.01}) == Approx(0.01));
  CHECK(cached(scan("Index Only Scan", 1000, 0)) > 0);
  CHECK(cached(scan("Seq Scan", 100, 1)) > 0);
}

}  // namespace assay
