#include "analyzer/short_work.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace assay {
namespace {

constexpr double kUs = 1e-3;  // ms

class ShortWork {
 public:
  ShortWork(const MeasuredDemand& measured, ServiceDemand& demand) : measured_(measured), demand_(demand) {}

  void correct(double slowdown_in_gaps) {
    if (!load_changes_slowly()) return;
    collect();
    double sum = 0, weight = 0;
    for (std::size_t query = 0; query < samples_.size(); ++query) {
      const auto elasticity = elasticity_of(samples_[query]);
      if (!elasticity) continue;
      const auto executions = static_cast<double>(demand_.classes[query].executions);
      sum += executions * *elasticity;
      weight += executions;
      if (*elasticity <= kMostFavoured) set_demand(demand_.classes[query], samples_[query], *elasticity);
    }
    const double elasticity = weight > 0 ? sum / weight : 1;
    if (elasticity > kMostFavoured || demand_.hidden_evidence == HiddenEvidence::kAssumed) return;
    demand_.hidden = std::min(demand_.hidden * std::pow(slowdown_in_gaps, 1 - elasticity), ServiceDemand::kMostHidden);
  }

 private:
  struct Sample {
    float slowdown = 1, duration = 0;  // µs
  };
  static constexpr double kSlice = 1;           // ms: mean duration of a short class, at the most
  static constexpr double kSlowly = 5000;       // µs: mean duration of what is running at a random moment
  static constexpr double kMostFavoured = 0.6;  // elasticity: above, cores are shared alike
  static constexpr double kLeastRange = 0.15;   // log of the slowdowns between which it is measured
  static constexpr std::size_t kFewest = 300, kMost = 100'000;  // executions of a class

  bool load_changes_slowly() const {
    double sum = 0, squares = 0;
    for (const TimedExecution& execution : measured_.timeline.executions) {
      sum += execution.duration;
      squares += static_cast<double>(execution.duration) * execution.duration;
    }
    return squares >= kSlowly * sum && sum > 0;
  }

  void collect() {
    samples_.resize(demand_.classes.size());
    const auto& executions = measured_.timeline.executions;
    for (std::size_t i = 0; i < executions.size(); ++i) {
      auto& own = samples_[executions[i].query];
      if (demand_.classes[executions[i].query].response >= kSlice || own.size() >= kMost) continue;
      const float active = measured_.sweep.executions[i].others_after + 1;
      own.push_back(
          {std::max(1.0F, active / static_cast<float>(demand_.cores)), static_cast<float>(executions[i].duration)});
    }
  }

  static double median_duration(std::vector<Sample>::iterator first, std::vector<Sample>::iterator last) {
    const auto middle = first + (last - first) / 2;
    std::nth_element(first, middle, last, [](const Sample& a, const Sample& b) { return a.duration < b.duration; });
    return std::max(middle->duration, 1.0F);
  }

  /// Of the duration with respect to the slowdown, between the quiet third and the busy third of the executions.
  static std::optional<double> elasticity_of(std::vector<Sample>& samples) {
    if (samples.size() < kFewest) return std::nullopt;
    std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.slowdown < b.slowdown; });
    const auto third = static_cast<std::ptrdiff_t>(samples.size() / 3);
    const auto mean_log = [](auto first, auto last) {
      double sum = 0;
      for (auto sample = first; sample != last; ++sample) sum += std::log(sample->slowdown);
      return sum / static_cast<double>(last - first);
    };
    const double range =
        mean_log(samples.end() - third, samples.end()) - mean_log(samples.begin(), samples.begin() + third);
    if (range < kLeastRange) return std::nullopt;
    const double quiet = median_duration(samples.begin(), samples.begin() + third);
    const double busy = median_duration(samples.end() - third, samples.end());
    return std::clamp(std::log(busy / quiet) / range, 0.0, 1.0);
  }

  /// Between sharing alike and running through; those that were interrupted all the same are left out.
  static void set_demand(ClassDemand& query, std::vector<Sample>& samples, double elasticity) {
    const double most = 3 * median_duration(samples.begin(), samples.end());
    double sum = 0, count = 0;
    for (const Sample& sample : samples) {
      if (sample.duration <= most) sum += sample.duration, ++count;
    }
    const double through = sum / std::max(count, 1.0) * kUs;
    if (query.demand <= 0 || through <= 0) return;
    const double demand = std::pow(query.demand, elasticity) * std::pow(through, 1 - elasticity);
    query.demand_squares *= std::pow(demand / query.demand, 2);
    query.demand = demand;
  }

  const MeasuredDemand& measured_;
  ServiceDemand& demand_;
  std::vector<std::vector<Sample>> samples_;  // by class
};

}  // namespace

void favour_short_work(const MeasuredDemand& measured, ServiceDemand& demand, double slowdown_in_gaps) {
  ShortWork(measured, demand).correct(slowdown_in_gaps);
}

}  // namespace assay
