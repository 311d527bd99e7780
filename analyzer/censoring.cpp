#include "analyzer/censoring.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "analyzer/workload.h"
#include "parser/base/scan.h"

namespace assay {
namespace {

constexpr std::size_t kMostPeriods = 32;
constexpr std::size_t kMostServers = 1000;

/// The number at the front of `text`, all of which is taken off it.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  return value;
}

/// In microseconds; 0 for what is no unit.
double unit_us(std::string_view unit) {
  constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{
      {{"", 1e3}, {"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"min", 60e6}, {"h", 3600e6}, {"d", 86400e6}}};
  for (const auto& [name, us] : kUnits) {
    if (name == unit) return us;
  }
  return 0;
}

template <typename Value>
void lay_over(std::optional<Value>& below, const std::optional<Value>& above) {
  if (above) below = above;
}

LoggingSettings overlaid(LoggingSettings below, const LoggingSettings& above) {
  lay_over(below.log_min_duration_statement, above.log_min_duration_statement);
  lay_over(below.log_min_duration_sample, above.log_min_duration_sample);
  lay_over(below.auto_explain_log_min_duration, above.auto_explain_log_min_duration);
  lay_over(below.log_statement_sample_rate, above.log_statement_sample_rate);
  lay_over(below.log_transaction_sample_rate, above.log_transaction_sample_rate);
  lay_over(below.auto_explain_sample_rate, above.auto_explain_sample_rate);
  lay_over(below.logs_all_durations, above.logs_all_durations);
  return below;
}

/// A setting by name; false for one that does not bear on what is logged.
bool set(LoggingSettings& settings, std::string_view name, std::string_view value) {
  if (name == "log_min_duration_statement") {
    lay_over(settings.log_min_duration_statement, parse_threshold(value));
  } else if (name == "log_min_duration_sample") {
    lay_over(settings.log_min_duration_sample, parse_threshold(value));
  } else if (name == "auto_explain.log_min_duration") {
    lay_over(settings.auto_explain_log_min_duration, parse_threshold(value));
  } else if (name == "log_statement_sample_rate") {
    lay_over(settings.log_statement_sample_rate, parse_rate(value));
  } else if (name == "log_transaction_sample_rate") {
    lay_over(settings.log_transaction_sample_rate, parse_rate(value));
  } else if (name == "auto_explain.sample_rate") {
    lay_over(settings.auto_explain_sample_rate, parse_rate(value));
  } else {
    return false;
  }
  return true;
}

/// Their values in guc_tables.c and auto_explain.c.
std::string_view default_of(std::string_view name) {
  if (name.ends_with("statement_sample_rate") || name == "auto_explain.sample_rate") return "1";
  return name == "log_transaction_sample_rate" ? "0" : "-1";
}

/// The messages of ProcessConfigFileInternal in guc.c: parameter "…" changed to "…", and its like.
bool read_change(std::string_view message, LoggingSettings& settings) {
  if (!take(message, "parameter \"")) return false;
  const auto end = message.find('"');
  if (end == std::string_view::npos) return false;
  const auto name = message.substr(0, end);
  message.remove_prefix(end);
  if (take(message, "\" changed to \"")) return set(settings, name, message.substr(0, message.find('"')));
  return take(message, "\" removed from configuration file, reset to default") && set(settings, name, default_of(name));
}

bool is_execution(const LogRecord& record) {
  return record.kind == RecordKind::kExecution || record.kind == RecordKind::kUnfinished;
}

/// A client can RAISE LOG any text, but not without its user, its statement or a context.
bool is_of_the_server(const LogRecord& record) {
  return record.user.empty() && record.sql.empty() && record.context.empty();
}

}  // namespace

std::optional<LoggingSettings::Threshold> parse_threshold(std::string_view text) {
  const auto number = take_number(text);
  const double us = number ? *number * unit_us(text) : 0;
  constexpr double kMost = 1e15;
  if (!number || unit_us(text) == 0 || us > kMost) return std::nullopt;
  if (*number < 0) return LoggingSettings::Threshold();
  return LoggingSettings::Threshold(Microseconds(std::llround(us)));
}

std::optional<std::uint32_t> parse_rate(std::string_view text) {
  const auto number = take_number(text);
  if (!number || !text.empty() || *number < 0 || *number > 1) return std::nullopt;
  const auto millionths = static_cast<std::uint32_t>(std::lround(*number * kWholeRate));
  if (millionths == 0 && *number > 0) return std::nullopt;
  return millionths;
}

LoggingSettings logging_settings(const std::map<std::string, std::string>& settings) {
  LoggingSettings known;
  for (const auto& [name, value] : settings) set(known, name, value);
  const auto duration = settings.find("log_duration"), statement = settings.find("log_statement");
  if (duration != settings.end() && statement != settings.end()) {
    known.logs_all_durations = duration->second == "on" && statement->second == "all";
  }
  return known;
}

std::uint32_t logged_share(const LoggingSettings& settings, Microseconds duration) {
  const auto reaches = [&](const std::optional<LoggingSettings::Threshold>& threshold) {
    return threshold && *threshold && duration >= **threshold;
  };
  if (settings.logs_all_durations.value_or(false) || reaches(settings.log_min_duration_statement)) return kWholeRate;
  const std::uint64_t by_statement =
      reaches(settings.log_min_duration_sample) ? settings.log_statement_sample_rate.value_or(0) : 0;
  const std::uint64_t by_transaction = settings.log_transaction_sample_rate.value_or(0);
  return static_cast<std::uint32_t>(by_statement + by_transaction - by_statement * by_transaction / kWholeRate);
}

CensoringObserver::CensoringObserver(LoggingSettings flags, LoggingSettings snapshot)
    : flags_(std::move(flags)),
      snapshot_(std::move(snapshot)),
      are_settings_given_(!flags_.is_empty() || !snapshot_.is_empty()) {}

const LogRecord& CensoringObserver::weigh(const LogRecord& record) {
  if (!is_execution(record)) {
    if (record.message.starts_with("parameter \"") && is_of_the_server(record)) take_notice(record);
    return record;
  }
  const bool is_known = !servers_.empty() || are_settings_given_;
  return is_known && record.timed ? weigh_execution(server_of(record), record) : record;
}

CensoringObserver::Server& CensoringObserver::server_of(const LogRecord& record) {
  const std::size_t index = std::min<std::size_t>(record.server, kMostServers);
  while (servers_.size() <= index) {
    servers_.emplace_back();
    LogRecord from_its_beginning;
    from_its_beginning.server = static_cast<std::uint32_t>(servers_.size() - 1);
    begin_period(servers_.back(), from_its_beginning);
  }
  return servers_[index];
}

void CensoringObserver::take_notice(const LogRecord& message) {
  LoggingSettings change;
  if (!read_change(message.message, change)) return;
  Server& server = server_of(message);
  server.told = overlaid(server.told, change);
  begin_period(server, message);
}

void CensoringObserver::begin_period(Server& server, const LogRecord& at) {
  const LoggingSettings now = overlaid(overlaid(snapshot_, server.told), flags_);
  if (now == server.now) return;
  server.now = now;
  server.period.reset();
  if (censoring_.periods.size() == kMostPeriods) {
    censoring_.has_more_periods = true;
    return;
  }
  CensoringPeriod period;
  if (at.time.utc != Timestamp()) period.from = at.time;
  period.server = at.server;
  period.settings = now;
  period.source = !flags_.is_empty()        ? "the command line"
                  : !server.told.is_empty() ? "the log"
                                            : "the settings in the catalog";
  server.period = censoring_.periods.size();
  censoring_.periods.push_back(std::move(period));
}

const LogRecord& CensoringObserver::weigh_execution(const Server& server, const LogRecord& record) {
  const bool is_completed = record.kind == RecordKind::kExecution;
  CensoringPeriod* period = server.period ? &censoring_.periods[*server.period] : nullptr;
  if (period && is_completed) ++period->executions;
  const std::uint32_t share = logged_share(server.now, record.duration);
  if (share == 0) {
    if (period && is_completed && !record.sql.empty()) ++period->unexplained;
    return record;
  }
  if (share == kWholeRate || record.weight != 1) return record;
  weighed_ = record;
  weighed_.weight = kWholeRate;
  weighed_.weight_per = share;
  // Each of parse, bind and execute is drawn for itself, so executions are counted by their execute alone.
  if (record.inferred) weighed_.kind = RecordKind::kUnfinished;
  if (period && weighed_.kind == RecordKind::kExecution) ++period->sampled;
  return weighed_;
}

std::optional<Microseconds> apparent_threshold(const Workload& workload) {
  constexpr std::uint64_t kFewest = 100;
  constexpr std::array kMantissas{1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0};
  LatencySketch all;
  Microseconds shortest = Microseconds::max();
  for (const QueryClass& query : workload.classes) {
    if (query.timed_calls == 0) continue;
    all.merge(query.latencies);
    shortest = std::min(shortest, query.shortest);
  }
  if (all.count() < kFewest || shortest < std::chrono::milliseconds{1}) return std::nullopt;
  const auto us = static_cast<double>(shortest.count());
  const double decade = std::pow(10, std::floor(std::log10(us)));
  const double mantissa = *std::prev(std::upper_bound(kMantissas.begin(), kMantissas.end(), us / decade));
  const double edge = mantissa * decade;
  // If as many executions lay evenly between the edge and its double, the first would be that close to it: three times
  // the mean distance is exceeded with a probability of e^-3.
  double low = 0, high = 1;
  for (int step = 0; step < 30; ++step) {
    const double middle = (low + high) / 2;
    (static_cast<double>(all.percentile(middle).count()) < 2 * edge ? low : high) = middle;
  }
  const double close = low * static_cast<double>(all.count());
  const bool is_sharp = close >= 20 && (us - edge) <= 3 * edge / close;
  return is_sharp ? std::optional(Microseconds(std::llround(edge))) : std::nullopt;
}

}  // namespace assay
