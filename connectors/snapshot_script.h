// The snapshot without a foreign binary: a script for psql that a DBA can read, and its output, which is a CATALOG.
//
// The script asks the questions of catalog_queries.h, the very ones that `assay snapshot` asks itself, in one READ ONLY
// transaction with time limits. Its output is text, one row a line: the question's name, then the columns, as COPY
// writes them. It begins with a line that names the format, and ends with the line "end"; an output that does
// not was cut short. It is hostile input: nothing in it is trusted or executed (catalog_rows.h).
#pragma once

#include <filesystem>
#include <string>

#include "analyzer/catalog.h"

namespace assay {

/// For psql 11 and later, servers 12 to 18.
std::string snapshot_script(bool redact);

/// Is the file, by its first lines, an output of that script? False for a file that cannot be read.
bool is_script_output(const std::filesystem::path& path);

/// The catalog that the output tells, its source kSnapshot. Throws Error for one that is cut short, damaged, or of
/// another version.
Catalog catalog_of_script_output(const std::filesystem::path& path);

}  // namespace assay
