#include "parser/log/entry_sequence.h"

#include <utility>

namespace assay {
namespace {

constexpr std::size_t kMaxHeld = 256;              // entries
constexpr std::size_t kMaxHeldBytes = 64U << 20U;  // of their messages

}  // namespace

void EntrySequence::add(std::unique_ptr<Block> block, std::uint64_t first_line) {
  blocks_.push_back(std::move(block));
  for (LogEntry& entry : blocks_.back()->entries) {
    entry.line += first_line;
    if (!hold_back_) {
      sink_(entry);
    } else if (entry.field == EntryField::kMessage) {
      hold(entry);
    } else {
      attach(entry);
    }
  }
  give_back();
}

void EntrySequence::finish() {
  while (!held_.empty()) release_oldest();
  give_back();
}

/// The limits look at entries alone, never at blocks, so that the outcome is the same for any size of block.
void EntrySequence::hold(LogEntry& entry) {
  held_.push_back({&entry, blocks_.back().get(), entry.message.size()});
  held_bytes_ += entry.message.size();
  while (held_.size() > 1 && (held_.size() > kMaxHeld || held_bytes_ > kMaxHeldBytes)) release_oldest();
}

void EntrySequence::release_oldest() {
  const Held oldest = held_.front();
  held_.pop_front();
  held_bytes_ -= oldest.bytes;
  sink_(*oldest.entry);
}

LogEntry* EntrySequence::find_owner(const LogEntry& line) {
  for (auto held = held_.rbegin(); held != held_.rend(); ++held) {
    if (held->entry->process == line.process) return held->entry;
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

/// Blocks that no held entry points into. Texts attached from a later block outlive their entry, since blocks go in
/// order.
void EntrySequence::give_back() {
  while (!blocks_.empty() && (held_.empty() || held_.front().block != blocks_.front().get())) {
    recycle_(std::move(blocks_.front()));
    blocks_.pop_front();
  }
}

}  // namespace assay
