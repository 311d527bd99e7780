#include "cli/charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cli/units.h"

namespace assay {
namespace {

constexpr std::size_t kStepsDrawn = 10;
constexpr std::size_t kClassesDrawn = 10;

std::string ttl_label(std::int64_t us) { return milliseconds_text(static_cast<double>(us) / 1e3); }

}  // namespace

std::optional<Chart> growth_chart(const Report& report) {
  const Forecast* forecast = forecast_of(report);
  if (!forecast || forecast->growth.size() < 2) return std::nullopt;
  Chart chart{.kind = Chart::Kind::kLines,
              .title = "Throughput as the load grows, statements a second",
              .label_axis = "sessions",
              .value_axis = "statements a second",
              .series = {{"today", {}}}};
  const bool changes = !forecast->steps.empty();
  if (changes) chart.series.push_back({"after", {}});
  for (const GrowthPoint& point : forecast->growth) {
    chart.labels.push_back(fmt::format("{:.0f}", point.sessions));
    chart.series[0].values.push_back(point.before);
    if (changes) chart.series[1].values.push_back(point.after);
  }
  return chart;
}

std::optional<Chart> steps_chart(const Report& report) {
  const Forecast* forecast = forecast_of(report);
  if (!forecast || forecast->steps.empty()) return std::nullopt;
  Chart chart{.title = "Throughput with one recommendation after the other, statements a second",
              .label_axis = "with",
              .value_axis = "statements a second",
              .labels = {"today"},
              .series = {{"throughput", {forecast->before.throughput.value}}}};
  const std::size_t drawn = std::min(kStepsDrawn, forecast->steps.size());
  for (std::size_t i = 0; i < drawn; ++i) {
    chart.labels.push_back("+ " + forecast->steps[i].id);
    chart.series[0].values.push_back(forecast->steps[i].together.throughput.value);
  }
  if (drawn < forecast->steps.size()) {
    chart.labels.push_back(fmt::format("all {}", forecast->steps.size()));
    chart.series[0].values.push_back(forecast->steps.back().together.throughput.value);
  }
  return chart;
}

std::optional<Chart> heaviest_chart(const Report& report) {
  const auto& classes = report.workload.classes;
  if (classes.size() < 2) return std::nullopt;
  const bool timed = report.workload.timed_executions > 0;
  Chart chart{.title = fmt::format("The heaviest query classes, % of the {}", timed ? "logged time" : "executions"),
              .label_axis = "class",
              .value_axis = "%",
              .series = {{"share", {}}}};
  for (std::size_t i = 0; i < std::min(kClassesDrawn, classes.size()); ++i) {
    chart.labels.push_back(class_name(classes[i].id).substr(0, 8));
    chart.series[0].values.push_back(100 * share_of(report, classes[i]));
  }
  return chart;
}

std::optional<Chart> load_chart(const Report& report, std::int64_t width) {
  std::map<std::int64_t, std::uint64_t> executions;
  for (const auto& [start, bucket] : report.workload.timeline.buckets()) {
    executions[floor_to(start, width)] += bucket.executions;
  }
  if (executions.size() < 2) return std::nullopt;
  Chart chart{.title = "Executions a second",
              .label_axis = "time",
              .value_axis = "executions a second",
              .series = {{"rate", {}}}};
  const UtcOffset offset = report.workload.first ? report.workload.first->offset : UtcOffset{0};
  for (std::int64_t at = executions.begin()->first; at <= executions.rbegin()->first; at += width) {
    const auto found = executions.find(at);
    const std::string time = time_text(report, {Timestamp(std::chrono::seconds(at)), offset});
    chart.labels.push_back(time.substr(0, 19));  // without the offset
    chart.series[0].values.push_back(
        found == executions.end() ? 0 : static_cast<double>(found->second) / static_cast<double>(width));
  }
  return chart;
}

std::optional<Chart> hit_ratio_chart(const CacheQuery& cache) {
  if (cache.curve.size() < 2) return std::nullopt;
  Chart chart{.kind = Chart::Kind::kLines,
              .title = "Hit ratio over the time to live, %",
              .label_axis = "TTL",
              .value_axis = "%",
              .series = {{"heeding writes", {}}, {"by TTL alone", {}}}};
  for (const CacheCurveEntry& entry : cache.curve) {
    chart.labels.push_back(ttl_label(entry.by_ttl.ttl_us));
    chart.series[0].values.push_back(100 * entry.by_writes.hit_ratio);
    chart.series[1].values.push_back(100 * entry.by_ttl.hit_ratio);
  }
  return chart;
}

}  // namespace assay
