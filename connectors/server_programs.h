// Finding the programs of a PostgreSQL server on this machine.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace assay {

struct ServerPrograms {
  std::filesystem::path folder;  ///< holds initdb and postgres
  int major = 0;
  std::string version;  ///< as `postgres --version` tells it, behind the word "(PostgreSQL)"
};

/// The programs of major version `preferred` where they are installed, else the newest: from Debian's
/// /usr/lib/postgresql/*/bin, then PATH; where the environment variable ASSAY_SERVER_PROGRAMS names a folder, from there
/// only. Throws Error, with a hint, where there are none.
ServerPrograms find_server_programs(int preferred);

/// The pg_dump whose major version is the lowest that is not older than the server's, from the same places; nothing
/// where there is none.
std::optional<std::filesystem::path> find_pg_dump(int server_major);

}  // namespace assay
