#include "advisors/evaluation.h"

#include <algorithm>
#include <cmath>

#include "advisors/fragility.h"

namespace assay {
namespace {

constexpr double kAlike = 0.05;

double seconds(const Workload& workload) {
  const auto span = workload.span();
  return span ? static_cast<double>(span->count()) / 1e6 : 1;
}

bool has_same_shape(const PlanNode& a, const PlanNode& b) {
  if (a.type != b.type || a.relation != b.relation || a.index != b.index) return false;
  return std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(), has_same_shape);
}

}  // namespace

bool is_alike(const PlanNode& a, const PlanNode& b) {
  return has_same_shape(a, b) && std::abs(a.total_cost - b.total_cost) <= kAlike * std::max(a.total_cost, b.total_cost);
}

bool note(JudgedValue& value, const PlanNode& plan, Configuration uses) {
  const bool known = std::any_of(value.known.begin(), value.known.end(),
                                 [&](const KnownPlan& earlier) { return earlier.uses == uses; });
  if (!known) value.known.push_back({std::move(uses), &plan});
  return !known;
}

double JudgedClass::cost_today() const {
  double sum = 0, weights = 0;
  for (const JudgedValue& value : values) {
    sum += value.weight * value.today->total_cost;
    weights += value.weight;
  }
  return weights > 0 ? sum / weights : 0;
}

// The medians are of all executions of a class; of a log that tells sums only, the mean.
void Evaluation::calibrate(const std::vector<JudgedClass>& classes) {
  std::vector<Observation> observations;
  for (const JudgedClass& query : classes) {
    const QueryClass& logged = workload_.classes[query.position];
    if (logged.timed_calls == 0) continue;
    Observation observation{.ms = logged.mean_us() / 1e3};
    if (logged.has_percentiles()) observation.ms = static_cast<double>(logged.percentile(0.5).count()) / 1e3;
    observation.ms *= factor(query.position);
    if (observation.ms <= 0) continue;
    double weights = 0;
    for (const JudgedValue& value : query.values) weights += value.weight;
    for (const JudgedValue& value : query.values) {
      const Work work = work_of(*value.today);
      for (std::size_t k = 0; k < kWorkKinds; ++k) observation.work[k] += value.weight / weights * work[k];
    }
    observations.push_back(observation);
  }
  calibration_ = Calibration::fit(observations);
}

double Evaluation::time_ms_per_s(std::size_t position, double cost_today) const {
  const QueryClass& query = workload_.classes[position];
  if (workload_.timed_executions > 0) {
    return factor(position) * static_cast<double>(query.estimated_total().count()) / 1e3 / seconds(workload_);
  }
  return calls_per_s(position) * cost_today;
}

double Evaluation::calls_per_s(std::size_t position) const {
  return static_cast<double>(workload_.classes[position].estimated_calls()) / seconds(workload_);
}

double Evaluation::predicted_today(const JudgedClass& query) const {
  double sum = 0;
  for (const JudgedValue& value : query.values) sum += value.weight * calibration_.predict(*value.today);
  return sum;
}

double Evaluation::time_today(const JudgedClass& query, std::size_t value, bool group) const {
  const double whole = predicted_today(query);
  if (whole <= 0) return 0;
  double part = 0;
  for (std::size_t v = 0; v < query.values.size(); ++v) {
    if (v != value && !(group && query.values[v].like == value)) continue;
    part += query.values[v].weight * calibration_.predict(*query.values[v].today);
  }
  return query.time_ms_per_s * part / whole;
}

double Evaluation::time_with(const JudgedClass& query, std::size_t value, const PlanNode& plan, bool group) const {
  const double today = calibration_.predict(*query.values[value].today);
  return today > 0 ? time_today(query, value, group) * calibration_.predict(plan) / today : 0;
}

bool Evaluation::is_fragile(const JudgedValue& value, const PlanNode& plan) const {
  const auto worst = [&](const PlanNode& of, double row_looked_up) {
    return of.total_cost > 0 ? calibration_.predict(of) * worst_cost(of, row_looked_up) / of.total_cost : 0;
  };
  const auto loses = [&](double row_looked_up) {
    return worst(plan, row_looked_up) > kRegression * worst(*value.today, row_looked_up);
  };
  return loses(0) || loses(kRowLookedUp);
}

SelectionQuery Evaluation::atoms(const JudgedClass& query, std::size_t value, bool group) const {
  SelectionQuery result{time_today(query, value, group), {}};
  const JudgedValue& asked = query.values[value];
  const auto add = [&](const JudgedValue& of, const KnownPlan& known, std::size_t scaled_by) {
    if (!known.uses.empty() && !is_fragile(of, *known.plan)) {
      const double today = time_today(query, scaled_by, false);
      const double ratio = today > 0 ? time_with(query, scaled_by, *known.plan, false) / today : 1;
      result.atoms.push_back({known.uses, result.time_today * ratio});
    }
  };
  for (const KnownPlan& known : asked.known) add(asked, known, value);
  if (asked.like != value) {
    const JudgedValue& other = query.values[asked.like];
    for (const KnownPlan& known : other.known) add(other, known, asked.like);
  }
  return result;
}

}  // namespace assay
