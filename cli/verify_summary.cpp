// What verify found, as text for a terminal, and the errors of past forecasts.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/escape.h"
#include "cli/units.h"
#include "cli/verify_command.h"
#include "parser/base/diagnostic.h"

namespace assay {
namespace {

constexpr std::size_t kClassesShown = 15;
constexpr std::size_t kSqlShown = 60;  // characters

std::string range_of(const Measured& ratio) {
  return fmt::format("× {:.3f} ({:.3f} to {:.3f})", ratio.value, ratio.low, ratio.high);
}

std::string line(const char* what, const std::string& before, const std::string& after, const Measured& ratio,
                 const std::optional<double>& forecast) {
  return fmt::format("{:17}{:>12} -> {:<12} {}{}\n", what, before, after, range_of(ratio),
                     forecast ? fmt::format(", forecast × {:.3f}", *forecast) : "");
}

std::string sums(const ForecastedReport& report, const MeasuredEffect& effect) {
  const auto& forecast = report.forecast;
  std::string text = fmt::format("{}, each with and without the changes; the median of them (least to greatest)\n",
                                 plural(effect.rounds, "round", "rounds"));
  text += line("throughput", rate_text(effect.throughput_before.value), rate_text(effect.throughput_after.value),
               effect.throughput_ratio, forecast ? std::optional(forecast->throughput_ratio) : std::nullopt);
  text += line("response time", milliseconds_text(effect.response_before.value),
               milliseconds_text(effect.response_after.value), effect.response_ratio,
               forecast ? std::optional(forecast->response_ratio) : std::nullopt);
  if (effect.server_ratio) {
    text += line("server CPU a call", milliseconds_text(effect.server_before->value),
                 milliseconds_text(effect.server_after->value), *effect.server_ratio,
                 forecast ? std::optional(forecast->demand_ratio) : std::nullopt);
  }
  if (!forecast) return text + "Not compared with a forecast: " + report.no_forecast + ".\n";
  const auto verdict = [](double said, double low, double high, double measured) {
    return fmt::format("off by {:+.1f} %; its band {}", measured > 0 ? 100 * (said / measured - 1) : 0,
                       low <= measured && measured <= high ? "holds" : "does not hold");
  };
  text += fmt::format(
      "The forecast of {}, × {:.3f} ({:.3f} to {:.3f}), is {}.\n", forecast->is_of_capacity ? "capacity" : "throughput",
      forecast->throughput_ratio, forecast->low, forecast->high,
      verdict(forecast->throughput_ratio, forecast->low, forecast->high, effect.throughput_ratio.value));
  return text + fmt::format("For the server that was logged it was {} ({} to {}): {}, as far as this one is like it.\n",
                            rate_text(forecast->throughput), rate_text(forecast->throughput_low),
                            rate_text(forecast->throughput_high),
                            verdict(forecast->throughput, forecast->throughput_low, forecast->throughput_high,
                                    effect.throughput_after.value));
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + printable(word);
  return text;
}

std::string findings(const ForecastedReport& report, const VerifyOutcome& outcome) {
  std::string text;
  if (!outcome.unused.empty()) text += fmt::format("used by no plan: {}\n", joined(outcome.unused));
  for (const SlowerClass& slower : outcome.slower) {
    text += fmt::format("slower: {}, for which may be: {}\n", printable(slower.id),
                        slower.changes.empty() ? "none of the changes" : joined(slower.changes));
  }
  if (!report.not_tried.empty())
    text += fmt::format("{} not tried\n", plural(report.not_tried.size(), "recommendation", "recommendations"));
  std::vector<std::string> unforecast;
  for (const TriedChange& change : report.tried) {
    if (!change.is_forecast) unforecast.push_back(change.id);
  }
  if (!unforecast.empty())
    text += fmt::format("tried without a forecast, so in the measured figures only: {}\n", joined(unforecast));
  for (const auto& [state, failed] : outcome.errors) {
    text += fmt::format("errors {}: {} without, {} with the changes: {}\n", printable(state), count_text(failed.before),
                        count_text(failed.after), shortened(printable(failed.message), kSqlShown));
  }
  return text;
}

std::string class_table(const ForecastedReport& report, const MeasuredEffect& effect) {
  std::string text = fmt::format("\n{:16} {:>7} {:>9} {:>9}  {:>22} {:>9}  {:7} {}\n", "class", "calls", "before",
                                 "after", "ratio", "forecast", "", "statement");
  const std::size_t shown = std::min(effect.classes.size(), kClassesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const ClassEffect& one = effect.classes[i];
    const std::string id = class_name(one.id);
    const auto forecast = report.cost_ratios.find(id);
    const auto sql = report.normalized.find(id);
    const char* verdict = one.verdict == EffectVerdict::kFaster   ? "faster"
                          : one.verdict == EffectVerdict::kSlower ? "SLOWER"
                                                                  : "";
    text += fmt::format("{:16} {:>7} {:>9} {:>9}  {:>22} {:>9}  {:7} {}\n", id, count_text(one.calls),
                        milliseconds_text(one.before_ms.value), milliseconds_text(one.after_ms.value),
                        fmt::format("{:.3f} ({:.3f}–{:.3f})", one.ratio.value, one.ratio.low, one.ratio.high),
                        forecast == report.cost_ratios.end() ? "–" : fmt::format("{:.3f}", forecast->second), verdict,
                        sql == report.normalized.end() ? "" : shortened(printable(sql->second), kSqlShown));
  }
  if (shown < effect.classes.size())
    text += fmt::format("… and {}\n", plural(effect.classes.size() - shown, "class", "classes"));
  return text;
}

double error_of(const ForecastOutcome& outcome) {
  return outcome.measured > 0 ? std::abs(outcome.forecast / outcome.measured - 1) : 0;
}

}  // namespace

std::string verify_summary(const ForecastedReport& report, const VerifyOutcome& outcome) {
  return sums(report, outcome.effect) + findings(report, outcome) + class_table(report, outcome.effect);
}

std::string history_summary(const std::vector<ForecastOutcome>& history) {
  if (history.empty()) return "No forecast was verified yet.\n";
  std::string text = fmt::format("{:26} {:12} {:9} {:>9} {:>17} {:>9} {:>9} {:>11} {:>11}\n", "verified", "database",
                                 "evidence", "forecast", "band", "measured", "error", "forecast/s", "measured/s");
  std::vector<double> errors;
  std::size_t bands = 0, held = 0;
  for (const ForecastOutcome& one : history) {
    errors.push_back(error_of(one));
    const bool has_band = one.low && one.high;
    bands += has_band;
    held += has_band && *one.low <= one.measured && one.measured <= *one.high;
    text += fmt::format("{:26} {:12} {:9} {:>9.3f} {:>17} {:>9.3f} {:>+7.1f} % {:>11} {:>11}\n", printable(one.time),
                        shortened(printable(one.database), 12), printable(one.evidence), one.forecast,
                        has_band ? fmt::format("{:.3f} to {:.3f}", *one.low, *one.high) : "–", one.measured,
                        100 * (one.measured > 0 ? one.forecast / one.measured - 1 : 0), rate_text(one.forecast_rate),
                        rate_text(one.measured_rate));
  }
  std::sort(errors.begin(), errors.end());
  const std::size_t middle = errors.size() / 2;
  const double median = errors.size() % 2 == 1 ? errors[middle] : (errors[middle - 1] + errors[middle]) / 2;
  return text + fmt::format("median error {:.1f} %, worst {:.1f} %, band holds {} of {}\n", 100 * median,
                            100 * errors.back(), held, bands);
}

}  // namespace assay
