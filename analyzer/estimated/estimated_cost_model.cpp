#include "analyzer/estimated/estimated_cost_model.h"

#include <algorithm>
#include <variant>

#include "analyzer/estimated/query_planner.h"

namespace assay {
namespace {

constexpr std::size_t kMostTexts = 4096;  // parsed texts that are kept

std::string title_of(const PlanNode& node) {
  std::string title = node.type;
  if (!node.index.empty() && node.type == "Bitmap Index Scan") return title + " on " + node.index;
  if (!node.index.empty()) title += " using " + node.index;
  if (!node.relation.empty()) title += " on " + node.relation;
  if (!node.alias.empty() && node.alias != node.relation) {
    title += node.relation.empty() ? " on " + node.alias : " " + node.alias;
  }
  return title;
}

PlanNode node_of(const Path& path) {
  PlanNode node;
  node.type = path.type;
  node.relation = path.relation;
  node.alias = path.alias.empty() ? path.relation : path.alias;
  node.index = path.index;
  node.startup_cost = path.startup;
  node.total_cost = path.total;
  node.rows = path.rows;
  node.width = path.width;
  node.details = path.details;
  node.title = title_of(node);
  for (const PathPtr& child : path.children) node.children.push_back(node_of(*child));
  return node;
}

}  // namespace

struct EstimatedCostModel::Impl {
  explicit Impl(const Catalog& catalog) : facts(catalog), settings(planner_settings(catalog)) {}

  const ParsedQuery& parsed(const std::string& sql) {
    const auto found = texts.find(sql);
    if (found != texts.end()) return found->second;
    if (texts.size() >= kMostTexts) texts.clear();
    return texts.emplace(sql, parse_query(sql)).first->second;
  }

  std::variant<PathPtr, Unplannable> path(const PlannableQuery& query, const PhysicalDesign& design);

  DatabaseFacts facts;
  PlannerSettings settings;
  std::unordered_map<std::string, ParsedQuery> texts;
};

std::variant<PathPtr, Unplannable> EstimatedCostModel::Impl::path(const PlannableQuery& query,
                                                                  const PhysicalDesign& design) {
  const ParsedQuery& read = parsed(query.sql);
  if (!read.query) return Unplannable{read.problem};
  std::vector<IndexFacts> kept;
  std::vector<std::pair<const RelationFacts*, const IndexFacts*>> created;
  kept.reserve(design.created_indexes.size());
  for (const HypotheticalIndex& index : design.created_indexes) {
    auto index_facts = facts.index_facts(index);
    if (!index_facts) continue;
    kept.push_back(std::move(*index_facts));
    created.emplace_back(facts.find_table(index.definition.schema, index.definition.table), &kept.back());
  }
  const std::vector<const IndexFacts*> dropped = facts.find_indexes(design.dropped_indexes);
  try {
    return QueryPlanner(facts, settings, query, created, dropped).plan(*read.query);
  } catch (const Refusal& refusal) {
    return Unplannable{"the built-in model cannot judge it: " + refusal.reason};
  }
}

EstimatedCostModel::EstimatedCostModel(const Catalog& catalog) : impl_(std::make_unique<Impl>(catalog)) {}
EstimatedCostModel::~EstimatedCostModel() = default;

std::vector<std::string> EstimatedCostModel::remarks() const {
  return {
      "costs are estimated by the built-in model from the catalog's statistics, with PostgreSQL 15's formulas: scans "
      "of one table closely, joins and groups well enough to rank indexes; install PostgreSQL's server programs to "
      "have them planned"};
}

PlanAnswer EstimatedCostModel::plan(const PlannableQuery& query, const PhysicalDesign& design) {
  auto found = impl_->path(query, design);
  if (auto* problem = std::get_if<Unplannable>(&found)) return std::move(*problem);
  return node_of(*std::get<PathPtr>(found));
}

std::optional<double> EstimatedCostModel::cost(const PlannableQuery& query, const PhysicalDesign& design) {
  const auto found = impl_->path(query, design);
  const PathPtr* path = std::get_if<PathPtr>(&found);
  return path == nullptr ? std::nullopt : std::optional((*path)->total);
}

}  // namespace assay
