// LogFollower: one log as it is written, whatever happens to its file.
//
// Complete records are taken from the growing end, by the tokenizers that a whole log is read by. The last record waits
// until the one after it begins, or until the file has not grown for a quiet second. A file that was renamed is read to
// its end before the one that took its name; one that was truncated is read from its front again.
//
// save() tells where reading goes on, and what was begun there: the first byte that is still needed, how many of the
// records from there on were told, and what the assembler has open. So who keeps the state together with what he made
// of the records up to it, and restores both, has every record once.
//
// What it leaves out: compressed files, which nobody writes to; bytes that were written and truncated between two
// looks.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "parser/log/assembler.h"
#include "parser/log/entry_sequence.h"
#include "parser/log/mysql_slow.h"
#include "parser/log/tokenizer.h"

namespace assay {

/// A clock's reading, to tell how long a file has been quiet. Tests count on their own.
using Tick = std::chrono::milliseconds;

struct FollowOptions {
  ReadOptions read;
  bool from_start = false;                ///< of a file that is there at first; else from its end
  Tick quiet{1000};                       ///< after which the last record counts as complete
  std::size_t chunk = 256U << 10U;        ///< bytes read at once
  std::size_t max_record = 16U << 20U;    ///< bytes; longer records are dropped
  std::size_t most_at_once = 16U << 20U;  ///< bytes that one poll() reads, so that several files take turns
};

/// lines = record_lines + continuation_lines + skipped_lines, once nothing is held back.
struct FollowAccount {
  std::uint64_t bytes = 0, lines = 0, record_lines = 0, continuation_lines = 0, skipped_lines = 0;
  std::uint64_t rotations = 0, truncations = 0;
};

/// Which file it is, whatever its name, and a few bytes of it to tell whether it still is.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0;
  bool operator==(const FileIdentity&) const = default;
};

/// Where reading stood: the file, the bytes before, and those at its front.
struct FilePlace {
  FileIdentity file;
  std::uint64_t offset = 0;
  std::string tail, front;
};

class LogFollower {
 public:
  LogFollower(std::string path, FollowOptions options, RecordSink sink);
  ~LogFollower();
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  /// Tells the records that have become complete; returns the bytes read. What is wrong is told once, in `diagnostics`.
  std::size_t poll(Tick now, Diagnostics& diagnostics);

  /// Nothing more is to come: what is left is complete.
  void finish();

  void save(StateWriter& state) const;
  /// Of a new follower, before the first poll(). Throws Error when the state is damaged.
  void restore(StateReader& state, Diagnostics& diagnostics);

  const std::string& path() const { return path_; }
  FollowAccount account() const;
  std::uint64_t records() const { return assembler_->records(); }  ///< told, from the first start on
  std::uint64_t executions() const { return assembler_->executions(); }
  bool is_open() const { return file_ >= 0; }
  FileIdentity file() const { return identity_; }
  std::uint64_t unread() const;  ///< bytes of the file that were not read yet

  /// The first bytes of the files that were read lately, kFrontBytes of each: a copy of one is no other log.
  const std::deque<std::string>& fronts() const { return fronts_; }
  static constexpr std::size_t kFrontBytes = 512;

 private:
  struct UnderWay {
    std::uint64_t offset = 0, line = 1, first_unit = 0;
    SlowLogInheritance inheritance;
    FollowAccount account;  // before it
  };

  bool open_file(const std::string& name);
  bool open_path(Diagnostics& diagnostics);
  void close_file();
  void read_from(std::uint64_t offset);
  std::string bytes_at(std::uint64_t offset, std::size_t size) const;
  std::string tail_before(std::uint64_t offset) const;
  std::uint64_t size() const;
  bool recognise_file(Diagnostics& diagnostics);
  void begin(const LogDialect& dialect);
  std::size_t read_on();
  void remember_front();
  void take_complete();
  void drop_front();
  void take(std::size_t size, bool at_end);
  void flush(bool at_end);
  bool is_truncated() const;
  void begin_again(Diagnostics& diagnostics);
  void move_on(Diagnostics& diagnostics);
  bool has_name() const;
  std::string found_again(const FilePlace& place) const;
  std::string written_next() const;
  void tell(Severity severity, std::string message, std::string hint, Diagnostics& diagnostics) const;

  std::string path_;
  FollowOptions options_;
  int file_ = -1;
  FileIdentity identity_;
  std::deque<std::string> fronts_;
  std::string tail_;  // the last bytes before read_to_
  bool has_front_ = false;
  std::uint64_t read_to_ = 0;      // offset behind pending_
  std::string pending_;            // read, and not taken yet
  bool dropping_ = false;          // within a record that is too long
  std::uint64_t line_ = 1;         // of pending_
  std::uint64_t judged_size_ = 0;  // of the file, when no format was recognised in it
  bool is_first_ = true;           // nothing was opened yet
  bool problem_told_ = false;      // of this file
  bool is_compressed_ = false;
  bool judge_anew_ = true;    // the file may be written in another dialect than the one before
  bool catching_up_ = false;  // after a restart: rotated files may lie between
  Tick grown_{0};

  std::optional<LogDialect> dialect_;
  std::unique_ptr<Tokenizer> tokenizer_;
  RecordSink sink_;
  std::unique_ptr<Assembler> assembler_;
  std::unique_ptr<EntrySequence> sequence_;
  SlowLogInheritance inheritance_;
  std::deque<UnderWay> under_way_;  // of the sequence's blocks, the oldest first
  std::unique_ptr<Block> spare_;
  FollowAccount account_;  // but for what the sequence counts
};

}  // namespace assay
