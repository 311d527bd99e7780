// A query plan as EXPLAIN tells it: a tree of nodes with their estimates.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay {

struct PlanNode {
  std::string type;      ///< "Index Scan", "Sort", …
  std::string relation;  ///< scanned table; may be empty
  std::string alias;
  std::string index;                        ///< used index; in the shadow, a partition's is named as the whole's;
                                            ///< may be empty
  double startup_cost = 0, total_cost = 0;  ///< planner's units
  double rows = 0;
  int width = 0;  ///< bytes
  std::vector<std::pair<std::string, std::string>>
      details;          ///< "Index Cond" -> "(owner_id = 7)", as EXPLAIN orders them
  std::string title;    ///< the node's line without its figures: "Index Scan using a_idx on a"
  std::string subplan;  ///< line above it: "InitPlan 1 (returns $0)", "CTE totals"; empty for most
  std::vector<PlanNode> children;
};

/// Reads the output of EXPLAIN (FORMAT JSON): an array of one object with a "Plan".
/// Throws Error when the text is not of that form.
PlanNode parse_plan(std::string_view json);

/// The tree as EXPLAIN's own text format shows it, one node or detail a line.
std::string to_string(const PlanNode& plan);

/// Names of all indexes that the plan uses, each once, in the plan's order.
std::vector<std::string> used_indexes(const PlanNode& plan);

/// Names of all tables that the plan reads or writes, without their schemas; likewise.
std::vector<std::string> used_relations(const PlanNode& plan);

}  // namespace assay
