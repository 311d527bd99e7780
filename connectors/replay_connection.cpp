#include "connectors/replay_connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <chrono>
#include <string_view>

#include "connectors/postgres.h"
#include "parser/base/error.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWatch = 50;                    // ms between looks at the stop flag
constexpr std::chrono::seconds kPatience{5};  // for a cancelled statement to end
constexpr const char* kConnectionFailure = "08006";

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, FreeResult>;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string first_line(std::string_view message) {
  message = message.substr(0, message.find('\n'));
  for (const std::string_view severity : {"ERROR:  ", "FATAL:  "}) {
    if (message.starts_with(severity)) message.remove_prefix(severity.size());
  }
  return std::string(message);
}

/// value in key=value pairs.
std::string quoted_value(std::string_view value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

/// `uri` as key=value pairs, with our own defaults and that database.
std::string conninfo_of(const std::string& uri, const std::string& database) {
  if (holds_password(uri)) {
    throw Error("the connection URI holds a password, which process lists and shell histories would show",
                "leave it out, and put it into ~/.pgpass (mode 0600) or into the file that PGPASSFILE names");
  }
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(uri.c_str(), &problem));
  const std::string words = problem ? first_line(problem) : "";
  PQfreemem(problem);
  if (!options) throw Error("not a connection URI: " + words, "it looks like postgresql://ROLE@HOST:5432/DATABASE");
  std::string pairs;
  const auto add = [&](std::string_view key, std::string_view value) {
    pairs += (pairs.empty() ? "" : " ") + std::string(key) + "=" + quoted_value(value);
  };
  bool has_timeout = false, has_name = false;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string_view key = option->keyword;
    if (option->val == nullptr || key == "password" || (key == "dbname" && !database.empty())) continue;
    has_timeout |= key == "connect_timeout";
    has_name |= key == "application_name";
    add(key, option->val);
  }
  if (!database.empty()) add("dbname", database);
  if (!has_timeout) add("connect_timeout", "10");
  if (!has_name) add("application_name", "assay");
  return pairs;
}

void ignore_notice(void*, const char*) {}

}  // namespace

struct ReplayConnection::Link {
  Link(std::string its_conninfo, const StopFlag& flag)
      : conninfo(std::move(its_conninfo)), stop(flag), connection(PQconnectdb(conninfo.c_str())) {}
  ~Link() { PQfinish(connection); }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool flush();
  bool wait_for_input();
  Result next_result();
  StatementOutcome finish(int sent, Clock::time_point start, std::string* value = nullptr);
  void cancel();

  std::string conninfo;
  const StopFlag& stop;
  PGconn* connection;
  bool lost = false;
  bool cancelled = false;
  Clock::time_point cancelled_at{};
};

void ReplayConnection::Link::cancel() {
  char problem[256];
  PGcancel* request = PQgetCancel(connection);
  if (request) PQcancel(request, problem, sizeof problem);
  PQfreeCancel(request);
  cancelled = true;
  cancelled_at = Clock::now();
}

/// False where the connection is broken, or the server does not end what was cancelled.
bool ReplayConnection::Link::wait_for_input() {
  pollfd descriptor{PQsocket(connection), POLLIN, 0};
  const int ready = poll(&descriptor, 1, kWatch);
  if (ready < 0 && errno != EINTR) return false;
  if (stop && !cancelled) cancel();
  if (cancelled && Clock::now() - cancelled_at > kPatience) return false;
  return ready <= 0 || PQconsumeInput(connection) != 0;
}

bool ReplayConnection::Link::flush() {
  int pending = PQflush(connection);
  while (pending > 0) {
    pollfd descriptor{PQsocket(connection), POLLIN | POLLOUT, 0};
    if (poll(&descriptor, 1, kWatch) > 0 && (descriptor.revents & POLLIN) != 0 && PQconsumeInput(connection) == 0)
      return false;
    if (stop) return false;
    pending = PQflush(connection);
  }
  return pending == 0;
}

Result ReplayConnection::Link::next_result() {
  while (PQisBusy(connection) != 0) {
    if (!wait_for_input()) {
      lost = true;
      return nullptr;
    }
  }
  return Result(PQgetResult(connection));
}

StatementOutcome ReplayConnection::Link::finish(int sent, Clock::time_point start, std::string* value) {
  StatementOutcome outcome;
  cancelled = false;
  if (sent == 0 || !flush()) lost = true;
  if (!lost) PQsetSingleRowMode(connection);
  while (!lost) {
    const Result result = next_result();
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_SINGLE_TUPLE) {
      if (value && outcome.rows == 0) *value = PQgetvalue(result.get(), 0, 0);
      ++outcome.rows;
    } else if (status == PGRES_FATAL_ERROR) {
      const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
      outcome.state = state ? state : kConnectionFailure;
      outcome.message = first_line(PQresultErrorMessage(result.get()));
    }
  }
  outcome.duration = std::chrono::duration_cast<Microseconds>(Clock::now() - start);
  lost |= PQstatus(connection) == CONNECTION_BAD;
  if (lost && outcome.state.empty()) {
    outcome.state = kConnectionFailure;
    outcome.message = "the connection was lost";
  }
  return outcome;
}

namespace {

std::vector<const char*> pointers_to(const std::vector<SqlValue>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const SqlValue& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  return values;
}

}  // namespace

ReplayConnection::ReplayConnection(const std::string& uri, const std::string& database, const StopFlag& stop)
    : link_(std::make_unique<Link>(conninfo_of(uri, database), stop)) {
  if (PQstatus(link_->connection) != CONNECTION_OK) {
    const std::string words = PQerrorMessage(link_->connection);
    throw Error("cannot connect to the database: " + first_line(words), std::string(connection_hint(words)));
  }
  PQsetnonblocking(link_->connection, 1);
  PQsetNoticeProcessor(link_->connection, ignore_notice, nullptr);
  PQsetClientEncoding(link_->connection, "UTF8");
}

ReplayConnection::ReplayConnection(ReplayConnection&&) noexcept = default;
ReplayConnection& ReplayConnection::operator=(ReplayConnection&&) noexcept = default;
ReplayConnection::~ReplayConnection() = default;

StatementOutcome ReplayConnection::run(const std::string& sql, const std::vector<SqlValue>& parameters,
                                       const ParameterTypes& types) {
  const std::vector<const char*> values = pointers_to(parameters);
  const bool has_types = !types.empty() && types.size() == values.size();
  const auto start = Clock::now();
  const int sent = PQsendQueryParams(link_->connection, sql.c_str(), static_cast<int>(values.size()),
                                     has_types ? types.data() : nullptr, values.data(), nullptr, nullptr, 0);
  return link_->finish(sent, start);
}

StatementOutcome ReplayConnection::prepare(const std::string& name, const std::string& sql,
                                           const ParameterTypes& types) {
  const auto start = Clock::now();
  return link_->finish(PQsendPrepare(link_->connection, name.c_str(), sql.c_str(), static_cast<int>(types.size()),
                                     types.empty() ? nullptr : types.data()),
                       start);
}

StatementOutcome ReplayConnection::run_prepared(const std::string& name, const std::vector<SqlValue>& parameters) {
  const std::vector<const char*> values = pointers_to(parameters);
  const auto start = Clock::now();
  const int sent = PQsendQueryPrepared(link_->connection, name.c_str(), static_cast<int>(values.size()), values.data(),
                                       nullptr, nullptr, 0);
  return link_->finish(sent, start);
}

std::string ReplayConnection::value(const std::string& sql, const std::vector<SqlValue>& parameters) {
  const std::vector<const char*> values = pointers_to(parameters);
  std::string value;
  const int sent = PQsendQueryParams(link_->connection, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                     values.data(), nullptr, nullptr, 0);
  const StatementOutcome outcome = link_->finish(sent, Clock::now(), &value);
  if (outcome.failed()) throw SqlError(outcome.message, outcome.state);
  return value;
}

void ReplayConnection::command(const std::string& sql) {
  const StatementOutcome outcome = run(sql);
  if (outcome.failed()) throw SqlError(outcome.message, outcome.state);
}

void ReplayConnection::copy_in(const std::string& sql, std::string_view data) {
  constexpr std::size_t kPart = std::size_t{1} << 20U;  // bytes
  Link& link = *link_;
  int sent = PQsendQueryParams(link.connection, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
  Result result = sent != 0 && link.flush() ? link.next_result() : nullptr;
  if (result && PQresultStatus(result.get()) == PGRES_COPY_IN) {
    while (!data.empty() && sent > 0) {
      const std::string_view part = data.substr(0, kPart);
      sent = PQputCopyData(link.connection, part.data(), static_cast<int>(part.size()));
      if (sent == 0)
        sent = link.flush() ? 1 : -1;  // no room yet: the same part again
      else
        data.remove_prefix(part.size());
      if (link.stop) sent = -1;
    }
    sent = PQputCopyEnd(link.connection, sent > 0 ? nullptr : "interrupted");
    result = nullptr;
  }
  const char* state = result ? PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) : nullptr;
  const std::string refusal = state ? state : "", words = result ? first_line(PQresultErrorMessage(result.get())) : "";
  const StatementOutcome outcome = link.finish(sent, Clock::now());
  if (!refusal.empty()) throw SqlError(words, refusal);
  if (outcome.failed()) throw SqlError(outcome.message, outcome.state);
}

bool ReplayConnection::is_lost() const { return link_->lost; }

bool ReplayConnection::in_transaction() const {
  const auto status = PQtransactionStatus(link_->connection);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool ReplayConnection::in_failed_transaction() const {
  return PQtransactionStatus(link_->connection) == PQTRANS_INERROR;
}

int ReplayConnection::process() const { return PQbackendPID(link_->connection); }

int ReplayConnection::server_version() const { return PQserverVersion(link_->connection); }

bool ReplayConnection::is_local() const {
  const char* host = PQhost(link_->connection);
  const std::string_view name = host ? host : "";
  return name.empty() || name.starts_with('/') || name == "localhost" || name == "127.0.0.1" || name == "::1";
}

const std::string& ReplayConnection::conninfo() const { return link_->conninfo; }

std::string quoted_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace assay
