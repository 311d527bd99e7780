// A statement of DDL that changes the physical design, recognised by its syntax tree: the kinds that a report
// recommends, and nothing else. A report that is read back is hostile input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

enum class DesignChangeKind { kCreateIndex, kDropIndex, kCreateStatistics, kAnalyze };

struct DesignChange {
  DesignChangeKind kind = DesignChangeKind::kCreateIndex;
  std::string schema, name;  ///< of the index or the statistics, of kAnalyze the table; the schema may be empty
};

/// Exactly one CREATE INDEX with a name, DROP INDEX of one index, CREATE STATISTICS with a name on columns of one table
/// (on no expression, which could call a function), or plain ANALYZE of one table; nothing for any other text.
std::optional<DesignChange> design_change(std::string_view sql);

}  // namespace assay
