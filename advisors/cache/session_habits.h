// What sessions do to the meaning of names: temporary tables hide others, search_path chooses among schemas.
#pragma once

#include <set>
#include <string>

#include "analyzer/workload.h"

namespace assay {

struct SessionHabits {
  bool changes_search_path = false;        ///< to more than one value
  std::set<std::string> temporary_tables;  ///< made by CREATE TEMPORARY TABLE, names without schema
};

/// Told by the classes of the log, once a workload.
SessionHabits session_habits(const Workload& workload);

}  // namespace assay
