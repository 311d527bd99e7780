// assay verify: tries a report's changes out on a scratch server, and holds what they bring against the forecast.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/measured_effect.h"
#include "cli/forecasted_report.h"
#include "cli/replay_options.h"
#include "connectors/forecast_history.h"

namespace assay {

struct VerifyOptions {
  ReplayOptions replay;  ///< inputs, output, pace and limits; the server is `scratch`
  std::string report, scratch;
  std::optional<std::string> template_database, dump;
  int rounds = 3;
  bool show_history = false, no_history = false;
  std::optional<std::string> history_file;
};

/// True when it ran to its end. Throws UsageError and Error; then nothing is written, and the databases are gone.
bool run_verify(const VerifyOptions& options);

/// A class that became slower, and the tried changes that may be why: those for it, then the others on its tables.
struct SlowerClass {
  std::string id;
  std::vector<std::string> changes;
};

/// Statements that failed, over all rounds.
struct FailedStatements {
  std::uint64_t before = 0, after = 0;
  std::string message;  ///< of the first one
};

struct VerifyOutcome {
  MeasuredEffect effect;
  std::vector<std::string> unused;             ///< ids of created indexes that no plan used
  std::map<std::string, std::uint64_t> scans;  ///< by id
  std::vector<SlowerClass> slower;
  std::map<std::string, FailedStatements> errors;  ///< by SQLSTATE
  std::uint64_t executions = 0;                    ///< in the log
  std::map<std::string, std::uint64_t> left_out;   ///< of a round, by reason
};

/// The report with what was measured in it.
std::string with_measured(const ForecastedReport& report, const VerifyOutcome& outcome);

std::string verify_summary(const ForecastedReport& report, const VerifyOutcome& outcome);

/// Errors of past forecasts: median, worst, how often the band held.
std::string history_summary(const std::vector<ForecastOutcome>& history);

}  // namespace assay
