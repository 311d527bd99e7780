// What the MySQL classes of a Workload mean, for whoever asks for tables and functions alone (the cache advisor).
//
// Tables get the class's database where the text names none, since a statement may name another one. Nothing is
// plannable. Classes of another dialect have no statement.
#pragma once

#include <vector>

#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

/// One ClassMeaning for each of the workload's classes, in their order.
std::vector<ClassMeaning> understand_mysql(const Workload& workload);

}  // namespace assay
