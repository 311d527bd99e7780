// Equality on long values: a hash index holds four bytes of each, a B-tree all of it, or none where a value is longer
// than a third of a page. For short values a B-tree does as well, and serves ranges and sorts besides.
#include "advisors/rules/rules.h"

namespace assay {

std::vector<ProposedIndex> hash_rule(const TableAccess& access, const TableFacts& facts) {
  constexpr double kLong = 64;  // bytes: above it the hash index is less than a third of the B-tree
  std::vector<ProposedIndex> proposals;
  for (const std::string& column : access.equal) {
    if (!facts.is_text(column) || !facts.statistics(column) || facts.width(column) < kLong) continue;
    proposals.push_back(
        {.keys = {{.column = column}},
         .equality_keys = 1,
         .reason = "equality on " + column + ", whose values are long: a hash index keeps 4 bytes of each",
         .method = "hash"});
  }
  return proposals;
}

}  // namespace assay
