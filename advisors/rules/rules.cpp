#include "advisors/rules/rules.h"

#include <algorithm>

namespace assay {

const std::vector<CandidateRule>& candidate_rules() {
  static const std::vector<CandidateRule> rules = {
      equality_then_sort_rule,   // stops at the LIMIT, and sorts nothing
      equality_then_range_rule,  // reads one contiguous stretch
      equality_rule,
      join_rule,
      extremes_rule,  // reads one entry
      expression_rule,
      prefix_pattern_rule,
      json_rule,
      array_rule,
      full_text_rule,
      trigram_rule,
      disjunction_rule,
      sort_rule,  // without an equality it reads the table in order until the LIMIT
      grouping_rule,
      hash_rule,
      brin_rule,  // last: the smallest, and the least that it saves
  };
  return rules;
}

std::vector<std::string> most_distinct(std::vector<std::string> columns, const TableAccess& access,
                                       const TableFacts& facts, std::size_t most) {
  const auto distinctness = [&](const std::string& column) {
    const bool null = std::find(access.null.begin(), access.null.end(), column) != access.null.end();
    const double nulls = null ? facts.share_of_nulls(column).value_or(0) : 0;
    return nulls > 0 ? 1 / nulls : facts.distinct(column);
  };
  std::stable_sort(columns.begin(), columns.end(),
                   [&](const std::string& a, const std::string& b) { return distinctness(a) > distinctness(b); });
  if (columns.size() > most) columns.resize(most);
  return columns;
}

std::vector<IndexKey> ascending_keys(const std::vector<std::string>& columns) {
  std::vector<IndexKey> keys;
  for (const std::string& column : columns) keys.push_back({.column = column});
  return keys;
}

std::string enumerate(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " and " : ", ";
    text += items[i];
  }
  return text;
}

std::string equality_on(const std::vector<std::string>& columns, const TableAccess& access) {
  std::vector<std::string> items = columns;
  for (std::string& item : items) {
    if (std::find(access.null.begin(), access.null.end(), item) != access.null.end()) item += " IS NULL";
  }
  return "equality on " + enumerate(items);
}

}  // namespace assay
