// The throughput: what the log measured, what the model makes of it, and what the recommendations would bring.
#include <algorithm>
#include <array>
#include <cmath>

#include "cli/charts.h"
#include "cli/markdown.h"

namespace assay {
namespace {

constexpr std::size_t kDemandsShown = 10;
constexpr std::size_t kStepsShown = 8;
constexpr double kPerSecond = 1e3;

std::string band(const Estimate& estimate) {
  return fmt::format("{} to {}", cost_text(estimate.low), cost_text(estimate.high));
}

std::string times_text(double ratio) { return fmt::format("{:.2f}", ratio); }

std::string milliseconds_or_dash(double ms) { return ms > 0 && std::isfinite(ms) ? milliseconds_text(ms) : "–"; }

const char* limit_of(const ForecastPoint& point) {
  switch (point.bottleneck) {
    case Bottleneck::kProcessor:
      return "the processor";
    case Bottleneck::kWaits:
      return "locks and the disk's flush";
    case Bottleneck::kSessions:
      return "the sessions' own pace";
  }
  return "";
}

std::string hits_per_miss(const Recommendation& cache) {
  const CachePoint& point = std::get<CacheQuery>(cache.change).chosen;
  if (point.misses == 0) return "all hits";
  return fmt::format("{:.3g}", static_cast<double>(point.hits) / static_cast<double>(point.misses));
}

/// H/M behind the name of a cache; empty for an index.
std::string ratio_of_cache(const Report& report, const std::string& id) {
  for (const Recommendation& item : report.caches.recommendations) {
    if (item.id == id) return fmt::format(" (cache, H/M {})", hits_per_miss(item));
  }
  return "";
}

/// Of the caches that save the most.
std::string ratios_of_caches(const std::vector<Recommendation>& caches) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, caches.size()); ++i) {
    text +=
        fmt::format("{}{} ([{}](#{}))", i > 0 ? ", " : "", hits_per_miss(caches[i]), caches[i].id, lower(caches[i].id));
  }
  return text + (caches.size() > kShown ? ", …" : "");
}

std::string sessions_text(double sessions) {
  return plural(static_cast<std::uint64_t>(sessions), "session", "sessions");
}

std::string bar(double value, double most) {
  constexpr double kWidth = 40;
  return std::string(static_cast<std::size_t>(std::lround(kWidth * value / std::max(most, 1e-9))), '#');
}

double reads_of(const Report& report) {
  double reads = 0, all = 0;
  for (std::size_t i = 0; i < report.workload.classes.size(); ++i) {
    const auto count = static_cast<double>(report.workload.classes[i].estimated_calls());
    all += count;
    if (report.meanings[i].statement && only_reads(*report.meanings[i].statement)) reads += count;
  }
  return all > 0 ? reads / all : 0;
}

}  // namespace

void Markdown::throughput() {
  if (!report_.throughput || !timed()) return;
  const Throughput& throughput = *report_.throughput;
  heading("throughput", "Throughput");
  if (!throughput.refusals.empty()) {
    say("**No forecast**, since it would be a guess:\n\n");
    for (const std::string& reason : throughput.refusals) say("- {}\n", sentence(reason));
    say("\n");
  }
  if (throughput.demand) throughput_baseline(*throughput.demand);
  if (throughput.forecast) {
    throughput_steps(*throughput.forecast);
    closed_and_open(*throughput.forecast);
    growth(*throughput.forecast);
  }
  if (throughput.demand) {
    class_demands(*throughput.demand);
    session_groups(*throughput.demand);
    throughput_notes(throughput);
  }
}

void Markdown::throughput_baseline(const ServiceDemand& demand) {
  const auto statements = static_cast<double>(workload_.estimated_executions);
  const std::size_t servers = server_count(workload_);
  say("| as logged |  |  |\n|---|---:|---|\n");
  say("| Q = S / T | {} | S = {} statements in T = {} |\n", rate_text(statements / seconds()),
      count_text(workload_.estimated_executions), milliseconds_text(seconds() * 1e3));
  say("| W = N / P | {} | N = {} requests, P = {} |\n", count_text(workload_.estimated_executions / servers),
      count_text(workload_.estimated_executions), plural(servers, "server", "servers"));
  say("| reads | {} | of the statements; the others write, lock rows, or are not understood |\n",
      share_text(reads_of(report_)));
  say("| statements at work | {} | at a time, on average |\n", cost_text(demand.active));
  say("| response time | {} | mean |\n", milliseconds_text(demand.mean_response()));
  say("| service demand | {} | mean, of one core: the response time without queueing for the processor, locks and "
      "COMMIT |\n",
      milliseconds_text(demand.mean_demand()));
  say("| hidden demand | {} | a statement, which no duration shows ({}) |\n", milliseconds_text(demand.hidden),
      demand.hidden_evidence == HiddenEvidence::kMeasured ? "from the gaps" : "assumed");
  say("| processor | {} | of {} cores at work{}; all of them {} of the time |\n",
      share_text(demand.busy / static_cast<double>(demand.cores)), demand.cores,
      report_.throughput->cores_assumed ? " (assumed: `--cores`)" : "", share_text(demand.full));
  if (demand.lock_share > 0) say("| lock waits | {} | of the logged time |\n", share_text(demand.lock_share));
  if (demand.commit_share > 0)
    say("| COMMIT | {} | of the logged time, for the disk |\n", share_text(demand.commit_share));
  const std::vector<Recommendation>& caches = report_.caches.recommendations;
  if (!caches.empty())
    say("| hits a miss, H/M | {} | of the recommended caches, simulated |\n", ratios_of_caches(caches));
  say("\n");
}

void Markdown::forecast_row(const std::string& name, const ForecastPoint& point, const Forecast& forecast) {
  say("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", name, rate_text(point.throughput.value),
      band(point.throughput), times_text(point.throughput.value / forecast.before.throughput.value),
      milliseconds_or_dash(point.response.value), milliseconds_or_dash(point.p95), share_text(point.utilisation),
      rate_text(point.capacity.value), limit_of(point));
}

void Markdown::throughput_steps(const Forecast& forecast) {
  say("**Forecast**, for {} that wait for each answer and then think as they did. The model of today "
      "gives {} "
      "where the log has {}.\n\n",
      sessions_text(forecast.sessions), rate_text(forecast.before.throughput.value),
      rate_text(forecast.measured_throughput));
  say("|  | throughput | 90 % band | times today's | response: mean | 95 % | processor | capacity | limit |\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|---|\n");
  forecast_row("today", forecast.before, forecast);
  const std::size_t all = forecast.steps.size(), shown = std::min(all, kStepsShown);
  const auto link = [&](std::size_t i) {
    return fmt::format("[{}](#{}){}", forecast.steps[i].id, lower(forecast.steps[i].id),
                       ratio_of_cache(report_, forecast.steps[i].id));
  };
  for (std::size_t i = 0; i < shown; ++i) forecast_row(link(i) + " alone", forecast.steps[i].alone, forecast);
  for (std::size_t i = 1; i < shown; ++i) {
    forecast_row((i == 1 ? link(0) + " and " : "… and ") + link(i), forecast.steps[i].together, forecast);
  }
  if (all > shown) forecast_row(fmt::format("all {}", all), forecast.steps.back().together, forecast);
  say("\n");
  if (style_ != ChartStyle::kText) chart(steps_chart(report_), "");
  for (const StepForecast& step : forecast.steps) {
    if (forecast.before.bottleneck == step.together.bottleneck) continue;
    say("After {}, {} is the limit, no longer {}: what comes behind it brings response time more than throughput.\n\n",
        step.id, limit_of(step.together), limit_of(forecast.before));
    break;
  }
}

void Markdown::closed_and_open(const Forecast& forecast) {
  say("**Closed and open, side by side.** Sessions that wait for answers ask more often when these come sooner. "
      "Requests "
      "that come from outside do not: then the throughput stays, and the room grows.\n\n");
  const bool changes = !forecast.steps.empty();
  const auto row = [&](const char* name, auto... cells) {
    const std::array<std::string, 4> all{std::string(cells)...};
    say("| {} | {} |{} {} |{}\n", name, all[0], changes ? " " + all[1] + " |" : "", all[2],
        changes ? " " + all[3] + " |" : "");
  };
  row("", "closed: " + sessions_text(forecast.sessions) + ", today", "after",
      "open: " + rate_text(forecast.measured_throughput) + ", today", "after");
  say("|---|---:|---:|{}\n", changes ? "---:|---:|" : "");
  const ForecastPoint &before = forecast.before, &after = forecast.after;
  const OpenPoint &open = forecast.open_before, &then = forecast.open_after;
  const std::string rate = rate_text(forecast.measured_throughput);
  row("throughput", rate_text(before.throughput.value), rate_text(after.throughput.value), rate, rate);
  row("processor", share_text(before.utilisation), share_text(after.utilisation), share_text(open.utilisation),
      share_text(then.utilisation));
  row("response: mean", milliseconds_or_dash(before.response.value), milliseconds_or_dash(after.response.value),
      milliseconds_or_dash(open.response), milliseconds_or_dash(then.response));
  row("response: 95 %", milliseconds_or_dash(before.p95), milliseconds_or_dash(after.p95),
      milliseconds_or_dash(open.p95), milliseconds_or_dash(then.p95));
  row("most that can be borne", rate_text(before.capacity.value), rate_text(after.capacity.value),
      rate_text(open.most_rate), rate_text(then.most_rate));
  say("\n");
}

void Markdown::growth(const Forecast& forecast) {
  const bool changes = !forecast.steps.empty();
  say("**As load grows.** Throughput with as many times today's sessions, alike. Capacity {}{} (90 %: {}{}); the knee, "
      "where "
      "queueing begins to tell, is at {:.0f}{} sessions; headroom {}{} times today's throughput.\n\n",
      rate_text(forecast.before.capacity.value), changes ? ", after " + rate_text(forecast.after.capacity.value) : "",
      band(forecast.before.capacity), changes ? "; " + band(forecast.after.capacity) : "", forecast.before.knee,
      changes ? fmt::format(", after {:.0f}", forecast.after.knee) : "",
      times_text(forecast.before.capacity.value / forecast.before.throughput.value),
      changes ? ", after " + times_text(forecast.after.capacity.value / forecast.before.throughput.value) : "");
  double most = 0;
  for (const GrowthPoint& point : forecast.growth) most = std::max({most, point.before, point.after});
  std::string lines;
  for (const GrowthPoint& point : forecast.growth) {
    const auto line = [&](const char* name, double rate, double busy, double response) {
      lines += fmt::format("{:>6} {:>7} {:<6} {:>10} {:>8} {:>10}  {}\n",
                           name[0] == 't' || !changes ? fmt::format("{:g}x", point.factor) : "",
                           name[0] == 't' || !changes ? fmt::format("{:.0f}", point.sessions) : "", name,
                           rate_text(rate), share_text(busy), milliseconds_text(response), bar(rate, most));
    };
    line("today", point.before, point.before_utilisation, point.before_response);
    if (changes) line("after", point.after, point.after_utilisation, point.after_response);
  }
  if (forecast.growth.back().after > 1.1 * forecast.after.capacity.value ||
      forecast.growth.back().before > 1.1 * forecast.before.capacity.value) {
    say("Capacity is that of today's mix. The chart goes beyond it, since under load the sessions that think least get "
        "more of "
        "their statements through than the others.\n\n");
  }
  const std::string header =
      fmt::format("{:>6} {:>7} {:<6} {:>10} {:>8} {:>10}\n", "load", "session", "", "throughput", "busy", "response");
  chart(growth_chart(report_), code_block(header + lines, "") + "\n");
}

void Markdown::class_demands(const ServiceDemand& demand) {
  std::vector<std::size_t> order;
  double all = 0;
  for (std::size_t i = 0; i < demand.classes.size(); ++i) {
    if (demand.classes[i].executions > 0) order.push_back(i);
    all += demand.classes[i].demand * static_cast<double>(demand.classes[i].executions);
  }
  const auto total = [&](std::size_t i) {
    return demand.classes[i].demand * static_cast<double>(demand.classes[i].executions);
  };
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return total(a) > total(b); });
  say("**Where the processor's time goes.**\n\n| class | rate | response: mean | demand: mean | of all demand | waits "
      "|\n"
      "|---|---:|---:|---:|---:|---:|\n");
  const std::size_t shown = std::min(order.size(), kDemandsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const ClassDemand& query = demand.classes[order[i]];
    say("| {} | {} | {} | {} | {} | {} |\n", class_reference(order[i]),
        rate_text(static_cast<double>(query.executions) / demand.trace_rate / demand.span * kPerSecond),
        milliseconds_text(query.response), milliseconds_text(query.demand),
        share_text(all > 0 ? total(order[i]) / all : 0), query.wait > 0 ? milliseconds_text(query.wait) : "–");
  }
  more(order.size(), shown, "classes");
}

void Markdown::session_groups(const ServiceDemand& demand) {
  say("**Sessions**, by application and by how long they pause. Think time is the gap between two statements less what "
      "was waiting and work.\n\n"
      "| application | connected | sessions | rate | gap: mean | think |\n|---|---:|---:|---:|---:|---:|\n");
  for (const SessionGroup& group : demand.groups) {
    say("| {} | {} | {} | {} | {} | {} |\n", group.application.empty() ? "–" : table_code_span(group.application),
        cost_text(group.sessions), count_text(group.members.size()),
        rate_text(static_cast<double>(group.executions) / demand.trace_rate / demand.span * kPerSecond),
        milliseconds_text(group.gap), milliseconds_text(group.think));
  }
  say("\n*Connected* is how many there were at a time, on average.\n\n");
}

void Markdown::throughput_notes(const Throughput& throughput) {
  for (const std::string& warning : throughput.warnings) say("- **Careful:** {}\n", sentence(warning));
  for (const std::string& assumption : throughput.assumptions) say("- Assumed: {}\n", sentence(assumption));
  if (throughput.forecast && !throughput.forecast->steps.empty()) {
    const DemandCalibration& calibration = throughput.forecast->calibration;
    if (throughput.forecast->costs_are_cached) {
      say("- Assumed: The pages that the plans read are in memory, so that a page costs a twentieth of what the "
          "planner "
          "charges; {} in a hundred of the band's draws take the planner's own costs.\n",
          15);
    }
    say("- Demand after = demand before × ({0:.4f} ms + {1:.6f} ms × cost after) / ({0:.4f} ms + {1:.6f} ms × cost "
        "before), "
        "fitted to {2} of this log; half of them are within a factor of {3:.2f}.\n",
        calibration.floor, calibration.slope, plural(calibration.residuals.size(), "class", "classes"),
        calibration.typical_error());
  }
  if (throughput.forecast) {
    say("- The band holds the middle 90 % of {} draws of what is not known: each class's demand, hidden demand, think "
        "time, "
        "what the calibration leaves unexplained, and {} for the model itself.\n",
        Forecast::kDraws, share_text(Forecast::kModelError));
  }
  say("\n");
}

}  // namespace assay
