// The entries of all blocks in the order of the file, whole.
//
// A DETAIL or STATEMENT line of stderr may come behind lines of other processes; it belongs to the last entry of its
// own. So the last few entries are held back until it is too late for that. The server writes an entry in one go, and
// only a log without the logging collector can interleave, over short distances. For csvlog
// and jsonlog nothing is held back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "parser/log/assembler.h"
#include "parser/log/block.h"

namespace assay {

/// Whether a DETAIL or STATEMENT is a line of its own, which others may part from its message: those are held back.
bool may_part_details(LogFormat format);

class EntrySequence {
 public:
  /// Each step and entry is passed on once, with its line counted from 1 in the file; `recycle` gets the blocks back.
  using Recycle = std::function<void(std::unique_ptr<Block>)>;
  EntrySequence(bool hold_back, Assembler& assembler, Recycle recycle)
      : hold_back_(hold_back), assembler_(assembler), recycle_(std::move(recycle)) {}

  /// `first_line` is that of the block's text, counted from 1.
  void add(std::unique_ptr<Block> block, std::uint64_t first_line);

  /// At the end of the log: passes on what was held back.
  void finish();

  /// Steps and entries that were passed on, and those that are held back.
  std::uint64_t released() const { return released_; }
  std::size_t held() const { return held_; }

  /// Of a new sequence: the first `count` steps and entries were passed on before, and are not passed on again.
  void skip_first(std::uint64_t count) { skipped_first_ = count; }

  std::uint64_t continuation_lines() const { return continuation_lines_; }
  /// DETAIL, STATEMENT … without an entry to belong to; lines counted from 1 in the file.
  const SkipList& skips() const { return skips_; }

 private:
  /// A place between the steps and entries of a block.
  struct Cursor {
    std::size_t step = 0, entry = 0;  ///< that come next of their kind

    bool is_at_end(const Block& block) const { return step == block.steps.size() && entry == block.entries.size(); }
    bool is_before_entry(const Block& block) const {
      return entry < block.entries.size() && block.entries[entry].steps_before == step;
    }
    bool is_behind_entry(const Block& block) const {
      return entry > 0 && block.entries[entry - 1].steps_before == step;
    }
    bool is_at_begin() const { return step == 0 && entry == 0; }
  };

  void take_in(LogEntry& entry);
  void hold(std::size_t bytes);
  void attach(const LogEntry& line);
  bool attach_to(Block& block, Cursor behind, const LogEntry& line, std::size_t& left);
  void release_oldest();
  void give_back();

  bool hold_back_;
  Assembler& assembler_;
  Recycle recycle_;
  std::deque<std::unique_ptr<Block>> blocks_;  // with entries that are held back: those from next_ of the first block…
  Cursor next_;
  Cursor taken_in_;  // … up to before taken_in_ of the last one, lines without an entry of their own left out
  std::size_t held_ = 0, held_bytes_ = 0;  // how many they are, and the bytes of their messages
  std::uint64_t released_ = 0, skipped_first_ = 0;
  std::uint64_t continuation_lines_ = 0;
  SkipList skips_;
  ShapeCache shapes_;
};

}  // namespace assay
