// Who writes the tables, and when: what a cache must be told of.
//
// From the classes of the log, with whatever their writes set off (schema_facts.h). A table that something else may
// write too is unsafe: no one can tell a cache when to forget it. Reasons for that: functions and commands that write
// unseen, COPY, texts that could not be parsed, statements that the log does not tell, and the server's own counters,
// where they tell of writes and the log does not.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advisors/cache/schema_facts.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

struct WrittenTable {
  std::vector<std::size_t> classes;  ///< positions of those that write it, ascending
  std::vector<std::int64_t> times;   ///< µs since 1970, ascending, each once
};

struct TableWriters {
  std::map<std::string, WrittenTable> written;
  std::map<std::string, std::string> unsafe;  ///< and why
  std::optional<std::string> all_unsafe;      ///< why no table is safe

  /// Why the first of these tables that is unsafe is so; nothing when none is.
  std::optional<std::string> why_unsafe(const TableNames& tables) const;

  /// When any of these tables was written: ascending, each once.
  std::vector<std::int64_t> times_of(const TableNames& tables) const;
};

/// Whose writes count.
struct WriterScope {
  std::string database;
  /// MySQL: statements name tables of other databases, so all databases' writes count, whatever `database` is.
  SqlDialect dialect = SqlDialect::kPostgres;
  bool others_left_out = false;  ///< records of other users or applications were filtered out
};

TableWriters find_writers(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                          const SchemaFacts& schema, const WriterScope& scope);

/// The clock of a log counts milliseconds: what is stamped a millisecond later may have begun before. Writes count as
/// done so much earlier, which is right within a session, and no more wrong than the stamps among several.
inline constexpr std::int64_t kLogClockUs = 1000;

}  // namespace assay
