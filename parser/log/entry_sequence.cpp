#include "parser/log/entry_sequence.h"

#include <utility>

namespace assay {
namespace {

constexpr std::size_t kMaxHeld = 256;              // entries
constexpr std::size_t kMaxHeldBytes = 64U << 20U;  // of their messages

}  // namespace

void EntrySequence::add(std::unique_ptr<Block> block, std::uint64_t first_line) {
  blocks_.push_back(std::move(block));
  auto& entries = blocks_.back()->entries;
  for (taken_in_ = 0; taken_in_ < entries.size(); ++taken_in_) {
    entries[taken_in_].line += first_line;
    take_in(entries[taken_in_]);
  }
  give_back();
}

void EntrySequence::finish() {
  while (held_ > 0) release_oldest();
  give_back();
}

/// The limits look at entries alone, never at blocks, so that the outcome is the same for any size of block.
void EntrySequence::take_in(LogEntry& entry) {
  if (entry.field != EntryField::kMessage) return attach(entry);
  while (held_ > 0 && (!hold_back_ || held_ == kMaxHeld || held_bytes_ + entry.message.size() > kMaxHeldBytes)) {
    release_oldest();
  }
  ++held_;
  held_bytes_ += entry.message.size();
}

void EntrySequence::release_oldest() {
  while (next_ == blocks_.front()->entries.size()) {
    recycle_(std::move(blocks_.front()));
    blocks_.pop_front();
    next_ = 0;
  }
  const LogEntry& entry = blocks_.front()->entries[next_++];
  if (entry.field != EntryField::kMessage) return;
  --held_;
  held_bytes_ -= entry.message.size();
  sink_(entry);
}

LogEntry* EntrySequence::find_owner(const LogEntry& line) {
  std::size_t seen = 0, end = taken_in_;
  for (auto block = blocks_.rbegin(); block != blocks_.rend() && seen < held_; ++block) {
    if (block != blocks_.rbegin()) end = (*block)->entries.size();
    for (std::size_t i = end; i-- > 0 && seen < held_;) {
      LogEntry& entry = (*block)->entries[i];
      if (entry.field != EntryField::kMessage) continue;
      if (entry.process == line.process) return &entry;
      ++seen;
    }
  }
  return nullptr;
}

void EntrySequence::attach(const LogEntry& line) {
  LogEntry* owner = find_owner(line);
  if (owner == nullptr) {
    skips_.add(SkipReason::kNoOwner, line.line, line.lines, line.message);
    return;
  }
  continuation_lines_ += line.lines;
  if (set_field(*owner, line.field, line.message)) interpret(*owner, shapes_);
}

/// Blocks whose entries were all passed on. Texts attached from a later block outlive their entry, since blocks go in
/// order.
void EntrySequence::give_back() {
  if (held_ > 0) return;
  for (auto& block : blocks_) recycle_(std::move(block));
  blocks_.clear();
  next_ = 0;
}

}  // namespace assay
