// Report: all that a run found out, ready to be written in any format. A value; the writers add nothing to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisors/cache/cache_advisor.h"
#include "advisors/forecast/throughput.h"
#include "advisors/partition/partition_advisor.h"
#include "advisors/recommendation.h"
#include "advisors/replica/replica_advisor.h"
#include "analyzer/catalog.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"
#include "cli/chart.h"

namespace assay {

struct Report {
  Workload workload;
  std::vector<ClassMeaning> meanings;  ///< one for each class, in their order
  std::string database;                ///< that the advice is for
  std::optional<Catalog> catalog;
  Advice advice;
  CacheAdvice caches;
  PartitionAdvice partitions;
  ReplicaAdvice replicas;
  std::optional<Throughput> throughput;  ///< nothing: not PostgreSQL's log, or no execution
  std::optional<UtcOffset> zone;         ///< of all times shown; the log's own when absent
};

/// Whether all of it is MySQL's or MariaDB's, for which there is no advice.
bool is_mysql(const Workload& workload);

/// Shares of the logged time, 0 to 1; of the executions where no duration was logged.
struct Shares {
  double parsed = 0, planned = 0, read = 0;
};
Shares shares_of(const Report& report);

/// A SELECT that changes and locks nothing.
bool only_reads(const Statement& statement);

/// Share of one class, on the same base.
double share_of(const Report& report, const QueryClass& query);

/// Of the class at that position; nullptr unless several of its values were planned.
const ParameterSensitivity* sensitivity_of(const Report& report, std::size_t position);

/// nullptr where there is none.
const Forecast* forecast_of(const Report& report);

/// In the report's zone.
std::string time_text(const Report& report, ZonedTime time);

std::string to_markdown(const Report& report, ChartStyle style = ChartStyle::kText);
std::string to_json(const Report& report);

/// One self-contained page: the markdown report with its charts drawn, tables that sort, and a search.
std::string to_html(const Report& report);

/// The query classes, heaviest first: a header and a row each (RFC 4180).
std::string to_csv(const Report& report);

/// The DDL of all recommendations that were weighed, best first, and what takes it back.
std::string ddl_script(const Report& report);
std::string rollback_script(const Report& report);

}  // namespace assay
