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
#include "connectors/snapshot_script.h"
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

/// "a, b, c, …", at most ten.
std::string named(const std::vector<std::string>& all) {
  constexpr std::size_t kNamed = 10;
  std::string names;
  for (std::size_t i = 0; i < std::min(kNamed, all.size()); ++i) names += (i > 0 ? ", " : "") + all[i];
  return names + (all.size() > kNamed ? ", …" : "");
}

void warn_of_hidden(const Catalog& catalog, const std::string& where) {
  const auto warn_of = [&](const std::vector<std::string>& hidden, const char* what) {
    if (hidden.empty()) return;
    const bool has_role = catalog.server_version >= 140000;
    print(Diagnostic{.file = where,
                     .severity = Severity::kWarning,
                     .message = fmt::format("the statistics of {} {} are hidden from this role: {}", hidden.size(),
                                            what, named(hidden)),
                     .hint = has_role ? "GRANT pg_read_all_data TO the role (pg_monitor does not show them)"
                                      : "GRANT SELECT on these tables TO the role, or connect as a superuser"});
  };
  warn_of(catalog.hidden_tables, "tables");
  warn_of(catalog.hidden_statistics, "statistics objects (CREATE STATISTICS)");
}

}  // namespace

Catalog catalog_of_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
    throw Error(path + ": is no regular file", "give a snapshot or a schema dump as a file");  // it is read twice
  }
  if (is_snapshot(path) || is_script_output(path)) {
    Catalog catalog = is_snapshot(path) ? load_catalog(path) : catalog_of_script_output(path);
    warn_of_hidden(catalog, path);
    return catalog;
  }
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

Catalog catalog_of_server(const std::string& uri, bool redact) {
  if (holds_password(uri)) {
    throw UsageError("the server's address holds a password, which other users of this machine can see",
                     "put it into ~/.pgpass (mode 0600), or name such a file in PGPASSFILE");
  }
  Session session = open_server(uri);
  Diagnostics notes;
  Catalog catalog = read_catalog(session, {redact, uri}, notes);
  for (const Diagnostic& note : notes) print(note);
  warn_of_hidden(catalog, catalog.database);
  return catalog;
}

}  // namespace assay
