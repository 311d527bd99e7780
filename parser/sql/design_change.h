// A statement of DDL that changes the physical design, recognised by its syntax tree: the kinds that a report
// recommends, and nothing else. A report that is read back is hostile input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

enum class DesignChangeKind { kCreateIndex, kDropIndex };

struct DesignChange {
  DesignChangeKind kind = DesignChangeKind::kCreateIndex;
  std::string schema, index;  ///< the index's; the schema may be empty
};

/// Exactly one CREATE INDEX with a name, or one DROP INDEX of one index; nothing for any other text.
std::optional<DesignChange> design_change(std::string_view sql);

}  // namespace assay
