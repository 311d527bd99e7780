// assay diff: what became of each query class from one workload to another.
#pragma once

#include <string>
#include <vector>

#include "analyzer/comparison.h"
#include "cli/options.h"

namespace assay {

struct DiffOptions {
  std::string before, after;  ///< an INPUT each: a file, a folder, a pattern, or a saved workload
  ReportOptions reading;      ///< without inputs; format, output and what both are read with
};

/// One of the two, for the report.
struct DiffSide {
  std::vector<std::string> inputs;
  std::optional<ZonedTime> first, last;
};

struct Diff {
  Comparison comparison;
  DiffSide before, after;
};

/// What a reader who reads one line needs to know.
std::string diff_verdict(const Comparison& comparison);

std::string to_markdown(const Diff& diff);
std::string to_json(const Diff& diff);  ///< docs/diff.schema.json

/// False where an input could not be read; that was printed. Throws UsageError and Error.
bool run_diff(const DiffOptions& options);

}  // namespace assay
