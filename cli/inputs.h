// INPUT arguments -> files to read.
#pragma once

#include <string>
#include <vector>

#include "parser/base/diagnostic.h"

namespace assay {

struct GivenTwice {
  std::string path, same_as;
};

struct Inputs {
  std::vector<std::string> files;
  std::vector<GivenTwice> given_twice;  ///< other names of those files
};

/// Folders become the .sql files in them and in their subfolders, or where there are none the files right in them, no
/// hidden ones; patterns what they match, both sorted by name; "-" and plain names stay as they are. A folder or
/// pattern that yields nothing is an error in `problems`; a file that is named twice, under whatever name, counts once,
/// with a warning there.
Inputs expand_inputs(const std::vector<std::string>& arguments, Diagnostics& problems);

}  // namespace assay
