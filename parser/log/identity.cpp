#include "parser/log/identity.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace assay {

std::uint64_t client_identity(std::string_view user, std::string_view database, std::string_view application,
                              std::string_view host) {
  std::uint64_t hash = 0;
  for (const std::string_view name : {user, database, application, host}) {
    hash = XXH3_64bits_withSeed(name.data(), name.size(), hash);
  }
  return std::max<std::uint64_t>(hash, 1);
}

}  // namespace assay
