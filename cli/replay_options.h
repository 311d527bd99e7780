// What `assay replay` was asked for.
#pragma once

#include <optional>
#include <string>

#include "cli/options.h"

namespace assay {

struct ReplayOptions {
  ReportOptions reading;  ///< inputs, filters and how they are read
  std::string server;     ///< URI or key=value pairs
  std::string output;     ///< a saved workload; a csvlog where it ends in .csv
  bool allow_writes = false;
  bool open = false;
  bool redact = false;  ///< no values in what is written and shown; those of the log are sent
  double think = 1, rate = 1;
  std::optional<Microseconds> time_limit;
  Microseconds statement_timeout{std::chrono::seconds(60)};
};

}  // namespace assay
