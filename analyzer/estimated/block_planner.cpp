#include "analyzer/estimated/block_planner.h"

#include <algorithm>
#include <cmath>

#include "analyzer/estimated/grouping.h"
#include "analyzer/estimated/sort_cost.h"

namespace assay {
namespace {

/// Classes of expressions that rows can be sorted by, each with a number.
class OrderClasses {
 public:
  explicit OrderClasses(const std::vector<EqualityClass>& equal) : equal_(equal) {}

  /// -1: none, -2: the same in all rows.
  int find(const BoundExpression& expression) const {
    if (expression.is_pseudo_constant()) return -2;
    for (std::size_t i = 0; i < equal_.size(); ++i) {
      for (const BoundExpression& member : equal_[i].members) {
        if (same(member, expression)) return equal_[i].constant ? -2 : static_cast<int>(i);
      }
    }
    for (const BoundExpression* one : constants_) {
      if (same(*one, expression)) return -2;
    }
    for (std::size_t i = 0; i < others_.size(); ++i) {
      if (same(others_[i], expression)) return static_cast<int>(equal_.size() + i);
    }
    return -1;
  }

  int add(const BoundExpression& expression) {
    const int known = find(expression);
    if (known != -1) return known;
    others_.push_back(expression);
    return static_cast<int>(equal_.size() + others_.size()) - 1;
  }

  /// `expression` has one value, since the block asks for it.
  void fix(const BoundExpression& expression) { constants_.push_back(&expression); }

  std::vector<const BoundExpression*> expressions(const Order& order) const {
    std::vector<const BoundExpression*> all;
    for (const OrderKey& key : order) {
      const auto id = static_cast<std::size_t>(key.expression);
      all.push_back(id < equal_.size() ? &equal_[id].members.front() : &others_[id - equal_.size()]);
    }
    return all;
  }

 private:
  const std::vector<EqualityClass>& equal_;
  std::vector<BoundExpression> others_;
  std::vector<const BoundExpression*> constants_;
};

PathPtr shared(Path path) { return std::make_shared<const Path>(std::move(path)); }

class BlockPlanner {
 public:
  BlockPlanner(PlannableBlock block, const QueryTree& query, const BlockLimits& limits, double wanted_rows,
               bool parallel, const DatabaseFacts& facts, const PlannerSettings& settings)
      : block_(std::move(block)),
        query_(query),
        limits_(limits),
        wanted_rows_(wanted_rows),
        facts_(facts),
        settings_(settings),
        selectivity_(block_.relations),
        classes_(block_.classes),
        context_{settings, selectivity_, 1, [this](const BoundExpression& e) { return classes_.find(e); }, parallel} {}

  PlannedQuery plan();

 private:
  void prepare();
  Order order_by() const { return order_; }
  std::vector<PathPtr> join_rows();
  std::vector<PathPtr> groups(const std::vector<PathPtr>& inputs);
  std::optional<Path> ends_of_index();
  std::vector<PathPtr> distinct(const std::vector<PathPtr>& inputs);
  std::vector<PathPtr> in_order(const std::vector<PathPtr>& inputs);
  PathPtr best(const std::vector<PathPtr>& paths) const;
  PathPtr without_relations();
  void add_targets(std::vector<PathPtr>& paths, double operators, double subplans, double startup, int width) const;
  double target_operators() const;
  int target_width() const;
  int width_of(const BoundExpression& expression) const;
  bool is_grouped() const { return !block_.group.empty() || !aggregates_.empty() || block_.having; }
  std::vector<ColumnFacts> columns() const;

  PlannableBlock block_;
  const QueryTree& query_;
  const BlockLimits& limits_;
  double wanted_rows_;
  const DatabaseFacts& facts_;
  const PlannerSettings& settings_;
  Selectivity selectivity_;
  OrderClasses classes_;
  ScanContext context_;
  std::vector<const BoundExpression*> aggregates_;
  Order order_, group_order_;
  double limit_rows_ = -1;
  JoinedRelation joined_;
};

int BlockPlanner::width_of(const BoundExpression& expression) const {
  if (expression.is_column()) {
    const BaseRelation& relation = block_.relations[static_cast<std::size_t>(expression.relation)];
    return relation.facts()[static_cast<std::size_t>(expression.column)].width;
  }
  return average_width(expression.type.value_or(ValueType{}));
}

int BlockPlanner::target_width() const {
  int width = 0;
  for (const BoundExpression& target : block_.targets) width += width_of(target);
  for (const BlockSort& item : block_.order) {
    const bool repeated = std::any_of(block_.targets.begin(), block_.targets.end(),
                                      [&](const BoundExpression& target) { return same(target, item.expression); });
    if (!repeated) width += width_of(item.expression);
  }
  if (query_.kind != StatementKind::kSelect || query_.locks_rows) width += 6;
  return width;
}

/// What is evaluated for each row of the result, sort keys included; of groups, what their keys do not give.
double BlockPlanner::target_operators() const {
  double sum = 0;
  std::vector<const BoundExpression*> seen;
  const auto add = [&](const BoundExpression& expression) {
    const auto is_same = [&](const BoundExpression* known) { return same(*known, expression); };
    if (std::any_of(seen.begin(), seen.end(), is_same)) return;
    seen.push_back(&expression);
    sum += expression.operators;
  };
  if (is_grouped()) {
    for (const BoundExpression& key : block_.group) seen.push_back(&key);
  }
  for (const BoundExpression& target : block_.targets) add(target);
  for (const BlockSort& item : block_.order) add(item.expression);
  return sum;
}

void BlockPlanner::prepare() {
  for (BaseRelation& relation : block_.relations) {
    relation.rows = clamped_rows(relation.tuples * selectivity_.of_all(relation.restrictions));
    context_.total_pages += relation.pages;
    for (const BoundExpression& restriction : relation.restrictions) {  // x = constant: x sorts nothing
      if (restriction.kind != ExpressionKind::kOperator || restriction.name != "=" || restriction.distinct) continue;
      for (const bool flip : {false, true}) {
        if (restriction.arguments[flip ? 0 : 1].is_pseudo_constant()) classes_.fix(restriction.arguments[flip ? 1 : 0]);
      }
    }
  }
  context_.total_pages = std::max(1.0, context_.total_pages - 1);
  for (const BoundExpression& target : block_.targets) collect_aggregates(target, aggregates_);
  for (const BlockSort& item : block_.order) collect_aggregates(item.expression, aggregates_);
  if (block_.having) collect_aggregates(*block_.having, aggregates_);
  const auto add = [](Order& order, int expression, bool descending, bool nulls_first) {
    if (expression < 0) return;
    const bool repeated =
        std::any_of(order.begin(), order.end(), [&](const OrderKey& key) { return key.expression == expression; });
    if (!repeated) order.push_back({expression, descending, nulls_first});
  };
  for (const BlockSort& item : block_.order) {
    add(order_, classes_.add(item.expression), item.descending, item.nulls_first);
  }
  for (const BoundExpression& key : block_.group) {  // as ORDER BY has it, where that is of group keys first
    const int id = classes_.add(key);
    for (const OrderKey& wanted : order_) {
      if (wanted.expression == id) add(group_order_, id, wanted.descending, wanted.nulls_first);
    }
  }
  for (const BoundExpression& key : block_.group) add(group_order_, classes_.add(key), false, false);
  if (limits_.has_limit && limits_.limit >= 0 && (!limits_.has_offset || limits_.offset >= 0)) {
    limit_rows_ = limits_.limit + std::max(0.0, limits_.offset);
  }
}

void BlockPlanner::add_targets(std::vector<PathPtr>& paths, double operators, double subplans, double startup,
                               int width) const {
  for (PathPtr& path : paths) {
    Path with = *path;
    with.startup += startup;
    with.total += startup + (operators * settings_.cpu_operator_cost + subplans) * with.rows;
    with.width = width;
    path = shared(std::move(with));
  }
}

std::vector<PathPtr> BlockPlanner::join_rows() {
  double subplans = 0, startup = 0, operators = 0;
  int width = 0;
  if (is_grouped()) {
    for (const BoundExpression& key : block_.group) {
      operators += key.operators;
      subplans += key.subplan_per_tuple;
      startup += key.subplan_startup;
    }
  } else {
    operators = target_operators();
    width = target_width();
    for (const BoundExpression& target : block_.targets) {
      subplans += target.subplan_per_tuple;
      startup += target.subplan_startup;
    }
  }
  const bool alone = block_.relations.size() == 1;
  std::vector<Order> wanted;
  if (is_grouped() ? !group_order_.empty() : !order_.empty()) wanted.push_back(is_grouped() ? group_order_ : order_);
  JoinSearch search(block_, context_, wanted, operators);
  search.use_foreign_keys(facts_.foreign_keys());
  joined_ = search.search();
  std::vector<PathPtr> paths;
  for (const PathPtr& path : joined_.paths.all()) {
    if (path->outer == 0) paths.push_back(path);
  }
  if (is_grouped()) width = joined_.width;
  add_targets(paths, alone ? 0 : operators, subplans, startup, width);
  double constant = 0;
  for (const BoundExpression& condition : block_.constant_conditions) {
    constant += condition.operators * settings_.cpu_operator_cost + condition.subplan_startup;
  }
  if (constant > 0) add_targets(paths, 0, 0, constant, width);
  return paths;
}

/// preprocess_minmax_aggregates, plan/planagg.c: min and max read one end of an index.
std::optional<Path> BlockPlanner::ends_of_index() {
  if (!block_.group.empty() || aggregates_.empty() || block_.relations.size() != 1 ||
      block_.relations[0].table == nullptr || block_.having) {
    return std::nullopt;
  }
  double total = 0;
  std::vector<PathPtr> children;
  for (const BoundExpression* aggregate : aggregates_) {
    const bool is_max = aggregate->name == "max";
    if ((!is_max && aggregate->name != "min") || aggregate->arguments.size() != 1) return std::nullopt;
    const BoundExpression& of = aggregate->arguments[0];
    BaseRelation relation = block_.relations[0];
    BoundExpression present;
    present.kind = ExpressionKind::kNullTest;
    present.negated = true;
    present.arguments = {of};
    present.relations = of.relations;
    relation.restrictions.push_back(std::move(present));
    std::vector<BaseRelation> relations{relation};
    const Selectivity selectivity(relations);
    relations[0].rows = clamped_rows(relation.tuples * selectivity.of_all(relation.restrictions));
    const int id = classes_.add(of);
    if (id < 0) return std::nullopt;
    const ScanContext context{settings_, selectivity, context_.total_pages, context_.order_class, false};
    PathPtr best;
    double best_cost = 0;
    const ScanRequest request{relations[0], 0, {}, 0, 1, 0};
    for (const PathPtr& path : scan_paths(context, request).paths) {
      if (!begins_with(path->order, {{id, is_max, is_max}}) && !begins_with(path->order, {{id, is_max, !is_max}})) {
        continue;
      }
      const double cost = path->startup + (path->total - path->startup) / std::max(1.0, path->rows);
      if (best != nullptr && cost >= best_cost) continue;
      best = path;
      best_cost = cost;
    }
    if (best == nullptr) return std::nullopt;
    total += best_cost;
    children.push_back(shared(limited(best, {.has_limit = true, .limit = 1})));
  }
  Path path;
  path.type = "Result";
  path.rows = 1;
  path.startup = total;
  path.total = total + settings_.cpu_tuple_cost + target_operators() * settings_.cpu_operator_cost;
  path.children = std::move(children);
  path.width = target_width();
  return path;
}

std::vector<PathPtr> BlockPlanner::groups(const std::vector<PathPtr>& inputs) {
  const AggregateCost cost = aggregate_cost(aggregates_);
  std::vector<const BoundExpression*> keys;
  int width = cost.width;
  for (const BoundExpression& key : block_.group) {
    keys.push_back(&key);
    width += width_of(key);
  }
  GroupRequest request;
  request.keys = static_cast<double>(group_order_.size());
  request.width = width;
  request.transition = cost.transition;
  request.final = cost.final;
  request.aggregates = cost.count;
  request.space = cost.space;
  request.groups = keys.empty() ? 1 : selectivity_.groups(keys, joined_.rows);
  std::vector<PathPtr> results;
  const PathPtr cheapest = best(inputs);
  const auto of = [&](const PathPtr& input, Grouping strategy) {
    GroupRequest asked = request;
    asked.strategy = strategy;
    results.push_back(shared(grouped(input, asked, settings_)));
  };
  if (keys.empty()) {
    of(cheapest, Grouping::kPlain);
    if (auto ends = ends_of_index()) results.push_back(shared(std::move(*ends)));
  } else {
    const bool orderly = std::none_of(aggregates_.begin(), aggregates_.end(),
                                      [](const BoundExpression* aggregate) { return aggregate->distinct; });
    if (orderly) of(cheapest, Grouping::kHashed);
    for (const PathPtr& input : inputs) {
      if (begins_with(input->order, group_order_)) {
        of(input, Grouping::kSorted);
        continue;
      }
      if (input == cheapest) of(shared(sorted(input, group_order_, -1, settings_)), Grouping::kSorted);
      const std::size_t common = common_prefix(input->order, group_order_);
      if (common == 0 || !settings_.incremental_sort) continue;
      const Order prefix(group_order_.begin(), group_order_.begin() + static_cast<std::ptrdiff_t>(common));
      const double runs = selectivity_.groups(classes_.expressions(prefix), input->rows);
      of(shared(sorted_incrementally(input, group_order_, runs, -1, settings_)), Grouping::kSorted);
    }
  }
  if (cost.partial && !joined_.partial.all().empty()) {  // parts of it by parallel workers
    for (const PathPtr& partial : joined_.partial.all()) {
      GroupRequest part = request;
      part.strategy = keys.empty() ? Grouping::kPlain : Grouping::kHashed;
      part.groups = keys.empty() ? 1 : selectivity_.groups(keys, partial->rows);
      part.final = 0;
      std::vector<PathPtr> targeted{partial};
      double operators = 0;
      for (const BoundExpression& key : block_.group) operators += key.operators;
      if (block_.relations.size() > 1) add_targets(targeted, operators, 0, 0, joined_.width);
      const PathPtr piece = shared(grouped(targeted[0], part, settings_));
      const double pieces = part.groups * partial->workers;
      GroupRequest whole = request;
      whole.transition = cost.combine;
      const PathPtr together = shared(JoinSearch::gathered(piece, pieces, settings_));
      whole.strategy = keys.empty() ? Grouping::kPlain : Grouping::kHashed;
      results.push_back(shared(grouped(together, whole, settings_)));
      if (keys.empty()) continue;
      const PathPtr ordered_piece = shared(sorted(piece, group_order_, -1, settings_));
      whole.strategy = Grouping::kSorted;
      results.push_back(
          shared(grouped(shared(JoinSearch::gathered_in_order(ordered_piece, pieces, settings_)), whole, settings_)));
    }
  }
  double having_share = 1, having_cost = 0;
  if (block_.having) {
    having_share = selectivity_.of(*block_.having);
    having_cost = block_.having->operators * settings_.cpu_operator_cost;
  }
  double subplans = 0, startup = 0;
  for (const BoundExpression& target : block_.targets) {
    subplans += target.subplan_per_tuple;
    startup += target.subplan_startup;
  }
  for (PathPtr& path : results) {
    if (path->type == "Result") continue;
    Path with = *path;
    with.total += having_cost * with.rows;
    with.rows = clamped_rows(with.rows * having_share);
    path = shared(std::move(with));
  }
  std::vector<PathPtr> plain;
  for (PathPtr& path : results) {
    if (path->type == "Result") {
      plain.push_back(path);
      path = nullptr;
    }
  }
  std::erase(results, nullptr);
  add_targets(results, target_operators(), subplans, startup, target_width());
  results.insert(results.end(), plain.begin(), plain.end());
  return results;
}

std::vector<PathPtr> BlockPlanner::distinct(const std::vector<PathPtr>& inputs) {
  std::vector<const BoundExpression*> keys;
  Order order = order_;
  for (const BoundExpression& target : block_.targets) {
    keys.push_back(&target);
    const int id = classes_.add(target);
    const bool repeated =
        id < 0 || std::any_of(order.begin(), order.end(), [&](const OrderKey& key) { return key.expression == id; });
    if (!repeated) order.push_back({id, false, false});
  }
  const PathPtr cheapest = best(inputs);
  const double groups = is_grouped() ? cheapest->rows : selectivity_.groups(keys, cheapest->rows);
  std::vector<PathPtr> results;
  GroupRequest request;
  request.strategy = Grouping::kHashed;
  request.keys = static_cast<double>(keys.size());
  request.groups = groups;
  request.width = cheapest->width;
  results.push_back(shared(grouped(cheapest, request, settings_)));
  std::vector<PathPtr> all = inputs;
  if (!is_grouped()) {  // workers leave out what they see twice (create_partial_distinct_paths)
    for (const PathPtr& partial : joined_.partial.all()) {
      std::vector<PathPtr> part{partial};
      add_targets(part, block_.relations.size() > 1 ? target_operators() : 0, 0, 0, target_width());
      GroupRequest piece = request;
      piece.groups = selectivity_.groups(keys, partial->rows);
      const PathPtr distinct_part = shared(grouped(part[0], piece, settings_));
      all.push_back(shared(JoinSearch::gathered(distinct_part, piece.groups * partial->workers, settings_)));
      results.push_back(shared(grouped(all.back(), request, settings_)));
    }
  }
  for (const PathPtr& input : all) {
    const bool ordered = begins_with(input->order, order);
    if (!ordered && input != cheapest && input->type != "Gather") continue;
    const PathPtr by_key = ordered ? input : shared(sorted(input, order, -1, settings_));
    Path unique = *by_key;
    unique.type = "Unique";
    unique.relation = unique.alias = unique.index = "";
    unique.details.clear();
    unique.children = {by_key};
    unique.total += settings_.cpu_operator_cost * by_key->rows * static_cast<double>(keys.size());
    unique.rows = groups;
    results.push_back(shared(std::move(unique)));
  }
  return results;
}

std::vector<PathPtr> BlockPlanner::in_order(const std::vector<PathPtr>& inputs) {
  if (order_.empty()) return inputs;
  std::vector<PathPtr> results;
  const PathPtr cheapest = best(inputs);
  for (const PathPtr& input : inputs) {
    if (begins_with(input->order, order_)) {
      results.push_back(input);
      continue;
    }
    if (input == cheapest) results.push_back(shared(sorted(input, order_, limit_rows_, settings_)));
    const std::size_t common = common_prefix(input->order, order_);
    if (common == 0 || !settings_.incremental_sort) continue;
    const Order prefix(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(common));
    const double runs = selectivity_.groups(classes_.expressions(prefix), input->rows);
    results.push_back(shared(sorted_incrementally(input, order_, runs, limit_rows_, settings_)));
  }
  if (!is_grouped() && !block_.targets.empty() && !query_.distinct) {  // workers sort their parts
    for (const PathPtr& partial : joined_.partial.all()) {
      std::vector<PathPtr> part{partial};
      add_targets(part, block_.relations.size() > 1 ? target_operators() : 0, 0, 0, target_width());
      const PathPtr by_key =
          begins_with(partial->order, order_) ? part[0] : shared(sorted(part[0], order_, limit_rows_, settings_));
      results.push_back(shared(JoinSearch::gathered_in_order(by_key, joined_.rows, settings_)));
    }
  }
  return results;
}

/// The cheapest of all, or of those that give the first rows soonest where only these are wanted.
PathPtr BlockPlanner::best(const std::vector<PathPtr>& paths) const {
  PathPtr cheapest;
  for (const PathPtr& path : paths) {
    if (cheapest == nullptr || path->total < cheapest->total) cheapest = path;
  }
  return cheapest;
}

PathPtr BlockPlanner::without_relations() {
  Path path;
  path.type = "Result";
  path.rows = std::max(1.0, query_.value_rows);
  path.width = target_width();
  double startup = 0;
  for (const BoundExpression& target : block_.targets) startup += target.subplan_startup + target.subplan_per_tuple;
  const double unit = settings_.cpu_operator_cost;
  path.total = startup + (query_.value_rows > 1 ? (unit + settings_.cpu_tuple_cost) * query_.value_rows
                                                : settings_.cpu_tuple_cost + target_operators() * unit);
  return shared(std::move(path));
}

/// examine_simple_variable, utils/adt/selfuncs.c: what a parent may know of the columns.
std::vector<ColumnFacts> BlockPlanner::columns() const {
  std::vector<ColumnFacts> all;
  for (std::size_t i = 0; i < block_.targets.size(); ++i) {
    const BoundExpression& target = block_.targets[i];
    ColumnFacts facts;
    if (target.is_column() && !is_grouped() && !query_.distinct) {
      facts =
          block_.relations[static_cast<std::size_t>(target.relation)].facts()[static_cast<std::size_t>(target.column)];
      facts.unique = false;
    } else if (target.type) {
      facts.type = *target.type;
    }
    const bool only_key =
        (block_.group.size() == 1 && same(block_.group[0], target)) || (query_.distinct && block_.targets.size() == 1);
    if (only_key) facts.unique = true;
    facts.width = width_of(target);
    facts.name = block_.target_names[i];
    all.push_back(std::move(facts));
  }
  return all;
}

PlannedQuery BlockPlanner::plan() {
  PlannedQuery planned;
  planned.correlated = block_.correlated;
  if (block_.relations.empty()) {
    planned.path = without_relations();
    planned.columns = columns();
    return planned;
  }
  prepare();
  std::vector<PathPtr> paths = join_rows();
  if (is_grouped()) paths = groups(paths);
  if (query_.distinct) paths = distinct(paths);
  paths = in_order(paths);
  if (query_.locks_rows) {
    for (PathPtr& path : paths) {
      Path locked = *path;
      locked.type = "LockRows";
      locked.relation = locked.alias = locked.index = "";
      locked.details.clear();
      locked.children = {path};
      locked.total += settings_.cpu_tuple_cost * locked.rows;
      path = shared(std::move(locked));
    }
  }
  if (limits_.has_limit || limits_.has_offset) {
    for (PathPtr& path : paths) path = shared(limited(path, limits_));
  }
  if (wanted_rows_ > 0) {  // the first rows soonest
    const auto price = [&](const PathPtr& path) {
      return path->startup + (path->total - path->startup) * std::min(1.0, wanted_rows_ / std::max(1.0, path->rows));
    };
    planned.path = *std::min_element(paths.begin(), paths.end(),
                                     [&](const PathPtr& a, const PathPtr& b) { return price(a) < price(b); });
  } else {
    planned.path = best(paths);
  }
  planned.columns = columns();
  return planned;
}

}  // namespace

Path limited(const PathPtr& input, const BlockLimits& limits) {
  Path path;
  path.type = "Limit";
  path.rows = input->rows;
  path.width = input->width;
  path.order = input->order;
  path.children = {input};
  path.startup = input->startup;
  path.total = input->total;
  constexpr double kUnknownShare = 0.10;
  const double run = input->total - input->startup, rows = std::max(1.0, input->rows);
  const auto asked = [&](double number) { return number >= 0 ? number : clamped_rows(rows * kUnknownShare); };
  if (limits.has_offset) {
    const double skipped = std::min(asked(limits.offset), path.rows);
    path.startup += run * skipped / rows;
    path.rows = std::max(1.0, path.rows - skipped);
  }
  if (limits.has_limit) {
    const double count = std::min(asked(limits.limit), path.rows);
    path.total = path.startup + run * count / rows;
    path.rows = std::max(1.0, count);
  }
  return path;
}

PlannedQuery plan_block(PlannableBlock block, const QueryTree& query, const BlockLimits& limits, double wanted_rows,
                        bool parallel, const DatabaseFacts& facts, const PlannerSettings& settings) {
  return BlockPlanner(std::move(block), query, limits, wanted_rows, parallel, facts, settings).plan();
}

}  // namespace assay
