// The ways in which a table may be divided: one rule each, for what its signals speak for.
//
// - RANGE on a time (range_on_time.cpp): most of the table's time narrows by it, or old rows are deleted by it.
// - LIST (list_on_values.cpp): equality on one column nearly everywhere, few values.
// - HASH (hash_on_column.cpp): equality nearly everywhere, many values. Weak: it prunes, and does nothing else.
// Where a rule speaks for a column and then finds it unfit, it says why: that is worth reading in a verdict.
#pragma once

#include <string>
#include <vector>

#include "advisors/partition/partition_scheme.h"
#include "advisors/partition/table_signals.h"
#include "parser/base/time.h"

namespace assay {

/// A scheme to be planned.
struct ProposedScheme {
  PartitionScheme scheme;
  std::size_t empty_partitions = 0;  ///< still to come
  std::vector<std::string> why;      ///< what speaks for it, one clause each
};

struct SchemeProposals {
  std::vector<ProposedScheme> schemes;
  std::vector<std::string> unfit;  ///< why not, one sentence each
};

/// More partitions make every plan dearer that cannot leave most of them out (PostgreSQL's documentation, 5.11.6:
/// "up to a few thousand" where queries prune; and each takes a lock and a slot in every session's caches).
inline constexpr std::size_t kMostPartitions = 500;

/// Share of a table's time that must narrow by a key.
inline constexpr double kMostOfTheTime = 0.5, kNearlyEverywhere = 0.8;

/// `now`: when the statistics or the log were taken.
SchemeProposals propose_schemes(const TableSignals& signals, ZonedTime now);

void propose_range(const TableSignals& signals, ZonedTime now, SchemeProposals& proposals);
void propose_list(const TableSignals& signals, SchemeProposals& proposals);
void propose_hash(const TableSignals& signals, SchemeProposals& proposals);

/// Is the key updated so often that rows would move between partitions all the time? Says so, if it is.
bool moves_rows(const TableSignals& signals, const KeySignals& key, SchemeProposals& proposals);

}  // namespace assay
