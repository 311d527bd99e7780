#include "cli/options.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <utility>

namespace assay {

std::int64_t parse_size(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, int>, 5> kUnits = {
      {{"", 0}, {"kB", 10}, {"MB", 20}, {"GB", 30}, {"TB", 40}}};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, shift] : kUnits) {
    const bool fits = number >= 0 && number <= (std::numeric_limits<std::int64_t>::max() >> shift);
    if (error == std::errc{} && unit == name && fits) return number << shift;
  }
  throw UsageError(fmt::format("'{}' is no size: write a number and kB, MB, GB or TB, such as 512MB", text));
}

LoggingSettings parse_logging_options(const std::optional<std::string>& threshold,
                                      const std::optional<std::string>& sample_rate) {
  LoggingSettings settings;
  if (threshold) {
    settings.log_min_duration_statement = parse_threshold(*threshold);
    if (!settings.log_min_duration_statement || !*settings.log_min_duration_statement) {
      throw UsageError(
          fmt::format("'{}' is no duration: write a number and us, ms, s or min, such as 100ms", *threshold));
    }
  }
  if (sample_rate) {
    settings.log_statement_sample_rate = parse_rate(*sample_rate);
    if (settings.log_statement_sample_rate.value_or(0) == 0) {
      throw UsageError(
          fmt::format("'{}' is no sampling rate: write a share of 0.000001 to 1, such as 0.1", *sample_rate));
    }
    settings.log_min_duration_sample = Microseconds{0};
    if (!threshold) settings.log_min_duration_statement = LoggingSettings::Threshold();
    settings.logs_all_durations = false;
  }
  return settings;
}

TimeBound parse_time_option(std::string_view text, std::optional<UtcOffset> zone) {
  const auto time = parse_iso8601(text, zone.value_or(UtcOffset{0}));
  if (!time) {
    throw UsageError(fmt::format("'{}' is no time", text), "write ISO 8601, such as 2026-11-22T10:00:00+01:00");
  }
  const bool has_offset = parse_iso8601(text, UtcOffset{60})->utc == parse_iso8601(text, UtcOffset{0})->utc;
  return {time->utc, !has_offset && !zone};
}

UtcOffset parse_zone_option(std::string_view text) {
  if (const auto offset = parse_utc_offset(text)) return *offset;
  throw UsageError(fmt::format("'{}' is no time zone known here: write an offset, such as +02:00", text));
}

ReportFormat report_format(const std::optional<std::string>& format, const std::optional<std::string>& output) {
  static const std::map<std::string, ReportFormat> kFormats = {{"markdown", ReportFormat::kMarkdown},
                                                               {"md", ReportFormat::kMarkdown},
                                                               {"html", ReportFormat::kHtml},
                                                               {"json", ReportFormat::kJson},
                                                               {"csv", ReportFormat::kCsv}};
  const std::size_t dot = output ? output->rfind('.') : std::string::npos;
  const auto found = kFormats.find(format ? *format : dot == std::string::npos ? "" : output->substr(dot + 1));
  return found == kFormats.end() ? ReportFormat::kMarkdown : found->second;
}

ChartStyle chart_style(const std::optional<std::string>& charts, bool to_file) {
  if (charts) return *charts == "text" ? ChartStyle::kText : ChartStyle::kMermaid;
  return to_file ? ChartStyle::kMermaid : ChartStyle::kText;
}

}  // namespace assay
