#include "parser/log/failure_message.h"

#include <algorithm>
#include <array>

#include "parser/log/message_scan.h"

namespace assay {
namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// A message that begins with one text and holds another one.
struct Wording {
  std::string_view begin, part, code;
};

// The first that fits counts, so what is more special comes first.
constexpr Wording kWordings[] = {
    {"deadlock detected", "", "40P01"},
    {"could not serialize access", "", "40001"},
    {"canceling statement due to lock timeout", "", "55P03"},
    {"canceling statement due to conflict with recovery", "", "40001"},
    {"canceling ", "", "57014"},
    {"terminating connection due to idle-in-transaction timeout", "", "25P03"},
    {"terminating connection due to transaction timeout", "", "25P04"},
    {"terminating connection due to idle-session timeout", "", "57P05"},
    {"terminating connection due to conflict with recovery", "", "40001"},
    {"terminating connection because of crash", "", "57P02"},
    {"terminating ", " due to administrator command", "57P01"},
    {"the database system is ", "", "57P03"},
    {"duplicate key value violates unique constraint", "", "23505"},
    {"could not create unique index", "", "23505"},
    {"null value in column", "violates not-null constraint", "23502"},
    {"", "violates foreign key constraint", "23503"},
    {"", "violates check constraint", "23514"},
    {"conflicting key value violates exclusion constraint", "", "23P01"},
    {"", "violates row-level security policy", "42501"},
    {"permission denied", "", "42501"},
    {"must be owner of", "", "42501"},
    {"syntax error at ", "", "42601"},
    {"unterminated ", "", "42601"},
    {"cannot insert multiple commands into a prepared statement", "", "42601"},
    {"missing FROM-clause entry", "", "42P01"},
    {"relation \"", "does not exist", "42P01"},
    {"column ", "does not exist", "42703"},
    {"column reference ", "is ambiguous", "42702"},
    {"column \"", "must appear in the GROUP BY clause", "42803"},
    {"function ", "does not exist", "42883"},
    {"operator does not exist", "", "42883"},
    {"type \"", "does not exist", "42704"},
    {"schema \"", "does not exist", "3F000"},
    {"database \"", "does not exist", "3D000"},
    {"prepared statement \"", "does not exist", "26000"},
    {"prepared statement \"", "already exists", "42P05"},
    {"cursor \"", "does not exist", "34000"},
    {"portal \"", "does not exist", "34000"},
    {"relation \"", "already exists", "42P07"},
    {"could not determine data type of parameter", "", "42P18"},
    {"there is no unique or exclusion constraint matching the ON CONFLICT", "", "42P10"},
    {"there is no parameter $", "", "42P02"},
    {"more than one row returned by a subquery", "", "21000"},
    {"ON CONFLICT DO UPDATE command cannot affect row a second time", "", "21000"},
    {"division by zero", "", "22012"},
    {"invalid input syntax for", "", "22P02"},
    {"invalid input value for enum", "", "22P02"},
    {"malformed ", " literal", "22P02"},
    {"invalid byte sequence for encoding", "", "22021"},
    {"value too long for type", "", "22001"},
    {"date/time field value out of range", "", "22008"},
    {"timestamp out of range", "", "22008"},
    {"numeric field overflow", "", "22003"},
    {"smallint out of range", "", "22003"},
    {"integer out of range", "", "22003"},
    {"bigint out of range", "", "22003"},
    {"value \"", "is out of range for type", "22003"},
    {"invalid regular expression", "", "2201B"},
    {"current transaction is aborted", "", "25P02"},
    {"cannot execute ", "in a read-only transaction", "25006"},
    {"bind message supplies", "", "08P01"},
    {"could not obtain lock on", "", "55P03"},
    {"could not receive data from client", "", "08006"},
    {"out of shared memory", "", "53200"},
    {"out of memory", "", "53200"},
    {"", "No space left on device", "53100"},
    {"sorry, too many clients already", "", "53300"},
    {"remaining connection slots are reserved", "", "53300"},
    {"too many connections for ", "", "53300"},
    {"password authentication failed", "", "28P01"},
    {"", " authentication failed for user \"", "28000"},
    {"no pg_hba.conf entry", "", "28000"},
    {"pg_hba.conf rejects", "", "28000"},
    {"invalid page in block", "", "XX001"},
};

struct ClassName {
  std::string_view code, name;
};

constexpr ClassName kClassNames[] = {
    {"01", "warning"},
    {"02", "no data"},
    {"03", "SQL statement not yet complete"},
    {"08", "connection exception"},
    {"09", "triggered action exception"},
    {"0A", "feature not supported"},
    {"0B", "invalid transaction initiation"},
    {"0P", "invalid role specification"},
    {"20", "case not found"},
    {"21", "cardinality violation"},
    {"22", "data exception"},
    {"23", "integrity constraint violation"},
    {"24", "invalid cursor state"},
    {"25", "invalid transaction state"},
    {"26", "invalid SQL statement name"},
    {"27", "triggered data change violation"},
    {"28", "invalid authorization specification"},
    {"2B", "dependent privilege descriptors still exist"},
    {"2D", "invalid transaction termination"},
    {"2F", "SQL routine exception"},
    {"34", "invalid cursor name"},
    {"38", "external routine exception"},
    {"39", "external routine invocation exception"},
    {"3B", "savepoint exception"},
    {"3D", "invalid catalog name"},
    {"3F", "invalid schema name"},
    {"40", "transaction rollback"},
    {"42", "syntax error or access rule violation"},
    {"44", "WITH CHECK OPTION violation"},
    {"53", "insufficient resources"},
    {"54", "program limit exceeded"},
    {"55", "object not in prerequisite state"},
    {"57", "operator intervention"},
    {"58", "system error"},
    {"72", "snapshot failure"},
    {"F0", "configuration file error"},
    {"HV", "foreign data wrapper error"},
    {"P0", "PL/pgSQL error"},
    {"XX", "internal error"},
};

struct Cause {
  CancelCause cause;
  std::string_view name, message;
};

constexpr std::array<Cause, kCancelCauses> kCauses = {{
    {CancelCause::kStatementTimeout, "statement timeout", "canceling statement due to statement timeout"},
    {CancelCause::kLockTimeout, "lock timeout", "canceling statement due to lock timeout"},
    {CancelCause::kUserRequest, "user request", "canceling statement due to user request"},
    {CancelCause::kRecoveryConflict, "conflict with recovery", "canceling statement due to conflict with recovery"},
    {CancelCause::kIdleInTransactionTimeout, "idle-in-transaction timeout",
     "terminating connection due to idle-in-transaction timeout"},
    {CancelCause::kIdleSessionTimeout, "idle-session timeout", "terminating connection due to idle-session timeout"},
    {CancelCause::kTransactionTimeout, "transaction timeout", "terminating connection due to transaction timeout"},
    {CancelCause::kAdministrator, "administrator command", "terminating connection due to administrator command"},
}};

bool tells_crash(std::string_view line) {
  return line.starts_with("server process (PID ") &&
         (has(line, " was terminated by signal ") || has(line, " was terminated by exception "));
}

}  // namespace

std::string_view sqlstate_of_message(std::string_view severity, std::string_view message) {
  const auto line = first_line(message);
  // Of a connection and not of a statement: InitPostgres() raises another code (28000).
  if (line.starts_with("role \"") && line.ends_with("does not exist")) return severity == "FATAL" ? "28000" : "42704";
  for (const auto& [begin, part, code] : kWordings) {
    if (line.starts_with(begin) && has(line, part)) return code;
  }
  return {};
}

std::string_view sqlstate_class_name(std::string_view code) {
  const auto found = std::find_if(std::begin(kClassNames), std::end(kClassNames),
                                  [&](const ClassName& entry) { return entry.code == code.substr(0, 2); });
  return found == std::end(kClassNames) ? std::string_view() : found->name;
}

std::string_view to_string(CancelCause cause) { return kCauses[static_cast<std::size_t>(cause)].name; }

std::optional<CancelCause> cancel_cause(std::string_view message) {
  for (const auto& [cause, name, words] : kCauses) {
    if (message.starts_with(words)) return cause;
  }
  if (message.starts_with("terminating connection due to conflict with recovery")) {
    return CancelCause::kRecoveryConflict;
  }
  return std::nullopt;
}

std::optional<Alarm> alarm_of(std::string_view message) {
  const auto line = first_line(message);
  if (tells_crash(line)) return Alarm::kCrash;
  if (line.starts_with("the database system is ") && !line.starts_with("the database system is ready")) {
    return Alarm::kRecovery;
  }
  if (has(line, "No space left on device")) return Alarm::kDiskFull;
  if (line.starts_with("out of shared memory")) return Alarm::kSharedMemory;
  if (line.starts_with("out of memory")) return Alarm::kOutOfMemory;
  if (line.starts_with("invalid page in block ") || line.starts_with("could not read block ") ||
      line.starts_with("page verification failed")) {
    return Alarm::kCorruption;
  }
  if ((line.starts_with("database ") && has(line, " must be vacuumed within ")) ||
      line.starts_with("database is not accepting commands")) {
    return Alarm::kWraparound;
  }
  return std::nullopt;
}

std::string_view statement_of_crash(std::string_view detail) {
  MessageScan scan(detail);
  return scan.take("Failed process was running: ") ? scan.rest() : std::string_view();
}

std::optional<ParameterChange> parse_parameter_change(std::string_view message) {
  MessageScan scan(message);
  if (!scan.take("parameter \"")) return std::nullopt;
  const auto name = scan.until("\" ");
  if (!name) return std::nullopt;
  if (scan.take("removed from configuration file, reset to default")) return ParameterChange{*name, std::nullopt};
  if (scan.take("changed to \"") && scan.rest().ends_with('"')) {
    return ParameterChange{*name, scan.rest().substr(0, scan.rest().size() - 1)};
  }
  if (scan.take("cannot be changed without restarting the server")) {
    return ParameterChange{*name, std::nullopt, true};
  }
  return std::nullopt;
}

std::optional<TemporaryFileMessage> parse_temporary_file(std::string_view message) {
  const auto line = first_line(message);
  MessageScan scan(line);
  constexpr std::string_view kSize = "\", size ";
  const auto size = line.rfind(kSize);
  if (!scan.take("temporary file: path \"") || size == std::string_view::npos) return std::nullopt;
  const auto bytes = MessageScan(line.substr(size + kSize.size())).number();
  if (!bytes) return std::nullopt;
  return TemporaryFileMessage{scan.rest().substr(0, scan.rest().rfind(kSize)), *bytes};
}

}  // namespace assay
