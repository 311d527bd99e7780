#include "analyzer/plan.h"

#include <catch2/catch.hpp>

#include "parser/base/error.h"

namespace assay {
namespace {

/// A node with its figures, in an EXPLAIN's frame; `members` are JSON, after a comma.
std::string node(const std::string& type, const std::string& members = "") {
  return R"({"Node Type": ")" + type +
         R"(", "Startup Cost": 0.42, "Total Cost": 8.44, "Plan Rows": 1, "Plan Width": 36)" + members + "}";
}

std::string explained(const std::string& plan) { return "[{\"Plan\": " + plan + "}]"; }

/// The first line of the text, without its figures.
std::string title(const std::string& type, const std::string& members) {
  return parse_plan(explained(node(type, members))).title;
}

std::string text(const std::string& plan) { return to_string(parse_plan(explained(plan))); }

std::string failure(const std::string& json) {
  try {
    parse_plan(json);
    return "read";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a node's title is that of EXPLAIN's text format") {
  CHECK(title("Seq Scan", R"(, "Relation Name": "t", "Alias": "t")") == "Seq Scan on t");
  CHECK(title("Seq Scan", R"(, "Relation Name": "T t", "Alias": "x", "Parallel Aware": true)") ==
        "Parallel Seq Scan on \"T t\" x");
  CHECK(
      title("Index Scan", R"(, "Scan Direction": "Backward", "Index Name": "i", "Relation Name": "t", "Alias": "a")") ==
      "Index Scan Backward using i on t a");
  CHECK(title("Bitmap Index Scan", R"(, "Index Name": "i")") == "Bitmap Index Scan on i");
  CHECK(title("Hash Join", R"(, "Join Type": "Inner")") == "Hash Join");
  CHECK(title("Hash Join", R"(, "Join Type": "Left")") == "Hash Left Join");
  CHECK(title("Merge Join", R"(, "Join Type": "Full")") == "Merge Full Join");
  CHECK(title("Nested Loop", R"(, "Join Type": "Inner")") == "Nested Loop");
  CHECK(title("Nested Loop", R"(, "Join Type": "Anti")") == "Nested Loop Anti Join");
  CHECK(title("Aggregate", R"(, "Strategy": "Plain", "Partial Mode": "Simple")") == "Aggregate");
  CHECK(title("Aggregate", R"(, "Strategy": "Sorted", "Partial Mode": "Finalize")") == "Finalize GroupAggregate");
  CHECK(title("Aggregate", R"(, "Strategy": "Hashed", "Partial Mode": "Partial")") == "Partial HashAggregate");
  CHECK(title("SetOp", R"(, "Strategy": "Hashed", "Command": "Except All")") == "HashSetOp Except All");
  CHECK(title("ModifyTable", R"(, "Operation": "Merge", "Relation Name": "t", "Alias": "t")") == "Merge on t");
  CHECK(title("CTE Scan", R"(, "CTE Name": "c", "Alias": "c")") == "CTE Scan on c");
  CHECK(title("Function Scan", R"(, "Function Name": "f", "Alias": "g")") == "Function Scan on f g");
  CHECK(title("Values Scan", R"(, "Alias": "*VALUES*")") == "Values Scan on \"*VALUES*\"");
  CHECK(title("Custom Scan", R"(, "Custom Plan Provider": "X")") == "Custom Scan (X)");
}

TEST_CASE("details are shown as EXPLAIN shows them, and what it does not show is left out") {
  CHECK(text(node("Sort", R"(, "Sort Key": ["a", "b DESC"], "Inner Unique": false)")) ==
        "Sort  (cost=0.42..8.44 rows=1 width=36)\n  Sort Key: a, b DESC\n");
  CHECK(text(node("Gather", R"(, "Workers Planned": 2, "Single Copy": false)")) ==
        "Gather  (cost=0.42..8.44 rows=1 width=36)\n  Workers Planned: 2\n");
  CHECK(text(node("Gather", R"(, "Workers Planned": 1, "Single Copy": true)")) ==
        "Gather  (cost=0.42..8.44 rows=1 width=36)\n  Workers Planned: 1\n  Single Copy: true\n");
  CHECK(text(node("Append", R"(, "Subplans Removed": 3)")) ==
        "Append  (cost=0.42..8.44 rows=1 width=36)\n  Subplans Removed: 3\n");
  CHECK(text(node("Aggregate",
                  R"(, "Strategy": "Mixed", "Planned Partitions": 0, "Grouping Sets": [{"Hash Keys": [["a"]]},
      {"Group Keys": [["b", "c"], []]}, {"Sort Key": ["d"], "Group Keys": [["d"]]}])")) ==
        "MixedAggregate  (cost=0.42..8.44 rows=1 width=36)\n  Hash Key: a\n  Group Key: b, c\n  Group Key: ()\n"
        "  Sort Key: d\n    Group Key: d\n");
  CHECK(text(node("Sample Scan", R"(, "Relation Name": "t", "Alias": "t", "Sampling Method": "system",
      "Sampling Parameters": ["'10'::real"], "Repeatable Seed": "'1'::double precision")")) ==
        "Sample Scan on t  (cost=0.42..8.44 rows=1 width=36)\n"
        "  Sampling: system ('10'::real) REPEATABLE ('1'::double precision)\n");
}

TEST_CASE("the tree is indented as EXPLAIN does, subplans under their names") {
  const std::string scan =
      node("Index Scan", R"x(, "Index Name": "i", "Relation Name": "t", "Alias": "t", "Index Cond": "(a = 1)")x");
  const std::string named = node("Result", R"x(, "Subplan Name": "InitPlan 1 (returns $0)", "Plans": [)x" + scan + "]");
  const std::string top = node("Limit", ", \"Plans\": [" + named + ", " + scan + "]");
  CHECK(text(top) ==
        "Limit  (cost=0.42..8.44 rows=1 width=36)\n"
        "  InitPlan 1 (returns $0)\n"
        "    ->  Result  (cost=0.42..8.44 rows=1 width=36)\n"
        "          ->  Index Scan using i on t  (cost=0.42..8.44 rows=1 width=36)\n"
        "                Index Cond: (a = 1)\n"
        "  ->  Index Scan using i on t  (cost=0.42..8.44 rows=1 width=36)\n"
        "        Index Cond: (a = 1)\n");
  CHECK(used_indexes(parse_plan(explained(top))) == std::vector<std::string>{"i"});
}

TEST_CASE("a node's members are kept as values") {
  const PlanNode plan =
      parse_plan(explained(node("Index Scan", R"(, "Relation Name": "t", "Alias": "x", "Index Name": "i")")));
  CHECK(plan.type == "Index Scan");
  CHECK(plan.relation == "t");
  CHECK(plan.alias == "x");
  CHECK(plan.index == "i");
  CHECK(plan.startup_cost == 0.42);
  CHECK(plan.total_cost == 8.44);
  CHECK(plan.rows == 1);
  CHECK(plan.width == 36);
}

TEST_CASE("what is no plan is refused") {
  const std::string start = "the plan is not in the form of EXPLAIN (FORMAT JSON): ";
  CHECK(failure("") == start + "it is no JSON");
  CHECK(failure("{") == start + "it is no JSON");
  CHECK(failure("{}") == start + "it is no array of one object with a \"Plan\"");
  CHECK(failure("[]") == start + "it is no array of one object with a \"Plan\"");
  CHECK(failure("[{}, {}]") == start + "it is no array of one object with a \"Plan\"");
  CHECK(failure(explained("3")) == start + "a node has no \"Node Type\"");
  CHECK(failure(explained(R"({"Node Type": 3, "Plan Width": 1e300, "Plans": 4})")) == "read");
  std::string deep = node("Limit");
  for (int i = 0; i < 600; ++i) deep = R"({"Node Type": "Limit", "Plans": [)" + deep + "]}";
  CHECK(failure(explained(deep)) == start + "it is nested too deeply");
  const std::string brackets = std::string(200000, '[') + std::string(200000, ']');
  CHECK(failure(explained(node("Sort", ", \"Sort Key\": " + brackets + ", \"Grouping Sets\": " + brackets))) == "read");
}

}  // namespace assay
