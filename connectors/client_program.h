// Starting one of PostgreSQL's client programs, which has this process's environment (PGPASSFILE, PGSSLMODE …) and ends
// with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace assay {

/// `command` is the program's full path and its arguments; standard input is empty. Throws Error.
pid_t start_client_program(const std::vector<std::string>& command, int output, int errors);

}  // namespace assay
