#include "advisors/cache/schema_facts.h"

#include <algorithm>
#include <utility>

#include "advisors/cache/function_volatility.h"
#include "analyzer/catalog_from_ddl.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

constexpr std::size_t kMostVisits = 5'000;  // a schema can be made to be deep

std::string_view without_schema(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

/// A word as PostgreSQL reads it: folded unless quoted.
std::string identifier(const Token& token) {
  const std::string_view text = token.text;
  if (text.size() >= 2 && text.front() == '"') return std::string(text.substr(1, text.size() - 2));
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return folded;
}

void set_anything(Effects& effects, std::string cause) {
  if (!effects.anything) effects.cause = std::move(cause);
  effects.anything = true;
}

bool is_text_of_sql(const Function& function) {
  return !function.body.empty() && (function.language == "sql" || function.language == "plpgsql");
}

Catalog catalog_of(const std::vector<std::string>& ddl) {
  std::string script;
  for (const std::string& statement : ddl) script += statement + ";\n";
  Diagnostics ignored;  // the catalog has been read before
  return catalog_from_ddl(script, "catalog", ignored);
}

}  // namespace

SchemaFacts::SchemaFacts(const Catalog* catalog) : catalog_(catalog) {
  if (catalog == nullptr) return;
  for (const Table& table : catalog->tables) tables_[table.name].push_back(table.schema + '.' + table.name);
  for (const std::string& statement : catalog->ddl) take_type(statement);
  for (const OwnOperator& one : catalog->operators) {
    char& most = operators_[one.name];
    most = std::max(most, one.volatility);  // 'i' < 's' < 'v'
  }
  take(*catalog);
  if (catalog->source == CatalogSource::kDump) return;
  knows_triggers_ = !catalog->builtin_functions.empty();
  if (knows_triggers_) return;
  told_by_ddl_ = catalog_of(catalog->ddl);
  take(told_by_ddl_);
}

void SchemaFacts::take(const Catalog& catalog) {
  for (const Table& table : catalog.tables) {
    const std::string name = table.schema + '.' + table.name;
    for (const QualifiedName& parent : table.parents) {
      children_[resolve(parent.schema, parent.name)].insert(name);
      parents_[name].insert(resolve(parent.schema, parent.name));
    }
    if (table.has_rules) ruled_.insert(name);
    if (table.kind != 'v' || table.definition.empty()) continue;
    if (auto parsed = parse_statement(table.definition); parsed.statement) views_.emplace(name, *parsed.statement);
  }
  for (const Function& function : catalog.functions) functions_[function.name].push_back(&function);
  for (const Trigger& trigger : catalog.triggers) {
    if (trigger.enabled) triggers_[resolve(trigger.schema, trigger.table)].push_back(&trigger);
  }
  for (const ForeignKey& key : catalog.foreign_keys) {
    referencing_[resolve(key.referenced_schema, key.referenced_table)].push_back(&key);
  }
}

const Table* SchemaFacts::find_table(const std::string& name) const {
  const std::size_t dot = name.find('.');
  if (catalog_ == nullptr || dot == std::string::npos) return nullptr;
  return catalog_->find_table(name.substr(0, dot), name.substr(dot + 1));
}

std::string SchemaFacts::resolve(std::string_view schema, std::string_view name) const {
  const Table* table = catalog_ == nullptr ? nullptr : catalog_->find_table(schema, name);
  if (table != nullptr) return table->schema + '.' + table->name;
  return schema.empty() ? std::string(name) : std::string(schema) + '.' + std::string(name);
}

const Statement* SchemaFacts::view(const std::string& name) const {
  const auto found = views_.find(name);
  return found == views_.end() ? nullptr : &found->second;
}

namespace {

/// `name` and all that the edges lead to from there.
template <typename Edges>
TableNames reached_from(const std::string& name, const Edges& edges) {
  TableNames names;
  std::vector<std::string> waiting = {name};
  while (!waiting.empty()) {
    const std::string next = std::move(waiting.back());
    waiting.pop_back();
    if (!names.insert(next).second) continue;
    const auto found = edges.find(next);
    if (found != edges.end()) waiting.insert(waiting.end(), found->second.begin(), found->second.end());
  }
  return names;
}

}  // namespace

TableNames SchemaFacts::with_children(const std::string& name) const { return reached_from(name, children_); }

/// The table and all that it is a partition or a child of.
TableNames SchemaFacts::with_ancestors(const std::string& name) const { return reached_from(name, parents_); }

Effects SchemaFacts::effects_of_write(const std::string& name, WriteKinds kinds) const {
  Effects effects;
  Seen seen;
  add_write(name, kinds, effects, seen);
  return effects;
}

void SchemaFacts::add_write(const std::string& name, WriteKinds kinds, Effects& effects, Seen& seen) const {
  if (seen.size() > kMostVisits) return set_anything(effects, "a chain of writes that is too long to follow");
  for (const std::string& table : with_children(name)) {
    const std::string visit = table + (kinds.inserts ? "+" : "") + (kinds.updates ? "*" : "") +
                              (kinds.deletes ? "-" : "") + (kinds.truncates_referencing ? "!" : "");
    if (!seen.insert(visit).second) continue;
    effects.tables.insert(table);
    if (ruled_.contains(table)) set_anything(effects, "a rule on " + table);
    // A partitioned table's triggers and foreign keys are those of its partitions; a dump tells them once.
    for (const std::string& owner : with_ancestors(table)) {
      add_triggers(owner, kinds, effects, seen);
      add_cascades(owner, kinds, effects, seen);
    }
    if (const Statement* body = view(table)) {
      for (const RelationUse& relation : body->relations) {
        add_write(resolve(relation.schema, relation.name), kinds, effects, seen);
      }
    }
  }
}

void SchemaFacts::add_triggers(const std::string& table, WriteKinds kinds, Effects& effects, Seen& seen) const {
  const auto found = triggers_.find(table);
  if (found == triggers_.end()) return;
  for (const Trigger* trigger : found->second) {
    const bool fires = (kinds.inserts && trigger->on_insert) || (kinds.updates && trigger->on_update) ||
                       (kinds.deletes && (trigger->on_delete || trigger->on_truncate));
    if (fires) add_function(trigger->function, effects, seen);
  }
}

/// A deleted row deletes or updates those that refer to it, a changed key updates them.
void SchemaFacts::add_cascades(const std::string& table, WriteKinds kinds, Effects& effects, Seen& seen) const {
  const auto found = referencing_.find(table);
  if (found == referencing_.end()) return;
  const auto passes_on = [](char action) { return action == 'c' || action == 'n' || action == 'd'; };
  for (const ForeignKey* key : found->second) {
    const bool deletes = kinds.deletes && (key->on_delete == 'c' || kinds.truncates_referencing);
    const bool updates =
        (kinds.deletes && passes_on(key->on_delete) && !deletes) || (kinds.updates && passes_on(key->on_update));
    if (!deletes && !updates) continue;
    const WriteKinds passed = {
        .updates = updates, .deletes = deletes, .truncates_referencing = kinds.truncates_referencing};
    add_write(resolve(key->schema, key->table), passed, effects, seen);
  }
}

bool SchemaFacts::is_ambiguous(std::string_view name) const { return named(name).size() > 1; }

std::vector<std::string> SchemaFacts::named(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? std::vector<std::string>{} : found->second;
}

/// CREATE DOMAIN name AS type …, CREATE TYPE name AS ENUM ….
void SchemaFacts::take_type(const std::string& ddl) {
  Lexer lexer(ddl);
  if (!is_word(lexer.next().text, "create")) return;
  const Token kind = lexer.next();
  if (!is_word(kind.text, "domain") && !is_word(kind.text, "type")) return;
  std::string name, last;
  Token token = lexer.next();
  for (; token.kind != TokenKind::kEnd && !is_word(token.text, "as"); token = lexer.next()) {
    name += token.text;
    last = token.text;
  }
  token = lexer.next();
  if (is_word(kind.text, "type")) {
    if (is_word(token.text, "enum")) enums_.insert({name, last});
    return;
  }
  const std::size_t begin = lexer.position() - token.text.size();
  const auto ends = [](const Token& at) {
    return at.kind == TokenKind::kEnd || is_word(at.text, "collate") || is_word(at.text, "default") ||
           is_word(at.text, "constraint") || is_word(at.text, "not") || is_word(at.text, "null") ||
           is_word(at.text, "check");
  };
  std::size_t end = begin;
  for (; !ends(token); token = lexer.next()) end = lexer.position();
  domains_[name] = domains_[last] = ddl.substr(begin, end - begin);
}

std::string SchemaFacts::base_type(const std::string& type) const {
  std::string base = type;
  for (int depth = 0; depth < 32; ++depth) {
    const auto found = domains_.find(base);
    if (found == domains_.end()) break;
    base = found->second;
  }
  return base;
}

std::optional<char> SchemaFacts::volatility_of_operator(std::string_view name) const {
  const std::size_t dot = name.find('.');
  const auto found = operators_.find(dot == std::string_view::npos ? name : name.substr(dot + 1));
  return found == operators_.end() ? std::nullopt : std::optional(found->second);
}

std::string SchemaFacts::hidden_dependence(std::string_view function) const {
  Seen seen;
  return hidden_dependence(std::string(without_schema(function)), seen);
}

std::string SchemaFacts::hidden_dependence(const std::string& name, Seen& seen) const {
  if (seen.size() > kMostVisits) return "more than can be followed";
  if (!seen.insert(name).second) return {};
  for (const Function* function : functions(name)) {
    Lexer lexer(function->body);
    for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
      if (token.kind != TokenKind::kWord) continue;
      const std::string word = identifier(token);
      const bool is_called = lexer.peek().is("(") || is_word(word, "current_date") || is_word(word, "current_user") ||
                             word.starts_with("current_time") || word.starts_with("localtime") ||
                             word == "session_user";
      if (!is_called || word == name) continue;
      const Dependence dependence = dependence_of_builtin(word, 0);
      const bool asks = dependence == Dependence::kClock || dependence == Dependence::kRandom ||
                        dependence == Dependence::kSession || dependence == Dependence::kSideEffects;
      if (asks) return word;
      for (const Function* own : functions(word)) {
        if (own->volatility == 'v') return word;
      }
      if (std::string deeper = hidden_dependence(word, seen); !deeper.empty()) return deeper;
    }
  }
  return {};
}

std::vector<const Function*> SchemaFacts::functions(std::string_view name) const {
  const auto named = functions_.find(without_schema(name));
  return named == functions_.end() ? std::vector<const Function*>{} : named->second;
}

Effects SchemaFacts::effects_of_function(std::string_view name) const {
  Effects effects;
  Seen seen;
  add_function(std::string(without_schema(name)), effects, seen);
  return effects;
}

void SchemaFacts::add_function(const std::string& name, Effects& effects, Seen& seen) const {
  if (seen.size() > kMostVisits) return set_anything(effects, "a chain of calls that is too long to follow");
  if (!seen.insert("function " + name).second) return;
  const auto named = functions_.find(name);
  if (named == functions_.end()) return set_anything(effects, "function " + name + ", which is not known");
  for (const Function* function : named->second) {
    if (is_text_of_sql(*function)) {
      add_words(*function, effects, seen);
    } else {
      set_anything(effects, "function " + name + ", whose source cannot be read");
    }
  }
}

void SchemaFacts::add_words(const Function& function, Effects& effects, Seen& seen) const {
  Lexer lexer(function.body);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (token.kind != TokenKind::kWord && !token.text.starts_with('"')) continue;
    const std::string word = identifier(token);
    if (word == "execute") set_anything(effects, "function " + function.name + ", which runs dynamic SQL");
    const auto tables = tables_.find(word);
    if (tables != tables_.end()) {
      for (const std::string& table : tables->second) add_write(table, {true, true, true}, effects, seen);
    }
    if (word != function.name && functions_.contains(word)) add_function(word, effects, seen);
  }
}

}  // namespace assay
