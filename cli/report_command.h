// assay report: logs in, report out.
#pragma once

#include "cli/options.h"

namespace assay {

/// Reads the inputs, weighs, writes. False when an input could not be read (the report on the others is written).
/// Throws UsageError and Error.
bool run_report(const ReportOptions& options);

}  // namespace assay
