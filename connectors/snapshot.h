// A Catalog as one SQLite file: what `assay snapshot` writes and every command reads in place of a server.
//
// One table for each kind of thing, with plain columns, so that sqlite3 shows what production's data a snapshot tells:
// names, types, statistics (which hold values), settings, DDL; no row. Format version 2: application_id 'ASSY',
// user_version 2, and a checksum behind the last page (snapshot_seal.h). A snapshot from elsewhere is hostile input:
// read only, its schema must be exactly ours, its pages sound.
#pragma once

#include <filesystem>
#include <string>

#include "analyzer/catalog.h"

namespace assay {

/// Writes `catalog` to `path`, whole or not at all: an existing file is replaced only when the new one is complete.
/// Readable by the owner alone. Throws Error.
void save_snapshot(const Catalog& catalog, const std::filesystem::path& path);

/// The catalog that save_snapshot wrote, its source now kSnapshot. Throws Error for a file that cannot be read, is
/// damaged, or of another version.
Catalog load_catalog(const std::filesystem::path& path);

/// Does the file begin as a snapshot does? False for a file that cannot be read.
bool is_snapshot(const std::filesystem::path& path);

}  // namespace assay
