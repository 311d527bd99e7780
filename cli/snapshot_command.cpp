#include "cli/snapshot_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/catalog_source.h"
#include "connectors/snapshot.h"
#include "parser/base/diagnostic.h"

namespace assay {

bool run_snapshot(const SnapshotOptions& options) {
  const Catalog catalog = catalog_of_server(options.uri);
  save_snapshot(catalog, options.output);
  fmt::print(stderr,
             "{}: {} tables and views and {} indexes of {}, with their statistics (common values and histograms hold "
             "real values)\n",
             printable(options.output), catalog.tables.size(), catalog.indexes.size(), printable(catalog.database));
  return true;
}

}  // namespace assay
