#include "cli/coverage.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/units.h"

namespace assay {

std::optional<ManySkipped> many_skipped(const InputAccount& input) {
  constexpr std::uint64_t kOneIn = 20;
  const std::uint64_t skipped = input.skipped_lines();
  if (skipped * kOneIn <= input.lines) return std::nullopt;
  const auto most = std::max_element(input.skipped.begin(), input.skipped.end(),
                                     [](const SkippedLines& a, const SkippedLines& b) { return a.count < b.count; });
  const double share = static_cast<double>(skipped) / static_cast<double>(input.lines);
  return ManySkipped{fmt::format("{} of {} lines ({}) were skipped, most of them: {}", count_text(skipped),
                                 count_text(input.lines), share_text(share), most->reason),
                     most->hint};
}

}  // namespace assay
