// A schema dump -> Catalog without statistics: what exists, but not how large it is or what is in it.
#pragma once

#include <string>
#include <string_view>

#include "analyzer/catalog.h"
#include "parser/base/diagnostic.h"

namespace assay {

/// `script` is the output of pg_dump --schema-only, or any script of DDL; `file` its name for messages.
/// What is not understood is told in `diagnostics` and left out.
Catalog catalog_from_ddl(std::string_view script, const std::string& file, Diagnostics& diagnostics);

}  // namespace assay
