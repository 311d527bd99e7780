// A recommendation in one plain sentence, the same in every format.
#pragma once

#include <string>

#include "advisors/recommendation.h"

namespace assay {

/// Of an index to create or to drop. `gain`: its gain as the format prints it. `timed`: the log tells durations, so that writers' costs are known.
std::string verdict(const Recommendation& item, const Advice& advice, const std::string& gain, bool timed);

}  // namespace assay
