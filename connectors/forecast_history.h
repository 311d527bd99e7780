// What forecasts said and what was measured, kept from run to run, so that the tool's own errors can be looked up: a
// small SQLite file in the user's state folder. Figures only: no statement, no value, no name of a server.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay {

struct ForecastOutcome {
  std::string time;                 ///< ISO 8601
  std::string version;              ///< of assay
  std::string database;             ///< as the log names it
  std::string evidence;             ///< of the forecast: planned, estimated
  double forecast = 0;              ///< ratio of throughputs, after / before
  std::optional<double> low, high;  ///< its band
  double measured = 0;
  double forecast_rate = 0, measured_rate = 0;  ///< after, executions a second; the forecast's of the logged server
  double noise = 0;                             ///< spread of the measured ratio over the rounds, relative
};

/// $XDG_STATE_HOME/assay/history.sqlite, else ~/.local/state/assay/history.sqlite; nothing where neither is known.
std::optional<std::filesystem::path> history_path();

/// Makes file and folder, private to the user, where they are not there. Throws Error.
void add_to_history(const std::filesystem::path& path, const ForecastOutcome& outcome);

/// Oldest first; none where there is no file. Throws Error: no history, or of a newer version.
std::vector<ForecastOutcome> read_history(const std::filesystem::path& path);

}  // namespace assay
