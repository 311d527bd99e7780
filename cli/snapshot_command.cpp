#include "cli/snapshot_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "cli/catalog_source.h"
#include "connectors/snapshot.h"
#include "connectors/snapshot_script.h"
#include "parser/base/diagnostic.h"

namespace assay {
namespace {

std::string what_it_holds(const Catalog& catalog) {
  if (!catalog.redacted_columns) return "common values and histograms hold real values";
  return fmt::format("the values of {} columns and expressions are left out; numbers, truth values and times are there",
                     *catalog.redacted_columns);
}

bool print_script(bool redact) {
  const std::string script = snapshot_script(redact);
  if (std::fwrite(script.data(), 1, script.size(), stdout) != script.size() || std::fflush(stdout) != 0) {
    throw Error("standard output cannot be written", "is the disk full?");
  }
  return true;
}

}  // namespace

bool run_snapshot(const SnapshotOptions& options) {
  if (options.print_sql) return print_script(options.redact);
  if (options.uri.empty() || options.output.empty()) {
    throw UsageError("a server and a file to write are needed", "assay snapshot URI -o FILE, or --print-sql");
  }
  const Catalog catalog = catalog_of_server(options.uri, options.redact);
  save_snapshot(catalog, options.output);
  fmt::print(stderr, "{}: {} tables and views and {} indexes of {}, with their statistics ({})\n",
             printable(options.output), catalog.tables.size(), catalog.indexes.size(), printable(catalog.database),
             what_it_holds(catalog));
  return true;
}

}  // namespace assay
