#include "connectors/session.h"

#include <array>
#include <pqxx/pqxx>
#include <utility>

#include "parser/base/error.h"

namespace assay {
namespace {

/// libpq's and the server's words for a failed connection, and what to do about each.
struct ConnectionProblem {
  std::string_view words, hint;
};

constexpr std::string_view kUnreachableHint = "check host and port, and that the server is running and may be reached";
constexpr std::string_view kPasswordHint =
    "put the password into ~/.pgpass (mode 0600) or into the file that PGPASSFILE names";

constexpr std::array kConnectionProblems{
    ConnectionProblem{"password authentication failed", kPasswordHint},
    ConnectionProblem{"no password supplied", kPasswordHint},
    ConnectionProblem{"pg_hba.conf", "the server's pg_hba.conf must allow this host, user and database"},
    ConnectionProblem{"permission denied", "the role needs the CONNECT privilege on the database"},
    ConnectionProblem{"database \"", "psql -l lists the server's databases"},
    ConnectionProblem{"role \"", "name a role of the server: postgresql://ROLE@HOST/DATABASE"},
    ConnectionProblem{"too many clients", "wait, or raise max_connections"},
    ConnectionProblem{"invalid connection option", "a URI looks like postgresql://ROLE@HOST:5432/DATABASE"},
    ConnectionProblem{"missing \"=\"", "a URI looks like postgresql://ROLE@HOST:5432/DATABASE"},
};

/// The first line of a message of the server, without its severity: "relation "x" does not exist".
std::string first_line(std::string_view message) {
  message = message.substr(0, message.find('\n'));
  for (std::string_view severity : {"ERROR:  ", "FATAL:  "}) {
    if (message.starts_with(severity)) message.remove_prefix(severity.size());
  }
  return std::string(message);
}

Error connection_lost(std::string_view message) {
  return Error("the connection to the database was lost" + (message.empty() ? "" : ": " + first_line(message)),
               "the server's log tells why; then try again");
}

}  // namespace

std::string_view connection_hint(std::string_view message) {
  for (const ConnectionProblem& problem : kConnectionProblems) {
    if (message.find(problem.words) != std::string_view::npos) return problem.hint;
  }
  return kUnreachableHint;
}

struct Session::Connection {
  explicit Connection(const std::string& conninfo) : link(conninfo), silence(link) {}

  pqxx::connection link;
  pqxx::quiet_errorhandler silence;
  bool lost = false;  ///< libpqxx would connect again by itself, to a session without our settings
};

Session::Session(const std::string& conninfo) {
  try {
    connection_ = std::make_unique<Connection>(conninfo);
  } catch (const std::exception& failure) {
    throw Error("cannot connect to the database: " + first_line(failure.what()),
                std::string(connection_hint(failure.what())));
  }
}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

SqlRows Session::query(std::string_view sql, const std::vector<SqlValue>& parameters) {
  std::vector<const char*> values;
  bool has_nul = sql.find('\0') != std::string_view::npos;
  for (const SqlValue& parameter : parameters) {
    values.push_back(parameter ? parameter->c_str() : nullptr);
    has_nul = has_nul || (parameter && parameter->find('\0') != std::string::npos);
  }
  if (has_nul) throw SqlError("the text holds a NUL byte", "");
  if (connection_->lost) throw connection_lost("");
  try {
    pqxx::nontransaction scope(connection_->link);
    const pqxx::result result =
        scope.exec_params(std::string(sql), pqxx::prepare::make_dynamic_params(values.begin(), values.end()));
    SqlRows rows;
    rows.reserve(result.size());
    for (const auto& row : result) {
      SqlRow& copy = rows.emplace_back();
      for (const auto& field : row) {
        copy.push_back(field.is_null() ? SqlValue() : SqlValue(std::string(field.c_str(), field.size())));
      }
    }
    return rows;
  } catch (const pqxx::sql_error& refusal) {
    throw SqlError(first_line(refusal.what()), refusal.sqlstate());
  } catch (const pqxx::failure& failure) {
    // libpqxx takes SQLSTATE 08P01, a wrong number of parameters, for a lost connection.
    if (connection_->link.is_open()) throw SqlError(first_line(failure.what()), "08P01");
    connection_->lost = true;
    throw connection_lost(failure.what());
  }
}

void roll_back(Session& session) noexcept {
  try {
    session.query("ROLLBACK");
  } catch (const std::exception&) {
    // Nothing is lost: a broken session has no transaction left.
  }
}

}  // namespace assay
