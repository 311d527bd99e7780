#include "analyzer/estimated/join_path.h"

#include <algorithm>
#include <cmath>

#include "analyzer/estimated/sort_cost.h"

namespace assay {
namespace {

Path joined(const char* type, const JoinRequest& request, const PathPtr& outer, const PathPtr& inner) {
  Path path;
  switch (request.type) {
    case JoinType::kInner:
      path.type = type;
      break;
    case JoinType::kLeft:
    case JoinType::kSemi:
    case JoinType::kAnti:
      path.type = type;
      path.details.emplace_back("Join Type", request.type == JoinType::kLeft   ? "Left"
                                             : request.type == JoinType::kSemi ? "Semi"
                                                                               : "Anti");
      break;
  }
  path.rows = request.rows;
  if (outer->workers > 0) path.workers = outer->workers;
  path.width = request.width;
  path.outer = (outer->outer | inner->outer);
  path.children = {outer, inner};
  return path;
}

double operators_of(const std::vector<const BoundExpression*>& conditions) {
  double sum = 0;
  for (const BoundExpression* condition : conditions) sum += condition->operators;
  return sum;
}

/// An early stop at the first match pays (JOIN_SEMI, JOIN_ANTI, unique inner side).
bool stops_early(const JoinRequest& request) {
  return request.type == JoinType::kSemi || request.type == JoinType::kAnti || request.inner_unique;
}

double rescan_total(const Path& path) { return path.rescan_total >= 0 ? path.rescan_total : path.total; }
double rescan_startup(const Path& path) { return path.rescan_startup >= 0 ? path.rescan_startup : path.startup; }

}  // namespace

PathPtr materialized(const PathPtr& input, const PlannerSettings& settings) {
  Path path;
  path.type = "Materialize";
  path.rows = input->rows;
  path.width = input->width;
  path.outer = input->outer;
  path.order = input->order;
  path.children = {input};
  const double bytes = rows_bytes(input->rows, input->width);
  double run = input->total - input->startup + 2 * settings.cpu_operator_cost * input->rows;
  double again = settings.cpu_operator_cost * input->rows;
  if (bytes > settings.work_mem * 1024) {  // to disk and back
    const double io = settings.seq_page_cost * std::ceil(bytes / 8192);
    run += io;
    again += io;
  }
  path.startup = input->startup;
  path.total = path.startup + run;
  path.rescan_startup = 0;
  path.rescan_total = again;
  return std::make_shared<const Path>(std::move(path));
}

Path nested_loop(const JoinRequest& request, const PathPtr& outer, const PathPtr& inner,
                 const PlannerSettings& settings) {
  Path path = joined("Nested Loop", request, outer, inner);
  path.order = outer->order;
  const double outer_rows = std::max(1.0, outer->rows), inner_rows = std::max(1.0, inner->rows);
  const double inner_run = inner->total - inner->startup;
  const double again_startup = rescan_startup(*inner), again_run = rescan_total(*inner) - again_startup;
  const bool probes = inner->outer != 0;
  path.startup = outer->startup + inner->startup;
  double run = outer->total - outer->startup;
  if (outer_rows > 1) run += (outer_rows - 1) * again_startup;
  double tuples = outer_rows * inner_rows;
  if (stops_early(request)) {
    const double matched = std::rint(outer_rows * request.match_share), unmatched = outer_rows - matched;
    const double share = 2.0 / (request.matches + 1);
    tuples = matched * inner_rows * share;
    if (probes) {  // the index finds at once that there is no match
      run += inner_run * share;
      if (matched > 1) run += (matched - 1) * again_run * share;
      run += unmatched * again_run / inner_rows;
    } else {
      run += inner_run;
      if (unmatched > 0) run += (unmatched - 1) * again_run;
      if (matched > 0) run += matched * again_run * share;
      tuples += unmatched * inner_rows;
    }
  } else {
    run += inner_run + (outer_rows > 1 ? (outer_rows - 1) * again_run : 0);
  }
  const double operators = probes ? 0 : operators_of(request.conditions);
  run += (settings.cpu_tuple_cost + operators * settings.cpu_operator_cost) * tuples;
  if (!settings.nestloop) path.startup += kDisableCost;
  path.total = path.startup + run;
  return path;
}

Path hash_join(const JoinRequest& request, const PathPtr& outer, const PathPtr& inner, const Selectivity& selectivity,
               const PlannerSettings& settings) {
  Path path = joined("Hash Join", request, outer, inner);
  const double outer_rows = std::max(1.0, outer->rows), inner_rows = std::max(1.0, inner->rows);
  const auto clauses = static_cast<double>(request.equalities.size());
  const double op = settings.cpu_operator_cost;
  double startup = outer->startup + inner->total + (op * clauses + settings.cpu_tuple_cost) * inner_rows;
  double run = outer->total - outer->startup + op * clauses * outer_rows;
  // ExecChooseHashTableSize, executor/nodeHash.c
  const double memory = settings.work_mem * settings.hash_mem_multiplier * 1024;
  const double bytes = inner_rows * ((inner->width + 7) / 8 * 8 + 16 + 16);
  double buckets = std::exp2(std::ceil(std::log2(std::max(1024.0, inner_rows)))), batches = 1;
  if (bytes + buckets * 8 > memory) {
    const double bucket_size = (inner->width + 7) / 8 * 8 + 16 + 16 + 8;
    buckets = std::exp2(std::floor(std::log2(std::max(1024.0, memory / bucket_size))));
    batches = std::exp2(std::ceil(std::log2(std::max(2.0, std::ceil(bytes / std::max(1.0, memory - buckets * 8))))));
  }
  if (batches > 1) {
    const double outer_pages = std::ceil(rows_bytes(outer_rows, outer->width) / 8192);
    const double inner_pages = std::ceil(rows_bytes(inner_rows, inner->width) / 8192);
    startup += settings.seq_page_cost * inner_pages;
    run += settings.seq_page_cost * (inner_pages + 2 * outer_pages);
  }
  double bucket_share = 1;
  for (const BoundExpression* equality : request.equalities) {
    const bool left_is_inner = (equality->arguments[0].relations & request.inner) != 0;
    const auto [share, common] =
        selectivity.bucket_share(equality->arguments[left_is_inner ? 0 : 1], buckets * batches);
    bucket_share = std::min(bucket_share, share);
  }
  if (request.inner_unique) bucket_share = std::min(bucket_share, 1 / std::max(1.0, buckets * batches));
  const double operators = operators_of(request.equalities) * op;
  double matched = 0;
  if (stops_early(request)) {
    const double outer_matched = std::rint(outer_rows * request.match_share);
    const double share = 2.0 / (request.matches + 1);
    run += operators * outer_matched * clamped_rows(inner_rows * bucket_share * share) * 0.5;
    run += operators * (outer_rows - outer_matched) * clamped_rows(inner_rows / (buckets * batches)) * 0.05;
    matched = request.type == JoinType::kAnti ? outer_rows - outer_matched : outer_matched;
  } else {
    run += operators * outer_rows * clamped_rows(inner_rows * bucket_share) * 0.5;
    matched = clamped_rows(request.equal_share * outer_rows * inner_rows);  // approx_tuple_count
  }
  const double others = std::max(0.0, operators_of(request.conditions) - operators_of(request.equalities));
  run += (settings.cpu_tuple_cost + others * op) * matched;
  if (!settings.hashjoin) startup += kDisableCost;
  path.startup = startup;
  path.total = startup + run;
  return path;
}

Path merge_join(const JoinRequest& request, const PathPtr& outer, const PathPtr& inner,
                const PlannerSettings& settings) {
  Path path = joined("Merge Join", request, outer, inner);
  path.order = outer->order;
  const double outer_rows = std::max(1.0, outer->rows), inner_rows = std::max(1.0, inner->rows);
  const double op = settings.cpu_operator_cost;
  const double operators = operators_of(request.equalities) * op;
  path.startup = outer->startup + inner->startup + (settings.mergejoin ? 0 : kDisableCost);
  double run = outer->total - outer->startup + inner->total - inner->startup;
  const double rescanned = std::max(0.0, request.rows - inner_rows);  // equal outer keys read inner rows again
  const double again = request.inner_unique || stops_early(request) ? 1 : 1 + rescanned / inner_rows;
  run += operators * (outer_rows + inner_rows * again);
  const double others = std::max(0.0, operators_of(request.conditions) - operators_of(request.equalities));
  run += (settings.cpu_tuple_cost + others * op) * request.rows;
  path.total = path.startup + run;
  return path;
}

}  // namespace assay
