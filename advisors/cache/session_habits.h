// What sessions do to the meaning of names: temporary tables hide others, search_path chooses among schemas.
#pragma once

#include <set>
#include <string>

#include "analyzer/catalog.h"
#include "analyzer/workload.h"

namespace assay {

struct SessionHabits {
  bool changes_search_path = false;        ///< to more than one value
  bool changes_rendering = false;          ///< SET DateStyle and kin, in some session or other
  bool changes_role = false;               ///< SET ROLE, SET SESSION AUTHORIZATION: the log tells who logged in
  std::set<std::string> temporary_tables;  ///< made by CREATE TEMPORARY TABLE, names without schema
};

/// Told by the classes of the log, once a workload, and by the database's functions, which may make temporary tables,
/// too. `catalog` may be null.
SessionHabits session_habits(const Workload& workload, const Catalog* catalog);

}  // namespace assay
