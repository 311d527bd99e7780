// What an index costs the writers, in the same milliseconds per second as what it saves the readers.
//
// Work is counted in the insertion of one row into a B-tree with a narrow key at a random place:
//
//     heap          1
//     B-tree        (1/2 when rows come in the order of the key, else 1) + key bytes / 128    (splits and WAL)
//     hash          1
//     GIN           1/2 an element and row (its pending list takes some off), at least 2; of a text's trigrams, its
//     width GiST          2 BRIN          1/20 partial       the share of the rows that its predicate keeps
//
//     INSERT, a row        ms(row) × work(new) / (1 + Σ work(existing))
//     UPDATE, a row, of a column of the index, where an existing index has a column that it sets, too:
//                          ms(row) × work(new) / (1 + Σ work(existing))
//     … and where it was HOT in a share h of the cases (n_tup_hot_upd / n_tup_upd), which it can no longer be:
//                          ms(row) × (work(new) + h × Σ work(existing)) / (1 + (1 - h) × Σ work(existing))
//     DELETE               nothing: the entries are left to VACUUM
//
// ms(row) is what the log tells of the statement, a row; it also holds the search for the row, so no unit of work
// costs more than kMostMsPerWork.
#pragma once

#include <functional>
#include <string>

#include "advisors/recommendation.h"
#include "analyzer/catalog.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

/// One random read of a solid-state disk.
inline constexpr double kMostMsPerWork = 0.1;

/// Of keeping one row in the index; see above. `row_share`: of the table's rows, that it holds.
double maintenance_work(const IndexDefinition& index, const Table& table, double row_share = 1);

/// Share of the table's updates that are HOT; 0 where the catalog does not tell.
double hot_share(const Table& table);

/// Rows that one execution of the class at that position writes, at least 1.
using RowsWritten = std::function<double(std::size_t position)>;

/// What the log of that database says of writing to the table of `index`, and what an index like it costs the writers.
/// `index` may exist: then it does not count among the others. Without logged durations the price is zero.
WriteLoad write_load(const IndexDefinition& index, double row_share, const Workload& workload,
                     const std::vector<ClassMeaning>& meanings, const std::string& database, const Catalog& catalog,
                     const RowsWritten& rows);

}  // namespace assay
