// One connection to a PostgreSQL server, and the only file that knows libpqxx.
//
// Every statement goes through the extended protocol, so that one call can never run more than one statement,
// whatever its text holds; values travel as bound parameters. Results are plain values, NULL as nothing.
// Leaves out: transactions as objects (callers send BEGIN and ROLLBACK), and reconnecting.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

using SqlValue = std::optional<std::string>;
using SqlRow = std::vector<SqlValue>;
using SqlRows = std::vector<SqlRow>;

/// The server refused a statement. The message is the server's own first line, without "ERROR:".
class SqlError : public std::runtime_error {
 public:
  SqlError(const std::string& message, std::string state) : std::runtime_error(message), state_(std::move(state)) {}

  /// SQLSTATE, five characters; empty when the statement never reached the server.
  const std::string& state() const { return state_; }

 private:
  std::string state_;
};

class Session {
 public:
  /// Connects; `conninfo` is a libpq connection string or URI. Throws Error, with a hint, when that fails.
  explicit Session(const std::string& conninfo);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// Runs the one statement in `sql`; $1… are `parameters`, whose types the server infers. Throws SqlError when
  /// the server refuses it, Error when the connection is lost.
  SqlRows query(std::string_view sql, const std::vector<SqlValue>& parameters = {});

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

/// What to do about a connection that failed with these words of libpq or the server.
std::string_view connection_hint(std::string_view message);

/// ROLLBACK whose own failure is of no interest, since the server rolls back by itself when the session ends.
void roll_back(Session& session) noexcept;

}  // namespace assay
