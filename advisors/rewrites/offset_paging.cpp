// OFFSET n reads n rows and throws them away: page 1,000 costs a thousand pages. Paging by key starts where the last
// page ended. Never the same statement, since the application has to remember the last row, so no SQL is given.
#include <algorithm>
#include <cstdlib>

#include "advisors/rewrites/rewrites.h"

namespace assay {
namespace {

constexpr double kDeep = 500;  // rows thrown away; the first pages cost nothing

/// The largest OFFSET among the class's samples; of a parameter, its value.
double deepest(const RewriteSubject& subject, std::size_t block) {
  double most = 0;
  for (const WeightedQuery& sample : subject.meaning.plannable) {
    const bool same_text = sample.query.sql == subject.sql;
    std::string offset = subject.statement.blocks[block].offset;
    if (!same_text) {
      const ParsedStatement parsed = parse_statement(sample.query.sql);
      if (parsed.statement && block < parsed.statement->blocks.size()) offset = parsed.statement->blocks[block].offset;
    }
    if (offset.starts_with('$')) {
      const std::size_t number = std::strtoul(offset.c_str() + 1, nullptr, 10);
      const bool known = number > 0 && number <= sample.query.parameters.size();
      offset = known ? sample.query.parameters[number - 1].value_or("") : "";
    }
    most = std::max(most, std::strtod(offset.c_str(), nullptr));
  }
  return most;
}

std::string key_of(const QueryBlock& block) {
  std::string names;
  for (const OrderItem& item : block.order) {
    if (!item.expression.empty()) return {};
    names += (names.empty() ? "" : ", ") + item.column.name;
  }
  return names;
}

bool in_one_direction(const QueryBlock& block) {
  return std::all_of(block.order.begin(), block.order.end(),
                     [&](const OrderItem& item) { return item.descending == block.order.front().descending; });
}

}  // namespace

std::optional<RewriteHint> offset_paging(const RewriteSubject& subject) {
  for (std::size_t i = 0; i < subject.statement.blocks.size(); ++i) {
    const QueryBlock& block = subject.statement.blocks[i];
    if (!block.has_offset || !block.has_limit || block.order.empty()) continue;
    const double rows = deepest(subject, i);
    if (rows < kDeep) continue;
    const std::string key = key_of(block);
    std::string reason = "OFFSET up to " + std::to_string(static_cast<long long>(std::min(rows, 1e15))) +
                         ": so many rows are read and thrown away for each page. Page by key instead";
    if (!key.empty() && in_one_direction(block)) {
      reason +=
          ": WHERE (" + key + ") " + (block.order.front().descending ? "<" : ">") +
          " (the last row's values), with the same ORDER BY and LIMIT and without OFFSET; let a unique column end "
          "the ORDER BY";
    }
    return RewriteHint{"offset-paging", reason + ".", {}};
  }
  return std::nullopt;
}

}  // namespace assay
