// EXPLAIN through the extended protocol: with the values of a query, or generically without.
#pragma once

#include <string>

#include "analyzer/cost_model.h"
#include "connectors/session.h"

namespace assay {

/// The JSON of EXPLAIN for one statement, in the session's open transaction. A text with $n and no values is planned as
/// a generic plan. Throws SqlError.
std::string explain_json(Session& session, const std::string& sql, const ParameterValues& parameters);

}  // namespace assay
