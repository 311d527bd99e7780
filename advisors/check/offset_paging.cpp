// OFFSET: page n costs n pages. In a test's log the pages are still near the front, so any OFFSET counts but a constant
// zero.
#include <algorithm>

#include "advisors/check/check.h"

namespace assay {

std::vector<Finding> offsets(const CheckSubject& subject) {
  std::vector<Finding> findings;
  for (std::size_t position = 0; position < subject.meanings.size(); ++position) {
    if (!subject.is_read(position)) continue;
    const auto& blocks = subject.meanings[position].statement->blocks;
    const bool pages = std::any_of(blocks.begin(), blocks.end(), [](const QueryBlock& block) {
      return block.has_offset && block.has_limit && block.offset != "0";
    });
    if (!pages) continue;
    findings.push_back(about_class(subject, position, "OFFSET",
                                   "pages by OFFSET: the rows of all earlier pages are read and thrown away",
                                   "page by key: WHERE (sort key, id) > (last row's) ORDER BY sort key, id LIMIT n"));
  }
  return findings;
}

}  // namespace assay
