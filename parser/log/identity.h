// One number for a client: who speaks, from where, to which database. Equal names give equal numbers.
#pragma once

#include <cstdint>
#include <string_view>

namespace assay {

/// XXH3 of the four names; never 0.
std::uint64_t client_identity(std::string_view user, std::string_view database, std::string_view application,
                              std::string_view host);

}  // namespace assay
