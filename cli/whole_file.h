// Writes a file whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace assay {

/// Puts `content` at `path` through a temporary file beside it; what stood there stays until the new file is complete.
/// Something that is no regular file (a pipe, /dev/stdout) is written to directly. Throws Error.
void write_whole_file(const std::string& path, std::string_view content);

}  // namespace assay
