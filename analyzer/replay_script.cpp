#include "analyzer/replay_script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>

#include "parser/log/parameters.h"
#include "parser/sql/lexer.h"
#include "parser/sql/shape.h"
#include "parser/sql/statement.h"

namespace assay {
namespace {

/// What a function of PostgreSQL's own does beyond its transaction, so that READ ONLY does not stop it. By prefix.
constexpr std::array<std::string_view, 24> kOutsideOfTransaction{
    "set_config",        "pg_terminate_", "pg_cancel_",       "pg_reload_conf",
    "pg_rotate_logfile", "pg_switch_",    "pg_promote",       "pg_wal_replay_",
    "pg_create_",        "pg_drop_",      "pg_copy_",         "pg_replication_",
    "pg_logical_",       "pg_stat_reset", "pg_backup_",       "pg_start_backup",
    "pg_stop_backup",    "pg_advisory_",  "pg_try_advisory_", "pg_read_",
    "pg_file_",          "pg_ls_",        "dblink",           "lo_"};

// A forged log must not fill the memory.
constexpr std::size_t kMostSessions = 100'000;  // at a time
constexpr std::size_t kMostDatabases = 1000;
constexpr const char* kOtherDatabase = "of another database";
constexpr unsigned kMostParameters = 65'535;  // of a statement, by the protocol

bool acts_outside(std::string_view function) {
  const std::string_view name = function.substr(function.rfind('.') + 1);
  return std::any_of(kOutsideOfTransaction.begin(), kOutsideOfTransaction.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

unsigned highest_parameter(std::string_view sql) {
  unsigned highest = 0;
  Lexer lexer(sql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (token.kind != TokenKind::kParameter) continue;
    unsigned number = 0;
    const auto told = std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
    if (told.ec == std::errc::result_out_of_range) return kMostParameters + 1;
    highest = std::max(highest, number);
  }
  return highest;
}

bool changes_or_locks(const Statement& statement) {
  return statement.kind != StatementKind::kSelect || statement.locks_rows ||
         std::any_of(statement.relations.begin(), statement.relations.end(),
                     [](const RelationUse& relation) { return relation.written; });
}

std::int64_t end_of(const ReplayStep& step) { return step.start + step.duration.count(); }

}  // namespace

ReplayText replay_text(std::string_view sql) {
  ReplayText text{.sql = std::string(sql), .shape = shape_hash(sql)};
  const ParsedStatement parsed = parse_statement(sql);
  if (!parsed.statement) {
    text.barred = "not parsed as one statement";
  } else if (parsed.statement->kind == StatementKind::kUtility) {
    text.control = transaction_command(sql);
    if (!text.control) text.barred = "neither SELECT, INSERT, UPDATE, DELETE nor MERGE";
  } else if (std::any_of(parsed.statement->functions.begin(), parsed.statement->functions.end(), acts_outside)) {
    text.barred = "calls a function that acts outside of its transaction";
  } else {
    text.writes = changes_or_locks(*parsed.statement);
    text.parameters = highest_parameter(sql);
    if (text.parameters > kMostParameters) text.barred = "more parameters than a statement can have";
  }
  return text;
}

struct ReplayScriptBuilder::State {
  /// Of one database, with executions that wait for the decision which database it is.
  struct Database {
    std::uint64_t executions = 0;
    std::vector<ReplaySession> sessions;
    std::map<std::string, std::uint64_t> left_out;
  };
  struct Position {
    const Database* database = nullptr;
    std::size_t session = 0;  // counted from 1; 0: no step yet
    std::int64_t last_end = 0, pause = 0;
    bool begun = false;
  };
  using Positions = std::unordered_map<std::string, Position>;

  ReplayScriptOptions options;
  ReplayScript script;
  std::map<std::string, Database, std::less<>> databases;
  std::unordered_map<std::string, std::uint32_t> text_of, parameters_of;
  Positions open;
  std::size_t bytes = 0;

  static std::string key_of(const LogRecord& record);
  std::uint32_t intern_text(std::string_view sql);
  std::uint32_t intern_parameters(std::string_view parameters);
  std::string why_not(const LogRecord& record, const ReplayText& text) const;
  bool has_room(const LogRecord& record) const;
  void take(const LogRecord& record, Database& database, Position& position);
};

std::string ReplayScriptBuilder::State::key_of(const LogRecord& record) {
  return std::to_string(record.server) + ' ' + std::to_string(record.process) + ' ' + std::string(record.session);
}

std::uint32_t ReplayScriptBuilder::State::intern_text(std::string_view sql) {
  const auto [found, is_new] = text_of.try_emplace(std::string(sql), static_cast<std::uint32_t>(script.texts.size()));
  if (is_new) {
    script.texts.push_back(replay_text(sql));
    bytes += 2 * sql.size() + sizeof(ReplayText) + 64;
  }
  return found->second;
}

std::uint32_t ReplayScriptBuilder::State::intern_parameters(std::string_view parameters) {
  const auto position = static_cast<std::uint32_t>(script.parameters.size());
  const auto [found, is_new] = parameters_of.try_emplace(std::string(parameters), position);
  if (is_new) {
    script.parameters.emplace_back(parameters);
    bytes += 2 * parameters.size() + 128;
  }
  return found->second;
}

bool ReplayScriptBuilder::State::has_room(const LogRecord& record) const {
  return bytes + 2 * (record.sql.size() + record.parameters.size()) + sizeof(ReplayStep) + 1024 <= options.most_bytes;
}

std::string ReplayScriptBuilder::State::why_not(const LogRecord& record, const ReplayText& text) const {
  if (!text.barred.empty()) return text.barred;
  if (text.writes && !options.allow_writes) return "writes or locks rows";
  const auto values = parse_parameters(record.parameters);
  if (!values) return "its values were cut by the server";
  if (record.parameters.find('\0') != std::string_view::npos) return "its values hold a NUL byte";
  if (values->size() < text.parameters) return "its values were not logged";
  return {};
}

void ReplayScriptBuilder::State::take(const LogRecord& record, Database& database, Position& position) {
  const std::int64_t end = record.time.utc.time_since_epoch().count();
  const std::int64_t start = end - record.duration.count();
  if (position.begun) position.pause += start - position.last_end;
  position.begun = true;
  position.last_end = end;
  const auto leave_out = [&](const std::string& reason) { ++database.left_out[reason]; };
  if (record.sql.empty()) return leave_out("its text was not logged");
  if (record.dialect != SqlDialect::kPostgres) return leave_out("not PostgreSQL's");
  if (!has_room(record)) return leave_out("beyond the memory for the replay (--memory)");
  const std::uint32_t text = intern_text(record.sql);
  const std::string reason = why_not(record, script.texts[text]);
  if (!reason.empty()) return leave_out(reason);
  if (position.session == 0) {
    database.sessions.push_back({.user = std::string(record.user), .application = std::string(record.application)});
    position.session = database.sessions.size();
  }
  ReplaySession& session = database.sessions[position.session - 1];
  session.steps.push_back({.text = text,
                           .parameters = intern_parameters(record.parameters),
                           .values = record.values,
                           .start = start,
                           .pause = session.steps.empty() ? 0 : position.pause,
                           .duration = record.duration,
                           .protocol = record.protocol,
                           .prepared = record.prepared});
  bytes += 2 * sizeof(ReplayStep);
  position.pause = 0;
}

ReplayScriptBuilder::ReplayScriptBuilder(ReplayScriptOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->intern_parameters("");
}

ReplayScriptBuilder::~ReplayScriptBuilder() = default;

void ReplayScriptBuilder::add(const LogRecord& record) {
  const bool ends = record.kind == RecordKind::kConnection || record.kind == RecordKind::kDisconnection;
  if (!ends && record.kind != RecordKind::kExecution) return;
  const std::string key = State::key_of(record);
  auto& open = state_->open;
  if (ends) {
    open.erase(key);
    return;
  }
  ++state_->script.executions;
  auto& databases = state_->databases;
  if (databases.size() >= kMostDatabases && !databases.contains(record.database)) {
    ++state_->script.left_out[kOtherDatabase];
    return;
  }
  State::Database& database = databases[std::string(record.database)];
  ++database.executions;
  if (open.size() >= kMostSessions && !open.contains(key)) {
    ++database.left_out["beyond the most sessions that are followed"];
    return;
  }
  State::Position& position = open[key];
  if (position.database != &database) position = {.database = &database};  // another process under that number
  state_->take(record, database, position);
}

ReplayScript ReplayScriptBuilder::finish() {
  ReplayScript& script = state_->script;
  auto& databases = state_->databases;
  auto chosen = databases.find(state_->options.database.value_or(state_->options.preferred_database));
  if (chosen == databases.end()) {
    chosen = std::max_element(databases.begin(), databases.end(),
                              [](const auto& a, const auto& b) { return a.second.executions < b.second.executions; });
  }
  for (auto one = databases.begin(); one != databases.end(); ++one) {
    if (one != chosen) script.left_out[kOtherDatabase] += one->second.executions;
  }
  if (chosen == databases.end()) return std::move(script);
  script.database = chosen->first;
  for (const auto& [reason, count] : chosen->second.left_out) script.left_out[reason] += count;
  script.sessions = std::move(chosen->second.sessions);
  std::stable_sort(script.sessions.begin(), script.sessions.end(),
                   [](const auto& a, const auto& b) { return a.steps.front().start < b.steps.front().start; });
  const std::int64_t origin = script.sessions.empty() ? 0 : script.sessions.front().steps.front().start;
  script.origin = Timestamp(Microseconds(origin));
  for (ReplaySession& session : script.sessions) {
    for (ReplayStep& step : session.steps) {
      step.start -= origin;
      session.end = std::max(session.end, end_of(step));
      script.writes |= script.texts[step.text].writes;
    }
    script.steps += session.steps.size();
    script.span = std::max(script.span, session.end);
  }
  return std::move(script);
}

std::vector<ReplayLane> ReplayScript::lanes() const {
  using Free = std::pair<std::int64_t, std::size_t>;  // since when, which lane
  std::priority_queue<Free, std::vector<Free>, std::greater<>> free;
  std::vector<ReplayLane> lanes;
  for (std::uint32_t i = 0; i < sessions.size(); ++i) {
    std::size_t lane = lanes.size();
    if (!free.empty() && free.top().first <= sessions[i].steps.front().start) {
      lane = free.top().second;
      free.pop();
    } else {
      lanes.emplace_back();
    }
    lanes[lane].push_back(i);
    free.emplace(sessions[i].end, lane);
  }
  return lanes;
}

}  // namespace assay
