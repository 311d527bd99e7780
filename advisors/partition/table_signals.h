// What log and catalog tell of one table that partitioning rests on: how it is asked for, how it grows, how it is
// emptied, and what that costs.
//
// Times are ms of logged time a second. A class that names several tables counts for each of them in full: it would
// be replanned as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisors/evaluation.h"
#include "analyzer/catalog.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

/// A column by which statements narrow.
struct KeySignals {
  const Column* column = nullptr;
  bool is_time = false;          ///< date, timestamp, timestamptz
  double equality_ms_per_s = 0;  ///< of classes with = or IN on it
  double range_ms_per_s = 0;     ///< of classes with <, >=, BETWEEN on it
  double updates_per_s = 0;      ///< executed UPDATEs that set it
  double distinct = 0;           ///< values; 0: not known
  double most_common_share = 0;  ///< of the rows
  double null_share = 0;
  std::optional<double> correlation;
  std::optional<double> median_width;  ///< of the ranges asked for, in seconds, weighted by time

  double time_ms_per_s() const { return equality_ms_per_s + range_ms_per_s; }
};

/// DELETEs of everything that is older than a moment.
struct RetentionSignals {
  std::string column;
  std::vector<std::size_t> classes;  ///< positions in Workload::classes
  double ms_per_s = 0;
  double rows_per_s = 0;      ///< in the log, by the plans' estimates
  double rows_per_month = 0;  ///< in the long run; 0: not known
  std::string rows_source;
  std::optional<double> age;  ///< seconds that rows are kept; the least that was asked for
};

struct TableSignals {
  const Table* table = nullptr;
  std::int64_t heap_bytes = 0, index_bytes = 0;
  std::size_t indexes = 0;
  std::vector<std::size_t> classes;  ///< in the judged ones
  double time_ms_per_s = 0;
  double calls_per_s = 0;
  std::vector<KeySignals> keys;  ///< most time first
  std::optional<RetentionSignals> retention;
  double rows_per_month = 0;  ///< inserted; 0: not known
  std::string growth_source;
  double vacuum_ms_per_s = 0;               ///< of autovacuum, from the log
  double dead_rows_per_month = 0;           ///< updated (not HOT) and deleted, by the counters
  std::optional<double> dead_share;         ///< rows that VACUUM has still to take away, of those that live
  std::optional<double> days_since_vacuum;  ///< when the catalog was read
  std::optional<double> bloat;              ///< pages over those that the rows would fill

  std::int64_t bytes() const { return heap_bytes + index_bytes; }
  const KeySignals* key(const std::string& column) const;
};

/// Of the tables that judged statements name, in the catalog's order.
std::vector<TableSignals> table_signals(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                        const Catalog& catalog, const std::vector<JudgedClass>& classes);

/// date, timestamp or timestamptz, of any precision.
bool is_time_type(const std::string& type);

}  // namespace assay
