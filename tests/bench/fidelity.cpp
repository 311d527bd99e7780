// How far the built-in model can be trusted: held against the planner, query by query and candidate by candidate.
//
//   bench_fidelity SNAPSHOT INPUT...
//
// The planner is the shadow planner, whose plans and costs are those of the server that the snapshot is of. Every query
// that candidates are generated for is asked of both, with no index and with each candidate alone. Printed as JSON: the
// rank correlation of the costs, the ratio of the costs, what the model's choice of the best candidate loses against
// the planner's, how often a useful candidate would be discarded, and how long a question takes.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "advisors/candidates.h"
#include "advisors/index_advisor.h"
#include "analyzer/estimated/estimated_cost_model.h"
#include "analyzer/index_size.h"
#include "analyzer/meaning.h"
#include "cli/catalog_source.h"
#include "cli/inputs.h"
#include "cli/options.h"
#include "cli/read_inputs.h"
#include "connectors/shadow_planner.h"

namespace {

using namespace assay;
using Clock = std::chrono::steady_clock;

struct Pair {
  double planned = 0, estimated = 0;
  double ratio() const { return std::max(planned, 0.01) > 0 ? std::max(estimated, 0.01) / std::max(planned, 0.01) : 1; }
};

/// Ranks from 1, equal values sharing their mean.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t k = i; k < end; ++k) result[order[k]] = static_cast<double>(i + end + 1) / 2;
    i = end;
  }
  return result;
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n,
               mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 1;
}

/// Spearman's rank correlation.
double rank_correlation(const std::vector<Pair>& pairs) {
  std::vector<double> planned, estimated;
  for (const Pair& pair : pairs) {
    planned.push_back(pair.planned);
    estimated.push_back(pair.estimated);
  }
  return correlation(ranks(planned), ranks(estimated));
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

/// How far a ratio is from 1, either way.
std::vector<double> distances(const std::vector<Pair>& pairs) {
  std::vector<double> all;
  for (const Pair& pair : pairs) all.push_back(std::max(pair.ratio(), 1 / pair.ratio()));
  return all;
}

struct Tally {
  std::size_t queries = 0, unplannable = 0, refused = 0;
  std::vector<Pair> today, with_candidate, gains;
  std::size_t useful = 0, judged = 0;
  double best_planned = 0, best_chosen = 0, cost_today = 0;  ///< of the best candidate by either, summed
  std::size_t questions = 0;
  double seconds = 0, planner_seconds = 0;
};

constexpr double kUseful = 0.9;  // saves a tenth

std::optional<double> planned_cost(CostModel& model, const PlannableQuery& query, const PhysicalDesign& design) {
  const PlanAnswer answer = model.plan(query, design);
  const auto* plan = std::get_if<PlanNode>(&answer);
  return plan == nullptr ? std::nullopt : std::optional(plan->total_cost);
}

void measure(const PlannableQuery& query, const std::vector<HypotheticalIndex>& candidates, ShadowPlanner& planner,
             EstimatedCostModel& model, Tally& tally) {
  ++tally.queries;
  const auto real = planned_cost(planner, query, {});
  if (!real) {
    ++tally.unplannable;
    return;
  }
  const PlanAnswer answer = model.plan(query, {});
  if (const auto* problem = std::get_if<Unplannable>(&answer)) {
    ++tally.refused;
    fmt::print(stderr, "not judged: {}\n", problem->reason);
    return;
  }
  const double guess = std::get<PlanNode>(answer).total_cost;
  tally.today.push_back({*real, guess});
  if (std::getenv("FIDELITY_VERBOSE") && (guess > 1.05 * *real || guess < 0.95 * *real)) {
    fmt::print(stderr, "{:.2f} planned, {:.2f} estimated: {}\n", *real, guess, query.sql.substr(0, 600));
    const PlanAnswer real_answer = planner.plan(query, {});
    fmt::print(stderr, "{}{}\n", to_string(std::get<PlanNode>(real_answer)), to_string(std::get<PlanNode>(answer)));
  }
  double best_real = *real, best_guess = guess, chosen = *real;
  for (const HypotheticalIndex& candidate : candidates) {
    const PhysicalDesign design{{candidate}, {}};
    const auto asked = Clock::now();
    const auto with_real = planned_cost(planner, query, design);
    const auto answered = Clock::now();
    const auto with_guess = model.cost(query, design);
    const auto estimated = Clock::now();
    tally.planner_seconds += std::chrono::duration<double>(answered - asked).count();
    tally.seconds += std::chrono::duration<double>(estimated - answered).count();
    ++tally.questions;
    if (!with_real || !with_guess) continue;
    tally.with_candidate.push_back({*with_real, *with_guess});
    tally.gains.push_back({*with_real / *real, *with_guess / guess});
    ++tally.judged;
    if (*with_real <= kUseful * *real) ++tally.useful;
    best_real = std::min(best_real, *with_real);
    if (*with_guess < best_guess) {
      best_guess = *with_guess;
      chosen = *with_real;
    }
  }
  tally.cost_today += *real;
  tally.best_planned += best_real;
  tally.best_chosen += chosen;
}

void print(const Tally& tally) {
  const auto ratio = distances(tally.today), with = distances(tally.with_candidate);
  const double gain = tally.cost_today - tally.best_planned;
  fmt::print("{{\"queries\": {}, \"not_planned\": {}, \"not_judged\": {}, \"pairs\": {},\n", tally.queries,
             tally.unplannable, tally.refused, tally.judged);
  fmt::print(" \"today\": {{\"rank_correlation\": {:.4f}, \"ratio_median\": {:.4f}, \"ratio_p95\": {:.4f}}},\n",
             rank_correlation(tally.today), quantile(ratio, 0.5), quantile(ratio, 0.95));
  fmt::print(" \"candidates\": {{\"rank_correlation\": {:.4f}, \"ratio_median\": {:.4f}, \"ratio_p95\": {:.4f}}},\n",
             rank_correlation(tally.with_candidate), quantile(with, 0.5), quantile(with, 0.95));
  fmt::print(" \"gain_rank_correlation\": {:.4f}, \"regret\": {:.4f},\n", rank_correlation(tally.gains),
             gain > 0 ? (tally.best_chosen - tally.best_planned) / gain : 0.0);
  fmt::print(" \"useful\": {},\n", tally.useful);
  fmt::print(" \"questions_per_second\": {:.0f}, \"planner_questions_per_second\": {:.0f}}}\n",
             static_cast<double>(tally.questions) / tally.seconds,
             static_cast<double>(tally.questions) / tally.planner_seconds);
}

void run(int count, char** arguments) {
  const Catalog catalog = catalog_of_file(arguments[1]);
  ReportOptions options;
  options.quiet = true;
  options.inputs.assign(arguments + 2, arguments + count);
  Diagnostics problems;
  const ReadLogs logs = read_inputs(expand_inputs(options.inputs, problems), options, &catalog);
  const std::vector<ClassMeaning> meanings = understand(logs.workload, &catalog);
  ShadowPlanner planner(catalog);
  EstimatedCostModel model(catalog);
  std::vector<std::size_t> asking;
  const std::string database = judged_database(logs.workload, &catalog);
  for (std::size_t i = 0; i < meanings.size(); ++i) {
    if (logs.workload.classes[i].database == database && !meanings[i].plannable.empty()) asking.push_back(i);
  }
  const Candidates candidates = generate_candidates(meanings, asking, &catalog);
  Tally tally;
  for (const std::size_t position : asking) {
    std::vector<HypotheticalIndex> own;
    for (const Candidate& candidate : candidates.list) {
      if (!std::binary_search(candidate.classes.begin(), candidate.classes.end(), position)) continue;
      const Table* table = catalog.find_table(candidate.definition.schema, candidate.definition.table);
      own.push_back(sized(candidate.definition, *table));
    }
    for (const WeightedQuery& query : meanings[position].plannable) {
      measure(query.query, own, planner, model, tally);
    }
  }
  print(tally);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    fmt::print(stderr, "usage: bench_fidelity SNAPSHOT INPUT...\n");
    return 2;
  }
  try {
    run(count, arguments);
  } catch (const Error& problem) {
    fmt::print(stderr, "{}\n{}\n", problem.what(), problem.hint());
    return 1;
  }
  return 0;
}
