// assay snapshot: a server's schema and statistics, without a row, as one file.
#pragma once

#include "cli/options.h"

namespace assay {

/// True when the file is written. Throws UsageError and Error; the file is then as it was before.
bool run_snapshot(const SnapshotOptions& options);

}  // namespace assay
