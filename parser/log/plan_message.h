// What auto_explain writes behind "duration: … ms  plan:": the statement, its parameters, and the plan, in the text,
// JSON, XML or YAML format (explain_ExecutorEnd() in auto_explain.c, ExplainQueryText() in explain.c).
#pragma once

#include <string_view>

namespace assay {

struct PlanMessage {
  std::string_view sql;         ///< empty where the message is something else
  std::string_view parameters;  ///< $1 = '7', …: PostgreSQL 16 and later
  std::string_view plan;        ///< all that follows, in its format; of JSON and XML without what encloses it
};

/// Views into `text`, which must be writable: the escapes of JSON, XML and YAML are resolved in place, so only once.
PlanMessage read_plan_in_place(std::string_view text);

}  // namespace assay
