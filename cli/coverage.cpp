#include "cli/coverage.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/units.h"

namespace assay {

std::optional<ManySkipped> many_skipped(const InputAccount& input) {
  constexpr std::uint64_t kOneIn = 20;
  std::uint64_t skipped = 0;
  for (const SkippedLines& lines : input.skipped) skipped += lines.is_loss ? lines.count : 0;
  if (skipped * kOneIn <= input.lines) return std::nullopt;
  const auto most = std::max_element(input.skipped.begin(), input.skipped.end(), [](const auto& a, const auto& b) {
    return (a.is_loss ? a.count : 0) < (b.is_loss ? b.count : 0);
  });
  const double share = static_cast<double>(skipped) / static_cast<double>(input.lines);
  return ManySkipped{fmt::format("{} of {} lines ({}) were skipped, most of them: {}", count_text(skipped),
                                 count_text(input.lines), share_text(share), most->reason),
                     most->hint};
}

}  // namespace assay
