// The cache against a model whose every answer is known: whatever is derived must be what the model would have said.
#include "analyzer/cached_cost_model.h"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <random>

namespace assay {
namespace {

constexpr const char* kTables[] = {"a", "b", "c"};

IndexDefinition definition_of(const std::string& name, const std::string& table, bool unique = false) {
  IndexDefinition definition;
  definition.schema = "s";
  definition.table = table;
  definition.name = name;
  definition.unique = unique;
  definition.keys.emplace_back().column = "x";
  return definition;
}

/// Reads the tables that a query's text names, each by the cheapest index of those that exist. A unique index on c
/// makes any query do without c, as the removal of a join does; an index of expressions makes rows of b dear; with
/// a_bad nothing that reads a can be planned.
class ToyModel : public CostModel {
 public:
  ToyModel() {
    for (const char* name : kTables) {
      Table& table = catalog.tables.emplace_back();
      table.schema = "s";
      table.name = name;
    }
    for (const char* name : {"a_old", "b_old", "c_old", "c_key"}) {
      catalog.indexes.emplace_back().definition =
          definition_of(name, std::string(name).substr(0, 1), std::string(name) == "c_key");
    }
    catalog.indexes.emplace_back().definition = definition_of("b_expression", "b");
    catalog.indexes.back().definition.keys[0] = {};
    catalog.indexes.back().definition.keys[0].expression = "lower(x)";
  }

  Evidence evidence() const override { return Evidence::kPlanned; }
  std::vector<std::string> remarks() const override { return {}; }

  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign& design) override {
    ++asked;
    std::vector<IndexDefinition> indexes;
    for (const Index& index : catalog.indexes) {
      const IndexName name{"s", index.definition.name};
      const auto& dropped = design.dropped_indexes;
      if (std::find(dropped.begin(), dropped.end(), name) == dropped.end()) indexes.push_back(index.definition);
    }
    for (const HypotheticalIndex& index : design.created_indexes) indexes.push_back(index.definition);
    const auto exists = [&](const std::function<bool(const IndexDefinition&)>& is) {
      return std::any_of(indexes.begin(), indexes.end(), is);
    };
    const bool without_c = exists([](const auto& index) { return index.unique && index.table == "c"; });
    const bool dear = exists([](const auto& index) { return index.keys[0].column.empty(); });
    PlanNode plan;
    for (const std::string table : kTables) {
      if (query.sql.find(table) == std::string::npos || (table == "c" && without_c)) continue;
      plan.children.push_back(scan(query.sql, table, indexes, dear && table == "b" ? 3 : 1));
      plan.total_cost += plan.children.back().total_cost;
    }
    const bool bad = exists([](const auto& index) { return index.name == "a_bad"; });
    if (bad && query.sql.find('a') != std::string::npos) return Unplannable{"a_bad"};
    return plan;
  }

  Catalog catalog;
  int asked = 0;

 private:
  static PlanNode scan(const std::string& sql, const std::string& table, const std::vector<IndexDefinition>& indexes,
                       double factor) {
    PlanNode best;
    best.relation = table;
    best.total_cost = 1000 * factor;
    for (const IndexDefinition& index : indexes) {
      if (index.table != table) continue;
      const double cost = static_cast<double>(std::hash<std::string>()(sql + index.name) % 1500) * factor;
      if (cost >= best.total_cost) continue;
      best.total_cost = cost;
      best.index = index.name;
    }
    return best;
  }
};

std::string text(const PlanAnswer& answer) {
  const auto* plan = std::get_if<PlanNode>(&answer);
  if (!plan) return std::get<Unplannable>(answer).reason;
  std::string all = std::to_string(plan->total_cost);
  for (const std::string& name : used_indexes(*plan)) all += " " + name;
  return all;
}

PhysicalDesign copy_of(const DesignView& view) {
  PhysicalDesign design;
  for (const HypotheticalIndex* index : view.created) design.created_indexes.push_back(*index);
  design.dropped_indexes = view.dropped;
  return design;
}

/// Random questions about random designs of these.
struct World {
  ToyModel model;
  std::vector<HypotheticalIndex> indexes;
  std::vector<PlannableQuery> queries;
  std::mt19937 random{7};

  World() {
    for (const char* name : {"a1", "a2", "a3", "b1", "b2", "c1", "c2", "a_bad"}) {
      indexes.push_back({definition_of(name, std::string(name).substr(0, 1)), 10, 1, 100});
    }
    indexes.push_back({definition_of("c_unique", "c", true), 10, 1, 100});
    for (const char* sql : {"a", "b", "c", "a b", "b c", "a b c"}) queries.push_back({sql, {}, {}});
  }

  bool now_and_then(unsigned times) { return random() % times == 0; }

  CachedQuestion question() {
    CachedQuestion asked{&queries[random() % queries.size()], {}};
    for (const HypotheticalIndex& index : indexes) {
      const bool rare = index.definition.unique || index.definition.name == "a_bad";
      if (now_and_then(rare ? 8 : 3)) asked.design.created.push_back(&index);
    }
    for (const Index& index : model.catalog.indexes) {
      if (now_and_then(5)) asked.design.dropped.push_back({"s", index.definition.name});
    }
    return asked;
  }
};

}  // namespace

TEST_CASE("what the cache answers is what the model would have answered, dropped and unique indexes included") {
  for (const bool with_catalog : {true, false}) {
    World world;
    CachedCostModel cache(world.model, with_catalog ? &world.model.catalog : nullptr);
    for (int i = 0; i < 4000; ++i) {
      const CachedQuestion asked = world.question();
      const std::string cached = text(cache.plan(*asked.query, asked.design));
      ToyModel fresh;
      REQUIRE(cached == text(fresh.plan(*asked.query, copy_of(asked.design))));
    }
    CHECK(cache.calls() == static_cast<std::uint64_t>(world.model.asked));
    CHECK(cache.calls() + cache.hits() == 4000);
    CHECK(cache.hits() > 1000);
  }
}

TEST_CASE("questions asked together are answered as if asked one by one, each different one once") {
  World world;
  CachedCostModel cache(world.model, &world.model.catalog);
  std::vector<CachedQuestion> all;
  for (int i = 0; i < 500; ++i) all.push_back(world.question());
  all.insert(all.end(), all.begin(), all.begin() + 500);
  const auto answers = cache.plan_all(all);
  CHECK(cache.calls() + cache.hits() == 1000);
  CHECK(cache.hits() >= 500);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ToyModel fresh;
    REQUIRE(text(*answers[i]) == text(fresh.plan(*all[i].query, copy_of(all[i].design))));
  }
}

TEST_CASE("an index on another table is not asked for, and dropping one that is not used is derived") {
  World world;
  CachedCostModel cache(world.model, &world.model.catalog);
  const auto calls = [&](const PlannableQuery& query, const DesignView& design) {
    const auto before = cache.calls();
    cache.plan(query, design);
    return cache.calls() - before;
  };
  const PlannableQuery& query = world.queries[0];
  CHECK(calls(query, {}) == 1);
  CHECK(calls(query, {.created = {&world.indexes[3]}}) == 0);  // b1
  CHECK(calls(query, {.dropped = {{"s", "b_old"}}}) == 0);
  CHECK(calls(query, {.dropped = {{"s", "c_key"}}}) == 1);  // it may be what removes a join
  const auto used = used_indexes(std::get<PlanNode>(cache.plan(query, DesignView{})));
  CHECK(calls(query, {.dropped = {{"s", "a_old"}}}) == (used == std::vector<std::string>{"a_old"} ? 1 : 0));
}

TEST_CASE("two candidates of one name are two, and so are two times of one query") {
  World world;
  CachedCostModel cache(world.model, &world.model.catalog);
  HypotheticalIndex other = world.indexes[0];
  other.pages = 99;
  cache.plan(world.queries[0], {&world.indexes[0]});
  cache.plan(world.queries[0], {&other});
  PlannableQuery later = world.queries[0];
  later.ran_at.emplace();
  cache.plan(later, {&other});
  CHECK(cache.calls() == 3);
}

}  // namespace assay
