#include "cli/censoring_text.h"

#include <fmt/format.h>

#include "cli/units.h"

namespace assay {
namespace {

using Threshold = LoggingSettings::Threshold;

constexpr const char* kLowerBounds =
    "counts and throughput are lower bounds, and N+1 loops and candidates for a cache cannot be seen";

bool is_on(const std::optional<Threshold>& threshold) { return threshold && *threshold; }
bool is_a_part(const std::optional<std::uint32_t>& rate) { return rate && *rate > 0 && *rate < kWholeRate; }

std::string rate_of(std::uint32_t millionths) {
  return fmt::format("{}", millionths / static_cast<double>(kWholeRate));
}

/// "faster than 100 ms", or nothing where none is logged for sure.
std::string faster(const LoggingSettings& settings) {
  return is_on(settings.log_min_duration_statement)
             ? " faster than " + duration_text(**settings.log_min_duration_statement)
             : "";
}

std::string sampling(const LoggingSettings& settings) {
  std::string text;
  if (samples_statements(settings)) {
    const Microseconds from = **settings.log_min_duration_sample;
    const auto& rate = settings.log_statement_sample_rate;
    text = fmt::format("of the statements{}{}, {} was logged", faster(settings),
                       from.count() > 0 ? " and not faster than " + duration_text(from) : "",
                       rate ? "a share of " + rate_of(*rate) : "a sample of unknown size");
    if (!rate) text += fmt::format(": {}", kLowerBounds);
    if (from.count() > 0) text += ", and none of those below";
  }
  if (is_a_part(settings.log_transaction_sample_rate)) {
    if (!text.empty()) text += "; ";
    text += fmt::format(
        "of the transactions, a share of {} was logged whole: their statements were drawn together, so the true error "
        "is larger than the one stated",
        rate_of(*settings.log_transaction_sample_rate));
  }
  return text;
}

std::string below_threshold(const LoggingSettings& settings) {
  return fmt::format("statements{} are not in this log: {}", faster(settings), kLowerBounds);
}

std::string plans(const LoggingSettings& settings) {
  const auto& from = settings.auto_explain_log_min_duration;
  const bool is_part = is_a_part(settings.auto_explain_sample_rate);
  if (!is_on(from) || ((*from)->count() == 0 && !is_part)) return {};
  return fmt::format("plans are those of statements of {} and more{}", duration_text(**from),
                     is_part ? ", of a share of " + rate_of(*settings.auto_explain_sample_rate) : "");
}

/// A setting that many logged executions contradict: it did not hold for all of the log.
bool is_contradicted(const CensoringPeriod& period) {
  constexpr std::uint64_t kOneIn = 20;
  return period.unexplained * kOneIn > period.executions;
}

std::string sentence_of(const Report& report, const CensoringPeriod& period) {
  std::string what = sampling(period.settings);
  if (what.empty()) what = below_threshold(period.settings);
  if (is_contradicted(period)) {
    what = fmt::format("statements{} should not be in this log, but {} are: the setting did not hold for all of it",
                       faster(period.settings), count_text(period.unexplained));
  }
  const bool several = server_count(report.workload) > 1;
  return fmt::format("{}{}{}, by {}", period.from ? "from " + time_text(report, *period.from) + " on, " : "",
                     several ? fmt::format("on server {}, ", period.server + 1) : "", what, period.source);
}

std::string estimates(const Workload& workload) {
  return fmt::format(
      "{} stand for an estimated {} (standard error {}), and {} of logged time for {} (standard error {}): counts, "
      "totals, shares, means and percentiles are these estimates",
      plural(workload.executions, "logged execution", "logged executions"), count_text(workload.estimated_executions),
      count_text(static_cast<std::uint64_t>(workload.executions_error + 0.5)), duration_text(workload.total),
      duration_text(workload.estimated_total), milliseconds_text(workload.total_error_us / 1e3));
}

}  // namespace

std::vector<std::string> what_the_log_leaves_out(const Report& report) {
  const Workload& workload = report.workload;
  std::vector<std::string> sentences;
  if (workload.is_sampled()) sentences.push_back(estimates(workload));
  for (const CensoringPeriod& period : workload.censoring.periods) {
    if (leaves_out(period.settings) && period.executions > 0) sentences.push_back(sentence_of(report, period));
    if (auto text = plans(period.settings); !text.empty()) sentences.push_back(text + ", by " + period.source);
  }
  if (workload.censoring.has_more_periods) {
    sentences.push_back("the settings changed more often than is told here");
  }
  if (const auto edge = workload.censoring.apparent_threshold) {
    sentences.push_back(fmt::format(
        "no statement is faster than {0} and many are little slower: that looks like log_min_duration_statement = {0}; "
        "then {1}",
        duration_text(*edge), kLowerBounds));
  }
  return sentences;
}

}  // namespace assay
