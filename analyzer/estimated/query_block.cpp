#include "analyzer/estimated/query_block.h"

#include <algorithm>
#include <charconv>

#include "analyzer/estimated/index_match.h"

namespace assay {
namespace {

using Kind = ExpressionKind;

void split(const Expression& condition, std::vector<const Expression*>& conjuncts) {
  if (condition.kind != Kind::kAnd) {
    conjuncts.push_back(&condition);
    return;
  }
  for (const Expression& part : condition.arguments) split(part, conjuncts);
}

void split(BoundExpression condition, std::vector<BoundExpression>& conjuncts) {
  if (condition.kind != Kind::kAnd) {
    conjuncts.push_back(std::move(condition));
    return;
  }
  for (BoundExpression& part : condition.arguments) split(std::move(part), conjuncts);
}

bool has_aggregate(const Expression& expression) {
  if (expression.kind == Kind::kAggregate || expression.kind == Kind::kWindow) return true;
  return std::any_of(expression.arguments.begin(), expression.arguments.end(), has_aggregate);
}

bool has_aggregates(const QueryTree& query) {
  return std::any_of(query.targets.begin(), query.targets.end(),
                     [](const TargetItem& target) { return has_aggregate(target.expression); });
}

/// is_simple_subquery, prepjointree.c.
bool can_be_merged(const QueryTree& query) {
  return query.kind == StatementKind::kSelect && query.operation == SetOperation::kNone && query.group.empty() &&
         !query.having && query.order.empty() && !query.distinct && !query.limit && !query.offset &&
         query.with.empty() && !query.locks_rows && query.opaque.empty() && query.value_rows == 0 &&
         !query.from.empty() && !has_aggregates(query);
}

/// simplify_EXISTS_query: what EXISTS selects and how it is ordered does not matter.
bool can_be_semijoin(const QueryTree& query) {
  QueryTree simple = query;
  simple.targets.clear();
  simple.order.clear();
  simple.distinct = false;
  if (simple.limit && simple.limit->kind == Kind::kConstant && !query.offset) simple.limit.reset();
  return can_be_merged(simple) && !has_aggregates(query);
}

class BlockReader : public BindingContext {
 public:
  BlockReader(const QueryTree& query, const NameScope* outer, SubqueryPlanner& planner)
      : query_(query), planner_(planner) {
    scope_.parent = outer;
    scope_.block = &block_;
    current_ = &scope_;
  }

  PlannableBlock read() {
    if (!query_.opaque.empty()) throw Refusal{"it has " + query_.opaque};
    for (const FromNode& node : query_.from) from(node, scope_);
    if (query_.where) conditions(*query_.where, -1, ~RelationSet{0});
    targets();
    group_and_order();
    if (query_.having) block_.having = bind(*query_.having);
    reduce_outer_joins();
    for (const Condition& condition : block_.conditions) {
      const RelationSet relations = condition.expression.relations;
      if ((relations & (relations - 1)) != 0) note_join_uses(condition.expression, relations);
    }
    sort_conditions();
    note_columns();
    return std::move(block_);
  }

  BoundExpression resolve(const std::string& qualifier, const std::string& name) override;
  SubplanCost subplan(const Expression& expression) override;

 private:
  BoundExpression bind(const Expression& expression) { return planner_.binder().bind(expression, *this); }

  RelationSet from(const FromNode& node, NameScope& scope);
  RelationSet relation(const FromNode& node, NameScope& scope);
  RelationSet derived(const FromNode& node, const QueryTree& query, NameScope& scope);
  RelationSet merged(const FromNode& node, const QueryTree& query, NameScope& scope);
  RelationSet add(BaseRelation relation, const FromNode& node, NameScope& scope);
  RelationSet join(const FromNode& node, NameScope& scope);
  void bind_indexes(BaseRelation& relation, int position);

  void conditions(const Expression& condition, int special, RelationSet all);
  bool semijoin(const Expression& condition);
  void add_semijoin(const QueryTree& query, const Expression* left, bool anti);
  void targets();
  void add_star(const std::string& qualifier);
  void group_and_order();
  BoundExpression sort_expression(const Expression& item, bool prefers_input);
  void reduce_outer_joins();
  void sort_conditions();
  void equate(const BoundExpression& left, const BoundExpression& right);
  EqualityClass* class_of(const BoundExpression& expression);
  RelationSet nullable() const;
  void note_columns();
  void note(const BoundExpression& expression, bool above);
  void note_join_uses(const BoundExpression& expression, RelationSet relations);

  const QueryTree& query_;
  SubqueryPlanner& planner_;
  NameScope scope_;
  NameScope* current_ = nullptr;
  PlannableBlock block_;
  int index_relation_ = -1;  ///< while an index's expressions are bound
};

// Names -----------------------------------------------------------------------------------------

/// The item's column of that name; nothing where it has none.
std::optional<BoundExpression> column_of(const NameScope::Item& item, const PlannableBlock& block,
                                         const std::string& name) {
  for (const auto& [column, expression] : item.expressions) {
    if (column == name) return expression;
  }
  if (item.relation < 0) return std::nullopt;
  const std::vector<ColumnFacts>& facts = block.relations[static_cast<std::size_t>(item.relation)].facts();
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const std::string& called = i < item.renamed.size() ? item.renamed[i] : facts[i].name;
    if (called == name) return bound_column(item.relation, static_cast<int>(i), facts[i]);
  }
  return std::nullopt;
}

BoundExpression BlockReader::resolve(const std::string& qualifier, const std::string& name) {
  if (index_relation_ >= 0) {
    NameScope::Item item;
    item.relation = index_relation_;
    if (auto found = column_of(item, block_, name)) return *found;
    throw Refusal{"an index has a column that its table has not"};
  }
  bool own = true;
  for (const NameScope* scope = current_; scope != nullptr; scope = scope->parent) {
    for (const NameScope::Item& item : scope->items) {
      if (!qualifier.empty() && item.alias != qualifier) continue;
      auto found = column_of(item, *scope->block, name);
      if (!found) continue;
      if (own) return *found;
      block_.correlated = true;
      BoundExpression parameter;
      parameter.kind = Kind::kParameter;
      parameter.type = found->type;
      return parameter;
    }
    if (!scope->same_block) own = false;
  }
  throw Refusal{"nothing is known of the column " + (qualifier.empty() ? name : qualifier + "." + name)};
}

/// cost_subplan, costsize.c, and SS_process_sublinks: a subquery that needs nothing from outside is computed once.
SubplanCost BlockReader::subplan(const Expression& expression) {
  const bool exists = expression.kind == Kind::kExists;
  const PlannedQuery planned = planner_.plan_query(*expression.query, current_, exists ? 1 : -1);
  SubplanCost cost;
  if (!planned.columns.empty()) cost.type = planned.columns.front().type;
  const Path& path = *planned.path;
  const double run = path.total - path.startup;
  if (!planned.correlated && expression.kind != Kind::kInQuery) {
    planner_.charge_once(planned, exists ? path.startup + run / clamped_rows(path.rows) : path.total);
    return cost;
  }
  if (expression.kind == Kind::kInQuery) {
    cost.operators = 1;
    if (!planned.correlated) {  // a hash table
      cost.startup = path.total + planner_.operator_cost() * path.rows;
      return cost;
    }
    cost.per_tuple = path.startup + 0.5 * run + 0.5 * path.rows * planner_.operator_cost();
    return cost;
  }
  cost.per_tuple = path.startup + (exists ? run / clamped_rows(path.rows) : run);
  return cost;
}

// FROM ------------------------------------------------------------------------------------------

RelationSet BlockReader::from(const FromNode& node, NameScope& scope) {
  switch (node.kind) {
    case FromNode::Kind::kRelation:
      return relation(node, scope);
    case FromNode::Kind::kSubquery:
      if (node.query == nullptr) throw Refusal{"it has a subquery that cannot be read"};
      return derived(node, *node.query, scope);
    case FromNode::Kind::kJoin:
      return join(node, scope);
    case FromNode::Kind::kOpaque:
      break;
  }
  throw Refusal{"it reads from " + (node.name.empty() ? "a join with an alias" : node.name)};
}

RelationSet BlockReader::add(BaseRelation relation, const FromNode& node, NameScope& scope) {
  if (block_.relations.size() >= kMostRelations) throw Refusal{"it joins more than 64 relations"};
  const int position = static_cast<int>(block_.relations.size());
  NameScope::Item item;
  item.alias = node.alias.empty() ? node.name : node.alias;
  item.relation = position;
  item.renamed = node.column_aliases;
  relation.needed.assign(relation.facts().size(), false);
  relation.output = relation.needed;
  block_.relations.push_back(std::move(relation));
  scope.items.push_back(std::move(item));
  bind_indexes(block_.relations.back(), position);
  return bit(position);
}

RelationSet BlockReader::relation(const FromNode& node, NameScope& scope) {
  if (node.schema.empty()) {
    if (VisibleCommonTable* common = planner_.common_table(node.name)) {
      if (common->being_planned) throw Refusal{"it is recursive"};
      const bool once = common->references <= 1 && !common->table->materialized.value_or(false);
      FromNode named = node;
      if (named.column_aliases.empty()) named.column_aliases = common->table->column_aliases;
      if (once) {  // NOT MATERIALIZED in several places is computed once all the same
        return derived(named, *common->table->query, scope);
      }
      if (common->planned == nullptr) {
        common->being_planned = true;
        common->planned = std::make_shared<PlannedQuery>(planner_.plan_query(*common->table->query, nullptr, -1));
        common->being_planned = false;
        planner_.charge_once(*common->planned, common->planned->path->total);
      }
      BaseRelation base;
      base.name = node.name;
      base.alias = node.alias;
      base.columns = common->planned->columns;
      base.tuples = common->planned->path->rows;
      Path scan;
      scan.type = "CTE Scan";
      scan.rows = base.tuples;
      scan.width = common->planned->path->width;
      scan.total = 0;  // the scan itself is priced with its conditions
      base.subquery = std::make_shared<const Path>(std::move(scan));
      return add(std::move(base), named, scope);
    }
  }
  const TableFacts* table = planner_.table(node.schema, node.name);
  if (table == nullptr) throw Refusal{"the catalog has no table " + node.name};
  switch (table->table->kind) {
    case 'r':
    case 'm':
      break;
    case 'p':
      throw Refusal{"it reads the partitioned table " + node.name};
    case 'v':
      throw Refusal{"it reads the view " + node.name};
    default:
      throw Refusal{"it reads " + node.name + ", which is no ordinary table"};
  }
  if (table->table->row_security) throw Refusal{"row-level security of " + node.name + " adds conditions to it"};
  BaseRelation base;
  base.name = node.name;
  base.alias = node.alias;
  base.table = table;
  base.tuples = table->tuples;
  base.pages = table->pages;
  return add(std::move(base), node, scope);
}

void BlockReader::bind_indexes(BaseRelation& relation, int position) {
  if (relation.table == nullptr) return;
  index_relation_ = position;
  for (const IndexFacts* facts : planner_.indexes(*relation.table)) {
    BoundIndex index;
    index.facts = facts;
    index.usable = !facts->opaque_predicate;
    try {
      for (const IndexColumn& key : facts->keys) {
        if (key.column >= 0) {
          index.keys.push_back(
              bound_column(position, key.column, relation.facts()[static_cast<std::size_t>(key.column)]));
        } else {
          index.keys.push_back(key.expression ? std::optional(bind(*key.expression)) : std::nullopt);
          if (key.statistics && index.keys.back()) {
            ColumnFacts known = *key.statistics;
            const auto& type = index.keys.back()->type;
            if (type && type->kind != ValueKind::kText) {  // its values were read as texts
              known.common.clear();
              known.frequencies.clear();
              known.bounds.clear();
            }
            if (type) known.type = *type;
            relation.expression_statistics.emplace_back(*index.keys.back(), std::move(known));
          }
        }
      }
      if (facts->predicate) split(bind(*facts->predicate), index.predicate);
    } catch (const Refusal&) {  // an index whose expression is not understood is not used
      index.usable = false;
    }
    if (!index.keys.empty()) relation.indexes.push_back(std::move(index));
  }
  index_relation_ = -1;
}

RelationSet BlockReader::derived(const FromNode& node, const QueryTree& query, NameScope& scope) {
  if (can_be_merged(query)) return merged(node, query, scope);
  const NameScope* sees = node.lateral ? current_ : current_->parent;
  const PlannedQuery planned = planner_.plan_query(query, sees, -1);
  if (planned.correlated) throw Refusal{"it has a LATERAL subquery that is computed for each row"};
  BaseRelation base;
  base.name = node.alias;
  base.alias = node.alias;
  base.columns = planned.columns;
  base.tuples = planned.path->rows;
  base.subquery = planned.path;
  return add(std::move(base), node, scope);
}

RelationSet BlockReader::merged(const FromNode& node, const QueryTree& query, NameScope& scope) {
  NameScope inner;
  inner.parent = node.lateral ? current_ : current_->parent;
  inner.same_block = node.lateral;
  inner.block = &block_;
  NameScope* before = current_;
  current_ = &inner;
  RelationSet all = 0;
  for (const FromNode& part : query.from) all |= from(part, inner);
  if (query.where) conditions(*query.where, -1, ~RelationSet{0});
  NameScope::Item item;
  item.alias = node.alias.empty() ? node.name : node.alias;
  for (const TargetItem& target : query.targets) {
    if (target.expression.kind == Kind::kStar) {
      for (const NameScope::Item& of : inner.items) {
        if (!target.expression.qualifier.empty() && of.alias != target.expression.qualifier) continue;
        item.expressions.insert(item.expressions.end(), of.expressions.begin(), of.expressions.end());
        if (of.relation < 0) continue;
        const auto& facts = block_.relations[static_cast<std::size_t>(of.relation)].facts();
        for (std::size_t i = 0; i < facts.size(); ++i) {
          item.expressions.emplace_back(facts[i].name, bound_column(of.relation, static_cast<int>(i), facts[i]));
        }
      }
    } else {
      item.expressions.emplace_back(target.name, bind(target.expression));
    }
  }
  for (std::size_t i = 0; i < node.column_aliases.size() && i < item.expressions.size(); ++i) {
    item.expressions[i].first = node.column_aliases[i];
  }
  current_ = before;
  scope.items.push_back(std::move(item));
  return all;
}

RelationSet BlockReader::join(const FromNode& node, NameScope& scope) {
  if (node.join == JoinKind::kFull) throw Refusal{"it has a full outer join"};
  if (node.natural) throw Refusal{"it has a natural join"};
  const std::size_t first = scope.items.size();
  const RelationSet one = from(node.sides[0], scope);
  const std::size_t second = scope.items.size();
  const RelationSet other = from(node.sides[1], scope);
  const bool is_right = node.join == JoinKind::kRight;
  const RelationSet left = is_right ? other : one, right = is_right ? one : other;
  int special = -1;
  if (node.join != JoinKind::kInner) {
    special = static_cast<int>(block_.specials.size());
    block_.specials.push_back({JoinType::kLeft, left, right});
  }
  if (node.on) conditions(*node.on, special, left | right);
  for (const std::string& name : node.using_columns) {
    const auto find = [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        if (auto found = column_of(scope.items[i], block_, name)) return *found;
      }
      throw Refusal{"nothing is known of the column " + name};
    };
    BoundExpression equality;
    equality.kind = Kind::kOperator;
    equality.name = "=";
    equality.operators = 1;
    equality.arguments = {find(first, second), find(second, scope.items.size())};
    equality.relations = equality.arguments[0].relations | equality.arguments[1].relations;
    block_.conditions.push_back({std::move(equality), special, 0});
  }
  if (special >= 0) {  // make_outerjoininfo: its condition says what of the left side it needs
    RelationSet used = 0;
    for (const Condition& condition : block_.conditions) {
      if (condition.special == special) used |= condition.expression.relations;
    }
    if ((used & left) != 0) block_.specials[static_cast<std::size_t>(special)].left = used & left;
  }
  return left | right;
}

// Conditions ------------------------------------------------------------------------------------

void BlockReader::conditions(const Expression& condition, int special, RelationSet) {
  std::vector<const Expression*> conjuncts;
  split(condition, conjuncts);
  for (const Expression* conjunct : conjuncts) {
    if (special < 0 && semijoin(*conjunct)) continue;
    std::vector<BoundExpression> parts;
    split(bind(*conjunct), parts);
    for (BoundExpression& part : parts) block_.conditions.push_back({std::move(part), special, 0});
  }
}

/// pull_up_sublinks.
bool BlockReader::semijoin(const Expression& condition) {
  const bool negated = condition.kind == Kind::kNot;
  const Expression& inner = negated ? condition.arguments[0] : condition;
  if (inner.kind == Kind::kExists && can_be_semijoin(*inner.query)) {
    add_semijoin(*inner.query, nullptr, negated);
    return true;
  }
  if (inner.kind == Kind::kInQuery && !negated && inner.name == "=" && can_be_merged(*inner.query) &&
      inner.query->targets.size() == 1 && inner.arguments[0].kind != Kind::kRow) {
    add_semijoin(*inner.query, &inner.arguments[0], false);
    return true;
  }
  return false;
}

void BlockReader::add_semijoin(const QueryTree& query, const Expression* left, bool anti) {
  const std::optional<BoundExpression> side = left == nullptr ? std::nullopt : std::optional(bind(*left));
  NameScope inner;
  inner.parent = current_;
  inner.same_block = true;
  inner.block = &block_;
  NameScope* before = current_;
  current_ = &inner;
  RelationSet right = 0;
  for (const FromNode& part : query.from) right |= from(part, inner);
  const int special = static_cast<int>(block_.specials.size());
  block_.specials.push_back({anti ? JoinType::kAnti : JoinType::kSemi, 0, right});
  if (query.where) conditions(*query.where, special, right);
  if (side) {
    BoundExpression equality;
    equality.kind = Kind::kOperator;
    equality.name = "=";
    equality.arguments = {*side, bind(query.targets[0].expression)};
    equality.relations = equality.arguments[0].relations | equality.arguments[1].relations;
    equality.operators = 1 + equality.arguments[0].operators + equality.arguments[1].operators;
    block_.conditions.push_back({std::move(equality), special, 0});
  }
  current_ = before;
  RelationSet used = 0;
  for (const Condition& condition : block_.conditions) {
    if (condition.special == special) used |= condition.expression.relations;
  }
  SpecialJoin& join = block_.specials[static_cast<std::size_t>(special)];
  join.left = used & ~right;
  if (join.left == 0) throw Refusal{"it asks whether rows exist that have nothing to do with its own"};
}

void BlockReader::targets() {
  for (const TargetItem& target : query_.targets) {
    if (target.expression.kind == Kind::kStar) {
      add_star(target.expression.qualifier);
      continue;
    }
    block_.targets.push_back(bind(target.expression));
    block_.target_names.push_back(target.name);
  }
  for (const TargetItem& assignment : query_.assignments) {
    block_.targets.push_back(bind(assignment.expression));
    block_.target_names.push_back(assignment.name);
  }
  for (const BoundExpression& target : block_.targets) {
    if (target.has_window) throw Refusal{"it computes over a window"};
  }
}

void BlockReader::add_star(const std::string& qualifier) {
  for (const NameScope::Item& item : scope_.items) {
    if (!qualifier.empty() && item.alias != qualifier) continue;
    for (const auto& [name, expression] : item.expressions) {
      block_.targets.push_back(expression);
      block_.target_names.push_back(name);
    }
    if (item.relation < 0) continue;
    const auto& facts = block_.relations[static_cast<std::size_t>(item.relation)].facts();
    for (std::size_t i = 0; i < facts.size(); ++i) {
      block_.targets.push_back(bound_column(item.relation, static_cast<int>(i), facts[i]));
      block_.target_names.push_back(facts[i].name);
    }
  }
}

BoundExpression BlockReader::sort_expression(const Expression& item, bool prefers_input) {
  const int position = target_position(item, block_.target_names);
  if (position < 0) return bind(item);
  if (prefers_input && item.kind == Kind::kColumn) {
    try {
      return bind(item);
    } catch (const Refusal&) {
    }
  }
  return block_.targets[static_cast<std::size_t>(position)];
}

void BlockReader::group_and_order() {
  for (const Expression& item : query_.group) {
    if (item.kind == Kind::kRow) throw Refusal{"it groups by rows"};
    block_.group.push_back(sort_expression(item, true));
  }
  if (query_.operation != SetOperation::kNone) return;
  for (const SortItem& item : query_.order) {
    BoundExpression expression = sort_expression(item.expression, false);
    if (expression.has_window) throw Refusal{"it computes over a window"};
    block_.order.push_back({std::move(expression), item.descending, item.nulls_first});
  }
}

// Outer joins, classes of equals ----------------------------------------------------------------

RelationSet BlockReader::nullable() const {
  RelationSet all = 0;
  for (const SpecialJoin& special : block_.specials) {
    if (special.type == JoinType::kLeft) all |= special.right;
  }
  return all;
}

/// Is the condition never true where all columns of `relations` are NULL?
bool rejects_nulls(const BoundExpression& condition, RelationSet relations) {
  switch (condition.kind) {
    case Kind::kOperator:
    case Kind::kAnyOf:
      return !condition.distinct &&
             std::any_of(condition.arguments.begin(), condition.arguments.end(), [&](const BoundExpression& side) {
               return side.is_column() && (side.relations & relations) != 0;
             });
    case Kind::kNullTest:
      return condition.negated && condition.arguments[0].is_column() && (condition.relations & relations) != 0;
    case Kind::kColumn:
      return (condition.relations & relations) != 0;
    case Kind::kNot:
      return condition.arguments[0].is_column() && (condition.relations & relations) != 0;
    case Kind::kOr:
      return std::all_of(condition.arguments.begin(), condition.arguments.end(),
                         [&](const BoundExpression& arm) { return rejects_nulls(arm, relations); });
    default:
      return false;
  }
}

/// reduce_outer_joins, prepjointree.c.
void BlockReader::reduce_outer_joins() {
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < block_.specials.size(); ++i) {
      SpecialJoin& special = block_.specials[i];
      if (special.type != JoinType::kLeft || special.right == 0) continue;
      for (Condition& condition : block_.conditions) {
        if (condition.special >= 0) continue;
        const BoundExpression& test = condition.expression;
        const bool is_anti = test.kind == Kind::kNullTest && !test.negated && test.arguments[0].is_column() &&
                             (test.relations & special.right) != 0;
        if (is_anti) {
          const bool strict = std::any_of(block_.conditions.begin(), block_.conditions.end(), [&](const Condition& on) {
            return on.special == static_cast<int>(i) && on.expression.kind == Kind::kOperator &&
                   std::any_of(on.expression.arguments.begin(), on.expression.arguments.end(),
                               [&](const BoundExpression& side) { return same(side, test.arguments[0]); });
          });
          if (!strict) continue;
          special.type = JoinType::kAnti;
          condition.expression.folded = true;  // it is true by the join itself
          condition.expression.value = Value{1, {}};
          condition.expression.relations = 0;
          changed = true;
          break;
        }
        if (!rejects_nulls(test, special.right)) continue;
        for (Condition& on : block_.conditions) {
          if (on.special == static_cast<int>(i)) on.special = -1;
        }
        special.left = special.right = 0;  // an inner join: no longer special
        changed = true;
        break;
      }
    }
  }
}

EqualityClass* BlockReader::class_of(const BoundExpression& expression) {
  for (EqualityClass& known : block_.classes) {
    for (const BoundExpression& member : known.members) {
      if (same(member, expression)) return &known;
    }
  }
  return nullptr;
}

void BlockReader::equate(const BoundExpression& left, const BoundExpression& right) {
  EqualityClass* one = class_of(left);
  EqualityClass* other = class_of(right);
  if (one == nullptr && other == nullptr) {
    block_.classes.push_back({{left, right}, std::nullopt});
  } else if (one == nullptr) {
    other->members.push_back(left);
  } else if (other == nullptr) {
    one->members.push_back(right);
  } else if (one != other) {
    one->members.insert(one->members.end(), other->members.begin(), other->members.end());
    if (!one->constant) one->constant = other->constant;
    block_.classes.erase(block_.classes.begin() + (other - block_.classes.data()));
  }
}

/// distribute_qual_to_rels: restrictions to their relation, equalities into classes, the rest to the joins.
void BlockReader::sort_conditions() {
  const RelationSet nulls = nullable();
  std::vector<Condition> rest;
  const auto is_equality = [](const BoundExpression& e) {
    return e.kind == Kind::kOperator && e.name == "=" && e.arguments.size() == 2 && !e.distinct && !e.is_volatile &&
           !e.has_subplan;
  };
  for (Condition& condition : block_.conditions) {
    BoundExpression& expression = condition.expression;
    if (condition.special >= 0 || !is_equality(expression) || (expression.relations & nulls) != 0) continue;
    const BoundExpression &left = expression.arguments[0], &right = expression.arguments[1];
    if (left.relations != 0 && right.relations != 0 && (left.relations & right.relations) == 0) {
      equate(left, right);
      expression.kind = Kind::kOpaque;  // its class stands for it
    }
  }
  for (Condition& condition : block_.conditions) {
    BoundExpression& expression = condition.expression;
    if (condition.special >= 0 || !is_equality(expression) || (expression.relations & nulls) != 0) continue;
    const bool flip = expression.arguments[0].is_pseudo_constant();
    const BoundExpression& side = expression.arguments[flip ? 1 : 0];
    const BoundExpression& value = expression.arguments[flip ? 0 : 1];
    EqualityClass* known = class_of(side);
    if (known == nullptr || !value.is_pseudo_constant() || known->constant) continue;
    known->constant = value;
    expression.kind = Kind::kOpaque;
  }
  for (EqualityClass& known : block_.classes) {
    if (!known.constant) continue;
    for (const BoundExpression& member : known.members) {
      BoundExpression equality;
      equality.kind = Kind::kOperator;
      equality.name = "=";
      equality.type = value_type("boolean");
      equality.arguments = {member, *known.constant};
      equality.relations = member.relations;
      equality.operators = 1 + member.operators + known.constant->operators;
      block_.conditions.push_back({std::move(equality), -1, 0});
    }
  }
  for (Condition& condition : block_.conditions) {
    BoundExpression& expression = condition.expression;
    if (expression.kind == Kind::kOpaque) continue;
    RelationSet relations = expression.relations;
    const SpecialJoin* special =
        condition.special >= 0 ? &block_.specials[static_cast<std::size_t>(condition.special)] : nullptr;
    const bool single = relations != 0 && (relations & (relations - 1)) == 0;
    const bool pushes = special == nullptr ? (relations & nulls) == 0 : contains(special->right, relations);
    if (relations == 0 && special == nullptr) {
      block_.constant_conditions.push_back(std::move(expression));
    } else if (single && pushes) {
      for (std::size_t i = 0; i < block_.relations.size(); ++i) {
        if (relations == bit(static_cast<int>(i))) block_.relations[i].restrictions.push_back(std::move(expression));
      }
    } else {
      if (special == nullptr) {  // after every outer join that may make it NULL
        for (const SpecialJoin& join : block_.specials) {
          if (join.type == JoinType::kLeft && (relations & join.right) != 0) relations |= join.left | join.right;
        }
      } else if (pushes) {  // between relations of the inner side
        condition.special = -1;
      }
      condition.required = relations;
      rest.push_back(std::move(condition));
    }
  }
  block_.conditions = std::move(rest);
}

// Columns ---------------------------------------------------------------------------------------

void BlockReader::note(const BoundExpression& expression, bool above) {
  if (expression.is_column()) {
    BaseRelation& relation = block_.relations[static_cast<std::size_t>(expression.relation)];
    relation.needed[static_cast<std::size_t>(expression.column)] = true;
    if (above) relation.output[static_cast<std::size_t>(expression.column)] = true;
  }
  for (const BoundExpression& argument : expression.arguments) note(argument, above);
}

/// distribute_qual_to_rels: a join condition's columns are carried along until it can be checked.
void BlockReader::note_join_uses(const BoundExpression& expression, RelationSet relations) {
  if (expression.is_column()) block_.join_uses.push_back({expression.relation, expression.column, relations});
  for (const BoundExpression& argument : expression.arguments) note_join_uses(argument, relations);
}

void BlockReader::note_columns() {
  for (const BoundExpression& target : block_.targets) note(target, true);
  for (const BoundExpression& group : block_.group) note(group, true);
  for (const BlockSort& item : block_.order) note(item.expression, true);
  if (block_.having) note(*block_.having, true);
  for (const BaseRelation& relation : block_.relations) block_.result_columns.push_back(relation.output);
  for (const Condition& condition : block_.conditions) note(condition.expression, true);
  for (const ColumnUseInJoin& use : block_.join_uses) {
    BaseRelation& relation = block_.relations[static_cast<std::size_t>(use.relation)];
    relation.needed[static_cast<std::size_t>(use.column)] = relation.output[static_cast<std::size_t>(use.column)] =
        true;
  }
  const bool writes = query_.kind == StatementKind::kUpdate || query_.kind == StatementKind::kDelete;
  for (std::size_t i = 0; i < block_.relations.size(); ++i) {
    BaseRelation& relation = block_.relations[i];
    for (const BoundExpression& restriction : relation.restrictions) note(restriction, false);
    relation.needs_row = query_.locks_rows || (writes && i == 0);
    if (relation.needs_row) relation.width += 6;  // its row's place
    for (std::size_t c = 0; c < relation.output.size(); ++c) {
      if (relation.output[c]) relation.width += relation.facts()[c].width;
    }
  }
}

}  // namespace

PlannableBlock read_block(const QueryTree& query, const NameScope* outer, SubqueryPlanner& planner) {
  return BlockReader(query, outer, planner).read();
}

int target_position(const Expression& item, const std::vector<std::string>& names) {
  if (item.kind == Kind::kConstant && item.type == "integer") {
    int position = 0;
    std::from_chars(item.name.data(), item.name.data() + item.name.size(), position);
    return position >= 1 && position <= static_cast<int>(names.size()) ? position - 1 : -1;
  }
  if (item.kind != Kind::kColumn || !item.qualifier.empty()) return -1;
  const auto found = std::find(names.begin(), names.end(), item.name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

}  // namespace assay
