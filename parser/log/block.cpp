#include "parser/log/block.h"

#include <algorithm>

namespace assay {

void SkipList::add(SkipReason reason, std::uint64_t line, std::uint64_t lines, std::string_view text,
                   std::uint64_t column) {
  constexpr std::size_t kExcerpt = 240;
  Tally& tally = tallies_[static_cast<std::size_t>(reason)];
  if (tally.places == 0) tally.first_line = line;
  if (tally.places < kSkipsShown) {
    auto excerpt = text.substr(0, line_end(text, 0)).substr(0, kExcerpt);
    if (excerpt.ends_with('\r')) excerpt.remove_suffix(1);
    shown_.push_back({reason, line, lines, std::string(excerpt), column});
  }
  ++tally.places;
  tally.lines += lines;
}

std::uint64_t SkipList::lines() const {
  std::uint64_t lines = 0;
  for (const Tally& tally : tallies_) lines += tally.lines;
  return lines;
}

void SkipList::clear() {
  tallies_.fill({});
  shown_.clear();
}

void Block::clear() {
  size = 0;
  at_end = false;
  dropped_lines = 0;
  dropped_excerpt.clear();
  entries.clear();
  summaries.clear();
  lines = continuation_lines = 0;
  skips.clear();
  unknown_zone.clear();
}

std::uint64_t record_lines(const std::vector<LogEntry>& entries) {
  std::uint64_t lines = 0;
  const LogEntry* before = nullptr;
  for (const LogEntry& entry : entries) {
    if (entry.field != EntryField::kMessage) continue;
    lines += before == nullptr || before->line != entry.line ? 1 : 0;
    before = &entry;
  }
  return lines;
}

std::size_t line_end(std::string_view text, std::size_t at) { return std::min(text.find('\n', at), text.size()); }

std::uint64_t count_lines(std::string_view text) {
  std::uint64_t lines = 0;
  for (std::size_t at = 0; at < text.size(); at = line_end(text, at) + 1) ++lines;
  return lines;
}

}  // namespace assay
