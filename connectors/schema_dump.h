// The schema's DDL by pg_dump --schema-only, where it is installed.
//
// It reads under the snapshot of the transaction that read the statistics, locks every table in ACCESS SHARE, the
// weakest mode, waits 2 s for that at most, and is given no password: it finds one where libpq looks for it. It ends
// with this process, however that ends.
// Where it is missing, older than the server or refuses (it does as a whole, where the role may not read one table),
// the DDL comes from the catalog (ddl_queries.cpp); a test shows equal plans from both.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace assay {

/// The statements of the dump, one each, in their order; without those that say nothing about plans. `program` is a
/// pg_dump, `snapshot` of pg_export_snapshot() in a transaction that is still open. Throws Error with pg_dump's last
/// words.
std::vector<std::string> dumped_ddl(const std::filesystem::path& program, const std::string& uri,
                                    const std::string& snapshot);

}  // namespace assay
