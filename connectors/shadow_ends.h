// The ends of the data in the shadow's B-trees: the first and the last value of a histogram, as tuples of the leaf.
//
// For a range at the edge of a histogram or beyond it the planner looks up the least and the largest value in an index
// (get_actual_variable_range), and then trusts the range's selectivity even when it is next to nothing; where it finds
// no tuple, it takes at least a hundredth of a histogram's bin. So the shadow's trees hold two tuples that can be
// found. Leaves out: types that are not of a fixed width in a register. The server's real ends lie beyond the
// histogram's, which is of a sample; they stand in no statistics.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/session.h"

namespace assay {

/// Tuples of a B-tree's leaf in its order, by the index's oid; of the indexes with these oids, or of all of users' when
/// there are none. Reads the shadow's statistics. The first page of their tables must be all-visible (shadow_files.h).
std::map<std::string, std::vector<std::string>> find_ends(Session& admin, const std::vector<std::string>& oids = {});

}  // namespace assay
