// What the server left out of its log: statements below a threshold, or all but a sample of them.
//
// Known from flags, from the log ("parameter "log_min_duration_statement" changed to "100ms""), or from the
// snapshot's settings, in that order of trust; where nothing is known, a sharp lower edge of all durations at a
// round number is told as what it looks like. Where the rate of a sample is known, records get the weight that they
// stand for. What is below a threshold is not known, and nothing is scaled for it.
//
// What it leaves out: settings of single roles, databases and sessions, which neither log nor snapshot tells; that the
// server draws parse, bind and execute one by one (an execution is weighed by its sum).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "parser/log/record.h"

namespace assay {

/// PostgreSQL's settings of these names, as far as they are known. Thresholds: absent within means off (-1). Rates are
/// in millionths, so that those which people write are exact.
struct LoggingSettings {
  using Threshold = std::optional<Microseconds>;
  std::optional<Threshold> log_min_duration_statement, log_min_duration_sample, auto_explain_log_min_duration;
  std::optional<std::uint32_t> log_statement_sample_rate, log_transaction_sample_rate, auto_explain_sample_rate;
  std::optional<bool> logs_all_durations;  ///< log_duration = on with log_statement = all

  bool operator==(const LoggingSettings&) const = default;
  bool is_empty() const { return *this == LoggingSettings(); }
};
inline constexpr std::uint32_t kWholeRate = 1'000'000;

/// "100ms", "1.5s", "1min", "250" (milliseconds), "-1" (off), as PostgreSQL reads them. Nothing for other texts.
std::optional<LoggingSettings::Threshold> parse_threshold(std::string_view text);

/// 0 to 1, in millionths; smaller positive ones than that are none.
std::optional<std::uint32_t> parse_rate(std::string_view text);

LoggingSettings logging_settings(const std::map<std::string, std::string>& settings);

/// The probability with which an execution of that length is logged, in millionths; 0 where the settings say that it
/// is not, or do not say (check_log_duration in postgres.c).
std::uint32_t logged_share(const LoggingSettings& settings, Microseconds duration);

/// From `from` on, on one server, the log tells what these settings let through.
struct CensoringPeriod {
  std::optional<ZonedTime> from;  ///< absent: from its beginning
  std::uint32_t server = 0;
  LoggingSettings settings;
  std::string source;  ///< "--log-threshold and --log-sample-rate", "the log", "the snapshot"

  // What was seen of it:
  std::uint64_t executions = 0;
  std::uint64_t sampled = 0;      ///< thereof: stand for more than themselves
  std::uint64_t unexplained = 0;  ///< faster than the settings let through: they did not hold for all
};

struct Censoring {
  std::vector<CensoringPeriod> periods;  ///< in which something is known
  bool has_more_periods = false;
  std::optional<Microseconds> apparent_threshold;  ///< nothing is known, but the durations look like one
};

/// Watches the records on their way to the workload.
class CensoringObserver {
 public:
  CensoringObserver(LoggingSettings flags, LoggingSettings snapshot);

  /// The record as it is to be counted: with its weight. Views stay those of `record`.
  const LogRecord& weigh(const LogRecord& record);

  Censoring finish() { return std::move(censoring_); }

 private:
  struct Server {
    LoggingSettings told;  ///< by the log
    LoggingSettings now;
    std::optional<std::size_t> period;
  };

  Server& server_of(const LogRecord& record);
  void take_notice(const LogRecord& message);
  void begin_period(Server& server, const LogRecord& at);
  const LogRecord& weigh_execution(const Server& server, const LogRecord& record);

  LoggingSettings flags_, snapshot_;
  bool are_settings_given_;
  std::vector<Server> servers_;
  Censoring censoring_;
  LogRecord weighed_;
};

struct Workload;

/// A round number that all durations lie above, and many closely.
std::optional<Microseconds> apparent_threshold(const Workload& workload);

}  // namespace assay
