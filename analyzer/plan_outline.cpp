#include <array>
#include <string_view>

#include "analyzer/comparison.h"

namespace assay {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t->\"");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r,\"") + 1 - first);
}

void add_node(std::string& outline, std::string_view title) {
  if (title.empty()) return;
  if (!outline.empty()) outline += " > ";
  outline += title;
}

std::string outline_of_text(std::string_view plan) {
  std::string outline;
  while (!plan.empty()) {
    const auto line = plan.substr(0, plan.find('\n'));
    const auto figures = line.find("  (cost=");
    if (figures != std::string_view::npos) add_node(outline, trimmed(line.substr(0, figures)));
    plan.remove_prefix(std::min(line.size() + 1, plan.size()));
  }
  return outline;
}

/// `"Node Type": "Sort",` in JSON, `Node Type: "Sort"` in YAML, `<Node-Type>Sort</Node-Type>` in XML.
std::string_view value_in(std::string_view line, std::string_view key, std::string_view xml_key) {
  if (const auto at = line.find(xml_key); at != std::string_view::npos) {
    const auto value = line.substr(at + xml_key.size());
    return value.substr(0, value.find('<'));
  }
  const auto at = line.find(key);
  const auto colon = at == std::string_view::npos ? at : line.find(':', at + key.size());
  return colon == std::string_view::npos ? std::string_view() : trimmed(line.substr(colon + 1));
}

std::string outline_of_tree(std::string_view plan) {
  std::string outline;
  while (!plan.empty()) {
    const auto line = plan.substr(0, plan.find('\n'));
    add_node(outline, value_in(line, "Node Type", "<Node-Type>"));
    if (const auto index = value_in(line, "Index Name", "<Index-Name>"); !index.empty()) {
      outline += " using " + std::string(index);
    }
    if (const auto relation = value_in(line, "Relation Name", "<Relation-Name>"); !relation.empty()) {
      outline += " on " + std::string(relation);
    }
    plan.remove_prefix(std::min(line.size() + 1, plan.size()));
  }
  return outline;
}

}  // namespace

std::string plan_outline(const std::string& plan) {
  const std::string of_text = outline_of_text(plan);
  return of_text.empty() ? outline_of_tree(plan) : of_text;
}

}  // namespace assay
