#include "connectors/sample_choice.h"

#include <algorithm>
#include <utility>

namespace assay {

SampleChoice::Sample SampleChoice::keep(const LogRecord& execution, std::uint64_t record, std::uint64_t priority) {
  bytes_ += execution.sql.size() + execution.parameters.size();
  Sample sample;
  sample.record = record;
  sample.sql = execution.sql;
  sample.parameters = execution.parameters;
  sample.priority = priority;
  sample.duration = execution.duration;
  return sample;
}

void SampleChoice::add(const LogRecord& execution, std::uint64_t record) {
  const std::size_t bytes = execution.sql.size() + execution.parameters.size();
  if (execution.sql.empty() || bytes > WorkloadBuilder::kLongestSample) return;
  const ClassId id = class_id(execution.database, execution.shape);
  const auto known = classes_.find(id);
  if (known == classes_.end() && classes_.size() >= WorkloadBuilder::kMostClasses) return;
  auto& [lowest, slowest] = known == classes_.end() ? classes_[id] : known->second;
  const bool is_slowest = execution.timed && (slowest.empty() || execution.duration > slowest.front().duration);
  const std::uint64_t priority = sample_priority(execution);
  const bool is_low = lowest.size() < WorkloadBuilder::kSamples || priority < lowest.back().priority;
  if ((!is_slowest && !is_low) || bytes_ + 2 * bytes > WorkloadBuilder::kSampleBytes) return;
  if (is_slowest) {
    if (!slowest.empty()) drop(slowest.front());
    slowest.assign(1, keep(execution, record, priority));
  }
  if (!is_low) return;
  const auto place =
      std::upper_bound(lowest.begin(), lowest.end(), priority,
                       [](std::uint64_t value, const Sample& sample) { return value < sample.priority; });
  lowest.insert(place, keep(execution, record, priority));
  if (lowest.size() <= WorkloadBuilder::kSamples) return;
  drop(lowest.back());
  lowest.pop_back();
}

std::vector<ChosenSample> SampleChoice::take() {
  std::vector<ChosenSample> chosen;
  for (auto& [id, of_class] : classes_) {
    for (auto* samples : {&of_class.lowest, &of_class.slowest}) {
      for (Sample& sample : *samples) chosen.push_back(std::move(sample));
    }
  }
  std::sort(chosen.begin(), chosen.end(), [](auto& a, auto& b) { return a.record < b.record; });
  const auto same = [](auto& a, auto& b) { return a.record == b.record; };
  chosen.erase(std::unique(chosen.begin(), chosen.end(), same), chosen.end());
  *this = SampleChoice();
  return chosen;
}

}  // namespace assay
