// What went wrong, told from the server's words: the SQLSTATE where the log does not carry it, why a statement was
// cancelled (ProcessInterrupts() in postgres.c), and what nobody may overlook. Views into the texts given.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace assay {

/// The SQLSTATE of the common messages (errcodes.txt, and the places that raise them); empty for any other.
std::string_view sqlstate_of_message(std::string_view severity, std::string_view message);

/// "23" -> "integrity constraint violation"; empty for a class that PostgreSQL has not. Takes the whole code too.
std::string_view sqlstate_class_name(std::string_view code);

enum class CancelCause : std::uint8_t {
  kStatementTimeout,
  kLockTimeout,
  kUserRequest,
  kRecoveryConflict,
  kIdleInTransactionTimeout,
  kIdleSessionTimeout,
  kTransactionTimeout,
  kAdministrator,
};
inline constexpr std::size_t kCancelCauses = 8;

/// "statement timeout", "user request", …
std::string_view to_string(CancelCause cause);
std::optional<CancelCause> cancel_cause(std::string_view message);

enum class Alarm : std::uint8_t {
  kCrash,         ///< a server process ended by a signal: all sessions are lost
  kRecovery,      ///< connections refused while the server starts, stops or recovers
  kDiskFull,      ///< "No space left on device"
  kSharedMemory,  ///< "out of shared memory": the lock table, mostly
  kOutOfMemory,   ///< the operating system gave none
  kCorruption,    ///< pages or tuples that cannot be read
  kWraparound,    ///< transaction ids run out
};
inline constexpr std::size_t kAlarms = 7;

std::optional<Alarm> alarm_of(std::string_view message);

/// DETAIL "Failed process was running: SELECT …" of a crash: the statement.
std::string_view statement_of_crash(std::string_view detail);

struct ParameterChange {
  std::string_view name;
  std::optional<std::string_view> value;  ///< nothing: removed from the file, back to the default
  bool needs_restart = false;             ///< told, and not in force
};
/// "parameter "log_min_duration_statement" changed to "0"" and its kin, as a reload logs them (guc-file.l).
std::optional<ParameterChange> parse_parameter_change(std::string_view message);

struct TemporaryFileMessage {
  std::string_view path;
  std::uint64_t bytes = 0;
};
/// "temporary file: path "base/pgsql_tmp/pgsql_tmp1.0", size 1234" (log_temp_files: ReportTemporaryFileUsage()).
std::optional<TemporaryFileMessage> parse_temporary_file(std::string_view message);

}  // namespace assay
