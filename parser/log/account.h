// Keeps the account of one input: every line in a record, continuing one, or skipped with a reason and a place.
#pragma once

#include <array>
#include <string>

#include "parser/base/diagnostic.h"
#include "parser/log/block.h"
#include "parser/log/reader.h"
#include "parser/log/tokenizer.h"

namespace assay {

class AccountKeeper {
 public:
  AccountKeeper(std::string path, const LogDialect& dialect, Diagnostics& diagnostics);

  /// Counts a tokenized block, whose dropped record starts at line `first_line` of the file, and tells what was
  /// skipped.
  void add(const Block& block, std::uint64_t first_line);

  /// Counts skips whose lines are those of the file.
  void add(const SkipList& skips, std::uint64_t first_line);

  void add_continuation_lines(std::uint64_t lines) { account_.continuation_lines += lines; }

  /// Closes the account: says how many more lines were skipped, and what the log does not tell.
  InputAccount finish(std::uint64_t bytes, std::uint64_t records, std::uint64_t executions);

 private:
  void tell(const Skip& skip, std::uint64_t line);
  void tell_unknown_zone(const std::string& zone);
  void tell_missing_escapes();
  void note(std::string message, std::string hint);

  LogDialect dialect_;
  Diagnostics& diagnostics_;
  InputAccount account_;
  std::array<SkipList::Tally, kSkipReasons> tallies_{};
  std::array<std::uint64_t, kSkipReasons> told_places_{}, told_lines_{};
  bool zone_told_ = false;
};

}  // namespace assay
