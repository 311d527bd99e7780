// Figures for people: with units, with sensible digits, the same bytes everywhere.
#pragma once

#include <cstdint>
#include <string>

#include "parser/base/time.h"

namespace assay {

std::string count_text(std::uint64_t count);         ///< 12,345
std::string duration_text(Microseconds duration);    ///< 0.042 ms, 12.3 ms, 1.23 s, 2 min 5 s, 3 h 7 min
std::string milliseconds_text(double milliseconds);  ///< as duration_text
std::string share_text(double share);                ///< 0.1234 -> 12.3 %
std::string bytes_text(std::int64_t bytes);          ///< 8.0 kB, 12.3 MB: units of 1,024, as PostgreSQL's
std::string cost_text(double cost);                  ///< planner's units, three significant digits: 8.44, 12,300
std::string rate_text(double per_second);            ///< 12.3/s

/// "1 index", "3 indexes".
std::string plural(std::uint64_t count, const std::string& one, const std::string& many);

}  // namespace assay
