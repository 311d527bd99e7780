#include "parser/log/block.h"

#include <algorithm>

namespace assay {
namespace {

bool is_same(const Client& a, const Client& b) {
  if (a.identity != b.identity || a.session != b.session) return false;
  return a.identity != 0 ||
         (a.user == b.user && a.database == b.database && a.application == b.application && a.host == b.host);
}

}  // namespace

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
  steps.clear();
  entries.clear();
  routines.clear();
  clients.clear();
  recent_clients.fill(nullptr);
  summaries.clear();
  lines = continuation_lines = 0;
  skips.clear();
  unknown_zone.clear();
}

void Block::add(const LogEntry& entry) {
  const bool is_step = is_timed_statement(entry.kind) && entry.field == EntryField::kMessage &&
                       entry.dialect == SqlDialect::kPostgres && entry.sqlstate.empty() && !entry.sql.empty();
  if (is_step) {
    add_step(entry, entry);
  } else {
    entries.push_back(entry);
    entries.back().steps_before = steps.size();
  }
}

ExecutionStep& Block::add_step(const ExecutionStep& step, const Client& client) {
  const Client*& known = recent_clients[static_cast<std::size_t>(step.process) % recent_clients.size()];
  if (known == nullptr || !is_same(*known, client)) known = &clients.emplace_back(client);
  ExecutionStep& added = steps.emplace_back(step);
  added.client = known;
  return added;
}

std::uint64_t Block::record_lines() const {
  std::uint64_t lines = steps.size();
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
