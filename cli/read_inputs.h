// Reads all inputs into one workload: in the order of their times, each run counted once, with an account of every line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/workload.h"
#include "cli/inputs.h"
#include "cli/options.h"

namespace assay {

struct ReadLogs {
  Workload workload;
  bool all_read = true;  ///< false: an input could not be read, or nothing in it was recognised; that was printed
  bool others_left_out = false;  ///< by --user or --app, now or when a workload was saved
};

/// Sees each record that was read, with its input, before it is known whether another one told it.
using RecordObserver = std::function<void(const std::string& path, const LogRecord& record)>;

/// `catalog` tells the server's logging settings, where there is one. `observer` may be empty, and so may `counted`,
/// which is called with each record that counts.
ReadLogs read_inputs(const Inputs& inputs, const ReportOptions& options, const Catalog* catalog,
                     const RecordObserver& observer = {}, const RecordSink& counted = {});

}  // namespace assay
