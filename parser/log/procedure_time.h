// ProcedureTime: the time of stored procedures counted once, in a slow log that tells it twice.
//
// MariaDB without "sp" in log_slow_disabled_statements, and MySQL's forks with log_slow_sp_statements, log each
// statement that a procedure runs, marked with "# Stored_routine:", and then the CALL, whose times and rows hold those
// of the statements. The statements are what can be mended, so they count as they are, and of the CALL counts what is
// left. A connection does one thing at a time: what it ran inside of procedures since its last statement outside of
// them belongs to the CALL that comes next. Where another statement comes instead, the log leaves out CALLs (Percona
// Server does), and nothing is counted twice. To be asked with the blocks in the order of the file.
//
// What this leaves out: a server that logs what a procedure runs and does not mark it.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "parser/log/block.h"

namespace assay {

class ProcedureTime {
 public:
  /// Takes off the CALLs of the block what the statements inside of them told.
  void take_off(Block& block);

  /// Statements whose time was taken off a CALL.
  std::uint64_t statements() const { return statements_; }

 private:
  /// What was told of the statements of one routine, which its CALL has not followed yet.
  struct Told {
    std::uint64_t routine = 0;  // hash of its name
    std::uint64_t statements = 0;
    Microseconds duration{0}, lock_time{0};
    std::int64_t rows_examined = 0;
  };
  using Pending = std::vector<Told>;  // inner routines behind outer ones

  static void add(const LogEntry& entry, std::uint64_t routine, Pending& pending);
  void take_off(LogEntry& call, std::uint64_t routine, Pending& pending);

  std::unordered_map<std::int64_t, Pending> by_connection_;
  std::uint64_t statements_ = 0;
};

}  // namespace assay
