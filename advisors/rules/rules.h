// The candidate rules: each looks at one TableAccess and names the indexes that could serve it, and why.
//
// A B-tree's keys are always in the order that it can use: columns compared for equality first (any order
// among themselves), then what sorts, or one range. One rule, one file.
// Leaves out: what exists already, and what is not worth its size.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/rules/table_access.h"
#include "advisors/rules/table_facts.h"
#include "parser/sql/index_definition.h"

namespace assay {

struct ProposedIndex {
  std::vector<IndexKey> keys;
  std::size_t equality_keys = 0;  ///< how many of them, from the first, are compared for equality
  std::string reason;             ///< one sentence
  bool stops_at_limit = false;    ///< yields rows in the order asked for, so that a LIMIT ends the scan
  std::string method = "btree";
  std::vector<std::string> include = {};
  std::string predicate = {};         ///< SQL of a partial index …
  std::string predicate_column = {};  ///< … and the column that it is about
  std::string extension = {};         ///< that must be installed
};

using CandidateRule = std::vector<ProposedIndex> (*)(const TableAccess&, const TableFacts&);

std::vector<ProposedIndex> equality_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> join_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> equality_then_sort_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> equality_then_range_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> sort_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> grouping_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> extremes_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> expression_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> prefix_pattern_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> trigram_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> json_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> array_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> full_text_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> disjunction_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> hash_rule(const TableAccess& access, const TableFacts& facts);
std::vector<ProposedIndex> brin_rule(const TableAccess& access, const TableFacts& facts);

/// All rules but those below. The order matters only for ties: of two candidates that save the same, the one proposed
/// first is taken, so the rules that stop reading early stand first.
const std::vector<CandidateRule>& candidate_rules();

/// The first B-trees of `proposals`, those that could spare the table, with the other columns that the statement needs.
std::vector<ProposedIndex> covering_rule(const TableAccess& access, const TableFacts& facts,
                                         const std::vector<ProposedIndex>& proposals);
/// Indexes for what is left of `access` where one of its constant conditions keeps few of the table's rows.
/// `access.constants` must hold only those that are the same in every execution.
std::vector<ProposedIndex> partial_rule(const TableAccess& access, const TableFacts& facts);

/// Wider keys save little more on a filter and cost every write; covering columns are another matter.
inline constexpr std::size_t kMostKeys = 3;

// Shared by the rules.

/// The columns, most distinct first, at most `most`; ties keep their order.
std::vector<std::string> most_distinct(std::vector<std::string> columns, const TableAccess& access,
                                       const TableFacts& facts, std::size_t most);
std::vector<IndexKey> ascending_keys(const std::vector<std::string>& columns);
/// "a", "a and b", "a, b and c".
std::string enumerate(const std::vector<std::string>& items);
/// "equality on a and b", "equality on a and b IS NULL".
std::string equality_on(const std::vector<std::string>& columns, const TableAccess& access);

}  // namespace assay
