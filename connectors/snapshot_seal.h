// The seal of a snapshot: 32 bytes behind SQLite's last page that hold a checksum of all before, so that a flipped bit
// or a cut end is noticed. It finds accidents; who forges a snapshot can seal it too. SQLite overlooks what
// stands behind its last page.
#pragma once

#include <filesystem>

namespace assay {

/// Appends the seal to an SQLite file, in place of an older one. Throws Error.
void seal(const std::filesystem::path& path);

/// Is the file whole? False also for a file without a seal, or one that cannot be read.
bool is_whole(const std::filesystem::path& path);

}  // namespace assay
