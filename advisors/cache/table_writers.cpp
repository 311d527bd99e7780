#include "advisors/cache/table_writers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "advisors/cache/function_volatility.h"
#include "advisors/cache/mysql_functions.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view other) { return is_word(word, other); });
}

WriteKinds kinds_of(const Statement& statement) {
  switch (statement.kind) {
    case StatementKind::kInsert:
      return {.inserts = true, .updates = statement.on_conflict};
    case StatementKind::kUpdate:
      return {.updates = true};
    case StatementKind::kDelete:
      return {.deletes = true};
    default:
      return {true, true, true};  // MERGE, commands, and what a CTE does
  }
}

/// With more than one written relation one of them is a CTE's, and may be of any kind.
WriteKinds kinds_of_all(const Statement& statement) {
  const auto count = std::count_if(statement.relations.begin(), statement.relations.end(),
                                   [](const RelationUse& relation) { return relation.written; });
  return count == 1 ? kinds_of(statement) : WriteKinds{true, true, true};
}

/// TRUNCATE … CASCADE.
bool truncates_referencing(std::string_view normalized) {
  Lexer lexer(normalized);
  Token token = lexer.next();
  if (!is_word(token.text, "truncate")) return false;
  while (token.kind != TokenKind::kEnd && !is_word(token.text, "cascade")) token = lexer.next();
  return token.kind != TokenKind::kEnd;
}

/// PREPARE TRANSACTION, COMMIT PREPARED.
bool is_two_phase(std::string_view normalized) {
  Lexer lexer(normalized);
  const Token first = lexer.next(), second = lexer.next();
  return (is_word(first.text, "prepare") && is_word(second.text, "transaction")) ||
         (is_word(first.text, "commit") && is_word(second.text, "prepared"));
}

class Finder {
 public:
  Finder(const Workload& workload, const std::vector<ClassMeaning>& meanings, const SchemaFacts& schema)
      : workload_(workload), meanings_(meanings), schema_(schema), effects_(workload.classes.size()) {}

  TableWriters run(const WriterScope& scope);

 private:
  void look_at(std::size_t position);
  void look_at_unparsed(std::size_t position);
  void look_at_unparsed_mysql(std::size_t position);
  void look_at_functions(const Statement& statement, std::size_t position, std::size_t depth);
  void look_at_call(const CalledFunction& call, std::size_t position);
  void look_at_counters();
  void look_at_rules();
  std::vector<std::string> tables_meant(const RelationUse& relation) const;
  void add_times();
  void mark_unsafe(const std::string& table, const std::string& reason) { result_.unsafe.emplace(table, reason); }
  void mark_all_unsafe(const std::string& reason) {
    if (!result_.all_unsafe) result_.all_unsafe = reason;
  }
  std::string name_of(std::size_t position) const { return class_name(workload_.classes[position].id).substr(0, 8); }

  const Workload& workload_;
  const std::vector<ClassMeaning>& meanings_;
  const SchemaFacts& schema_;
  std::vector<TableNames> effects_;  // by class
  TableWriters result_;
};

TableWriters Finder::run(const WriterScope& scope) {
  if (scope.others_left_out) mark_all_unsafe("--user or --app left out what others wrote");
  if (workload_.overflow.calls > 0) mark_all_unsafe("the log holds more query classes than are kept");
  if (workload_.unattributed.calls > 0) mark_all_unsafe("the log tells durations whose statements it does not tell");
  for (std::size_t position = 0; position < workload_.classes.size(); ++position) {
    const QueryClass& query = workload_.classes[position];
    const bool is_meant = query.dialect == SqlDialect::kMysql || query.database == scope.database;
    if (query.calls > 0 && is_meant && query.dialect == scope.dialect) look_at(position);
  }
  look_at_counters();
  look_at_rules();
  add_times();
  return std::move(result_);
}

void Finder::look_at(std::size_t position) {
  if (!meanings_[position].statement) return look_at_unparsed(position);
  const Statement& statement = *meanings_[position].statement;
  if (is_two_phase(workload_.classes[position].normalized)) {
    mark_all_unsafe("of a prepared transaction (PREPARE TRANSACTION) the log does not tell when it becomes visible");
  }
  if (statement.runs_unseen) {
    mark_all_unsafe(fmt::format("{} runs what its text does not tell", name_of(position)));
  }
  const bool is_copy = is_word(Lexer(workload_.classes[position].normalized).peek().text, "copy");
  for (const RelationUse& relation : statement.relations) {
    if (!relation.written) continue;
    WriteKinds kinds = kinds_of_all(statement);
    kinds.truncates_referencing = truncates_referencing(workload_.classes[position].normalized);
    for (const std::string& table : tables_meant(relation)) {
      const Effects effects = schema_.effects_of_write(table, kinds);
      effects_[position].insert(effects.tables.begin(), effects.tables.end());
      if (effects.anything) mark_all_unsafe(fmt::format("a write to {} sets off {}", table, effects.cause));
      if (!is_copy) continue;
      for (const std::string& filled : effects.tables) mark_unsafe(filled, "COPY fills " + filled);
    }
  }
  look_at_functions(statement, position, 0);
}

/// A name without a schema means what the session's search path makes of it.
std::vector<std::string> Finder::tables_meant(const RelationUse& relation) const {
  if (relation.schema.empty() && schema_.is_ambiguous(relation.name)) return schema_.named(relation.name);
  return {schema_.resolve(relation.schema, relation.name)};
}

/// The tables that it names, if it has a word that writes.
void Finder::look_at_unparsed(std::size_t position) {
  const QueryClass& query = workload_.classes[position];
  if (query.dialect == SqlDialect::kMysql) return look_at_unparsed_mysql(position);
  bool writes = false, named = false;
  std::vector<std::string> words;
  Lexer lexer(query.normalized);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    writes |=
        is_any_of(token.text, {"insert", "update", "delete", "merge", "truncate", "copy", "call", "do", "execute"});
    if (token.kind == TokenKind::kWord || token.text.starts_with('"')) words.emplace_back(token.text);
  }
  if (!writes) return;
  for (std::string& word : words) {
    if (word.size() >= 2 && word.front() == '"') word = word.substr(1, word.size() - 2);
    const std::string table = schema_.resolve("", word);
    if (schema_.catalog() != nullptr && schema_.find_table(table) == nullptr) continue;
    named = true;
    mark_unsafe(table, fmt::format("{}, which could not be parsed, may write it", name_of(position)));
  }
  if (!named) mark_all_unsafe(fmt::format("{}, which could not be parsed, may write any table", name_of(position)));
}

/// Every name in it, in its own database and behind every other name: there is no schema to look up.
void Finder::look_at_unparsed_mysql(std::size_t position) {
  const QueryClass& query = workload_.classes[position];
  const auto lower = [](std::string text) {
    std::erase(text, '`');
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
  };
  Lexer lexer(query.normalized, SqlDialect::kMysql);
  if (!is_any_of(lexer.peek().text, {"insert", "update", "delete", "replace", "with"})) return;
  std::string qualifier = lower(query.database);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) continue;
    const std::string word = lower(std::string(token.text));
    mark_unsafe(qualifier + '.' + word, fmt::format("{}, which could not be parsed, may write it", name_of(position)));
    qualifier = lexer.peek().is(".") ? word : lower(query.database);
  }
}

void Finder::look_at_functions(const Statement& statement, std::size_t position, std::size_t depth) {
  constexpr std::size_t kDeepestView = 32;
  for (const CalledFunction& call : statement.ingredients.functions) look_at_call(call, position);
  if (depth >= kDeepestView) return;
  for (const RelationUse& relation : statement.relations) {
    const Statement* body = schema_.view(schema_.resolve(relation.schema, relation.name));
    if (body != nullptr) look_at_functions(*body, position, depth + 1);
  }
}

void Finder::look_at_call(const CalledFunction& call, std::size_t position) {
  if (workload_.classes[position].dialect == SqlDialect::kMysql) {
    if (dependence_of_mysql_function(call.name, call.arguments) != Dependence::kUnknown) return;
    return mark_all_unsafe(
        fmt::format("{} calls function {}, which may be a stored one", name_of(position), call.name));
  }
  const auto own = schema_.functions(call.name);
  const bool may_write = std::any_of(own.begin(), own.end(), [](const Function* f) { return f->volatility == 'v'; });
  if (may_write) {
    const Effects effects = schema_.effects_of_function(call.name);
    if (effects.anything) mark_all_unsafe(effects.cause);
    for (const std::string& table : effects.tables) {
      mark_unsafe(table, fmt::format("function {} may write {}", call.name, table));
    }
  }
  if (!own.empty() || dependence_of_builtin(call.name, call.arguments) != Dependence::kUnknown) return;
  const auto* catalog = schema_.catalog();
  if (catalog != nullptr && catalog->builtin_functions.contains(call.name)) return;  // PostgreSQL's own write no tables
  mark_all_unsafe(fmt::format("{} calls function {}, which is not known", name_of(position), call.name));
}

/// Rows that came and stayed are a table's first filling, long ago.
void Finder::look_at_counters() {
  if (schema_.catalog() == nullptr) return;
  TableNames written;
  for (const TableNames& effects : effects_) written.insert(effects.begin(), effects.end());
  for (const Table& table : schema_.catalog()->tables) {
    const std::string name = table.schema + '.' + table.name;
    if (!table.counters || written.contains(name)) continue;
    const auto& counters = *table.counters;
    const bool refilled = table.rows >= 0 && static_cast<double>(counters.inserted) > 1.1 * table.rows + 100;
    if (counters.updated + counters.deleted > 0 || refilled) {
      mark_unsafe(name, "the server has counted writes to " + name + ", and this log shows none");
    }
  }
}

/// Even where this log shows no write: whoever writes there does something else.
void Finder::look_at_rules() {
  if (schema_.catalog() == nullptr) return;
  for (const Table& table : schema_.catalog()->tables) {
    const std::string name = table.schema + '.' + table.name;
    if (table.has_rules) mark_unsafe(name, "rules rewrite the writes to " + name);
  }
}

void Finder::add_times() {
  for (std::size_t position = 0; position < effects_.size(); ++position) {
    for (const std::string& table : effects_[position]) result_.written[table].classes.push_back(position);
  }
  for (const CommittedWrite& write : workload_.writes.list()) {
    const std::int64_t when = write.visible.time_since_epoch().count() - kLogClockUs;
    for (const std::string& table : effects_[write.query]) result_.written[table].times.push_back(when);
  }
  for (auto& [name, table] : result_.written) {
    std::sort(table.times.begin(), table.times.end());
    table.times.erase(std::unique(table.times.begin(), table.times.end()), table.times.end());
  }
}

}  // namespace

std::optional<std::string> TableWriters::why_unsafe(const TableNames& tables) const {
  if (all_unsafe) return all_unsafe;
  for (const std::string& table : tables) {
    const auto found = unsafe.find(table);
    if (found != unsafe.end()) return found->second;
  }
  return std::nullopt;
}

std::vector<std::int64_t> TableWriters::times_of(const TableNames& tables) const {
  std::vector<std::int64_t> times;
  for (const std::string& table : tables) {
    const auto found = written.find(table);
    if (found == written.end()) continue;
    const auto middle = static_cast<std::ptrdiff_t>(times.size());
    times.insert(times.end(), found->second.times.begin(), found->second.times.end());
    std::inplace_merge(times.begin(), times.begin() + middle, times.end());
  }
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

TableWriters find_writers(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                          const SchemaFacts& schema, const WriterScope& scope) {
  return Finder(workload, meanings, schema).run(scope);
}

}  // namespace assay
