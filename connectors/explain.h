// EXPLAIN through the extended protocol: with the values of a query, or generically without.
#pragma once

#include <string>
#include <string_view>

#include "analyzer/cost_model.h"
#include "connectors/session.h"

namespace assay {

/// The JSON of EXPLAIN for one statement, in the session's open transaction. A text with $n and no values is planned as
/// a generic plan. Throws SqlError.
/// With a summary the JSON tells the time that planning took.
std::string explain_json(Session& session, const std::string& sql, const ParameterValues& parameters,
                         bool with_summary = false);

/// Of such a JSON with a summary, in ms; 0 without one.
double planning_ms(std::string_view json);

}  // namespace assay
