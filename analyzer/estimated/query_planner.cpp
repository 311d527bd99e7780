#include "analyzer/estimated/query_planner.h"

#include <algorithm>
#include <charconv>

#include "analyzer/estimated/block_planner.h"
#include "analyzer/estimated/grouping.h"
#include "analyzer/estimated/sort_cost.h"

namespace assay {
namespace {

constexpr int kDeepest = 64;

/// How often a query's FROM lists name `name`, whatever shadows it.
double references(const QueryTree& query, const std::string& name);

double references(const Expression& expression, const std::string& name) {
  double count = expression.query != nullptr ? references(*expression.query, name) : 0;
  for (const Expression& argument : expression.arguments) count += references(argument, name);
  return count;
}

double references(const FromNode& node, const std::string& name) {
  double count = node.kind == FromNode::Kind::kRelation && node.schema.empty() && node.name == name ? 1 : 0;
  if (node.query != nullptr) count += references(*node.query, name);
  for (const FromNode& side : node.sides) count += references(side, name);
  if (node.on) count += references(*node.on, name);
  return count;
}

double references(const QueryTree& query, const std::string& name) {
  double count = 0;
  for (const CommonTable& table : query.with) count += references(*table.query, name);
  for (const FromNode& node : query.from) count += references(node, name);
  for (const QueryTree& member : query.members) count += references(member, name);
  for (const TargetItem& target : query.targets) count += references(target.expression, name);
  for (const TargetItem& target : query.assignments) count += references(target.expression, name);
  if (query.where) count += references(*query.where, name);
  if (query.having) count += references(*query.having, name);
  return count;
}

/// The number in LIMIT or OFFSET; -1 where it is not known yet.
double limit_value(const Expression& expression, const PlannableQuery& query) {
  std::string text;
  if (expression.kind == ExpressionKind::kConstant) text = expression.name;
  if (expression.kind == ExpressionKind::kParameter && expression.number >= 1 &&
      static_cast<std::size_t>(expression.number) <= query.parameters.size()) {
    text = query.parameters[static_cast<std::size_t>(expression.number) - 1].value_or("");
  }
  double number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

PathPtr shared(Path path) { return std::make_shared<const Path>(std::move(path)); }

}  // namespace

QueryPlanner::QueryPlanner(const DatabaseFacts& facts, const PlannerSettings& settings, const PlannableQuery& query,
                           const std::vector<std::pair<const TableFacts*, const IndexFacts*>>& created,
                           const std::vector<const IndexFacts*>& dropped)
    : facts_(facts), settings_(settings), query_(query), created_(created), dropped_(dropped), binder_(facts, query) {}

PathPtr QueryPlanner::plan(const QueryTree& query) {
  parallel_ =
      query.kind == StatementKind::kSelect && !query.locks_rows && settings_.max_parallel_workers_per_gather > 0;
  const PlannedQuery planned = plan_query(query, nullptr, -1);
  Path path = *planned.path;
  if (query.kind != StatementKind::kSelect) {
    Path write;
    write.type = "ModifyTable";
    write.relation = query.from.front().name;
    write.rows = query.targets.empty() ? 0 : path.rows;
    write.startup = path.startup;
    write.total = path.total;
    write.children = {shared(std::move(path))};
    path = std::move(write);
  }
  path.startup += once_cost_;  // SS_charge_for_initplans, optimizer/plan/subselect.c
  path.total += once_cost_;
  path.children.insert(path.children.end(), once_.begin(), once_.end());
  return shared(std::move(path));
}

const TableFacts* QueryPlanner::table(const std::string& schema, const std::string& name) {
  return facts_.find_table(schema, name);
}

VisibleCommonTable* QueryPlanner::common_table(const std::string& name) {
  for (auto table = common_tables_.rbegin(); table != common_tables_.rend(); ++table) {
    if (table->table->name == name) return &*table;
  }
  return nullptr;
}

std::vector<const IndexFacts*> QueryPlanner::indexes(const TableFacts& table) {
  std::vector<const IndexFacts*> all;
  for (const IndexFacts& index : table.indexes) {
    if (std::find(dropped_.begin(), dropped_.end(), &index) == dropped_.end()) all.push_back(&index);
  }
  for (const auto& [of, index] : created_) {
    if (of == &table) all.push_back(index);
  }
  return all;
}

void QueryPlanner::charge_once(const PlannedQuery& plan, double cost) {
  once_cost_ += cost;
  once_.push_back(plan.path);
}

PlannedQuery QueryPlanner::plan_query(const QueryTree& query, const NameScope* outer, double wanted_rows) {
  if (++depth_ > kDeepest) throw Refusal{"it is nested too deeply"};
  const std::size_t before = common_tables_.size();
  for (const CommonTable& table : query.with) {
    if (table.query->kind != StatementKind::kSelect) throw Refusal{"it writes within a WITH clause"};
    if (table.recursive && references(*table.query, table.name) > 0) throw Refusal{"it is recursive"};
    common_tables_.push_back({&table, references(query, table.name), nullptr, false});
  }
  PlannedQuery planned = without_common_tables(query, outer, wanted_rows);
  common_tables_.resize(before);
  --depth_;
  return planned;
}

PlannedQuery QueryPlanner::without_common_tables(const QueryTree& query, const NameScope* outer, double wanted_rows) {
  if (!query.opaque.empty()) throw Refusal{"it has " + query.opaque};
  if (query.operation != SetOperation::kNone) return set_operation(query, outer, wanted_rows);
  if (query.kind == StatementKind::kInsert) return insertion(query);
  BlockLimits limits;
  limits.has_limit = query.limit.has_value();
  limits.has_offset = query.offset.has_value();
  if (query.limit) limits.limit = limit_value(*query.limit, query_);
  if (query.offset) limits.offset = limit_value(*query.offset, query_);
  PlannableBlock block = read_block(query, outer, *this);
  const bool parallel = parallel_ && !block.correlated && wanted_rows < 0;
  return plan_block(std::move(block), query, limits, wanted_rows, parallel, facts_, settings_);
}

/// plan_set_operations, optimizer/prep/prepunion.c.
PlannedQuery QueryPlanner::set_operation(const QueryTree& query, const NameScope* outer, double wanted_rows) {
  if (query.operation != SetOperation::kUnion && query.operation != SetOperation::kUnionAll) {
    throw Refusal{"it has INTERSECT or EXCEPT"};
  }
  PlannedQuery planned;
  Path append;
  append.type = "Append";
  append.rows = 0;
  for (const QueryTree& member : query.members) {
    PlannedQuery part = plan_query(member, outer, wanted_rows);
    if (planned.columns.empty()) {
      for (const ColumnFacts& column : part.columns) {
        ColumnFacts facts;  // what is known of one member does not hold for all
        facts.name = column.name;
        facts.type = column.type;
        facts.width = column.width;
        planned.columns.push_back(std::move(facts));
      }
    }
    planned.correlated = planned.correlated || part.correlated;
    if (append.children.empty()) append.startup = part.path->startup;
    append.rows += part.path->rows;
    append.total += part.path->total;
    append.width = std::max(append.width, part.path->width);
    append.children.push_back(part.path);
  }
  append.total += 0.5 * settings_.cpu_tuple_cost * append.rows;  // APPEND_CPU_COST_MULTIPLIER
  PathPtr path = shared(std::move(append));
  if (query.operation == SetOperation::kUnion) {
    GroupRequest request;
    request.strategy = Grouping::kHashed;
    request.keys = static_cast<double>(planned.columns.size());
    request.groups = path->rows;
    request.width = path->width;
    path = shared(grouped(path, request, settings_));
  }
  if (!query.order.empty()) {
    const double limit = query.limit ? limit_value(*query.limit, query_) : -1;
    path = shared(sorted(path, {{0, false, false}}, limit, settings_));
  }
  if (query.limit || query.offset) {
    BlockLimits limits;
    limits.has_limit = query.limit.has_value();
    limits.has_offset = query.offset.has_value();
    if (query.limit) limits.limit = limit_value(*query.limit, query_);
    if (query.offset) limits.offset = limit_value(*query.offset, query_);
    path = shared(limited(path, limits));
  }
  planned.path = std::move(path);
  return planned;
}

/// Writing itself costs the planner nothing; reading what is written does.
PlannedQuery QueryPlanner::insertion(const QueryTree& query) {
  if (!query.members.empty()) return plan_query(query.members.front(), nullptr, -1);
  PlannedQuery planned;
  Path path;
  path.type = "Result";
  path.total = settings_.cpu_tuple_cost;
  planned.path = shared(std::move(path));
  return planned;
}

}  // namespace assay
