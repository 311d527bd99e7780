// The candidate rules: each looks at one TableAccess and names the B-tree keys that could serve it, and why.
//
// A key list is always in the order that a B-tree can use: columns compared for equality first (any order
// among themselves), then what sorts, or one range. One rule, one file.
// Leaves out: what exists already, what is not worth its size, and everything beyond plain B-tree columns.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/rules/table_access.h"
#include "parser/sql/index_definition.h"

namespace assay {

struct ProposedKeys {
  std::vector<IndexKey> keys;
  std::size_t equality_keys = 0;  ///< how many of them, from the first, are compared for equality
  std::string reason;             ///< one sentence
  bool stops_at_limit = false;    ///< yields rows in the order asked for, so that a LIMIT ends the scan
};

/// How many distinct values a column has, in rows or as a share of them; larger is more selective. 0: unknown.
using Distinctness = std::function<double(std::string_view column)>;

using CandidateRule = std::vector<ProposedKeys> (*)(const TableAccess&, const Distinctness&);

std::vector<ProposedKeys> equality_rule(const TableAccess& access, const Distinctness& distinctness);
std::vector<ProposedKeys> join_rule(const TableAccess& access, const Distinctness& distinctness);
std::vector<ProposedKeys> equality_then_sort_rule(const TableAccess& access, const Distinctness& distinctness);
std::vector<ProposedKeys> equality_then_range_rule(const TableAccess& access, const Distinctness& distinctness);
std::vector<ProposedKeys> sort_rule(const TableAccess& access, const Distinctness& distinctness);

/// All rules. The order matters only for ties: of two candidates that save the same, the one proposed first
/// is taken, so the rules that stop reading early stand first.
const std::vector<CandidateRule>& candidate_rules();

/// Wider keys save little more on a filter and cost every write; covering columns are another matter.
inline constexpr std::size_t kMostKeys = 3;

// Shared by the rules.

/// The columns, most distinct first, at most `most`; ties keep their order.
std::vector<std::string> most_distinct(std::vector<std::string> columns, const Distinctness& distinctness,
                                       std::size_t most);
std::vector<IndexKey> ascending_keys(const std::vector<std::string>& columns);
/// "a", "a and b", "a, b and c".
std::string enumerate(const std::vector<std::string>& items);
/// "equality on a and b", "equality on a and b IS NULL".
std::string equality_on(const std::vector<std::string>& columns, const TableAccess& access);

}  // namespace assay
