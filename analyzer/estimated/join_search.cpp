#include "analyzer/estimated/join_search.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "analyzer/estimated/index_match.h"
#include "analyzer/estimated/sort_cost.h"

namespace assay {
namespace {

constexpr std::size_t kMostExhaustive = 8;
constexpr double kFuzz = 1.01;  // STD_FUZZ_FACTOR

bool is_single(RelationSet relations) { return std::has_single_bit(relations); }
int position_of(RelationSet relation) { return std::countr_zero(relation); }

/// Is `one` at least as good as `other` in all that counts?
bool dominates(const Path& one, const Path& other) {
  return one.total <= other.total * kFuzz && one.startup <= other.startup * kFuzz &&
         begins_with(one.order, other.order) && contains(other.outer, one.outer) && one.rows <= other.rows;
}

}  // namespace

bool PathSet::is_surpassed(const Path& path) const {
  return std::any_of(paths_.begin(), paths_.end(), [&](const PathPtr& known) {
    return dominates(*known, path) && (known->total <= path.total || !dominates(path, *known));
  });
}

void PathSet::add(Path path) {
  if (!is_surpassed(path)) add(std::make_shared<const Path>(std::move(path)));
}

void PathSet::add(PathPtr path) {
  if (is_surpassed(*path)) return;
  std::erase_if(paths_, [&](const PathPtr& known) { return dominates(*path, *known); });
  paths_.push_back(std::move(path));
}

PathPtr PathSet::cheapest() const {
  PathPtr best;
  for (const PathPtr& path : paths_) {
    if (path->outer == 0 && (best == nullptr || path->total < best->total)) best = path;
  }
  return best;
}

JoinSearch::JoinSearch(PlannableBlock& block, const ScanContext& context, std::vector<Order> wanted,
                       double target_operators)
    : block_(block),
      context_(context),
      settings_(context.settings),
      wanted_(std::move(wanted)),
      target_operators_(target_operators) {}

// Parallel --------------------------------------------------------------------------------------

/// cost_gather.
Path JoinSearch::gathered(const PathPtr& partial, double rows, const PlannerSettings& settings) {
  Path path;
  path.type = "Gather";
  path.rows = rows;
  path.width = partial->width;
  path.children = {partial};
  path.startup = partial->startup + settings.parallel_setup_cost;
  path.total = path.startup + partial->total - partial->startup + settings.parallel_tuple_cost * rows;
  return path;
}

/// cost_gather_merge.
Path JoinSearch::gathered_in_order(const PathPtr& partial, double rows, const PlannerSettings& settings) {
  Path path = gathered(partial, rows, settings);
  path.type = "Gather Merge";
  path.order = partial->order;
  const double streams = partial->workers + 1, height = std::log2(streams);
  const double comparison = 2 * settings.cpu_operator_cost;
  path.startup = partial->startup + settings.parallel_setup_cost + comparison * streams * height;
  const double run =
      rows * comparison * height + settings.cpu_operator_cost * rows + settings.parallel_tuple_cost * rows * 1.05;
  path.total = path.startup + partial->total - partial->startup + run;
  return path;
}

void JoinSearch::add_gathers(JoinedRelation& relation) const {
  for (const PathPtr& partial : relation.partial.all()) {
    relation.paths.add(gathered(partial, relation.rows, settings_));
    if (!partial->order.empty()) relation.paths.add(gathered_in_order(partial, relation.rows, settings_));
    for (const Order& wanted : wanted_) {
      if (wanted.empty() || begins_with(partial->order, wanted)) continue;
      const auto sorted_part = std::make_shared<const Path>(sorted(partial, wanted, -1, settings_));
      relation.paths.add(gathered_in_order(sorted_part, relation.rows, settings_));
    }
  }
}

// Base relations --------------------------------------------------------------------------------

void JoinSearch::base_relation(int position) {
  BaseRelation& base = block_.relations[static_cast<std::size_t>(position)];
  JoinedRelation relation;
  relation.relations = bit(position);
  relation.rows = base.rows;
  relation.width = base.width;
  const bool alone = block_.relations.size() == 1;
  if (base.table == nullptr) {  // cost_subqueryscan, cost_ctescan
    Path path = *base.subquery;
    const bool common = path.type == "CTE Scan";
    double startup = 0, operators = 0, subplans = 0;
    for (const BoundExpression& restriction : base.restrictions) {
      startup += restriction.startup_operators * settings_.cpu_operator_cost + restriction.subplan_startup;
      operators += restriction.operators;
      subplans += restriction.subplan_per_tuple;
    }
    const double per_row = operators * settings_.cpu_operator_cost + subplans + settings_.cpu_tuple_cost;
    Path scan;
    scan.type = common ? "CTE Scan" : "Subquery Scan";
    scan.alias = base.alias;
    scan.rows = base.rows;
    scan.width = base.width;
    if (!common) scan.children = {base.subquery};
    scan.startup = path.startup + startup;
    scan.total = path.total + startup + (per_row + (common ? settings_.cpu_tuple_cost : 0)) * base.tuples;
    if (alone) scan.total += target_operators_ * settings_.cpu_operator_cost * scan.rows;
    relation.paths.add(std::move(scan));
  } else {
    ScanRequest request{base, position, {}, 0, 1, alone ? target_operators_ : 0};
    ScanPaths paths = scan_paths(context_, request);
    for (PathPtr& path : paths.paths) relation.paths.add(std::move(path));
    for (PathPtr& path : paths.partial) relation.partial.add(std::move(path));
  }
  add_gathers(relation);
  known_.emplace(relation.relations, std::move(relation));
}

// Conditions ------------------------------------------------------------------------------------

const BoundExpression* JoinSearch::equality(const BoundExpression& left, const BoundExpression& right) {
  auto& made = equalities_[{&left, &right}];
  if (made == nullptr) {
    made = std::make_unique<BoundExpression>();
    made->kind = ExpressionKind::kOperator;
    made->name = "=";
    made->type = value_type("boolean");
    made->arguments = {left, right};
    made->relations = left.relations | right.relations;
    made->operators = 1 + left.operators + right.operators;
  }
  return made.get();
}

/// generate_join_implied_equalities: one clause a class.
const BoundExpression* JoinSearch::equality_of(const EqualityClass& known, RelationSet left, RelationSet right) {
  if (known.constant) return nullptr;
  const auto find = [&](RelationSet within) -> const BoundExpression* {
    for (const BoundExpression& member : known.members) {
      if (contains(within, member.relations)) return &member;
    }
    return nullptr;
  };
  const BoundExpression *one = find(left), *other = find(right);
  return one == nullptr || other == nullptr ? nullptr : equality(*one, *other);
}

bool JoinSearch::connected(RelationSet left, RelationSet right) const {
  const auto within = [](const EqualityClass& known, RelationSet relations) {
    return std::any_of(known.members.begin(), known.members.end(),
                       [&](const BoundExpression& member) { return contains(relations, member.relations); });
  };
  for (const EqualityClass& known : block_.classes) {
    if (!known.constant && within(known, left) && within(known, right)) return true;
  }
  for (const Condition& condition : block_.conditions) {
    if ((condition.expression.relations & left) != 0 && (condition.expression.relations & right) != 0 &&
        contains(left | right, condition.required)) {
      return true;
    }
  }
  return std::any_of(block_.specials.begin(), block_.specials.end(), [&](const SpecialJoin& special) {
    return special.right != 0 && ((contains(left, special.left) && contains(right, special.right)) ||
                                  (contains(right, special.left) && contains(left, special.right)));
  });
}

/// All conditions that can be checked first where both sides meet.
std::vector<const BoundExpression*> JoinSearch::conditions_of(const Join& join,
                                                              std::vector<const BoundExpression*>& equalities) {
  std::vector<const BoundExpression*> all;
  const RelationSet left = join.outer->relations, right = join.inner->relations;
  for (const EqualityClass& known : block_.classes) {
    if (const BoundExpression* clause = equality_of(known, left, right)) {
      all.push_back(clause);
      equalities.push_back(clause);
    }
  }
  for (const Condition& condition : block_.conditions) {
    const BoundExpression& expression = condition.expression;
    const bool here = condition.special >= 0
                          ? condition.special == join.special
                          : contains(left | right, condition.required) && !contains(left, condition.required) &&
                                !contains(right, condition.required);
    if (!here) continue;
    all.push_back(&expression);
    if (expression.kind != ExpressionKind::kOperator || expression.name != "=" || expression.arguments.size() != 2) {
      continue;
    }
    const RelationSet one = expression.arguments[0].relations, other = expression.arguments[1].relations;
    const bool across =
        one != 0 && other != 0 &&
        ((contains(left, one) && contains(right, other)) || (contains(right, one) && contains(left, other)));
    if (across) equalities.push_back(&expression);
  }
  return all;
}

/// Clauses of a base relation with relations of `outer`, by which it can be probed.
std::vector<const BoundExpression*> JoinSearch::join_clauses(int position, RelationSet outer) {
  std::vector<const BoundExpression*> clauses;
  const RelationSet own = bit(position);
  for (const EqualityClass& known : block_.classes) {
    if (known.constant) continue;
    for (const BoundExpression& member : known.members) {
      if (member.relations != own) continue;
      for (const BoundExpression& other : known.members) {
        if (other.relations == 0 || !contains(outer, other.relations)) continue;
        clauses.push_back(equality(member, other));
        break;
      }
    }
  }
  for (const Condition& condition : block_.conditions) {
    const RelationSet relations = condition.expression.relations;
    if ((relations & own) == 0 || !contains(outer | own, relations) || relations == own) continue;
    if (condition.special >= 0) {
      // of an outer join's inner side only; of a semi-join also the other, once its inner rows are distinct
      const SpecialJoin& special = block_.specials[static_cast<std::size_t>(condition.special)];
      if (!contains(special.right, own) && special.type != JoinType::kSemi) continue;
    } else if (condition.required != relations) {
      continue;
    }
    clauses.push_back(&condition.expression);
  }
  return clauses;
}

const std::vector<PathPtr>& JoinSearch::probes(int position, RelationSet outer) {
  const auto found = probes_.find({position, outer});
  if (found != probes_.end()) return found->second;
  std::vector<PathPtr>& result = probes_[{position, outer}];
  const BaseRelation& base = block_.relations[static_cast<std::size_t>(position)];
  if (base.table == nullptr || base.indexes.empty()) return result;
  ScanRequest request{base, position, join_clauses(position, outer), outer, 1, 0};
  if (request.parameters.empty()) return result;
  double loops = 1e100;  // get_loop_count
  for (std::size_t i = 0; i < block_.relations.size(); ++i) {
    if ((outer & bit(static_cast<int>(i))) != 0) loops = std::min(loops, block_.relations[i].rows);
  }
  request.loops = std::max(1.0, loops);
  PathSet kept;
  for (PathPtr& path : scan_paths(context_, request).paths) kept.add(std::move(path));
  result = kept.all();
  return result;
}

// Rows ------------------------------------------------------------------------------------------

/// get_foreign_key_join_selectivity: a key whose columns are all compared finds its row.
double JoinSearch::foreign_key_share(const std::vector<const BoundExpression*>& equalities, const Join& join,
                                     std::vector<const BoundExpression*>& covered) const {
  double share = 1;
  if (foreign_keys_ == nullptr) return share;
  for (const ForeignKeyFacts& key : *foreign_keys_) {
    std::vector<const BoundExpression*> matched;
    int referenced = -1, referring = -1;
    for (const BoundExpression* clause : equalities) {
      for (const bool flip : {false, true}) {
        const BoundExpression& one = clause->arguments[flip ? 1 : 0];
        const BoundExpression& other = clause->arguments[flip ? 0 : 1];
        if (!one.is_column() || !other.is_column()) continue;
        if (block_.relations[static_cast<std::size_t>(one.relation)].table != key.table ||
            block_.relations[static_cast<std::size_t>(other.relation)].table != key.referenced) {
          continue;
        }
        if (referenced >= 0 && (other.relation != referenced || one.relation != referring)) continue;
        for (std::size_t i = 0; i < key.columns.size(); ++i) {
          if (key.columns[i] != one.column || key.referenced_columns[i] != other.column) continue;
          if (std::find(covered.begin(), covered.end(), clause) != covered.end()) continue;
          matched.push_back(clause);
          referenced = other.relation;
          referring = one.relation;
        }
      }
    }
    if (matched.size() != key.columns.size() || referenced < 0) continue;
    const BaseRelation& target = block_.relations[static_cast<std::size_t>(referenced)];
    const double tuples = std::max(1.0, target.tuples);
    if (join.type == JoinType::kSemi || join.type == JoinType::kAnti) {
      if ((join.inner->relations & bit(referenced)) == 0 || !is_single(join.inner->relations)) continue;
      share *= std::min(1.0, target.rows / tuples);
    } else {
      share *= 1 / tuples;
    }
    covered.insert(covered.end(), matched.begin(), matched.end());
  }
  return share;
}

/// build_joinrel_tlist: what conditions needed that are checked by now is left out.
int JoinSearch::width_of(RelationSet relations) const {
  int width = 0;
  for (std::size_t i = 0; i < block_.relations.size(); ++i) {
    const BaseRelation& base = block_.relations[i];
    if ((relations & bit(static_cast<int>(i))) == 0) continue;
    if (base.needs_row) width += 6;
    for (std::size_t column = 0; column < base.output.size(); ++column) {
      const bool carried =
          base.output[column] && (block_.result_columns[i][column] ||
                                  std::any_of(block_.join_uses.begin(), block_.join_uses.end(), [&](const auto& use) {
                                    return use.relation == static_cast<int>(i) &&
                                           use.column == static_cast<int>(column) && !contains(relations, use.until);
                                  }));
      if (carried) width += base.facts()[column].width;
    }
  }
  return width;
}

double JoinSearch::share_of(const BoundExpression& clause, JoinType type, const JoinedRelation& inner) const {
  const bool by_rows = type == JoinType::kSemi || type == JoinType::kAnti;  // then the inner side's rows count
  const auto key = std::tuple(&clause, by_rows ? type : JoinType::kInner, by_rows ? inner.relations : RelationSet{0});
  const auto found = shares_.find(key);
  if (found != shares_.end()) return found->second;
  const double share = context_.selectivity.of_join(clause, type, inner.relations, inner.rows);
  shares_.emplace(key, share);
  return share;
}

/// calc_joinrel_size_estimate.
double JoinSearch::rows_of(const Join& join, const std::vector<const BoundExpression*>& conditions) const {
  const double outer = join.outer->rows, inner = join.inner->rows;
  std::vector<const BoundExpression*> equalities, covered;
  for (const BoundExpression* condition : conditions) {
    if (condition->kind == ExpressionKind::kOperator && condition->name == "=" && condition->arguments.size() == 2) {
      equalities.push_back(condition);
    }
  }
  double share = foreign_key_share(equalities, join, covered), pushed = 1;
  for (const BoundExpression* condition : conditions) {
    if (std::find(covered.begin(), covered.end(), condition) != covered.end()) continue;
    const bool of_join = join.special < 0 ||
                         std::any_of(block_.conditions.begin(), block_.conditions.end(), [&](const Condition& known) {
                           return &known.expression == condition && known.special >= 0;
                         });
    const double one = share_of(*condition, join.type, *join.inner);
    (of_join ? share : pushed) *= one;
  }
  switch (join.type) {
    case JoinType::kInner:
      return clamped_rows(outer * inner * share * pushed);
    case JoinType::kLeft:
      return clamped_rows(std::max(outer, outer * inner * share) * pushed);
    case JoinType::kSemi:
      return clamped_rows(outer * share * pushed);
    case JoinType::kAnti:
      return clamped_rows(outer * (1 - share) * pushed);
  }
  return 1;
}

/// innerrel_is_unique: equalities cover a unique index.
bool JoinSearch::is_unique(const JoinedRelation& inner, const std::vector<const BoundExpression*>& equalities) const {
  if (!is_single(inner.relations)) return false;
  const BaseRelation& base = block_.relations[static_cast<std::size_t>(position_of(inner.relations))];
  const auto fixed = [&](const BoundExpression& key) {
    const auto on = [&](const BoundExpression& clause) {
      return clause.kind == ExpressionKind::kOperator && clause.name == "=" &&
             std::any_of(clause.arguments.begin(), clause.arguments.end(),
                         [&](const BoundExpression& side) { return same(side, key); });
    };
    return std::any_of(equalities.begin(), equalities.end(), [&](const BoundExpression* e) { return on(*e); }) ||
           std::any_of(base.restrictions.begin(), base.restrictions.end(), on);
  };
  return std::any_of(base.indexes.begin(), base.indexes.end(), [&](const BoundIndex& index) {
    return index.facts->unique && index.predicate.empty() && !index.facts->opaque_predicate &&
           std::all_of(index.keys.begin(), index.keys.end(),
                       [&](const std::optional<BoundExpression>& key) { return key && fixed(*key); });
  });
}

/// compute_semi_anti_join_factors.
JoinRequest JoinSearch::request_of(const Join& join, double rows, int width) {
  JoinRequest request;
  request.type = join.type;
  request.rows = rows;
  request.width = width;
  request.inner = join.inner->relations;
  request.conditions = conditions_of(join, request.equalities);
  request.inner_unique = join.type != JoinType::kSemi && is_unique(*join.inner, request.equalities);
  for (const BoundExpression* equality : request.equalities) {
    request.equal_share *= share_of(*equality, JoinType::kInner, *join.inner);
  }
  const bool halves = join.type == JoinType::kSemi || join.type == JoinType::kAnti;
  if (request.inner_unique || halves) {
    double matching = 1, inner = 1;  // of a unique inner side PostgreSQL takes the inner join's share for both
    for (const BoundExpression* condition : request.conditions) {
      const double one = share_of(*condition, JoinType::kInner, *join.inner);
      inner *= one;
      matching *= halves ? share_of(*condition, JoinType::kSemi, *join.inner) : one;
    }
    request.match_share = std::clamp(matching, 0.0, 1.0);
    request.matches = matching > 0 ? std::max(1.0, inner * join.inner->rows / matching) : 1;
  }
  return request;
}

// Joins -----------------------------------------------------------------------------------------

/// join_is_legal; nothing where the two may not be joined (yet).
std::optional<JoinSearch::Join> JoinSearch::legal(const JoinedRelation& left, const JoinedRelation& right) const {
  Join join{&left, &right, JoinType::kInner, -1, false};
  const RelationSet all = left.relations | right.relations;
  RelationSet postponed = 0;
  for (std::size_t i = 0; i < block_.specials.size(); ++i) {
    const SpecialJoin& special = block_.specials[i];
    if ((special.right & all) == 0 || contains(special.right, all)) continue;
    const RelationSet sides[] = {left.relations, right.relations};
    const bool done = std::any_of(std::begin(sides), std::end(sides), [&](RelationSet side) {
      return contains(side, special.right) && contains(side, special.left);
    });
    if (done) continue;
    const auto fits = [&](RelationSet outer, RelationSet inner) {
      const bool whole = special.type == JoinType::kLeft ? contains(inner, special.right) : inner == special.right;
      return contains(outer, special.left) && whole && (inner & special.left) == 0;
    };
    const bool forward = fits(left.relations, right.relations), backward = fits(right.relations, left.relations);
    if (!forward && !backward && special.type == JoinType::kLeft && (special.left & all) == 0) {
      postponed |= special.right;  // (a LEFT b) LEFT c is a LEFT (b LEFT c)
      continue;
    }
    if ((!forward && !backward) || join.special >= 0) return std::nullopt;
    join.special = static_cast<int>(i);
    join.type = special.type;
    if (backward) std::swap(join.outer, join.inner);
  }
  const bool keeps_left = join.type == JoinType::kLeft && contains(join.outer->relations, postponed);
  if (postponed != 0 && !keeps_left) return std::nullopt;
  return join;
}

void JoinSearch::add_merge(const JoinRequest& request, const PathPtr& outer, const PathPtr& inner,
                           JoinedRelation& result) const {
  if (request.equalities.empty() || request.type == JoinType::kSemi || request.type == JoinType::kAnti) return;
  Order order_outer, order_inner;
  for (const BoundExpression* equality : request.equalities) {
    const bool flip = (equality->arguments[0].relations & request.inner) != 0;
    const int one = context_.order_class(equality->arguments[flip ? 1 : 0]);
    const int other = context_.order_class(equality->arguments[flip ? 0 : 1]);
    if (one < 0 || other < 0) return;
    order_outer.push_back({one, false, false});
    order_inner.push_back({other, false, false});
  }
  const auto in_order = [&](const PathPtr& path, const Order& order) {
    if (begins_with(path->order, order)) return path;
    return std::make_shared<const Path>(sorted(path, order, -1, settings_));
  };
  result.paths.add(merge_join(request, in_order(outer, order_outer), in_order(inner, order_inner), settings_));
}

void JoinSearch::add_paths(const Join& join, const JoinRequest& request, JoinedRelation& result) {
  const PathPtr inner = join.inner->paths.cheapest();
  if (inner == nullptr) return;
  if (join.reversed) {  // only a hash table can tell which of its rows found no match
    if (request.equalities.empty()) return;
    Path path = hash_join(request, join.outer->paths.cheapest(), inner, context_.selectivity, settings_);
    path.details = {{"Join Type", "Right"}};
    result.paths.add(std::move(path));
    return;
  }
  const PathPtr kept = settings_.material ? materialized(inner, settings_) : inner;
  std::vector<PathPtr> inner_probes;
  if (is_single(join.inner->relations)) {
    const int position = position_of(join.inner->relations);
    RelationSet useful = 0;
    for (std::size_t i = 0; i < block_.relations.size(); ++i) {
      const RelationSet one = bit(static_cast<int>(i));
      if ((one & join.outer->relations) == 0 || join_clauses(position, one).empty()) continue;
      useful |= one;
      const auto& found = probes(position, one);
      inner_probes.insert(inner_probes.end(), found.begin(), found.end());
    }
    if (useful != 0 && !is_single(useful)) {
      const auto& found = probes(position, useful);
      inner_probes.insert(inner_probes.end(), found.begin(), found.end());
    }
  }
  for (const PathPtr& outer : join.outer->paths.all()) {
    if (outer->outer != 0) continue;
    for (const PathPtr& probe : inner_probes) {
      Path path = nested_loop(request, outer, probe, settings_);
      path.outer = 0;
      result.paths.add(std::move(path));
    }
    result.paths.add(nested_loop(request, outer, inner, settings_));
    result.paths.add(nested_loop(request, outer, kept, settings_));
  }
  const PathPtr outer = join.outer->paths.cheapest();
  if (!request.equalities.empty()) {
    result.paths.add(hash_join(request, outer, inner, context_.selectivity, settings_));
    for (const PathPtr& one : join.outer->paths.all()) {
      if (one->outer != 0) continue;
      add_merge(request, one, inner, result);
      for (const PathPtr& other : join.inner->paths.all()) {
        if (other->outer == 0 && !other->order.empty()) add_merge(request, one, other, result);
      }
    }
  }
  for (const PathPtr& partial : join.outer->partial.all()) {  // workers share out the outer side
    JoinRequest part = request;
    const double divisor = parallel_divisor(partial->workers, settings_);
    part.rows = clamped_rows(request.rows / divisor);
    for (const PathPtr& probe : inner_probes) {
      Path path = nested_loop(part, partial, probe, settings_);
      path.outer = 0;
      result.partial.add(std::move(path));
    }
    if (request.equalities.empty()) continue;
    result.partial.add(hash_join(part, partial, inner, context_.selectivity, settings_));
    for (const PathPtr& shared : join.inner->partial.all()) {  // one hash table that all workers fill
      Path path = hash_join(part, partial, shared, context_.selectivity, settings_);
      path.type = "Parallel Hash Join";
      result.partial.add(std::move(path));
    }
  }
}

void JoinSearch::combine(const JoinedRelation& left, const JoinedRelation& right) {
  const RelationSet all = left.relations | right.relations;
  auto join = legal(left, right);
  if (!join) return;
  auto found = known_.find(all);
  if (found == known_.end()) {
    JoinedRelation made;
    made.relations = all;
    std::vector<const BoundExpression*> equalities;
    made.rows = rows_of(*join, conditions_of(*join, equalities));
    made.width = width_of(all);
    found = known_.emplace(all, std::move(made)).first;
  }
  JoinedRelation& result = found->second;
  add_paths(*join, request_of(*join, result.rows, result.width), result);
  if (join->type == JoinType::kInner) {
    Join exchanged = *join;
    std::swap(exchanged.outer, exchanged.inner);
    add_paths(exchanged, request_of(exchanged, result.rows, result.width), result);
  } else if (join->type == JoinType::kLeft) {
    Join exchanged = *join;
    std::swap(exchanged.outer, exchanged.inner);
    exchanged.reversed = true;
    add_paths(exchanged, request_of(exchanged, result.rows, result.width), result);
  } else if (join->type == JoinType::kSemi) {  // create_unique_path: distinct inner rows may lead
    std::vector<const BoundExpression*> equalities;
    if (conditions_of(*join, equalities).size() != equalities.size() || equalities.empty()) return;
    std::vector<const BoundExpression*> keys;
    for (const BoundExpression* equality : equalities) {
      keys.push_back(&equality->arguments[(equality->arguments[0].relations & join->inner->relations) != 0 ? 0 : 1]);
    }
    const PathPtr input = join->inner->paths.cheapest();
    Path unique;
    unique.type = "HashAggregate";
    unique.rows = context_.selectivity.groups(keys, join->inner->rows);
    unique.width = join->inner->width;
    unique.children = {input};
    unique.startup = input->total + settings_.cpu_operator_cost * static_cast<double>(keys.size()) * input->rows;
    unique.total = unique.startup + settings_.cpu_tuple_cost * unique.rows;
    JoinedRelation distinct;
    distinct.relations = join->inner->relations;
    distinct.rows = unique.rows;
    distinct.width = unique.width;
    if (is_unique(*join->inner, equalities)) {  // reduce_unique_semijoins: they are distinct as they are
      distinct.rows = join->inner->rows;
      distinct.paths = join->inner->paths;
    } else {
      distinct.paths.add(std::move(unique));
    }
    Join exchanged{&distinct, join->outer, JoinType::kInner, join->special, false};
    add_paths(exchanged, request_of(exchanged, result.rows, result.width), result);
    std::swap(exchanged.outer, exchanged.inner);
    add_paths(exchanged, request_of(exchanged, result.rows, result.width), result);
  }
}

/// Beyond what can be searched through: joins the pair with the fewest rows, again and again.
JoinedRelation JoinSearch::greedily(std::vector<RelationSet> parts) {
  while (parts.size() > 1) {
    std::size_t best_i = 0, best_j = 0;
    double best_rows = HUGE_VAL;
    for (const bool any : {false, true}) {
      for (std::size_t i = 0; i < parts.size(); ++i) {
        for (std::size_t j = i + 1; j < parts.size(); ++j) {
          const auto join = legal(known_.at(parts[i]), known_.at(parts[j]));
          if (!join || (!any && !connected(parts[i], parts[j]))) continue;
          std::vector<const BoundExpression*> equalities;
          const double rows = rows_of(*join, conditions_of(*join, equalities));
          if (rows >= best_rows) continue;
          best_rows = rows;
          best_i = i;
          best_j = j;
        }
      }
      if (best_j > 0) break;
    }
    if (best_j == 0) throw Refusal{"no order was found to join its relations in"};
    combine(known_.at(parts[best_i]), known_.at(parts[best_j]));
    const RelationSet all = parts[best_i] | parts[best_j];
    add_gathers(known_.at(all));
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best_j));
    parts[best_i] = all;
  }
  return known_.at(parts[0]);
}

JoinedRelation JoinSearch::search() {
  const std::size_t count = block_.relations.size();
  std::vector<std::vector<RelationSet>> levels(count + 1);
  for (std::size_t i = 0; i < count; ++i) {
    base_relation(static_cast<int>(i));
    levels[1].push_back(bit(static_cast<int>(i)));
  }
  if (count > kMostExhaustive) return greedily(levels[1]);
  for (std::size_t size = 2; size <= count; ++size) {
    for (const bool any : {false, true}) {  // products only where nothing else is left
      for (std::size_t part = 1; part * 2 <= size; ++part) {
        for (const RelationSet left : levels[size - part]) {
          for (const RelationSet right : levels[part]) {
            if ((left & right) != 0 || (part * 2 == size && left < right)) continue;
            if (!any && !connected(left, right)) continue;
            const bool is_new = !known_.contains(left | right);
            combine(known_.at(left), known_.at(right));
            if (is_new && known_.contains(left | right)) levels[size].push_back(left | right);
          }
        }
      }
      if (!levels[size].empty()) break;
    }
    for (const RelationSet made : levels[size]) add_gathers(known_.at(made));
  }
  if (levels[count].empty()) throw Refusal{"no order was found to join its relations in"};
  return known_.at(levels[count][0]);
}

}  // namespace assay
