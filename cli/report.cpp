#include "cli/report.h"

#include <algorithm>

namespace assay {
namespace {

constexpr const char* kStopAtErrors =
    "\n-- For psql, in one session and outside of a transaction: a step that fails must be the last one.\n"
    "\\set ON_ERROR_STOP on\n";

std::string script(const std::vector<Recommendation>& items, std::vector<std::string> Recommendation::*statements) {
  std::string text;
  for (const Recommendation& item : items) {
    if (item.evidence == Evidence::kNone) continue;
    text += "\n-- " + item.id + "\n";
    for (const std::string& statement : item.*statements) text += statement + "\n";
  }
  return text;
}

std::string migration_scripts(const std::vector<Recommendation>& items) {
  std::string text;
  for (const Recommendation& item : items) {
    const MigrationWay* way = recommended_way(std::get<PartitionTable>(item.change).migration);
    text += "\n-- " + item.id + "\n" + script_of(*way);
  }
  return text.empty() ? text : kStopAtErrors + text;
}

}  // namespace

bool only_reads(const Statement& statement) {
  return statement.kind == StatementKind::kSelect && !statement.locks_rows &&
         std::none_of(statement.relations.begin(), statement.relations.end(),
                      [](const RelationUse& relation) { return relation.written; });
}

bool is_mysql(const Workload& workload) {
  return !workload.inputs.empty() &&
         std::all_of(workload.inputs.begin(), workload.inputs.end(),
                     [](const InputAccount& input) { return input.format == to_string(LogFormat::kMysqlSlow); });
}

double share_of(const Report& report, const QueryClass& query) {
  const Workload& workload = report.workload;
  if (workload.timed_executions > 0) {
    const auto total = static_cast<double>(workload.estimated_total.count());
    return total > 0 ? static_cast<double>(query.estimated_total().count()) / total : 0;
  }
  return workload.executions > 0
             ? static_cast<double>(query.estimated_calls()) / static_cast<double>(workload.estimated_executions)
             : 0;
}

const ParameterSensitivity* sensitivity_of(const Report& report, std::size_t position) {
  const auto& all = report.advice.sensitivities;
  const auto found = std::lower_bound(all.begin(), all.end(), position,
                                      [](const ParameterSensitivity& one, std::size_t p) { return one.position < p; });
  return found != all.end() && found->position == position ? &*found : nullptr;
}

Shares shares_of(const Report& report) {
  Shares shares;
  for (std::size_t i = 0; i < report.workload.classes.size(); ++i) {
    const auto& statement = report.meanings[i].statement;
    if (!statement) continue;
    const double share = share_of(report, report.workload.classes[i]);
    shares.parsed += share;
    if (only_reads(*statement)) shares.read += share;
  }
  for (const ClassCost& cost : report.advice.costs) {
    shares.planned += share_of(report, report.workload.classes[cost.position]);
  }
  return shares;
}

std::string time_text(const Report& report, ZonedTime time) {
  return to_iso8601({time.utc, report.zone.value_or(time.offset)});
}

std::string ddl_script(const Report& report) {
  return "-- Indexes to create in the order of their gain, then those to drop. CONCURRENTLY must run outside of a\n"
         "-- transaction; when one fails it leaves an invalid index behind, which the rollback drops.\n" +
         migration_scripts(report.partitions.recommendations) +
         script(report.advice.recommendations, &Recommendation::ddl);
}

// Indexes on a table that was divided go before it is put together again.
std::string rollback_script(const Report& report) {
  const std::string partitions = script(report.partitions.recommendations, &Recommendation::rollback);
  return "-- Takes back what the script beside it does.\n" + (partitions.empty() ? std::string() : kStopAtErrors) +
         script(report.advice.recommendations, &Recommendation::rollback) + partitions;
}

const Forecast* forecast_of(const Report& report) {
  return report.throughput && report.throughput->forecast ? &*report.throughput->forecast : nullptr;
}

}  // namespace assay
