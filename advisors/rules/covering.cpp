// INCLUDE: where an index holds every column that the statement needs of the table, the table is not visited
// (nodeIndexonlyscan.c; pages must be all-visible, which the planner knows the share of).
//
// Offered for the first proposals of each access, and for a statement that narrows nothing but needs a small part
// of wide rows. Bounded in width: beyond, the index is a second copy of the table.
#include <algorithm>
#include <numeric>

#include "advisors/rules/rules.h"
#include "advisors/screening.h"

namespace assay {
namespace {

constexpr std::size_t kMostProposals = 4;
constexpr std::size_t kMostIncluded = 6;
constexpr double kWidest = 128;      // bytes of all columns
constexpr double kShareOfRow = 0.6;  // of the row's width, header included
constexpr double kRowHeader = 28;    // HeapTupleHeaderData, aligned, and a line pointer

double width_of(const std::vector<std::string>& columns, const TableFacts& facts) {
  return std::accumulate(columns.begin(), columns.end(), 0.0,
                         [&](double sum, const std::string& column) { return sum + facts.width(column); });
}

bool is_key(const std::vector<IndexKey>& keys, const std::string& column) {
  return std::any_of(keys.begin(), keys.end(), [&](const IndexKey& key) { return key.column == column; });
}

bool fits(const TableAccess& access, const TableFacts& facts) {
  if (access.reads_all || !facts.table() || access.read.empty()) return false;
  const bool has_statistics = std::all_of(access.read.begin(), access.read.end(), [&](const std::string& column) {
    return facts.statistics(column) != nullptr && suits_btree(*facts.column(column));
  });
  const double width = width_of(access.read, facts);
  return has_statistics && width <= kWidest && width <= kShareOfRow * (facts.row_width() + kRowHeader);
}

/// Where nothing narrows: the whole index instead of the whole table.
std::optional<ProposedIndex> whole_scan(TableAccess access, const TableFacts& facts) {
  constexpr double kSmallPart = 0.25;     // of the row: below, a quarter of the pages are read
  constexpr std::size_t kFewColumns = 3;  // beyond, it is a second table to keep
  access.joined.clear();
  if (asks_for_something(access) || access.read.size() > kFewColumns) return std::nullopt;
  if (width_of(access.read, facts) > kSmallPart * (facts.row_width() + kRowHeader)) return std::nullopt;
  return ProposedIndex{.keys = ascending_keys({access.read.front()}),
                       .reason = "the whole of " + enumerate(access.read)};
}

}  // namespace

std::vector<ProposedIndex> covering_rule(const TableAccess& access, const TableFacts& facts,
                                         const std::vector<ProposedIndex>& proposals) {
  std::vector<ProposedIndex> covering;
  if (!fits(access, facts)) return covering;
  std::vector<ProposedIndex> bases = proposals;
  if (auto whole = whole_scan(access, facts)) bases.push_back(std::move(*whole));
  for (ProposedIndex& base : bases) {
    if (covering.size() == kMostProposals) break;
    const bool plain = base.method == "btree" && base.predicate.empty() &&
                       std::all_of(base.keys.begin(), base.keys.end(), [](const IndexKey& key) {
                         return !key.column.empty() && key.operator_class.empty();
                       });
    if (!plain) continue;
    for (const std::string& column : access.read) {
      if (!is_key(base.keys, column)) base.include.push_back(column);
    }
    std::sort(base.include.begin(), base.include.end());  // their order does not matter: one index for many classes
    if (base.include.size() > kMostIncluded || (base.include.empty() && !base.reason.starts_with("the whole")))
      continue;
    base.reason += base.include.empty() ? ", read from the index alone"
                                        : ", with " + enumerate(base.include) + " to spare the table";
    covering.push_back(std::move(base));
  }
  return covering;
}

}  // namespace assay
