// What the server left out of its log, in sentences.
#pragma once

#include <string>
#include <vector>

#include "cli/report.h"

namespace assay {

/// One for each thing that is missing, and what that means for the figures; none for a complete log. Plain text.
std::vector<std::string> what_the_log_leaves_out(const Report& report);

}  // namespace assay
