#include "cli/diff_command.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "cli/inputs.h"
#include "cli/messages.h"
#include "cli/read_inputs.h"
#include "cli/run_stats.h"
#include "cli/whole_file.h"

namespace assay {
namespace {

struct ReadSide {
  Workload workload;
  bool complete = true;
  std::vector<std::string> files;
};

ReadSide read_side(const std::string& argument, const ReportOptions& options) {
  Diagnostics problems;
  const Inputs inputs = expand_inputs({argument}, problems);
  for (const Diagnostic& problem : problems) print(problem);
  ReadLogs logs = read_inputs(inputs, options, nullptr);
  if (logs.workload.inputs.empty()) throw Error(argument + ": could not be read", "nothing was compared");
  if (logs.workload.executions == 0) {
    print(Diagnostic{.file = argument,
                     .severity = Severity::kWarning,
                     .message = "no executed statement was found",
                     .hint = "set log_min_duration_statement = 0 on the server, for a while, to log them"});
  }
  return {std::move(logs.workload), logs.all_read, inputs.files};
}

DiffSide told_side(const Workload& workload) {
  DiffSide side{.first = workload.first, .last = workload.last};
  for (const InputAccount& input : workload.inputs) side.inputs.push_back(input.path);
  return side;
}

void check_output(const std::vector<std::string>& read, const std::optional<std::string>& output) {
  std::error_code ignored;
  if (!output || output->starts_with("/dev/")) return;
  for (const std::string& file : read) {
    if (std::filesystem::equivalent(file, *output, ignored)) {
      throw UsageError(*output + ": would replace what is read", "choose another name for it");
    }
  }
}

void write_to_stdout(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) return;
  throw Error("the comparison could not be written to standard output", "give a file with -o");
}

}  // namespace

bool run_diff(const DiffOptions& options) {
  RunStats stats;
  const ReadSide before = read_side(options.before, options.reading);
  const ReadSide after = read_side(options.after, options.reading);
  stats.end_of("reading");
  for (const auto& output : {options.reading.output, options.reading.stats}) {
    check_output(before.files, output);
    check_output(after.files, output);
  }
  const Diff diff{compare(before.workload, after.workload), told_side(before.workload), told_side(after.workload)};
  stats.end_of("comparing");
  const std::string text = options.reading.format == ReportFormat::kJson ? to_json(diff) : to_markdown(diff);
  if (options.reading.output) {
    write_whole_file(*options.reading.output, text);
  } else {
    write_to_stdout(text);
  }
  if (options.reading.stats) {
    Workload both;
    for (const ReadSide* side : {&before, &after}) {
      both.inputs.insert(both.inputs.end(), side->workload.inputs.begin(), side->workload.inputs.end());
    }
    write_whole_file(*options.reading.stats, stats.to_json(both, options.reading.read.jobs));
  }
  if (options.reading.output && !options.reading.quiet) {
    std::fprintf(stderr, "%s\n", diff_verdict(diff.comparison).c_str());
  }
  return before.complete && after.complete;
}

}  // namespace assay
