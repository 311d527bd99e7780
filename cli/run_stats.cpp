#include "cli/run_stats.h"

#include <sys/resource.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

struct Amounts {
  std::uint64_t bytes = 0, lines = 0, records = 0, executions = 0;
};

Amounts amounts_of(const Workload& workload) {
  Amounts sum;
  for (const InputAccount& input : workload.inputs) {
    sum.bytes += input.bytes;
    sum.lines += input.lines;
    sum.records += input.records;
    sum.executions += input.executions;
  }
  return sum;
}

void add_amount(Json& json, const std::string& name, std::uint64_t amount, double seconds) {
  json[name] = amount;
  json[name + "_per_second"] = static_cast<double>(amount) / std::max(seconds, 1e-6);
}

}  // namespace

void RunStats::end_of(const std::string& stage) {
  const auto now = Clock::now();
  stages_.push_back({stage, std::chrono::duration<double>(now - stage_start_).count()});
  stage_start_ = now;
}

std::string RunStats::to_json(const Workload& workload, unsigned jobs,
                              const std::vector<PlanningTime>& planning) const {
  Json json = {{"jobs", jobs}, {"seconds", std::chrono::duration<double>(stage_start_ - start_).count()}};
  for (const Stage& stage : stages_) json[stage.name]["seconds"] = stage.seconds;
  const auto reading =
      std::find_if(stages_.begin(), stages_.end(), [](auto& stage) { return stage.name == "reading"; });
  if (reading != stages_.end()) {
    const Amounts amounts = amounts_of(workload);
    add_amount(json["reading"], "bytes", amounts.bytes, reading->seconds);
    add_amount(json["reading"], "lines", amounts.lines, reading->seconds);
    add_amount(json["reading"], "records", amounts.records, reading->seconds);
    add_amount(json["reading"], "executions", amounts.executions, reading->seconds);
  }
  for (const PlanningTime& time : planning) {
    if (time.plans == 0) continue;
    Json one = {{"plans", time.plans}, {"mean_ms", time.ms / static_cast<double>(time.plans)}};
    if (!time.divided.empty()) one["divided"] = time.divided;
    json["plans"].push_back(std::move(one));
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  json["user_seconds"] = seconds_of(usage.ru_utime);
  json["system_seconds"] = seconds_of(usage.ru_stime);
  json["peak_memory_bytes"] = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts in KiB
  return json.dump(2) + "\n";
}

}  // namespace assay
