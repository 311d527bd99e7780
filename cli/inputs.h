// INPUT arguments -> files to read.
#pragma once

#include <string>
#include <vector>

namespace assay {

/// Folders become the files in them (not their subfolders, no hidden ones), patterns what they match, both sorted by
/// name; "-" and plain names stay as they are. Throws Error for a folder or pattern that yields nothing.
std::vector<std::string> expand_inputs(const std::vector<std::string>& arguments);

}  // namespace assay
