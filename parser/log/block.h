// A block of a log on its way: cut out of the file at record borders, taken apart by a tokenizer, put together
// by the assembler. It owns its bytes, which tokenizers unescape in place, so that entries are views.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "parser/log/entry.h"

namespace assay {

enum class SkipReason : std::uint8_t {
  kMidRecord,  ///< the file starts within a record
  kNoCsvRecord,
  kNoJsonRecord,
  kBlank,
  kCutOff,  ///< the last record is not complete
  kTooLong,
  kNoOwner,  ///< DETAIL, STATEMENT …: their entry is not in the log, or too far before
  kOtherProgram,
  kNoBeginning,  ///< a part of a message whose beginning is missing
  kRepeated,     ///< syslog left out messages that were the same as the one before
  kNoRow,        ///< of pg_stat_statements
  kPsqlCommand,
  kCopyData,
};
inline constexpr std::size_t kSkipReasons = 13;

/// Lines that belong to no record, told apart by place.
struct Skip {
  SkipReason reason = SkipReason::kMidRecord;
  std::uint64_t line = 0;  ///< the first one, counted from 0 in the block
  std::uint64_t lines = 1;
  std::string excerpt;       ///< its beginning
  std::uint64_t column = 0;  ///< as in Diagnostic
};

inline constexpr std::size_t kSkipsShown = 3;  // of each reason

/// All skips counted, the first few of each reason kept.
class SkipList {
 public:
  void add(SkipReason reason, std::uint64_t line, std::uint64_t lines, std::string_view text, std::uint64_t column = 0);

  struct Tally {
    std::uint64_t places = 0, lines = 0, first_line = 0;
  };
  const Tally& tally(SkipReason reason) const { return tallies_[static_cast<std::size_t>(reason)]; }
  const std::vector<Skip>& shown() const { return shown_; }
  std::uint64_t lines() const;  ///< of all reasons
  void clear();

 private:
  std::array<Tally, kSkipReasons> tallies_{};
  std::vector<Skip> shown_;
};

/// An entry of a statement that ran inside of a stored procedure.
struct InsideRoutine {
  std::size_t entry = 0;      ///< its position
  std::uint64_t routine = 0;  ///< hash of the procedure's name, not 0
};

struct Block {
  std::vector<char> bytes;          ///< its text, and some spare room
  std::size_t size = 0;             ///< of the text
  bool at_end = false;              ///< the file ends here
  std::uint64_t dropped_lines = 0;  ///< of a record too long to be kept, before the text
  std::string dropped_excerpt;
  std::uint64_t input_position = 0;  ///< bytes of the file read so far, for the progress

  // What the tokenizer adds:
  std::vector<char> joined;                        ///< texts that stood in several pieces, for entries to point into
  std::deque<ExecutionSummary> summaries;          ///< that entries point to
  std::vector<ExecutionStep> steps;                ///< timed statements of PostgreSQL, and …
  std::vector<LogEntry> entries;                   ///< … all else, each behind the steps that it counts
  std::deque<Client> clients;                      ///< that steps point to
  std::array<const Client*, 64> recent_clients{};  ///< by the low bits of their process
  std::vector<InsideRoutine> routines;             ///< in the order of the entries (parser/log/procedure_time.h)
  std::uint64_t lines = 0;                         ///< of the text
  std::uint64_t continuation_lines = 0;
  SkipList skips;
  std::string unknown_zone;        ///< the first one, or empty
  std::string inherited_database;  ///< told by the block before; entries may view it (parser/log/mysql_slow.h)

  std::string_view text() const { return {bytes.data(), size}; }
  void clear();

  /// Adds an entry whose meaning is known, to the steps if it is one.
  void add(const LogEntry& entry);

  /// Adds a step of that client, whose texts are in the block.
  ExecutionStep& add_step(const ExecutionStep& step, const Client& client);

  /// Lines in which a message begins; several statements of a file may share one.
  std::uint64_t record_lines() const;
};

/// End of the line at `at`: the position of its newline, or the end of the text.
std::size_t line_end(std::string_view text, std::size_t at);

/// Lines of `text`, the last one with or without its newline.
std::uint64_t count_lines(std::string_view text);

}  // namespace assay
