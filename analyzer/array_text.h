// Arrays as PostgreSQL prints them, which is how pg_stats hands out values and frequencies.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// The elements of a one-dimensional array's text: {a,"b, c",NULL} -> a | b, c | nothing. What is malformed ends it.
std::vector<std::optional<std::string>> array_elements(std::string_view text);

/// Of an array of numbers, those that are finite.
std::vector<double> array_numbers(std::string_view text);

}  // namespace assay
