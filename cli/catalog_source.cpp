#include "cli/catalog_source.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "analyzer/catalog_from_ddl.h"
#include "cli/messages.h"
#include "cli/options.h"
#include "connectors/postgres.h"
#include "connectors/snapshot.h"
#include "parser/base/error.h"

namespace assay {
namespace {

constexpr std::uintmax_t kLargestDump = 512U << 20;  // bytes; the largest real schemas are some tens of MB

std::string read_text(const std::string& path) {
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path, ignored);
  if (!ignored && size > kLargestDump) {
    throw Error(path + ": too large for a schema dump", "dump with pg_dump --schema-only");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be opened: " + std::strerror(errno), "give a snapshot or a schema dump");
  return {std::istreambuf_iterator<char>(file), {}};
}

void warn_of_hidden_tables(const Catalog& catalog, const std::string& where) {
  if (catalog.hidden_tables.empty()) return;
  constexpr std::size_t kNamed = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(kNamed, catalog.hidden_tables.size()); ++i) {
    names += (i > 0 ? ", " : "") + catalog.hidden_tables[i];
  }
  if (catalog.hidden_tables.size() > kNamed) names += ", …";
  print(Diagnostic{.file = where,
                   .severity = Severity::kWarning,
                   .message = fmt::format("the statistics of {} tables are hidden from this role: {}",
                                          catalog.hidden_tables.size(), names),
                   .hint = "pg_stats shows only tables that one may read: use a role with pg_read_all_data"});
}

}  // namespace

Catalog catalog_of_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
    throw Error(path + ": is no regular file", "give a snapshot or a schema dump as a file");  // it is read twice
  }
  if (is_snapshot(path)) return load_catalog(path);
  const std::string script = read_text(path);
  Diagnostics diagnostics;
  Catalog catalog = catalog_from_ddl(script, path, diagnostics);
  if (catalog.tables.empty()) {
    throw Error(path + ": neither a snapshot nor a schema dump",
                "take one with `assay snapshot URI -o FILE`, or with `pg_dump --schema-only`");
  }
  for (const Diagnostic& diagnostic : diagnostics) print(diagnostic);
  return catalog;
}

Catalog catalog_of_server(const std::string& uri) {
  if (holds_password(uri)) {
    throw UsageError("the server's address holds a password, which other users of this machine can see",
                     "put it into ~/.pgpass (mode 0600), or name such a file in PGPASSFILE");
  }
  Session session = open_server(uri);
  Catalog catalog = read_catalog(session);
  warn_of_hidden_tables(catalog, catalog.database);
  return catalog;
}

}  // namespace assay
