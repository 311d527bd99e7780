#include "analyzer/estimated/access_path.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

/// A bitmap of rows: one index, or several combined (cost_bitmap_tree_node and kin, costsize.c).
struct Bitmap {
  PathPtr path;
  double cost = 0, selectivity = 1, index_pages = 0;
  std::vector<const BoundExpression*> clauses;
  bool combined = false;
};

struct ClauseCost {
  double startup = 0, per_tuple = 0;
};

ClauseCost& operator+=(ClauseCost& sum, const ClauseCost& more) {
  sum.startup += more.startup;
  sum.per_tuple += more.per_tuple;
  return sum;
}

class Scans {
 public:
  Scans(const ScanContext& context, const ScanRequest& request)
      : context_(context), set_(context.settings), request_(request), relation_(request.relation) {
    for (const BoundExpression& restriction : relation_.restrictions) clauses_.push_back(&restriction);
    clauses_.insert(clauses_.end(), request.parameters.begin(), request.parameters.end());
    rows_ = request.parameters.empty()
                ? relation_.rows
                : std::min(relation_.rows, clamped_rows(relation_.tuples * context.selectivity.of_all(clauses_)));
  }

  ScanPaths all() {
    if (request_.parameters.empty()) sequential();
    for (const BoundIndex& index : relation_.indexes) by_index(index);
    either_of_several();
    by_bitmap();
    return std::move(result_);
  }

 private:
  ClauseCost cost_of(const BoundExpression& clause) const {
    const double unit = set_.cpu_operator_cost;
    return {clause.startup_operators * unit + clause.subplan_startup,
            clause.operators * unit + clause.subplan_per_tuple};
  }
  ClauseCost cost_of(const std::vector<const BoundExpression*>& clauses) const {
    ClauseCost sum;
    for (const BoundExpression* clause : clauses) sum += cost_of(*clause);
    return sum;
  }
  double target_cost() const { return request_.target_operators * set_.cpu_operator_cost; }

  Path named(const char* type) const {
    Path path;
    path.type = type;
    path.relation = relation_.name;
    path.alias = relation_.alias;
    path.rows = rows_;
    path.width = relation_.width;
    path.outer = request_.outer;
    return path;
  }

  void keep(Path path) { result_.paths.push_back(std::make_shared<const Path>(std::move(path))); }
  void keep_partial(Path path) { result_.partial.push_back(std::make_shared<const Path>(std::move(path))); }
  bool may_be_parallel() const { return context_.parallel && request_.parameters.empty(); }

  void sequential();
  Path sequential(double workers) const;
  void by_index(const BoundIndex& index);
  void with_clauses(const BoundIndex& index, std::vector<IndexClause> matches, bool keeps_order);
  Path index_scan(const BoundIndex& index, const std::vector<IndexClause>& matches, bool only, double workers) const;
  Bitmap brin(const BoundIndex& index, const std::vector<IndexClause>& matches) const;
  void estimate_index(const BoundIndex& index, const std::vector<IndexClause>& matches, Path& path) const;
  Order order_of(const BoundIndex& index, bool backward) const;
  bool holds_all_columns(const BoundIndex& index) const;
  double correlation_of(const BoundIndex& index) const;
  std::vector<const BoundExpression*> remaining(const BoundIndex& index, const std::vector<IndexClause>& matches) const;
  double heap_io(double fetched, double selectivity, const BoundIndex& index, bool only, double& pages) const;

  Bitmap bitmap_of(const Path& scan, const std::vector<IndexClause>& matches) const;
  void either_of_several();
  std::optional<Bitmap> arm(const BoundExpression& condition) const;
  void by_bitmap();
  Path heap_scan(const Bitmap& bitmap, double workers) const;
  Bitmap both(const Bitmap& left, const Bitmap& right) const;

  const ScanContext& context_;
  const PlannerSettings& set_;
  const ScanRequest& request_;
  const BaseRelation& relation_;
  std::vector<const BoundExpression*> clauses_;
  double rows_ = 1;
  std::vector<Bitmap> bitmaps_;
  ScanPaths result_;
};

/// cost_seqscan.
Path Scans::sequential(double workers) const {
  Path path = named("Seq Scan");
  const ClauseCost conditions = cost_of(clauses_);
  const double disk = set_.seq_page_cost * relation_.pages;
  double cpu = (set_.cpu_tuple_cost + conditions.per_tuple) * relation_.tuples + target_cost() * rows_;
  if (workers > 0) {
    const double divisor = parallel_divisor(workers, set_);
    cpu /= divisor;
    path.rows = clamped_rows(rows_ / divisor);
    path.workers = workers;
  }
  path.startup = conditions.startup + (set_.seqscan ? 0 : kDisableCost);
  path.total = path.startup + disk + cpu;
  return path;
}

void Scans::sequential() {
  keep(sequential(0));
  const double workers = may_be_parallel() ? parallel_workers(relation_.pages, -1, set_) : 0;
  if (workers > 0) keep_partial(sequential(workers));
}

// Indexes ---------------------------------------------------------------------------------------

/// check_index_only: does the index hold whatever the scan must look at?
bool Scans::holds_all_columns(const BoundIndex& index) const {
  if (index.facts->method != "btree" || !set_.indexonlyscan || relation_.needs_row) return false;
  std::vector<bool> held(relation_.needed.size(), false);
  for (const IndexColumn& key : index.facts->keys) {
    if (key.column >= 0) held[static_cast<std::size_t>(key.column)] = true;
  }
  for (const int column : index.facts->includes) held[static_cast<std::size_t>(column)] = true;
  std::vector<bool> needed = relation_.output;
  const std::function<void(const BoundExpression&)> note = [&](const BoundExpression& expression) {
    if (expression.is_column() && expression.relation == request_.position) {
      needed[static_cast<std::size_t>(expression.column)] = true;
    }
    for (const BoundExpression& argument : expression.arguments) note(argument);
  };
  for (const BoundExpression* clause : remaining(index, {})) note(*clause);
  for (std::size_t i = 0; i < needed.size(); ++i) {
    if (needed[i] && !held[i]) return false;
  }
  return true;
}

/// Conditions that neither the index nor its predicate take care of (extract_nonindex_conditions).
std::vector<const BoundExpression*> Scans::remaining(const BoundIndex& index,
                                                     const std::vector<IndexClause>& matches) const {
  std::vector<const BoundExpression*> rest;
  for (const BoundExpression* clause : clauses_) {
    const bool used = std::any_of(matches.begin(), matches.end(),
                                  [&](const IndexClause& match) { return match.clause == clause && !match.lossy; });
    if (used || (!index.predicate.empty() && is_implied(*clause, index.predicate))) continue;
    rest.push_back(clause);
  }
  return rest;
}

double Scans::correlation_of(const BoundIndex& index) const {
  const IndexColumn& first = index.facts->keys.front();
  std::optional<double> correlation;
  if (first.column >= 0) {
    correlation = relation_.facts()[static_cast<std::size_t>(first.column)].correlation;
  } else if (first.statistics) {
    correlation = first.statistics->correlation;
  }
  double value = correlation.value_or(0);
  if (first.descending) value = -value;
  return index.facts->keys.size() > 1 ? value * 0.75 : value;
}

/// btcostestimate and genericcostestimate: what the index itself costs, into `path`.
void Scans::estimate_index(const BoundIndex& index, const std::vector<IndexClause>& matches, Path& path) const {
  const IndexFacts& facts = *index.facts;
  const Selectivity& selectivity = context_.selectivity;
  std::vector<const BoundExpression*> all, boundary;
  double scans = 1, conditions = 0, argument_operators = 0;
  bool found_list = false, found_null = false, equal_here = false, in_boundary = facts.method == "btree";
  std::size_t key = 0;
  const auto add = [](const IndexClause& match, std::vector<const BoundExpression*>& list) {
    if (match.derived.empty()) list.push_back(match.clause);
    for (const BoundExpression& derived : match.derived) list.push_back(&derived);
  };
  for (const IndexClause& match : matches) {
    add(match, all);
    conditions += match.conditions;
    argument_operators += match.argument_operators;
    if (!in_boundary) continue;
    if (match.key != key) {  // the keys before it must all be compared for equality
      if (!equal_here || match.key != key + 1) {
        in_boundary = false;
        continue;
      }
      equal_here = false;
      key = match.key;
    }
    if (match.kind == IndexClauseKind::kElements) {
      scans *= std::max(1.0, match.elements);
      found_list = equal_here = true;
    } else if (match.kind == IndexClauseKind::kIsNull) {
      found_null = equal_here = true;
    } else if (match.kind == IndexClauseKind::kEqual) {
      equal_here = true;
    }
    add(match, boundary);
  }
  const auto with_predicate = [&](std::vector<const BoundExpression*> list) {
    for (const BoundExpression& predicate : index.predicate) {
      const bool repeated =
          std::any_of(list.begin(), list.end(), [&](const BoundExpression* known) { return same(*known, predicate); });
      if (!repeated) list.push_back(&predicate);
    }
    return list;
  };
  path.index_selectivity = selectivity.of_all(with_predicate(all));
  double tuples = 0;
  if (facts.method != "btree") {
    tuples = path.index_selectivity * relation_.tuples;
  } else if (facts.unique && key + 1 == facts.keys.size() && equal_here && !found_list && !found_null) {
    tuples = 1;
  } else {
    tuples = std::rint(selectivity.of_all(with_predicate(boundary)) * relation_.tuples / scans);
  }
  tuples = std::max(1.0, std::min(tuples, facts.tuples));
  const double pages = facts.pages > 1 && facts.tuples > 1 ? std::ceil(tuples * facts.pages / facts.tuples) : 1;
  const double all_scans = scans * request_.loops;
  double total = pages * set_.random_page_cost;
  if (all_scans > 1) {
    total = index_pages_fetched(pages * all_scans, facts.pages, facts.pages, context_) * set_.random_page_cost /
            request_.loops;
  }
  const double arguments = argument_operators * set_.cpu_operator_cost;
  double startup = arguments;
  total += arguments + tuples * scans * (set_.cpu_index_tuple_cost + set_.cpu_operator_cost * conditions);
  if (facts.method == "btree") {
    if (facts.tuples > 1) {
      const double descent = std::ceil(std::log(facts.tuples) / std::log(2.0)) * set_.cpu_operator_cost;
      startup += descent;
      total += scans * descent;
    }
    const double descent = (facts.height + 1) * 50.0 * set_.cpu_operator_cost;  // DEFAULT_PAGE_CPU_MULTIPLIER
    startup += descent;
    total += scans * descent;
  }
  path.startup = startup;
  path.index_cost = total;
  path.index_pages = pages;
}

/// The two ends between which correlation decides (cost_index), for the heap; `pages` tells how many may be read.
double Scans::heap_io(double fetched, double selectivity, const BoundIndex& index, bool only, double& pages) const {
  const double loops = request_.loops;
  const auto seen = [&](double count) {
    return only ? std::ceil(count * (1 - relation_.table->all_visible_share)) : count;
  };
  pages = seen(index_pages_fetched(fetched * (loops > 1 ? loops : 1), relation_.pages, index.facts->pages, context_));
  const double worst = pages * set_.random_page_cost / (loops > 1 ? loops : 1);
  double best = 0;
  double fewest = std::ceil(selectivity * relation_.pages);
  if (loops > 1) {
    fewest = seen(index_pages_fetched(fewest * loops, relation_.pages, index.facts->pages, context_));
    best = fewest * set_.random_page_cost / loops;
  } else {
    fewest = seen(fewest);
    if (fewest > 0) best = set_.random_page_cost + std::max(0.0, fewest - 1) * set_.seq_page_cost;
  }
  const double correlation = correlation_of(index);
  return worst + correlation * correlation * (best - worst);
}

/// cost_index.
Path Scans::index_scan(const BoundIndex& index, const std::vector<IndexClause>& matches, bool only,
                       double workers) const {
  Path path = named(only ? "Index Only Scan" : "Index Scan");
  path.index = index.facts->name;
  estimate_index(index, matches, path);
  const double fetched = clamped_rows(path.index_selectivity * relation_.tuples);
  double pages = 0;
  const double io = heap_io(fetched, path.index_selectivity, index, only, pages);
  const ClauseCost conditions = cost_of(remaining(index, matches));
  double cpu = (set_.cpu_tuple_cost + conditions.per_tuple) * fetched + target_cost() * rows_;
  if (workers < 0) {  // as many as the pages that are read are worth
    workers = parallel_workers(only ? -1 : pages, path.index_pages, set_);
    path.workers = workers;
    if (workers > 0) {
      const double divisor = parallel_divisor(workers, set_);
      cpu /= divisor;
      path.rows = clamped_rows(rows_ / divisor);
    }
  }
  const double index_run = path.index_cost - path.startup;
  path.startup += conditions.startup;
  const bool enabled = only ? set_.indexonlyscan && set_.indexscan : set_.indexscan;
  if (!enabled) path.startup += kDisableCost;
  path.total = path.startup + index_run + io + cpu;
  return path;
}

Order Scans::order_of(const BoundIndex& index, bool backward) const {
  Order order;
  if (index.facts->method != "btree") return order;
  for (std::size_t i = 0; i < index.keys.size(); ++i) {
    const IndexColumn& key = index.facts->keys[i];
    if (!index.keys[i] || key.pattern_ops || key.other_class) break;
    const int expression = context_.order_class(*index.keys[i]);
    if (expression == -2) continue;  // one value only
    if (expression < 0) break;
    const bool repeated =
        std::any_of(order.begin(), order.end(), [&](const OrderKey& known) { return known.expression == expression; });
    if (!repeated) order.push_back({expression, key.descending != backward, key.nulls_first != backward});
  }
  return order;
}

void Scans::with_clauses(const BoundIndex& index, std::vector<IndexClause> matches, bool keeps_order) {
  const bool only = holds_all_columns(index);
  const bool partial_index = !index.predicate.empty();
  const Order forward = keeps_order ? order_of(index, false) : Order();
  if (matches.empty() && forward.empty() && !only && !partial_index) return;
  Path path = index_scan(index, matches, only, 0);
  if (!matches.empty() || partial_index) {
    bitmaps_.push_back(bitmap_of(path, matches));
  }
  path.order = forward;
  const bool parallel = may_be_parallel();
  if (parallel) {
    Path shared = index_scan(index, matches, only, -1);
    shared.order = forward;
    if (shared.workers > 0) keep_partial(shared);
  }
  keep(path);
  if (forward.empty()) return;
  path.order = order_of(index, true);
  path.details.emplace_back("Scan Direction", "Backward");
  keep(std::move(path));
}

/// build_index_paths: with the lists on later keys, in no order, and without them, in order.
void Scans::by_index(const BoundIndex& index) {
  if (!index.usable ||
      (index.facts->method != "btree" && index.facts->method != "hash" && index.facts->method != "brin")) {
    return;
  }
  for (const BoundExpression& predicate : index.predicate) {
    if (!is_implied(predicate, relation_.restrictions)) return;
  }
  std::vector<IndexClause> matches = match_index(index, request_.position, clauses_);
  const auto is_parameter = [&](const IndexClause& match) {
    return std::find(request_.parameters.begin(), request_.parameters.end(), match.clause) != request_.parameters.end();
  };
  if (!request_.parameters.empty() && std::none_of(matches.begin(), matches.end(), is_parameter)) return;
  if (index.facts->method == "brin") {
    if (matches.empty()) return;
    bitmaps_.push_back(brin(index, matches));
    return;
  }
  if (index.facts->method == "hash" && matches.empty()) return;
  const auto is_later_list = [](const IndexClause& match) {
    return match.kind == IndexClauseKind::kElements && match.key > 0;
  };
  const bool has_later_list = std::any_of(matches.begin(), matches.end(), is_later_list);
  if (has_later_list) with_clauses(index, matches, false);
  std::erase_if(matches, is_later_list);
  if (!request_.parameters.empty() && std::none_of(matches.begin(), matches.end(), is_parameter)) return;
  const bool first_is_list = std::any_of(matches.begin(), matches.end(), [](const IndexClause& match) {
    return match.kind == IndexClauseKind::kElements && match.key == 0;
  });
  with_clauses(index, std::move(matches), !first_is_list || index.facts->keys.size() == 1);
}

// Bitmaps ---------------------------------------------------------------------------------------

Bitmap Scans::bitmap_of(const Path& scan, const std::vector<IndexClause>& matches) const {
  Path path = scan;
  path.type = "Bitmap Index Scan";
  path.order.clear();
  path.rows = clamped_rows(scan.index_selectivity * relation_.tuples);
  path.startup = 0;
  path.total = scan.index_cost;
  path.width = 0;
  Bitmap bitmap;
  bitmap.cost = scan.index_cost + 0.1 * set_.cpu_operator_cost * rows_;
  bitmap.selectivity = scan.index_selectivity;
  bitmap.index_pages = scan.index_pages;
  for (const IndexClause& match : matches) bitmap.clauses.push_back(match.clause);
  bitmap.path = std::make_shared<const Path>(std::move(path));
  return bitmap;
}

/// brincostestimate.
Bitmap Scans::brin(const BoundIndex& index, const std::vector<IndexClause>& matches) const {
  constexpr double kRangesAPage = 1360;  // REVMAP_PAGE_MAXITEMS
  const IndexFacts& facts = *index.facts;
  const double ranges = std::max(1.0, std::ceil(relation_.pages / facts.pages_per_range));
  const double map_pages = std::floor(ranges / kRangesAPage) + 1;
  double correlation = 0, arguments = 0;
  std::vector<const BoundExpression*> clauses;
  for (const IndexClause& match : matches) {
    const int column = facts.keys[match.key].column;
    if (column >= 0) {
      const auto& known = relation_.facts()[static_cast<std::size_t>(column)].correlation;
      correlation = std::max(correlation, std::abs(known.value_or(0)));
    }
    arguments += match.argument_operators * set_.cpu_operator_cost;
    clauses.push_back(match.clause);
  }
  const double share = context_.selectivity.of_all(clauses);
  const double fewest = std::ceil(ranges * share);
  const double read = correlation < 1.0e-10 ? ranges : std::min(fewest / correlation, ranges);
  Path path = named("Bitmap Index Scan");
  path.index = facts.name;
  path.index_selectivity = std::clamp(read / ranges, 0.0, 1.0);
  path.index_pages = facts.pages;
  path.index_cost = set_.seq_page_cost * map_pages + arguments +
                    set_.random_page_cost * std::max(0.0, facts.pages - map_pages) +
                    0.1 * set_.cpu_operator_cost * read * facts.pages_per_range;
  return bitmap_of(path, matches);
}

/// cost_bitmap_and_node.
Bitmap Scans::both(const Bitmap& left, const Bitmap& right) const {
  Bitmap bitmap;
  bitmap.cost = left.cost + right.cost + 100 * set_.cpu_operator_cost;
  bitmap.selectivity = left.selectivity * right.selectivity;
  bitmap.index_pages = left.index_pages + right.index_pages;
  bitmap.combined = true;
  bitmap.clauses = left.clauses;
  bitmap.clauses.insert(bitmap.clauses.end(), right.clauses.begin(), right.clauses.end());
  Path path;
  path.type = "BitmapAnd";
  path.total = bitmap.cost;
  path.rows = clamped_rows(bitmap.selectivity * relation_.tuples);
  path.outer = request_.outer;
  path.children = left.path->type == "BitmapAnd" ? left.path->children : std::vector<PathPtr>{left.path};
  path.children.push_back(right.path);
  bitmap.path = std::make_shared<const Path>(std::move(path));
  return bitmap;
}

/// compute_bitmap_pages and cost_bitmap_heap_scan.
Path Scans::heap_scan(const Bitmap& bitmap, double workers) const {
  Path path = named("Bitmap Heap Scan");
  path.children = {bitmap.path};
  double fetched = clamped_rows(bitmap.selectivity * relation_.tuples);
  const double table = std::max(1.0, relation_.pages);
  double pages = 2 * table * fetched / (2 * table + fetched);
  const double heap_pages = std::min(pages, relation_.pages);
  if (request_.loops > 1) {
    pages =
        index_pages_fetched(fetched * request_.loops, relation_.pages, bitmap.index_pages, context_) / request_.loops;
  }
  pages = pages >= table ? table : std::ceil(pages);
  const double entries = std::max(16.0, std::floor(set_.work_mem * 1024 / 64));  // tbm_calculate_entries
  if (entries < heap_pages) {                                                    // some pages are remembered as a whole
    const double lossy = std::max(0.0, heap_pages - entries / 2), exact = heap_pages - lossy;
    if (lossy > 0) {
      fetched = clamped_rows(bitmap.selectivity * (exact / heap_pages) * relation_.tuples +
                             (lossy / heap_pages) * relation_.tuples);
    }
  }
  const double page_cost =
      pages >= 2 ? set_.random_page_cost - (set_.random_page_cost - set_.seq_page_cost) * std::sqrt(pages / table)
                 : set_.random_page_cost;
  const ClauseCost conditions = cost_of(clauses_);
  double cpu = (set_.cpu_tuple_cost + conditions.per_tuple) * fetched;
  if (workers > 0) {
    const double divisor = parallel_divisor(workers, set_);
    cpu /= divisor;
    path.rows = clamped_rows(rows_ / divisor);
    path.workers = workers;
  }
  path.startup = bitmap.cost + conditions.startup + (set_.bitmapscan ? 0 : kDisableCost);
  path.total = path.startup + pages * page_cost + cpu + target_cost() * path.rows;
  path.index_pages = pages;
  return path;
}

/// The best index for one arm of an OR; all its conditions together.
std::optional<Bitmap> Scans::arm(const BoundExpression& condition) const {
  std::vector<const BoundExpression*> parts;
  if (condition.kind == ExpressionKind::kAnd) {
    for (const BoundExpression& part : condition.arguments) parts.push_back(&part);
  } else {
    parts.push_back(&condition);
  }
  const std::vector<const BoundExpression*> own = parts;
  parts.insert(parts.end(), clauses_.begin(), clauses_.end());
  std::optional<Bitmap> best;
  for (const BoundIndex& index : relation_.indexes) {
    if (!index.usable || index.facts->method != "btree" || !index.predicate.empty()) continue;
    const std::vector<IndexClause> matches = match_index(index, request_.position, parts);
    const bool uses_arm = std::any_of(matches.begin(), matches.end(), [&](const IndexClause& match) {
      return std::find(own.begin(), own.end(), match.clause) != own.end();
    });
    if (!uses_arm) continue;
    Bitmap bitmap = bitmap_of(index_scan(index, matches, false, 0), matches);
    if (!best || bitmap.cost < best->cost) best = std::move(bitmap);
  }
  return best;
}

/// generate_bitmap_or_paths and cost_bitmap_or_node.
void Scans::either_of_several() {
  for (const BoundExpression* clause : clauses_) {
    if (clause->kind != ExpressionKind::kOr || clause->has_subplan) continue;
    Bitmap all;
    Path path;
    path.type = "BitmapOr";
    path.outer = request_.outer;
    all.selectivity = 0;
    bool complete = true;
    for (const BoundExpression& condition : clause->arguments) {
      const auto one = arm(condition);
      if (!one) {
        complete = false;
        break;
      }
      all.cost += one->cost;
      all.selectivity += one->selectivity;
      all.index_pages += one->index_pages;
      path.children.push_back(one->path);
    }
    if (!complete) continue;
    all.selectivity = std::min(1.0, all.selectivity);
    all.combined = true;
    all.clauses = {clause};
    path.total = all.cost;
    path.rows = clamped_rows(all.selectivity * relation_.tuples);
    all.path = std::make_shared<const Path>(std::move(path));
    bitmaps_.push_back(std::move(all));
  }
}

/// choose_bitmap_and: from every bitmap on, add whatever makes it cheaper; the cheapest counts.
void Scans::by_bitmap() {
  if (bitmaps_.empty()) return;
  std::stable_sort(bitmaps_.begin(), bitmaps_.end(), [](const Bitmap& a, const Bitmap& b) {
    return a.cost != b.cost ? a.cost < b.cost : a.selectivity < b.selectivity;
  });
  std::optional<Bitmap> best;
  double best_cost = 0;
  for (std::size_t i = 0; i < bitmaps_.size(); ++i) {
    Bitmap chosen = bitmaps_[i];
    double cost = heap_scan(chosen, 0).total;
    for (std::size_t j = i + 1; j < bitmaps_.size(); ++j) {
      const bool overlaps =
          std::any_of(bitmaps_[j].clauses.begin(), bitmaps_[j].clauses.end(), [&](const BoundExpression* clause) {
            return std::find(chosen.clauses.begin(), chosen.clauses.end(), clause) != chosen.clauses.end();
          });
      if (overlaps || bitmaps_[j].clauses.empty()) continue;
      Bitmap more = both(chosen, bitmaps_[j]);
      const double with_more = heap_scan(more, 0).total;
      if (with_more >= cost) continue;
      chosen = std::move(more);
      cost = with_more;
    }
    if (best && cost >= best_cost) continue;
    best = std::move(chosen);
    best_cost = cost;
  }
  Path path = heap_scan(*best, 0);
  const double workers = may_be_parallel() ? parallel_workers(path.index_pages, -1, set_) : 0;
  keep(std::move(path));
  if (workers > 0) keep_partial(heap_scan(*best, workers));
}

}  // namespace

double index_pages_fetched(double tuples, double pages, double index_pages, const ScanContext& context) {
  const double table = std::max(1.0, pages);
  const double total = std::max(1.0, context.total_pages + index_pages);
  double cache = context.settings.effective_cache_size * table / total;
  cache = cache <= 1 ? 1 : std::ceil(cache);
  if (table <= cache) {
    const double fetched = 2 * table * tuples / (2 * table + tuples);
    return fetched >= table ? table : std::ceil(fetched);
  }
  const double limit = 2 * table * cache / (2 * table - cache);
  const double fetched =
      tuples <= limit ? 2 * table * tuples / (2 * table + tuples) : cache + (tuples - limit) * (table - cache) / table;
  return std::ceil(fetched);
}

double parallel_workers(double heap_pages, double index_pages, const PlannerSettings& settings) {
  const bool heap_too_small = heap_pages >= 0 && heap_pages < settings.min_parallel_table_scan_size;
  const bool index_too_small = index_pages >= 0 && index_pages < settings.min_parallel_index_scan_size;
  if (heap_too_small || index_too_small || (heap_pages < 0 && index_pages < 0)) return 0;
  const auto by_size = [](double pages, double least) {
    double workers = 1;
    for (double threshold = std::max(1.0, least); pages >= threshold * 3 && workers < 64; threshold *= 3) ++workers;
    return workers;
  };
  double workers = 64;
  if (heap_pages >= 0) workers = by_size(heap_pages, settings.min_parallel_table_scan_size);
  if (index_pages >= 0) workers = std::min(workers, by_size(index_pages, settings.min_parallel_index_scan_size));
  return std::min(workers, settings.max_parallel_workers_per_gather);
}

double parallel_divisor(double workers, const PlannerSettings& settings) {
  const double leader = settings.parallel_leader_participation ? 1.0 - 0.3 * workers : 0;
  return workers + std::max(0.0, leader);
}

ScanPaths scan_paths(const ScanContext& context, const ScanRequest& request) { return Scans(context, request).all(); }

}  // namespace assay
