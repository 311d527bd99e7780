// The first line of a comparison.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/diff_command.h"
#include "cli/units.h"

namespace assay {
namespace {

constexpr double kNoisy = 1.3;       // ratio of times that should be found
constexpr double kWorthAWord = 0.1;  // of what all classes share

template <typename Is>
std::size_t count_of(const Comparison& comparison, Is is) {
  return static_cast<std::size_t>(std::count_if(comparison.classes.begin(), comparison.classes.end(), is));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  }
  return text;
}

std::string what_changed(const Comparison& comparison) {
  using Class = ClassComparison;
  std::vector<std::string> parts;
  const auto say = [&](std::size_t count, const char* what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  say(count_of(comparison, [](const Class& c) { return c.time.change == Change::kMore; }), "slower");
  say(count_of(comparison, [](const Class& c) { return c.time.change == Change::kLess; }), "faster");
  say(count_of(comparison, [](const Class& c) { return c.presence == Presence::kNew && c.is_certain; }), "new");
  say(count_of(comparison, [](const Class& c) { return c.presence == Presence::kGone && c.is_certain; }), "gone");
  say(count_of(comparison, [](const Class& c) { return c.frequency.change == Change::kMore; }), "more frequent");
  say(count_of(comparison, [](const Class& c) { return c.frequency.change == Change::kLess; }), "less frequent");
  say(count_of(comparison, [](const Class& c) { return c.errors == Change::kMore; }), "with more errors");
  say(count_of(comparison, [](const Class& c) { return c.errors == Change::kLess; }), "with fewer errors");
  const std::string of_all = plural(comparison.classes.size(), "query class", "query classes");
  if (comparison.judged_times == 0 && parts.empty()) return "No class could be compared.";
  if (parts.empty())
    return fmt::format("No query class changed beyond noise, of {} that could be compared.", comparison.judged_times);
  return fmt::format("Of {}, {}.", of_all, joined(parts));
}

/// So that nothing told is never taken for nothing changed.
std::string what_noise_hides(const Comparison& comparison) {
  if (comparison.judged_times == 0 || comparison.detectable_time < kNoisy) return {};
  return fmt::format(" Noise is high: a class with a typical share of it would have to be {:.0f} % slower to be told.",
                     100 * (comparison.detectable_time - 1));
}

std::string what_all_share(const Comparison& comparison) {
  std::string text;
  const auto say = [&](double ratio, const char* more, const char* less) {
    if (std::abs(std::log(ratio)) < std::log(1 + kWorthAWord)) return;
    text += fmt::format(" All classes alike are {:.0f} % {}.", 100 * std::abs(ratio - 1), ratio > 1 ? more : less);
  };
  say(comparison.common_time, "slower", "faster");
  say(comparison.common_frequency, "more frequent", "less frequent");
  return text;
}

std::string what_it_costs(const Comparison& comparison) {
  if (!comparison.has_rates || comparison.before.ms_per_s <= 0) return {};
  double by_time = 0, by_frequency = 0;
  for (const ClassComparison& one : comparison.classes) by_time += one.by_time, by_frequency += one.by_frequency;
  return fmt::format(
      " Statements took {:.1f} ms a second before and {:.1f} after ({:+.0f} %): {:+.1f} by the time of a call, {:+.1f} "
      "by "
      "frequency.",
      comparison.before.ms_per_s, comparison.after.ms_per_s,
      100 * (comparison.after.ms_per_s / comparison.before.ms_per_s - 1), by_time, by_frequency);
}

}  // namespace

std::string diff_verdict(const Comparison& comparison) {
  return what_changed(comparison) + what_noise_hides(comparison) + what_all_share(comparison) +
         what_it_costs(comparison);
}

}  // namespace assay
