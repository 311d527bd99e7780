#include "parser/log/entry_sequence.h"

#include <utility>

namespace assay {
namespace {

constexpr std::size_t kMaxHeld = 256;              // entries
constexpr std::size_t kMaxHeldBytes = 64U << 20U;  // of their messages

/// The same whether an entry is a step or not.
std::size_t bytes_of(const LogEntry& entry) {
  return is_timed_statement(entry.kind) ? entry.sql.size() : entry.message.size();
}

}  // namespace

bool may_part_details(LogFormat format) {
  return format == LogFormat::kPostgresStderr || format == LogFormat::kCloudSql || format == LogFormat::kAzure;
}

void EntrySequence::add(std::unique_ptr<Block> block, std::uint64_t first_line) {
  blocks_.push_back(std::move(block));
  Block& last = *blocks_.back();
  for (taken_in_ = {}; !taken_in_.is_at_end(last);) {
    if (taken_in_.is_before_entry(last)) {
      LogEntry& entry = last.entries[taken_in_.entry];
      entry.line += first_line;
      take_in(entry);
      ++taken_in_.entry;
    } else {
      ExecutionStep& step = last.steps[taken_in_.step++];
      step.line += first_line;
      hold(step.sql.size());
    }
  }
  give_back();
}

void EntrySequence::finish() {
  while (held_ > 0) release_oldest();
  give_back();
}

void EntrySequence::take_in(LogEntry& entry) {
  if (entry.field != EntryField::kMessage) return attach(entry);
  hold(bytes_of(entry));
}

/// The limits look at entries alone, never at blocks, so that the outcome is the same for any size of block.
void EntrySequence::hold(std::size_t bytes) {
  while (held_ > 0 && (!hold_back_ || held_ == kMaxHeld || held_bytes_ + bytes > kMaxHeldBytes)) release_oldest();
  ++held_;
  held_bytes_ += bytes;
}

void EntrySequence::release_oldest() {
  while (next_.is_at_end(*blocks_.front())) {
    recycle_(std::move(blocks_.front()));
    blocks_.pop_front();
    next_ = {};
  }
  const Block& block = *blocks_.front();
  if (!next_.is_before_entry(block)) {
    const ExecutionStep& step = block.steps[next_.step++];
    --held_;
    held_bytes_ -= step.sql.size();
    if (released_++ >= skipped_first_) assembler_.add(step);
    return;
  }
  const LogEntry& entry = block.entries[next_.entry++];
  if (entry.field != EntryField::kMessage) return;
  --held_;
  held_bytes_ -= bytes_of(entry);
  if (released_++ >= skipped_first_) assembler_.add(entry);
}

/// To the last one of its process before `behind`, if it is among so many that are `left`.
bool EntrySequence::attach_to(Block& block, Cursor behind, const LogEntry& line, std::size_t& left) {
  while (left > 0 && !behind.is_at_begin()) {
    if (behind.is_behind_entry(block)) {
      LogEntry& entry = block.entries[--behind.entry];
      if (entry.field != EntryField::kMessage) continue;
      if (entry.process == line.process) {
        if (set_field(entry, line.field, line.message)) interpret(entry, shapes_);
        return true;
      }
    } else {
      ExecutionStep& step = block.steps[--behind.step];
      if (step.process == line.process) {
        if (line.field == EntryField::kDetail) tell_detail(step, line.message, shapes_.of(step.sql).values);
        return true;
      }
    }
    --left;
  }
  return false;
}

void EntrySequence::attach(const LogEntry& line) {
  std::size_t left = held_;
  for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
    const Cursor end{(*block)->steps.size(), (*block)->entries.size()};
    if (!attach_to(**block, block == blocks_.rbegin() ? taken_in_ : end, line, left)) continue;
    continuation_lines_ += line.lines;
    return;
  }
  skips_.add(SkipReason::kNoOwner, line.line, line.lines, line.message);
}

/// Blocks whose entries were all passed on. Texts attached from a later block outlive their entry, since blocks go in
/// order.
void EntrySequence::give_back() {
  if (held_ > 0) return;
  for (auto& block : blocks_) recycle_(std::move(block));
  blocks_.clear();
  next_ = {};
}

}  // namespace assay
