// The empty cluster that private clusters begin as. initdb takes seconds, so its result is kept in the user's cache
// folder ($XDG_CACHE_HOME/assay or ~/.cache/assay), one for each version of the server, and copied from there.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "connectors/child_process.h"
#include "connectors/server_programs.h"

namespace assay {

/// Makes `data` an empty cluster that belongs to `account`: from the cache, else by initdb, whose output goes to
/// `log`, and then into the cache. A cache that cannot be read or written is done without. Throws Error when initdb
/// fails.
void make_empty_cluster(const ServerPrograms& programs, const std::optional<Account>& account,
                        std::string_view superuser, const std::filesystem::path& data,
                        const std::filesystem::path& log);

/// The last lines of a log file, for an error message: "; "-separated, at most `lines`.
std::string last_lines(const std::filesystem::path& log, std::size_t lines);

}  // namespace assay
