// Finding the programs of a PostgreSQL server on this machine.
#pragma once

#include <filesystem>
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

}  // namespace assay
