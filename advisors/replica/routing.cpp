#include "advisors/replica/routing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "advisors/cache/function_volatility.h"
#include "analyzer/session_patterns.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

constexpr std::size_t kDeepestView = 32;

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view other) { return is_word(word, other); });
}

std::string_view without_schema(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

/// Volatile ones among those that function_volatility.h sorts by other marks.
bool is_volatile_clock(std::string_view name) { return name == "clock_timestamp" || name == "timeofday"; }

/// Stable by the catalog, and yet refused on a standby, since they give the transaction a number.
bool needs_transaction_number(std::string_view name) { return name == "txid_current" || name == "pg_current_xact_id"; }

/// Told by a server about itself, and other on each.
bool tells_of_its_server(std::string_view name) {
  constexpr std::array<std::string_view, 12> kNames = {
      "pg_backend_pid",    "inet_server_addr",     "inet_server_port", "pg_postmaster_start_time",
      "pg_conf_load_time", "pg_is_in_recovery",    "pg_blocking_pids", "pg_lock_status",
      "pg_ls_waldir",      "pg_show_all_settings", "pg_prepared_xact", "pg_control_system"};
  return name.starts_with("pg_stat_") || name.starts_with("txid_") || name.starts_with("pg_current_xact") ||
         name.starts_with("pg_current_snapshot") || name.starts_with("pg_current_wal") ||
         name.starts_with("pg_last_wal") || std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool is_view_of_its_server(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames = {"pg_locks",
                                                      "pg_prepared_xacts",
                                                      "pg_cursors",
                                                      "pg_prepared_statements",
                                                      "pg_replication_slots",
                                                      "pg_replication_origin_status",
                                                      "pg_settings",
                                                      "pg_file_settings",
                                                      "pg_shmem_allocations"};
  return name.starts_with("pg_stat_") || name.starts_with("pg_statio_") || name == "pg_stat_statements" ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

/// A name of an SQL text as PostgreSQL reads it: folded unless quoted.
std::string identifier(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"') return std::string(text.substr(1, text.size() - 2));
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return folded;
}

/// "schema.name" or "name" behind the words TABLE [IF NOT EXISTS] [ONLY].
std::string name_behind_table(Lexer& lexer) {
  Token token = lexer.next();
  while (is_any_of(token.text, {"table", "if", "not", "exists", "only"})) token = lexer.next();
  std::string name = identifier(token.text);
  if (lexer.peek().is(".")) {
    lexer.next();
    name += '.' + identifier(lexer.next().text);
  }
  return name;
}

/// Of CREATE UNLOGGED TABLE, or ALTER TABLE … SET UNLOGGED; empty for another statement.
std::string unlogged_table(std::string_view sql) {
  Lexer lexer(sql);
  const std::string_view first = lexer.next().text;
  if (is_word(first, "create") && is_word(lexer.peek().text, "unlogged")) {
    lexer.next();
    return name_behind_table(lexer);
  }
  if (!is_word(first, "alter") || !is_word(lexer.peek().text, "table")) return {};
  std::string name = name_behind_table(lexer);
  const Token set = lexer.next();
  return is_word(set.text, "set") && is_word(lexer.next().text, "unlogged") ? name : std::string();
}

std::string resolved(const SchemaFacts& schema, const std::string& name) {
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? schema.resolve("", name)
                                  : schema.resolve(name.substr(0, dot), name.substr(dot + 1));
}

/// What a text that is no query is about: its words, up to the first semicolon.
struct CommandWords {
  std::string_view first;
  bool serializable = false, read_write = false, isolation_default = false, characteristics = false;
};

CommandWords words_of(std::string_view sql) {
  CommandWords words;
  Lexer lexer(sql);
  std::string_view before;
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd && !token.is(";"); token = lexer.next()) {
    if (words.first.empty()) words.first = token.text;
    words.serializable |= is_word(token.text, "serializable");
    words.read_write |= is_word(before, "read") && is_word(token.text, "write");
    words.characteristics |= is_word(token.text, "characteristics");
    words.isolation_default |= is_word(token.text, "default_transaction_isolation");
    before = token.text;
  }
  return words;
}

class RoutingJudge {
 public:
  explicit RoutingJudge(const RoutingFacts& facts) : facts_(facts), schema_(*facts.schema) {}

  ClassRouting run(const QueryClass& query, const ClassMeaning& meaning);

 private:
  void deny(std::string reason, std::string cure = {});
  void look_at_command(const QueryClass& query, const ClassMeaning& meaning);
  void look_at(const Statement& statement, std::size_t depth);
  void look_at_relation(const RelationUse& relation, std::size_t depth);
  void look_at_table(const std::string& name, const Table* table, std::size_t depth);
  void look_at_call(const CalledFunction& call);
  void look_at_own_functions(const CalledFunction& call, const std::vector<const Function*>& functions);
  void look_at_builtin(const CalledFunction& call);

  const RoutingFacts& facts_;
  const SchemaFacts& schema_;
  ClassRouting result_;
};

void RoutingJudge::deny(std::string reason, std::string cure) {
  const auto& known = result_.denials;
  const bool told = std::any_of(known.begin(), known.end(), [&](const Hindrance& one) { return one.reason == reason; });
  if (!told) result_.denials.push_back({std::move(reason), std::move(cure)});
}

ClassRouting RoutingJudge::run(const QueryClass& query, const ClassMeaning& meaning) {
  const bool is_select = meaning.statement && meaning.statement->kind == StatementKind::kSelect;
  if (is_select) {
    const Ingredients& ingredients = meaning.statement->ingredients;
    result_.is_read = !ingredients.changes_data && !ingredients.locks_rows;
    if (facts_.serializable_by_default) {
      deny("the server's transactions are SERIALIZABLE by default, which a standby cannot do",
           "set default_transaction_isolation for the sessions that need it");
    }
    look_at(*meaning.statement, 0);
    result_.role = result_.denials.empty() ? RoutingRole::kRead : RoutingRole::kPinned;
  } else if (meaning.statement && meaning.statement->kind != StatementKind::kUtility) {
    deny("it changes data");
  } else {
    look_at_command(query, meaning);
  }
  return std::move(result_);
}

/// BEGIN and kin have no Statement of interest: their words tell.
void RoutingJudge::look_at_command(const QueryClass& query, const ClassMeaning& meaning) {
  const TransactionRole role = role_of(query.normalized);
  const CommandWords words = words_of(query.normalized);
  const bool sets = is_word(words.first, "set");
  const bool goes_along = sets || role == TransactionRole::kBegin ||
                          (role == TransactionRole::kEnd && !is_word(words.first, "prepare")) ||
                          is_any_of(words.first, {"savepoint", "release", "rollback", "show", "reset", "discard"});
  result_.pins_session = sets && (words.isolation_default || (words.characteristics && words.serializable));
  if ((role == TransactionRole::kBegin || sets) && words.serializable) {
    return deny("a standby has no SERIALIZABLE transactions", "REPEATABLE READ does where the transaction only reads");
  }
  if (result_.pins_session) return deny("it may ask for SERIALIZABLE, which a standby cannot do");
  if ((role == TransactionRole::kBegin || sets) && words.read_write) {
    return deny("a standby refuses READ WRITE transactions", "BEGIN READ ONLY where it only reads");
  }
  if (goes_along) {
    result_.role = RoutingRole::kNeutral;
    return;
  }
  if (!meaning.statement) return deny("it is not understood: " + meaning.problem);
  deny(role == TransactionRole::kWrite ? "it changes or locks what others see" : "it is no plain SELECT");
}

void RoutingJudge::look_at(const Statement& statement, std::size_t depth) {
  const Ingredients& ingredients = statement.ingredients;
  if (ingredients.changes_data) deny("it changes data");
  if (ingredients.locks_rows || statement.locks_rows) {
    deny("it locks rows, which a standby refuses",
         "leave FOR UPDATE or FOR SHARE out where nothing is changed after it");
  }
  for (const RelationUse& relation : statement.relations) look_at_relation(relation, depth);
  for (const CalledFunction& call : ingredients.functions) look_at_call(call);
}

void RoutingJudge::look_at_relation(const RelationUse& relation, std::size_t depth) {
  const std::string written = relation.schema.empty() ? relation.name : relation.schema + '.' + relation.name;
  const std::string name = schema_.resolve(relation.schema, relation.name);
  if (relation.schema.starts_with("pg_temp") || facts_.habits.temporary_tables.contains(relation.name)) {
    return deny(written + " is a temporary table: it lives on the server, and in the session, that made it");
  }
  if (is_view_of_its_server(relation.name)) {
    return deny(written + " tells of its own server", "ask each server itself");
  }
  const bool is_system = relation.schema == "pg_catalog" || relation.schema == "information_schema" ||
                         (relation.schema.empty() && relation.name.starts_with("pg_"));
  if (is_system) {
    result_.reads_anything = true;  // any DDL changes it
    return;
  }
  const Table* table = schema_.find_table(name);
  if (schema_.catalog() != nullptr && table == nullptr) {
    return deny(written + " is not in the catalog: a temporary table, a sequence, or newer than the snapshot",
                "take a new snapshot");
  }
  look_at_table(name, table, depth);
}

void RoutingJudge::look_at_table(const std::string& name, const Table* table, std::size_t depth) {
  if (table != nullptr && table->kind == 'v') {
    const Statement* body = schema_.view(name);
    if (body == nullptr) return deny("the definition of view " + name + " is not known", "take a new snapshot");
    if (depth >= kDeepestView) return deny("view " + name + " lies too deep");
    return look_at(*body, depth + 1);
  }
  for (const std::string& part : schema_.with_children(name)) {
    result_.reads.insert(part);
    if (facts_.unlogged.contains(part)) {
      deny(part + " is unlogged: a standby cannot read it", "ALTER TABLE … SET LOGGED, at the price of its WAL");
    }
  }
}

void RoutingJudge::look_at_call(const CalledFunction& call) {
  const auto own = schema_.functions(call.name);
  look_at_own_functions(call, own);
  // Overloads of one's own stand beside PostgreSQL's: which one is meant is not known, so both are judged.
  const Catalog* catalog = schema_.catalog();
  const bool is_builtin = (catalog != nullptr && catalog->builtin_functions.contains(without_schema(call.name))) ||
                          dependence_of_builtin(call.name, call.arguments) != Dependence::kUnknown;
  if (is_builtin || own.empty()) look_at_builtin(call);
}

void RoutingJudge::look_at_own_functions(const CalledFunction& call, const std::vector<const Function*>& functions) {
  bool stable = false;
  for (const Function* function : functions) {
    stable |= function->volatility == 's' || (function->volatility == 'i' && !function->body.empty());
    if (function->volatility == 'v') {
      deny("function " + call.name + " is volatile: it may write", "declare it STABLE if it only reads");
    }
  }
  if (!stable) return;
  const Effects reads = schema_.effects_of_function(call.name);
  result_.reads.insert(reads.tables.begin(), reads.tables.end());
  result_.reads_anything |= reads.anything;
}

void RoutingJudge::look_at_builtin(const CalledFunction& call) {
  const std::string name(without_schema(call.name));
  const Dependence dependence = dependence_of_builtin(call.name, call.arguments);
  if (name == "currval" || name == "lastval") {
    return deny(name + "() asks for what this session drew from a sequence, on the server where it drew it",
                "take the number from INSERT … RETURNING");
  }
  if (needs_transaction_number(name)) return deny(name + "() needs a transaction that writes");
  if (tells_of_its_server(name)) return deny(name + "() tells of its own server");
  const Catalog* catalog = schema_.catalog();
  if (catalog != nullptr) {
    const auto found = catalog->builtin_functions.find(name);
    if (found != catalog->builtin_functions.end()) {
      if (found->second == 'v') deny("function " + call.name + " is volatile");
      return;
    }
  }
  switch (dependence) {
    case Dependence::kRandom:
    case Dependence::kSideEffects:
      return deny("function " + call.name + " is volatile");
    case Dependence::kUnknown:
      return deny("function " + call.name + " is not known",
                  catalog == nullptr ? "give a snapshot with --catalog: it tells what functions promise" : "");
    default:
      if (is_volatile_clock(name)) deny("function " + call.name + " is volatile");
  }
}

/// What a class changes that table_writers.h does not tell table by table.
class WriteJudge {
 public:
  explicit WriteJudge(const SchemaFacts& schema) : schema_(schema) {}

  void add(const QueryClass& query, const ClassMeaning& meaning, ClassRouting& routing) const {
    if (routing.role != RoutingRole::kPinned) return;
    if (!meaning.statement) {
      routing.writes_anything = true;
      return;
    }
    const Statement& statement = *meaning.statement;
    routing.writes_anything |= statement.runs_unseen || is_unknown_command(query, statement);
    for (const RelationUse& relation : statement.relations) {
      if (!relation.written) continue;
      const std::string table = schema_.resolve(relation.schema, relation.name);
      routing.writes_anything |= schema_.effects_of_write(table, {true, true, true}).anything;
    }
    add_calls(statement, routing, 0);
  }

 private:
  /// DDL and kin, whose text is not read for tables. LOCK locks, and changes nothing.
  static bool is_unknown_command(const QueryClass& query, const Statement& statement) {
    const bool names_written = std::any_of(statement.relations.begin(), statement.relations.end(),
                                           [](const RelationUse& relation) { return relation.written; });
    return statement.kind == StatementKind::kUtility && !names_written &&
           role_of(query.normalized) == TransactionRole::kWrite && !is_word(words_of(query.normalized).first, "lock");
  }

  void add_calls(const Statement& statement, ClassRouting& routing, std::size_t depth) const {
    for (const CalledFunction& call : statement.ingredients.functions) add_call(call, routing);
    if (depth >= kDeepestView) return;
    for (const RelationUse& relation : statement.relations) {
      const Statement* body = schema_.view(schema_.resolve(relation.schema, relation.name));
      if (body != nullptr) add_calls(*body, routing, depth + 1);
    }
  }

  void add_call(const CalledFunction& call, ClassRouting& routing) const {
    const auto own = schema_.functions(call.name);
    const bool may_write =
        std::any_of(own.begin(), own.end(), [](const Function* function) { return function->volatility == 'v'; });
    if (may_write) {
      const Effects effects = schema_.effects_of_function(call.name);
      routing.writes.insert(effects.tables.begin(), effects.tables.end());
      routing.writes_anything |= effects.anything;
    }
    const Catalog* catalog = schema_.catalog();
    const bool known = !own.empty() || dependence_of_builtin(call.name, call.arguments) != Dependence::kUnknown ||
                       (catalog != nullptr && catalog->builtin_functions.contains(without_schema(call.name)));
    routing.writes_anything |= !known;
  }

  const SchemaFacts& schema_;
};

}  // namespace

RoutingFacts routing_facts(const Workload& workload, const SchemaFacts& schema) {
  RoutingFacts facts{.schema = &schema, .habits = session_habits(workload, schema.catalog()), .unlogged = {}};
  const auto note = [&](std::string_view sql) {
    if (const std::string name = unlogged_table(sql); !name.empty()) facts.unlogged.insert(resolved(schema, name));
  };
  for (const QueryClass& query : workload.classes) note(query.normalized);
  const Catalog* catalog = schema.catalog();
  if (catalog == nullptr) return facts;
  for (const std::string& sql : catalog->ddl) note(sql);
  const auto isolation = catalog->settings.find("default_transaction_isolation");
  facts.serializable_by_default = isolation != catalog->settings.end() && isolation->second == "serializable";
  return facts;
}

ClassRouting judge_routing(const QueryClass& query, const ClassMeaning& meaning, const RoutingFacts& facts) {
  return RoutingJudge(facts).run(query, meaning);
}

std::vector<ClassRouting> judge_routings(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                         const RoutingFacts& facts, const TableWriters& writers,
                                         const std::string& database) {
  std::vector<ClassRouting> routings(workload.classes.size());
  const WriteJudge writes(*facts.schema);
  for (std::size_t i = 0; i < routings.size(); ++i) {
    const QueryClass& query = workload.classes[i];
    if (query.database != database || query.dialect != SqlDialect::kPostgres) continue;
    routings[i] = judge_routing(query, meanings[i], facts);
    writes.add(query, meanings[i], routings[i]);
  }
  for (const auto& [table, written] : writers.written) {
    for (const std::size_t position : written.classes) routings[position].writes.insert(table);
  }
  return routings;
}

}  // namespace assay
