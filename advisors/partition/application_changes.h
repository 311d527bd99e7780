// What a partitioned table asks of the application that uses it.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/migration_names.h"

namespace assay {

/// One sentence or two each.
std::vector<std::string> application_changes(const MigrationNames& names);

}  // namespace assay
