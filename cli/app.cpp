#include "cli/app.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <thread>

#include "cli/command_flags.h"
#include "cli/command_line_texts.h"
#include "cli/messages.h"
#include "cli/replay_command.h"
#include "cli/report_command.h"
#include "cli/snapshot_command.h"

namespace assay {
namespace {

enum ExitStatus { kDone = 0, kFailed = 1, kUsage = 2, kFound = 3 };

int status_of(CheckStatus status) {
  return status == CheckStatus::kPassed ? kDone : status == CheckStatus::kFailed ? kFound : kFailed;
}

/// Hidden: for those who package the tool, and for the README's line on completions.
CLI::App* add_texts_command(CLI::App& app, std::string& what) {
  CLI::App* command = app.add_subcommand("texts", "Print the completions or the manual page")->group("");
  command->add_option("WHAT", what)->required()->check(CLI::IsMember({"bash", "zsh", "man"}));
  return command;
}

void print_text(const CLI::App& app, const std::string& what) {
  const std::string text = what == "bash"  ? bash_completion(app)
                           : what == "zsh" ? zsh_completion(app)
                                           : manual_page(app);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

/// What every command takes; CLI11 hands it on from there.
void add_general_flags(CLI::App& app, std::string& color) {
  app.set_version_flag("--version", "assay " ASSAY_VERSION);
  app.set_config("--config", "", "Read options from this file: [report] and then name = value, as on the command line")
      ->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.add_option("--color", color,
                 "Colour in messages: auto (default: on a terminal, unless NO_COLOR is set), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
}

int parse_and_run(int argc, char** argv) {
  CLI::App app("Assay weighs a database's query log: what each query costs, and what to change.", "assay");
  std::string color = "auto", text;
  add_general_flags(app, color);
  app.require_subcommand(1);
  app.fallthrough();
  RawReportFlags report;
  report.options.read.jobs = std::max(1U, std::thread::hardware_concurrency());
  SnapshotOptions snapshot;
  RawCheckFlags check;
  check.reading.options.read.jobs = report.options.read.jobs;
  RawReplayFlags replay{.input = report};
  RawVerifyFlags verify{.replay = replay};
  RawDiffFlags diff;
  diff.reading.options.read.jobs = report.options.read.jobs;
  CLI::App* report_command = add_report_command(app, report);
  CLI::App* snapshot_command = add_snapshot_command(app, snapshot);
  const CLI::App* check_command = add_check_command(app, check);
  const CLI::App* replay_command = add_replay_command(app, replay);
  add_verify_command(app, verify);
  const CLI::App* diff_command = add_diff_command(app, diff);
  RawWatchFlags watch;
  const CLI::App* watch_command = add_watch_command(app, watch);
  const CLI::App* texts_command = add_texts_command(app, text);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kDone : kUsage;  // CLI11 has statuses of its own, such as 106
  }
  set_color(color == "auto" ? wants_color() : color == "always");
  if (app.got_subcommand(texts_command)) {
    print_text(app, text);
    return kDone;
  }
  if (app.got_subcommand(watch_command)) {
    run_watch(meaning_of(std::move(watch)));
    return kDone;
  }
  if (app.got_subcommand(check_command)) return status_of(run_check(meaning_of(std::move(check))));
  const auto run_command = [&] {
    if (app.got_subcommand(report_command)) return run_report(meaning_of(std::move(report)));
    if (app.got_subcommand(snapshot_command)) return run_snapshot(snapshot);
    if (app.got_subcommand(diff_command)) return run_diff(meaning_of(std::move(diff)));
    if (app.got_subcommand(replay_command)) return run_replay_command(meaning_of(std::move(replay)));
    return run_verify(meaning_of(std::move(verify)));
  };
  return run_command() ? kDone : kFailed;
}

}  // namespace

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), not a death without a word
  try {
    return parse_and_run(argc, argv);
  } catch (const UsageError& problem) {
    print_error(problem);
    return kUsage;
  } catch (const Error& problem) {
    print_error(problem);
    return kFailed;
  } catch (const std::bad_alloc&) {
    print_error("out of memory", "read fewer logs at once, or give --jobs 1");
    return kFailed;
  } catch (const std::exception& problem) {
    print_error(std::string("unexpected: ") + problem.what(), "please report it, with the command line");
    return kFailed;
  }
}

}  // namespace assay
