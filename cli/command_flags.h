// Each command's flags, help and meaning: NAME_flags.cpp is the file of `assay NAME`.
//
// A Raw… is the command line as it was typed, which CLI11 fills in; meaning_of makes options of it, and throws
// UsageError where it has none. Sizes, times and levels stay texts until then, so that their messages are ours.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/check_command.h"
#include "cli/diff_command.h"
#include "cli/options.h"
#include "cli/replay_options.h"
#include "cli/verify_command.h"
#include "cli/watch/watch_command.h"

namespace CLI {
class App;
}  // namespace CLI

namespace assay {

struct RawReportFlags {
  ReportOptions options;
  std::optional<std::string> format, charts, budget, cache_memory, memory, since, until, log_format, zone,
      log_threshold, log_sample_rate;
};
CLI::App* add_report_command(CLI::App& app, RawReportFlags& raw);
ReportOptions meaning_of(RawReportFlags raw);

CLI::App* add_snapshot_command(CLI::App& app, SnapshotOptions& options);

struct RawReplayFlags {
  RawReportFlags input;
  ReplayOptions options;
  std::optional<std::string> duration, statement_timeout;
};
CLI::App* add_replay_command(CLI::App& app, RawReplayFlags& raw);
ReplayOptions meaning_of(RawReplayFlags raw);

struct RawVerifyFlags {
  RawReplayFlags replay;
  VerifyOptions options;
};
CLI::App* add_verify_command(CLI::App& app, RawVerifyFlags& raw);
VerifyOptions meaning_of(RawVerifyFlags raw);

struct RawCheckFlags {
  RawReportFlags reading;
  CheckOptions options;
  std::string format = "text", fail_on = "error";
  std::vector<std::string> rules, budgets;
};
CLI::App* add_check_command(CLI::App& app, RawCheckFlags& raw);
CheckOptions meaning_of(RawCheckFlags raw);

struct RawDiffFlags {
  RawReportFlags reading;
  DiffOptions options;
};
CLI::App* add_diff_command(CLI::App& app, RawDiffFlags& raw);
DiffOptions meaning_of(RawDiffFlags raw);

struct RawWatchFlags {
  WatchOptions options;
  std::string format = "text";
  std::optional<std::string> log_format, zone;
  std::int64_t window = 60, days = 7;
};
CLI::App* add_watch_command(CLI::App& app, RawWatchFlags& raw);
WatchOptions meaning_of(RawWatchFlags raw);

/// INPUT and the catalog, as report and check take them.
void add_inputs(CLI::App& command, RawReportFlags& raw);

/// Which records are read, and how: of all commands that read logs.
void add_input_flags(CLI::App& command, RawReportFlags& raw);

/// How fast, and how long: of the commands that replay.
void add_pace_flags(CLI::App& command, RawReplayFlags& raw);

}  // namespace assay
