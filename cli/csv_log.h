// Records as PostgreSQL 15's csvlog writes them, so that whatever reads the server's log reads them, too.
#pragma once

#include <string>

#include "parser/log/record.h"

namespace assay {

/// One line, with its newline (a text may hold more of them). For executions and errors; times are in UTC.
void append_csv_log(std::string& log, const LogRecord& record);

}  // namespace assay
