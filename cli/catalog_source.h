// --catalog and --database: where a Catalog comes from.
#pragma once

#include <string>

#include "analyzer/catalog.h"

namespace assay {

/// A snapshot or a schema dump, recognised by content. Prints what is wrong in a dump; throws Error.
Catalog catalog_of_file(const std::string& path);

/// Reads the catalog of a server in one short read-only transaction. Warns of tables whose statistics the role may not
/// see. Throws UsageError for a URI with a password in it, Error for a server that cannot be reached.
Catalog catalog_of_server(const std::string& uri);

}  // namespace assay
