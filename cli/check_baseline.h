// The baseline of `assay check`: which classes there were, what they were planned at, and which findings were accepted.
// A JSON file to be committed beside the code.
#pragma once

#include <string>
#include <vector>

#include "advisors/check/check.h"

namespace assay {

/// Throws Error when it is no baseline.
CheckBaseline load_baseline(const std::string& path);

/// All classes and findings of this run: what stands there now is accepted from now on.
std::string baseline_text(const CheckSubject& subject, const std::vector<Finding>& findings);

}  // namespace assay
