// The heights of B-trees, from a server that has no pageinspect.
//
// The planner charges a descent by the height that it reads in the index's metapage (btcostestimate), so the start-up
// cost of a look-up by equality tells the height: EXPLAIN reads no row and takes no lock but ACCESS SHARE. The size
// alone does not: inner pages hold keys cut short, and the root of a tree that has grown by insertions is split when it
// is full, while that of one built at once has been left with room. Leaves out: partial indexes, keys that are
// expressions, tables that the role may not read, and what is beyond two thousand trees; their heights are computed
// from their sizes.
#pragma once

#include "analyzer/catalog.h"
#include "connectors/session.h"

namespace assay {

/// Fills in heights that are not known, in the session's open transaction. Whatever is refused stays unknown.
void ask_heights(Session& session, Catalog& catalog);

}  // namespace assay
