// The shadow's clock: now() means the moment at which the statement ran, not the moment of the report.
//
// "created_at >= now() - interval '7 days'" is estimated by the value of now(): planned a month after the log was
// written, another share of the table would match, and the same log would give another report each time. So a schema
// that stands before pg_catalog in the planner's search path holds functions of the same names, price (procost) and
// volatility, which tell a time that can be set. CURRENT_TIMESTAMP, CURRENT_DATE and LOCALTIMESTAMP are no functions
// to the parser: in the text that is planned, calls take their place.
// Leaves out: views, whose definitions are bound already; clock_timestamp(), which no estimate rests on; and
// CURRENT_TIMESTAMP with a precision.
#pragma once

#include <string>
#include <string_view>

#include "connectors/session.h"
#include "parser/base/time.h"

namespace assay {

/// Creates the functions; `admin` is a superuser's session in the shadow's database.
void create_clock(Session& admin);

/// Lets the session find them before PostgreSQL's own. To be called once its search path is set.
void look_at_clock(Session& planner);

/// Sets the clock until the end of the session's transaction.
void set_clock(Session& planner, ZonedTime time);

/// Does the statement ask for the time in a way that can be set?
bool asks_for_time(std::string_view sql);

/// The statement with calls in place of the keywords.
std::string with_clock_calls(std::string_view sql);

}  // namespace assay
