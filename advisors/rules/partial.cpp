// A condition that is the same in every execution and true of few rows (a queue's open jobs, what is not deleted
// where most is, a rare status): the other conditions' index, over those rows alone. Smaller, and writers of the other
// rows do not pay for it.
//
// Leaves out: lists, ranges, and parameters, whose value a generic plan does not know, so that it could not use the
// index.
#include <algorithm>

#include "advisors/rules/rules.h"

namespace assay {
namespace {

constexpr double kFew = 0.5;
constexpr double kFewValues = 32;  // a column of more, such as an owner's id, has another rare value tomorrow
constexpr std::size_t kMostProposals = 2;

std::optional<double> share_of(const ConstantCondition& condition, const TableFacts& facts) {
  const std::optional<double> nulls = facts.share_of_nulls(condition.column);
  if (condition.kind == PredicateKind::kIsNull) return nulls;
  if (condition.kind == PredicateKind::kIsNotNull) return nulls ? std::optional(1 - *nulls) : std::nullopt;
  const double values = facts.distinct(condition.column);
  if (values <= 0 || values > kFewValues) return std::nullopt;
  return facts.share_of(condition.column, condition.value);
}

bool is_number(std::string_view type) {
  return type == "integer" || type == "bigint" || type == "smallint" || type == "numeric" || type == "real" ||
         type == "double precision";
}

std::string sql_of(const ConstantCondition& condition, const TableFacts& facts) {
  const std::string column = quote_identifier(condition.column);
  if (condition.kind == PredicateKind::kIsNull) return column + " IS NULL";
  if (condition.kind == PredicateKind::kIsNotNull) return column + " IS NOT NULL";
  const std::string_view type = facts.type(condition.column);
  if (type == "boolean") {
    const char first = condition.value.empty() ? 'f' : condition.value.front();
    return first == 't' || first == 'T' || first == '1' ? column : "NOT " + column;
  }
  const bool bare = is_number(type) && condition.value.find_first_not_of("-0123456789.") == std::string::npos;
  return column + " = " + (bare ? condition.value : quote_literal(condition.value));
}

/// What the statement asks beside the condition.
TableAccess rest_of(TableAccess access, const ConstantCondition& condition) {
  std::erase(access.equal, condition.column);
  std::erase(access.null, condition.column);
  access.special.clear();
  access.disjunctions.clear();
  access.constants.clear();
  return access;
}

/// In the order in which they are worth most: what reads in order first.
std::vector<ProposedIndex> proposals_for(const TableAccess& rest, const ConstantCondition& condition,
                                         const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const CandidateRule rule : {equality_then_sort_rule, equality_then_range_rule, equality_rule, sort_rule,
                                   extremes_rule, join_rule, grouping_rule}) {
    for (ProposedIndex& proposal : rule(rest, facts)) proposals.push_back(std::move(proposal));
    if (proposals.size() >= kMostProposals) break;
  }
  if (proposals.empty()) {
    proposals.push_back({.keys = ascending_keys({condition.column}), .equality_keys = 1, .reason = "its rows"});
  }
  if (proposals.size() > kMostProposals) proposals.resize(kMostProposals);
  return proposals;
}

}  // namespace

std::vector<ProposedIndex> partial_rule(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> partial;
  for (const ConstantCondition& condition : access.constants) {
    const std::optional<double> share = share_of(condition, facts);
    if (!share || *share <= 0 || *share > kFew) continue;
    for (ProposedIndex& proposal : proposals_for(rest_of(access, condition), condition, facts)) {
      proposal.predicate = sql_of(condition, facts);
      proposal.predicate_column = condition.column;
      proposal.reason += ", of the rows with " + proposal.predicate + " alone, as every execution asks";
      partial.push_back(std::move(proposal));
    }
  }
  return partial;
}

}  // namespace assay
