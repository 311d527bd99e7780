// Questions asked together: the answers are those to each alone, over however many connections.
#include <catch2/catch.hpp>
#include <random>

#include "connectors/shadow_planner.h"

namespace assay {
namespace {

std::string function_sql(const std::string& name, const std::string& body) {
  return "CREATE FUNCTION " + name + "() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN " + body +
         " RETURN 1; END $f$";
}

/// Two tables of 100,000 rows with statistics of their keys, and functions that mean harm.
Catalog catalog() {
  Catalog catalog;
  catalog.has_statistics = true;
  catalog.search_path = {"public"};
  catalog.ddl = {"CREATE TABLE a (id int, x int, y int)",
                 "CREATE TABLE b (id int, x int, y int)",
                 "CREATE INDEX a_old ON a (id)",
                 "CREATE INDEX b_old ON b (id)",
                 function_sql("ends", "PERFORM pg_terminate_backend(pg_backend_pid());"),
                 function_sql("marks", "PERFORM assay_whatif.mark('{}', ARRAY[1259]::oid[]);")};
  for (const char* name : {"a", "b"}) {
    Table& table = catalog.tables.emplace_back();
    table.schema = "public";
    table.name = name;
    table.rows = 100000;
    table.pages = 1000;
    for (const auto& [column, distinct] : {std::pair("id", -1.0), std::pair("x", 5000.0), std::pair("y", 50.0)}) {
      ColumnStatistics statistics;
      statistics.average_width = 4;
      statistics.distinct = distinct;
      table.columns.push_back({column, "integer", false, {statistics}});
    }
    Index& index = catalog.indexes.emplace_back();
    index.definition.schema = "public";
    index.definition.table = name;
    index.definition.name = std::string(name) + "_old";
    index.definition.keys.emplace_back().column = "id";
    index.rows = 100000;
    index.pages = 276;
    index.height = 1;
  }
  return catalog;
}

HypotheticalIndex index_of(const std::string& table, const std::vector<std::string>& columns, std::int64_t pages,
                           const std::string& name) {
  HypotheticalIndex index{{}, pages, 1, 100000};
  index.definition.schema = "public";
  index.definition.table = table;
  index.definition.name = name;
  for (const std::string& column : columns) index.definition.keys.emplace_back().column = column;
  return index;
}

HypotheticalPartitioning halves_of_a() {
  HypotheticalPartitioning halves{"public", "a", PartitionStrategy::kRange, "y", {}};
  halves.partitions = {{.name = "a_low", .to = "25"}, {.name = "a_high", .from = "25"}};
  return halves;
}

struct Batch {
  std::vector<PlannableQuery> queries;
  std::vector<PhysicalDesign> designs;
  std::vector<WhatIfQuestion> questions;
};

/// The same 300 questions each time: indexes created and dropped, a name borne by two candidates, one that cannot be
/// created, a partitioned table.
Batch batch() {
  Batch batch;
  for (const char* sql :
       {"SELECT * FROM a WHERE x = 5", "SELECT * FROM a WHERE y = 5 AND x < 9",
        "SELECT * FROM b WHERE y = 3 AND id = 9", "SELECT * FROM a JOIN b ON a.x = b.x WHERE a.y = 5 AND b.id = 4",
        "UPDATE b SET y = 1 WHERE x = 3", "SELECT FROM", "DELETE FROM a WHERE id = 7", "SELECT no_such_function()"}) {
    batch.queries.push_back({sql, {}, {}});
  }
  const std::vector<HypotheticalIndex> indexes = {
      index_of("a", {"x"}, 90, "a_x"), index_of("a", {"y", "x"}, 270, "a_y_x"),
      index_of("b", {"x"}, 90, "b_x"), index_of("b", {"y", "id"}, 270, "b_y"),
      index_of("b", {"y"}, 90, "b_y"), index_of("b", {"none"}, 5, "bad")};
  std::mt19937 random(3);
  const auto one_in = [&](unsigned times) { return random() % times == 0; };
  for (int i = 0; i < 300; ++i) {
    PhysicalDesign& design = batch.designs.emplace_back();
    for (std::size_t j = 0; j < indexes.size(); ++j) {
      const bool second_of_name =
          j == 4 && !design.created_indexes.empty() && design.created_indexes.back().definition.name == "b_y";
      if (!second_of_name && one_in(j == 5 ? 30 : 3)) design.created_indexes.push_back(indexes[j]);
    }
    for (const char* name : {"a_old", "b_old"}) {
      if (one_in(4)) design.dropped_indexes.push_back({"public", name});
    }
    if (one_in(10)) design.partitionings = {halves_of_a()};
  }
  for (int i = 0; i < 300; ++i) {
    batch.questions.push_back(
        {&batch.queries[random() % batch.queries.size()], &batch.designs[static_cast<std::size_t>(i)]});
  }
  return batch;
}

std::string text(const PlanAnswer& answer) {
  const auto* plan = std::get_if<PlanNode>(&answer);
  return plan ? to_string(*plan) : std::get<Unplannable>(answer).reason;
}

}  // namespace

TEST_CASE("questions asked together have the answers that each has alone, over one connection and over five") {
  const Batch all = batch();
  ShadowPlanner alone(catalog());
  std::vector<std::string> expected;
  int planned = 0;
  for (const WhatIfQuestion& question : all.questions) {
    const PlanAnswer answer = alone.plan(*question.query, *question.design);
    planned += std::holds_alternative<PlanNode>(answer);
    expected.push_back(text(answer));
  }
  CHECK(planned > 150);
  for (const std::size_t connections : {1, 5}) {
    ShadowPlanner together(catalog(), connections);
    const std::vector<PlanAnswer> answers = together.plan_all(all.questions);
    REQUIRE(answers.size() == expected.size());
    for (std::size_t i = 0; i < answers.size(); ++i) REQUIRE(text(answers[i]) == expected[i]);
    CHECK(together.remarks() == alone.remarks());
  }
}

TEST_CASE("a question that ends its session costs no other question its answer") {
  ShadowPlanner shadow(catalog(), 3);
  const PhysicalDesign design{.created_indexes = {index_of("a", {"x"}, 90, "a_x")}};
  const PlannableQuery good{"SELECT * FROM a WHERE x = 5", {}, {}}, bad{"SELECT ends()", {}, {}};
  std::vector<WhatIfQuestion> questions;
  for (int i = 0; i < 30; ++i) questions.push_back({i % 10 == 4 ? &bad : &good, &design});
  const std::vector<PlanAnswer> answers = shadow.plan_all(questions);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CHECK_THAT(text(answers[i]),
               Catch::StartsWith(i % 10 == 4 ? "the connection to the database was lost" : "Bitmap Heap"));
  }
}

TEST_CASE("a function of the schema's cannot mark indexes while a query is planned") {
  ShadowPlanner shadow(catalog());
  CHECK(text(shadow.plan({"SELECT marks()", {}, {}}, {})) == "cannot execute UPDATE in a read-only transaction");
  const PhysicalDesign design{.created_indexes = {index_of("a", {"x"}, 90, "a_x")}};
  CHECK(text(shadow.plan({"SELECT marks()", {}, {}}, design)) == "cannot execute UPDATE in a read-only transaction");
  CHECK_THAT(text(shadow.plan({"SELECT * FROM a WHERE x = 5", {}, {}}, {})), Catch::StartsWith("Seq Scan"));
}

TEST_CASE("the model's own default answers several questions one after the other") {
  class Counts : public CostModel {
   public:
    int asked = 0;
    Evidence evidence() const override { return Evidence::kPlanned; }
    std::vector<std::string> remarks() const override { return {}; }
    PlanAnswer plan(const PlannableQuery&, const PhysicalDesign&) override {
      return Unplannable{std::to_string(++asked)};
    }
  };
  Counts model;
  const PlannableQuery query;
  const PhysicalDesign design;
  const auto answers = model.plan_all({{&query, &design}, {&query, &design}});
  CHECK(text(answers.at(0)) == "1");
  CHECK(text(answers.at(1)) == "2");
}

}  // namespace assay
