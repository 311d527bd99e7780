#include "cli/snapshot_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

#include "analyzer/redaction.h"
#include "cli/catalog_source.h"
#include "connectors/snapshot.h"
#include "parser/base/diagnostic.h"

namespace assay {
namespace {

std::string what_it_holds(const Catalog& catalog) {
  if (!catalog.redacted_columns) return "common values and histograms hold real values";
  return fmt::format("the values of {} columns are left out; numbers, truth values and times are there",
                     *catalog.redacted_columns);
}

}  // namespace

bool run_snapshot(const SnapshotOptions& options) {
  Catalog catalog = catalog_of_server(options.uri);
  if (options.redact) catalog = redacted(std::move(catalog));
  save_snapshot(catalog, options.output);
  fmt::print(stderr, "{}: {} tables and views and {} indexes of {}, with their statistics ({})\n",
             printable(options.output), catalog.tables.size(), catalog.indexes.size(), printable(catalog.database),
             what_it_holds(catalog));
  return true;
}

}  // namespace assay
