// A connection that runs a log's statements one at a time and times them, and the only file that knows libpq.
//
// Every statement goes through the extended protocol, which runs one statement by construction; values are text whose
// types the server infers. Rows are counted as they come and thrown away, so a large result takes no memory. While the
// server works, the stop flag is watched: when it is set, the statement is cancelled.
// Leaves out: results (Session has them), and connecting again by itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/session.h"
#include "parser/base/time.h"

namespace assay {

/// Set when everything is to come to its end soon, by a signal's handler too.
using StopFlag = std::atomic<bool>;

struct StatementOutcome {
  Microseconds duration{0};  ///< from sending to the last byte of the answer, as the client sees it
  std::uint64_t rows = 0;
  std::string state;    ///< SQLSTATE; empty where it succeeded
  std::string message;  ///< the server's own first line

  bool failed() const { return !state.empty(); }
};

/// OIDs of parameters' types, 0 where the server is to infer one; none: all of them.
using ParameterTypes = std::vector<unsigned>;

class ReplayConnection {
 public:
  /// `database` replaces the one that `uri` names, where it is not empty. Throws Error, with a hint, for a `uri` with a
  /// password in it and when no connection can be made. `stop` must outlive the connection.
  ReplayConnection(const std::string& uri, const std::string& database, const StopFlag& stop);
  ReplayConnection(ReplayConnection&&) noexcept;
  ReplayConnection& operator=(ReplayConnection&&) noexcept;
  ~ReplayConnection();

  /// A lost connection is an outcome of state 08006 or of the server's own last words.
  StatementOutcome run(const std::string& sql, const std::vector<SqlValue>& parameters = {},
                       const ParameterTypes& types = {});
  StatementOutcome prepare(const std::string& name, const std::string& sql, const ParameterTypes& types = {});
  StatementOutcome run_prepared(const std::string& name, const std::vector<SqlValue>& parameters);

  /// The first column of the first row, "" for none. Throws SqlError.
  std::string value(const std::string& sql, const std::vector<SqlValue>& parameters = {});
  /// Runs it. Throws SqlError.
  void command(const std::string& sql);
  /// Runs a COPY … FROM STDIN with these data. Throws SqlError.
  void copy_in(const std::string& sql, std::string_view data);

  bool is_lost() const;
  bool in_transaction() const;  ///< also in a failed one
  bool in_failed_transaction() const;
  int process() const;                  ///< of the backend
  int server_version() const;           ///< 150004
  bool is_local() const;                ///< by a socket of this machine
  const std::string& conninfo() const;  ///< key=value pairs, without a password

 private:
  struct Link;
  std::unique_ptr<Link> link_;
};

/// `name` as an SQL identifier, quoted.
std::string quoted_name(const std::string& name);

}  // namespace assay
