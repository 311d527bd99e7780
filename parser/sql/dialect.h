// Which database's SQL a text is in, where that changes how it is taken apart.
#pragma once

#include <cstdint>

namespace assay {

enum class SqlDialect : std::uint8_t {
  kPostgres,
  kMysql,  ///< and MariaDB: "…" is a string, `…` a name, \ escapes, # begins a comment
};

}  // namespace assay
