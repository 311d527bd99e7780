// The words and the layout are those of PostgreSQL's src/backend/commands/explain.c: ExplainNode writes a node once
// for all formats, so that JSON's members stand in the order of the text's lines.
#include "analyzer/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "parser/base/error.h"
#include "parser/sql/index_definition.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

/// Real plans stay far below; this bounds the recursion for hostile ones.
constexpr int kDeepestPlan = 500;

/// Members that make up the title and the figures, or that the text format does not show.
constexpr std::array<std::string_view, 33> kNotDetails{"Node Type",
                                                       "Strategy",
                                                       "Partial Mode",
                                                       "Subplan Name",
                                                       "Parallel Aware",
                                                       "Async Capable",
                                                       "Join Type",
                                                       "Operation",
                                                       "Command",
                                                       "Scan Direction",
                                                       "Index Name",
                                                       "Relation Name",
                                                       "Schema",
                                                       "Alias",
                                                       "CTE Name",
                                                       "Function Name",
                                                       "Startup Cost",
                                                       "Total Cost",
                                                       "Plan Rows",
                                                       "Plan Width",
                                                       "Parent Relationship",
                                                       "Plans",
                                                       "Inner Unique",
                                                       "Tuplestore Name",
                                                       "Table Function Name",
                                                       "Custom Plan Provider",
                                                       "Sampling Parameters",
                                                       "Repeatable Seed",
                                                       "Disabled",
                                                       "Output",
                                                       "Query Identifier",
                                                       "Parallel Safe",
                                                       "Workers"};

Error malformed(const std::string& what) {
  return Error("the plan is not in the form of EXPLAIN (FORMAT JSON): " + what);
}

std::string text_of(const Json& node, const char* member) {
  const auto found = node.find(member);
  return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double number_of(const Json& node, const char* member) {
  const auto found = node.find(member);
  return found != node.end() && found->is_number() ? found->get<double>() : 0;
}

bool flag_of(const Json& node, const char* member) {
  const auto found = node.find(member);
  return found != node.end() && found->is_boolean() && found->get<bool>();
}

/// "Hash" + " Left Join"; a nested loop's inner join has no word at all.
std::string join_title(const std::string& type, const std::string& join) {
  const bool nested_loop = type == "Nested Loop";
  const std::string method = nested_loop ? type : type.substr(0, type.find(" Join"));
  if (join != "Inner" && !join.empty()) return method + " " + join + " Join";
  return nested_loop ? method : type;
}

std::string aggregate_title(const Json& node) {
  const std::string strategy = text_of(node, "Strategy"), mode = text_of(node, "Partial Mode");
  const std::string prefix = mode == "Partial" || mode == "Finalize" ? mode + " " : "";
  if (strategy == "Sorted") return prefix + "GroupAggregate";
  if (strategy == "Hashed") return prefix + "HashAggregate";
  if (strategy == "Mixed") return prefix + "MixedAggregate";
  return prefix + "Aggregate";
}

/// What the node does, before its target: "Hash Left Join", "Finalize GroupAggregate", "Insert".
std::string action(const Json& node, const std::string& type) {
  if (type == "Aggregate") return aggregate_title(node);
  if (type == "SetOp") {
    return (text_of(node, "Strategy") == "Hashed" ? "HashSetOp " : "SetOp ") + text_of(node, "Command");
  }
  if (type == "ModifyTable") return text_of(node, "Operation");
  if (type == "Foreign Scan" && text_of(node, "Operation") != "Select" && node.contains("Operation")) {
    return "Foreign " + text_of(node, "Operation");
  }
  if (type == "Custom Scan") return "Custom Scan (" + text_of(node, "Custom Plan Provider") + ")";
  if (node.contains("Join Type")) return join_title(type, text_of(node, "Join Type"));
  return type;
}

/// " on relation alias", as ExplainTargetRel writes it; empty for nodes that read no relation.
std::string target(const Json& node) {
  std::string object;
  for (const char* member : {"Relation Name", "CTE Name", "Function Name", "Tuplestore Name", "Table Function Name"}) {
    if (object.empty()) object = text_of(node, member);
  }
  const std::string alias = text_of(node, "Alias");
  if (object.empty() && alias.empty()) return "";
  std::string text = " on";
  if (!object.empty()) text += " " + quote_identifier(object);
  if (!alias.empty() && alias != object) text += " " + quote_identifier(alias);
  return text;
}

std::string title_of(const Json& node, const std::string& type) {
  std::string title = flag_of(node, "Parallel Aware") ? "Parallel " : "";
  if (flag_of(node, "Async Capable")) title += "Async ";
  title += action(node, type);
  const std::string index = text_of(node, "Index Name");
  if (type == "Bitmap Index Scan") return title + " on " + quote_identifier(index);
  if (text_of(node, "Scan Direction") == "Backward") title += " Backward";
  if (!index.empty()) title += " using " + quote_identifier(index);
  return title + target(node);
}

/// One value as the text format writes it: lists with commas between.
std::string shown(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.is_primitive() ? value.dump() : "";
  std::string list;
  for (const Json& item : value) {
    if (!item.is_primitive()) continue;  // no plan's, and a recursion without end for dump()
    list += (list.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : item.dump());
  }
  return list;
}

/// A count of nothing and a flag that is off are left out of the text format.
bool worth_a_line(const Json& value) {
  return !(value.is_boolean() && !value.get<bool>()) && !(value.is_number() && value.get<double>() == 0) &&
         !value.is_object() && !value.is_null();
}

using Details = std::vector<std::pair<std::string, std::string>>;

/// [{"Group Key": …} or {"Sort Key": …, "Group Keys": [[…], …]} or {"Hash Keys": [[…]]}]: show_grouping_sets.
void add_grouping_sets(const Json& sets, Details& details) {
  for (const Json& set : sets) {
    if (!set.is_object()) continue;
    std::string indent;
    for (const auto& [name, value] : set.items()) {
      if ((name != "Group Keys" && name != "Hash Keys") || !value.is_array()) {
        details.emplace_back(name, shown(value));
        indent = "  ";
        continue;
      }
      for (const Json& keys : value) {
        const std::string key = name.substr(0, name.size() - 1);
        details.emplace_back(indent + key, keys.empty() ? "()" : shown(keys));
      }
    }
  }
}

void add_target_tables(const Json& node, const Json& tables, Details& details) {
  for (const Json& table : tables) {
    if (table.is_object()) details.emplace_back(text_of(node, "Operation") + target(table), "");
  }
}

void add_sampling(const Json& node, const Json& method, Details& details) {
  const auto parameters = node.find("Sampling Parameters");
  std::string text = shown(method) + " (" + (parameters != node.end() ? shown(*parameters) : "") + ")";
  if (node.contains("Repeatable Seed")) text += " REPEATABLE (" + text_of(node, "Repeatable Seed") + ")";
  details.emplace_back("Sampling", text);
}

Details details_of(const Json& node) {
  Details details;
  for (const auto& [name, value] : node.items()) {
    if (std::find(kNotDetails.begin(), kNotDetails.end(), name) != kNotDetails.end()) continue;
    if (name == "Grouping Sets" && value.is_array()) {
      add_grouping_sets(value, details);
    } else if (name == "Target Tables" && value.is_array()) {
      add_target_tables(node, value, details);
    } else if (name == "Sampling Method") {
      add_sampling(node, value, details);
    } else if (worth_a_line(value)) {
      details.emplace_back(name, shown(value));
    }
  }
  return details;
}

PlanNode read_node(const Json& node, int depth) {
  if (!node.is_object() || !node.contains("Node Type")) throw malformed("a node has no \"Node Type\"");
  if (depth > kDeepestPlan) throw malformed("it is nested too deeply");
  PlanNode plan;
  plan.type = text_of(node, "Node Type");
  plan.relation = text_of(node, "Relation Name");
  plan.alias = text_of(node, "Alias");
  plan.index = text_of(node, "Index Name");
  plan.startup_cost = number_of(node, "Startup Cost");
  plan.total_cost = number_of(node, "Total Cost");
  plan.rows = number_of(node, "Plan Rows");
  plan.width = static_cast<int>(std::clamp(number_of(node, "Plan Width"), 0.0, 2e9));
  plan.details = details_of(node);
  plan.title = title_of(node, plan.type);
  plan.subplan = text_of(node, "Subplan Name");
  if (const auto children = node.find("Plans"); children != node.end() && children->is_array()) {
    for (const Json& child : *children) plan.children.push_back(read_node(child, depth + 1));
  }
  return plan;
}

/// ExplainNode's indentation, in units of two blanks: an arrow counts two, what stands below a node one more.
void write_node(const PlanNode& plan, std::size_t indent, std::string& text) {
  if (!plan.subplan.empty()) text += std::string(2 * indent++, ' ') + plan.subplan + "\n";
  text += std::string(2 * indent, ' ');
  if (indent > 0) {
    text += "->  ";
    indent += 2;
  }
  text += fmt::format("{}  (cost={:.2f}..{:.2f} rows={:.0f} width={})\n", plan.title, plan.startup_cost,
                      plan.total_cost, plan.rows, plan.width);
  ++indent;
  for (const auto& [name, value] : plan.details) {
    text += std::string(2 * indent, ' ') + name + (value.empty() ? "" : ": " + value) + "\n";
  }
  for (const PlanNode& child : plan.children) write_node(child, indent, text);
}

void collect(const PlanNode& plan, std::string PlanNode::*name, std::vector<std::string>& names) {
  if (!(plan.*name).empty() && std::find(names.begin(), names.end(), plan.*name) == names.end()) {
    names.push_back(plan.*name);
  }
  for (const PlanNode& child : plan.children) collect(child, name, names);
}

}  // namespace

PlanNode parse_plan(std::string_view json) {
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded()) throw malformed("it is no JSON");
  if (!document.is_array() || document.size() != 1 || !document[0].is_object() || !document[0].contains("Plan")) {
    throw malformed("it is no array of one object with a \"Plan\"");
  }
  return read_node(document[0]["Plan"], 1);
}

std::string to_string(const PlanNode& plan) {
  std::string text;
  write_node(plan, 0, text);
  return text;
}

std::vector<std::string> used_indexes(const PlanNode& plan) {
  std::vector<std::string> names;
  collect(plan, &PlanNode::index, names);
  return names;
}

std::vector<std::string> used_relations(const PlanNode& plan) {
  std::vector<std::string> names;
  collect(plan, &PlanNode::relation, names);
  return names;
}

}  // namespace assay
