#include "analyzer/logged_plans.h"

#include <unordered_map>

#include "analyzer/bounded_groups.h"
#include "parser/log/message_scan.h"

namespace assay {
namespace {

/// The innermost function that ran the statement: "PL/pgSQL function f(integer) line 3 at RETURN".
std::string_view caller_of(std::string_view context) {
  for (auto rest = context; !rest.empty(); rest.remove_prefix(std::min(first_line(rest).size() + 1, rest.size()))) {
    const auto line = first_line(rest);
    if (line.find(" function ") != std::string_view::npos) return line;
  }
  return first_line(context);
}

}  // namespace

void keep_plan(QueryClass& query, const LogRecord& record) {
  if (record.message.empty() || (query.plan && record.duration <= query.plan->duration)) return;
  query.plan = {.text = kept(record.message, kLongestPlan),
                .cut = record.message.size() > kLongestPlan,
                .duration = record.duration,
                .time = record.time,
                .nested_in = kept(caller_of(record.context), kLongestMessage)};
}

LogRecord execution_of_plan(const LogRecord& plan) {
  LogRecord execution = plan;
  execution.kind = RecordKind::kExecution;
  return execution;
}

Workload workload_of_plans(Workload planned, Workload logged) {
  std::unordered_map<ClassId, std::size_t> positions;
  for (std::size_t i = 0; i < planned.classes.size(); ++i) positions[planned.classes[i].id] = i;
  for (QueryClass& query : logged.classes) {
    const auto position = positions.find(query.id);
    if (position == positions.end()) {
      planned.classes.push_back(std::move(query));
    } else {
      planned.classes[position->second].plan = std::move(query.plan);
    }
  }
  planned.inputs = std::move(logged.inputs);
  planned.events = std::move(logged.events);
  planned.filtered = logged.filtered;
  planned.counted_from_plans = true;
  return planned;
}

}  // namespace assay
