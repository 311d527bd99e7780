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

#include "parser/log/block.h"

namespace assay {

class EntrySequence {
 public:
  /// `sink` is called once an entry, with its line counted from 1 in the file; `recycle` gets the blocks back.
  using Sink = std::function<void(const LogEntry&)>;
  using Recycle = std::function<void(std::unique_ptr<Block>)>;
  EntrySequence(bool hold_back, Sink sink, Recycle recycle)
      : hold_back_(hold_back), sink_(std::move(sink)), recycle_(std::move(recycle)) {}

  /// `first_line` is that of the block's text, counted from 1.
  void add(std::unique_ptr<Block> block, std::uint64_t first_line);

  /// At the end of the log: passes on what was held back.
  void finish();

  std::uint64_t continuation_lines() const { return continuation_lines_; }
  /// DETAIL, STATEMENT … without an entry to belong to; lines counted from 1 in the file.
  const SkipList& skips() const { return skips_; }

 private:
  void take_in(LogEntry& entry);
  void attach(const LogEntry& line);
  LogEntry* find_owner(const LogEntry& line);
  void release_oldest();
  void give_back();

  bool hold_back_;
  Sink sink_;
  Recycle recycle_;
  std::deque<std::unique_ptr<Block>> blocks_;  // with entries that are held back: those from next_ of the first block…
  std::size_t next_ = 0;
  std::size_t taken_in_ = 0;  // … up to before taken_in_ of the last one, lines without an entry of their own left out
  std::size_t held_ = 0, held_bytes_ = 0;  // how many they are, and the bytes of their messages
  std::uint64_t continuation_lines_ = 0;
  SkipList skips_;
  ShapeCache shapes_;
};

}  // namespace assay
