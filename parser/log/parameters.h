// Bind parameters as PostgreSQL logs them: $1 = 'it''s', $2 = NULL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// A value in the server's text form; nothing stands for NULL.
using ParameterValue = std::optional<std::string>;
using ParameterValues = std::vector<ParameterValue>;

/// Takes the list apart; values may span lines, hold commas, and double their quotes. A list that was cut
/// off (log_parameter_max_length: 'abc...') or is malformed yields nothing, since a wrong value is worse
/// than none.
std::optional<ParameterValues> parse_parameters(std::string_view logged);

}  // namespace assay
