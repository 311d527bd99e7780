// Recognises pg_stat_statements exported as CSV.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

/// The first line, when it names the columns that make a summary: query, calls, and the total time.
std::optional<std::string> stat_statements_header(std::string_view sample);

}  // namespace assay
