#include "advisors/cache/cacheability.h"

#include <algorithm>
#include <array>
#include <utility>

#include "advisors/cache/function_volatility.h"
#include "advisors/cache/value_types.h"

namespace assay {
namespace {

constexpr std::size_t kDeepestView = 32;

template <std::size_t kSize>
bool is_among(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Judge {
 public:
  Judge(const SchemaFacts& schema, const SessionHabits& habits) : schema_(schema), habits_(habits) {}

  Cacheability run(const ClassMeaning& meaning);

 private:
  void deny(std::string reason, std::string cure = {}) { add(denials_, std::move(reason), std::move(cure)); }
  void require(std::string reason, std::string cure) { add(conditions_, std::move(reason), std::move(cure)); }
  static void add(std::vector<Hindrance>& list, std::string reason, std::string cure);

  void look_at(const Statement& statement, std::size_t depth);
  void look_at_relation(const RelationUse& relation, std::size_t depth);
  void look_at_table(const std::string& name, const Table& table, std::size_t depth);
  void look_through(const std::string& view, std::size_t depth);
  void add_types_of(const Statement& statement);
  void add(const std::string& type, ValueTypes& types) const { types.add(types_of(type, schema_)); }
  void look_at_call(const CalledFunction& call);
  void look_at_own_function(const CalledFunction& call, const std::vector<const Function*>& functions);
  void look_at_builtin(const CalledFunction& call, Dependence dependence);
  bool is_immutable_there(const std::string& name) const;
  void look_at_session_function(const std::string& name);
  ValueTypes types_of_operands(const Statement& statement) const;
  void look_at_operators(const Statement& statement);
  void look_at_operator(const std::string& name, const ValueTypes& operands);
  void look_at_casts(const Statement& statement);
  bool reads_type(const Statement& statement, const std::string& type) const;
  void look_at_own_casts(const Statement& statement);
  void look_at_outputs(const Statement& statement);
  const std::vector<Column>& columns_of(const Table& table) const;
  void look_at_literals(const Statement& statement);
  void need_settings(const std::string& what);
  Cacheability decide();

  const SchemaFacts& schema_;
  const SessionHabits& habits_;
  std::vector<Hindrance> denials_, conditions_;
  ValueTypes types_;
  Cacheability result_;
};

void Judge::add(std::vector<Hindrance>& list, std::string reason, std::string cure) {
  const bool known = std::any_of(list.begin(), list.end(), [&](const Hindrance& one) { return one.reason == reason; });
  if (!known) list.push_back({std::move(reason), std::move(cure)});
}

Cacheability Judge::run(const ClassMeaning& meaning) {
  if (!meaning.statement) {
    deny("it is not understood: " + meaning.problem);
    return decide();
  }
  const Statement& statement = *meaning.statement;
  if (statement.kind != StatementKind::kSelect) {
    deny("it is no SELECT");
    return decide();
  }
  if (schema_.catalog() == nullptr) {
    types_ = kAnyValue;
    require("what its names stand for is not known", "give a snapshot with --catalog");
  }
  add_types_of(statement);
  look_at(statement, 0);
  if (result_.tables.empty() && denials_.empty()) deny("it reads no table");
  return decide();
}

void Judge::look_at(const Statement& statement, std::size_t depth) {
  const Ingredients& ingredients = statement.ingredients;
  if (ingredients.changes_data) deny("it changes data");
  if (ingredients.locks_rows)
    deny("it locks rows", "leave FOR UPDATE or FOR SHARE out where nothing is changed after it");
  if (ingredients.samples_rows) deny("TABLESAMPLE takes other rows each time", "add REPEATABLE (seed)");
  if (ingredients.reads_system_columns) deny("ctid, xmin and kin change without a write, and differ from row to row");
  for (const RelationUse& relation : statement.relations) look_at_relation(relation, depth);
  for (const CalledFunction& call : ingredients.functions) look_at_call(call);
  look_at_operators(statement);
  look_at_casts(statement);
  look_at_own_casts(statement);
  look_at_literals(statement);
  if (depth == 0) look_at_outputs(statement);
}

void Judge::look_at_relation(const RelationUse& relation, std::size_t depth) {
  constexpr std::array<std::string_view, 3> kSystem = {"pg_catalog", "information_schema", "pg_toast"};
  const std::string written = relation.schema.empty() ? relation.name : relation.schema + '.' + relation.name;
  if (relation.schema.starts_with("pg_temp") || habits_.temporary_tables.contains(relation.name)) {
    return deny(written + " is a temporary table: every session has its own");
  }
  if (is_among(kSystem, relation.schema) || (relation.schema.empty() && relation.name.starts_with("pg_"))) {
    return deny(written + " belongs to the system: what changes it is no write of a table");
  }
  if (relation.schema.empty() && habits_.changes_search_path && depth == 0) {
    result_.is_as_logged = false;
    require("sessions change search_path, and " + written + " is another table for each",
            "write the schema before the name, or put it into the key");
  }
  if (relation.schema.empty() && depth == 0 && schema_.is_ambiguous(relation.name)) {
    result_.key_by_user = true;
    require(written + " is a table in several schemas: each role's search_path chooses",
            "write the schema before the name, or put the user into the key");
    const auto all = schema_.named(relation.name);
    result_.tables.insert(all.begin(), all.end());
  }
  const std::string name = schema_.resolve(relation.schema, relation.name);
  if (schema_.catalog() == nullptr) {
    result_.tables.insert(name);
    return;
  }
  const Table* table = schema_.find_table(name);
  if (table == nullptr) {
    return deny(written + " is not in the catalog: a temporary table, a sequence, or newer than the snapshot");
  }
  look_at_table(name, *table, depth);
}

void Judge::look_at_table(const std::string& name, const Table& table, std::size_t depth) {
  if (table.kind == 'v') return look_through(name, depth);
  if (table.kind == 'f') return deny(name + " is a foreign table: who writes it is not in this log");
  for (const std::string& part : schema_.with_children(name)) {
    result_.tables.insert(part);
    const Table* its = schema_.find_table(part);
    if (its != nullptr && its->kind == 'f') deny(part + " is a foreign table: who writes it is not in this log");
    if (its != nullptr && its->row_security) {
      deny("row-level security on " + part + " shows other rows to others",
           "where its policies ask for nothing but the user, put the user into the key");
    }
  }
}

void Judge::look_through(const std::string& view, std::size_t depth) {
  const Statement* body = schema_.view(view);
  if (body == nullptr) return deny("the definition of view " + view + " is not known", "take a new snapshot");
  if (depth >= kDeepestView) return deny("view " + view + " lies too deep");
  add_types_of(*body);
  look_at(*body, depth + 1);
}

/// Of all columns that it reads, and of what it casts to.
void Judge::add_types_of(const Statement& statement) {
  for (const std::string& type : statement.ingredients.casts) add(type, types_);
  const bool knows_all = statement.unresolved_columns == 0;
  for (std::size_t i = 0; i < statement.relations.size(); ++i) {
    const RelationUse& relation = statement.relations[i];
    const std::string name = schema_.resolve(relation.schema, relation.name);
    const Table* table = schema_.find_table(name);
    if (schema_.view(name) != nullptr && table != nullptr && table->columns.empty()) continue;  // its body tells
    if (table == nullptr || columns_of(*table).empty()) {
      types_.add(kAnyValue);
      continue;
    }
    for (const Column& column : columns_of(*table)) {
      const bool is_read =
          std::any_of(statement.columns_read.begin(), statement.columns_read.end(),
                      [&](const auto& use) { return use.relation == static_cast<int>(i) && use.name == column.name; });
      if (is_read || relation.all_columns || !knows_all) add(column.type, types_);
    }
  }
}

void Judge::look_at_call(const CalledFunction& call) {
  const auto own = schema_.functions(call.name);
  const Dependence dependence = dependence_of_builtin(call.name, call.arguments);
  if (!own.empty()) look_at_own_function(call, own);
  // Overloads of one's own stand beside PostgreSQL's: which one is meant is not known, so both are judged.
  const bool only_own = !own.empty() && dependence == Dependence::kUnknown;
  if (!only_own) look_at_builtin(call, dependence);
}

void Judge::look_at_own_function(const CalledFunction& call, const std::vector<const Function*>& functions) {
  for (const Function* function : functions) {
    const bool immutable = function->volatility == 'i';
    if (function->volatility == 'v') {
      deny("function " + call.name + " is volatile", "declare it IMMUTABLE if it depends on its arguments alone");
    } else if (!immutable) {
      deny("function " + call.name + " is stable: it may read tables, the clock and the session",
           "declare it IMMUTABLE if it depends on its arguments alone");
    }
    if (function->kind == 'a') {
      deny("aggregate " + call.name + " is the database's own: what it is computed by is not known");
    } else if (immutable) {
      const std::string asked = schema_.hidden_dependence(call.name);
      if (!asked.empty()) deny("function " + call.name + " says that it is immutable and asks " + asked);
    }
    const Effects reads = immutable && !function->body.empty() ? schema_.effects_of_function(call.name) : Effects{};
    if (!reads.tables.empty()) {
      deny("function " + call.name + " says that it is immutable and names the table " + *reads.tables.begin());
    }
  }
}

void Judge::look_at_builtin(const CalledFunction& call, Dependence dependence) {
  const std::string name = call.name + "()";
  switch (dependence) {
    case Dependence::kNothing:
      return;
    case Dependence::kRendering:
      if (types_.rendered) need_settings(name + " heeds the settings that dates and numbers are written by");
      return;
    case Dependence::kZone:
      if (types_.zoned || types_.dated) need_settings(name + " heeds the session's TimeZone");
      return;
    case Dependence::kSettings:
      return need_settings(name + " heeds the session's settings");
    case Dependence::kClock:
      result_.is_as_logged = false;
      return require(call.name + " tells the time",
                     "pass the time as a parameter, cut to what the answer may lag behind (a minute, a day)");
    case Dependence::kSession:
      return look_at_session_function(call.name);
    case Dependence::kRandom:
      return deny(name + " gives something else each time");
    case Dependence::kSideEffects:
      return deny(name + " does something each time");
    case Dependence::kUnknown:
      if (is_immutable_there(call.name)) return;
      return deny(
          "function " + call.name + " is not known to depend on its arguments alone",
          schema_.catalog() == nullptr ? "give a snapshot with --catalog: it tells what functions promise" : "");
  }
}

/// The server's own word for a function of a newer version than the built-in list's: immutable, all overloads.
bool Judge::is_immutable_there(const std::string& name) const {
  if (schema_.catalog() == nullptr) return false;
  const auto found = schema_.catalog()->builtin_functions.find(name);
  return found != schema_.catalog()->builtin_functions.end() && found->second == 'i';
}

void Judge::look_at_session_function(const std::string& name) {
  constexpr std::array<std::string_view, 4> kUser = {"current_user", "session_user", "user", "current_role"};
  constexpr std::array<std::string_view, 4> kSame = {"current_database", "current_catalog", "current_schema",
                                                     "current_schemas"};
  if (is_among(kUser, name)) {
    if (habits_.changes_role) return deny(name + " says who asks, and sessions change roles");
    result_.key_by_user = true;
    return require(name + " says who asks", "put the user into the key");
  }
  if (name == "current_setting") {
    result_.is_as_logged = false;
    return require("current_setting() asks the session", "pass the setting as a parameter, so that it is in the key");
  }
  if (is_among(kSame, name)) return need_settings(name + " heeds the session");
  deny(name + "() depends on who asks, from where, or in which transaction");
}

void Judge::need_settings(const std::string& what) {
  result_.key_by_settings = true;
  require(what, "let all sessions share TimeZone, DateStyle and the like, or put them into the key");
}

/// Of the columns below operators. What has no such name among the tables is computed: of whatever type there is.
ValueTypes Judge::types_of_operands(const Statement& statement) const {
  if (schema_.catalog() == nullptr) return types_;
  ValueTypes types;
  for (const std::string& type : statement.ingredients.casts) add(type, types);
  for (const std::string& name : statement.ingredients.operands) {
    bool found = false;
    for (const RelationUse& relation : statement.relations) {
      const Table* table = schema_.find_table(schema_.resolve(relation.schema, relation.name));
      const Column* column = table == nullptr ? nullptr : find_column(*table, name);
      if (column != nullptr) add(column->type, types);
      found = found || column != nullptr;
    }
    if (!found) return types_;
  }
  return types;
}

void Judge::look_at_operators(const Statement& statement) {
  const ValueTypes operands = types_of_operands(statement);
  for (const std::string& name : statement.ingredients.operators) look_at_operator(name, operands);
}

void Judge::look_at_operator(const std::string& name, const ValueTypes& operands) {
  const std::optional<char> own = schema_.volatility_of_operator(name);
  if (own && *own != 'i') return deny("operator " + name + " is the database's own, and its function not immutable");
  switch (dependence_of_operator(name)) {
    case OperatorDependence::kNothing:
      break;
    case OperatorDependence::kComparison:
      if (operands.zoned && operands.dated && schema_.catalog() != nullptr) {
        need_settings("time stamps with and without a time zone may be compared");
      }
      break;
    case OperatorDependence::kArithmetic:
      if (operands.zoned) need_settings("a day or month added to a timestamptz heeds the session's TimeZone");
      break;
    case OperatorDependence::kRendering:
      if (operands.rendered) need_settings("|| may turn a value into text");
      break;
    case OperatorDependence::kTextSearch:
      if (!types_.searched) need_settings("@@ on a text heeds default_text_search_config");
      break;
    case OperatorDependence::kUnknown:
      if (!own) deny("operator " + name + " is not one of PostgreSQL's own");
  }
  const Catalog* catalog = schema_.catalog();
  const bool trigrams = catalog != nullptr && std::any_of(catalog->extensions.begin(), catalog->extensions.end(),
                                                          [](const Extension& one) { return one.name == "pg_trgm"; });
  if (name == "%" && trigrams) need_settings("% on texts heeds pg_trgm.similarity_threshold");
}

void Judge::look_at_casts(const Statement& statement) {
  constexpr std::array<std::string_view, 7> kText = {"text", "varchar", "bpchar", "char", "name", "json", "jsonb"};
  for (const std::string& type : statement.ingredients.casts) {
    const std::string base = schema_.base_type(type);
    const ValueTypes to = types_of(type, schema_);
    const bool is_unknown = to.zoned && to.dated,
               is_text = is_among(kText, base) || is_unknown || base == "citext" || base.starts_with("character");
    if (base.starts_with("reg")) deny("a cast to " + type + " asks the system's catalog", "write the name as a text");
    if (is_text && types_.rendered) need_settings("a cast to " + type + " may render a date or a number");
    if ((to.zoned || to.dated || base.starts_with("time")) && (types_.zoned || statement.ingredients.has_literals)) {
      need_settings("a cast to " + type + " heeds the session's TimeZone and DateStyle");
    }
    if (base == "money" || base == "xml") need_settings("a cast to " + type + " heeds the session's settings");
  }
}

/// Is a column of that type, named without its schema, read?
bool Judge::reads_type(const Statement& statement, const std::string& type) const {
  for (std::size_t i = 0; i < statement.relations.size(); ++i) {
    const RelationUse& relation = statement.relations[i];
    const Table* table = schema_.find_table(schema_.resolve(relation.schema, relation.name));
    if (table == nullptr) continue;
    for (const Column& column : table->columns) {
      if (column.type != type && !column.type.ends_with("." + type)) continue;
      const auto& reads = statement.columns_read;
      const bool is_read = std::any_of(reads.begin(), reads.end(), [&](const ColumnUse& use) {
        return use.relation == static_cast<int>(i) && use.name == column.name;
      });
      if (is_read || relation.all_columns || statement.unresolved_columns > 0) return true;
    }
  }
  return false;
}

/// CREATE CAST … WITH FUNCTION: whatever is cast may go through it.
void Judge::look_at_own_casts(const Statement& statement) {
  if (schema_.catalog() == nullptr) return;
  const auto without_schema = [](const std::string& type) { return type.substr(type.rfind('.') + 1); };  // npos + 1: 0
  for (const OwnCast& cast : schema_.catalog()->casts) {
    if (cast.volatility == 'i') continue;
    const auto& casts = statement.ingredients.casts;
    const bool is_written = std::any_of(casts.begin(), casts.end(), [&](const std::string& type) {
      return without_schema(type) == without_schema(cast.target);
    });
    const bool may_be_hidden = cast.implicit && reads_type(statement, without_schema(cast.source));
    if (is_written || may_be_hidden) {
      deny("the cast from " + cast.source + " to " + cast.target +
           " is the database's own, and its function not immutable");
    }
  }
}

/// Those of a dump's children and partitions may stand with their parents alone.
const std::vector<Column>& Judge::columns_of(const Table& table) const {
  const Table* told = &table;
  for (int depth = 0; depth < 8 && told->columns.empty() && !told->parents.empty(); ++depth) {
    const QualifiedName& parent = told->parents.front();
    const Table* next = schema_.find_table(schema_.resolve(parent.schema, parent.name));
    if (next == nullptr) break;
    told = next;
  }
  return told->columns;
}

/// What is sent is a text: the moment is the same in every zone, and its text is not.
void Judge::look_at_outputs(const Statement& statement) {
  if (schema_.catalog() == nullptr) return;
  ValueTypes sent;
  for (const RelationUse& relation : statement.relations) {
    const Table* table = schema_.find_table(schema_.resolve(relation.schema, relation.name));
    if (table == nullptr) continue;
    const std::vector<Column>& columns = columns_of(*table);
    if (columns.empty()) sent.add(types_);  // a view of a dump
    for (const Column& column : columns) {
      const auto& names = statement.ingredients.outputs;
      const bool is_sent = relation.all_columns || std::find(names.begin(), names.end(), column.name) != names.end();
      if (is_sent) add(column.type, sent);
    }
  }
  if (sent.zoned) {
    require(std::string(kSendsMoments),
            "keep the moments that the driver reads, not their texts, or let all sessions share TimeZone");
  }
  if (sent.rendered && habits_.changes_rendering) need_settings("sessions set how dates and numbers are written");
}

/// 'now' where a date is meant, and texts that only the session's settings make a moment of.
void Judge::look_at_literals(const Statement& statement) {
  const Ingredients& ingredients = statement.ingredients;
  if (ingredients.clock_literal && (types_.zoned || types_.dated)) {
    result_.is_as_logged = false;
    require("'now', 'today' and the like are read by the clock", "pass the time as a parameter");
  }
  if ((ingredients.zoneless_literal && types_of_operands(statement).zoned) ||
      (ingredients.loose_moment && types_.zoned))
    need_settings("a moment is written without its time zone");
  if (ingredients.styled_literal && (types_.zoned || types_.dated))
    need_settings("a date is written as DateStyle has it");
}

Cacheability Judge::decide() {
  result_.verdict = !denials_.empty()      ? CacheVerdict::kNot
                    : !conditions_.empty() ? CacheVerdict::kIf
                                           : CacheVerdict::kCacheable;
  result_.hindrances = denials_.empty() ? std::move(conditions_) : std::move(denials_);
  return std::move(result_);
}

}  // namespace

std::string_view to_string(CacheVerdict verdict) {
  switch (verdict) {
    case CacheVerdict::kCacheable:
      return "cacheable";
    case CacheVerdict::kIf:
      return "cacheable_if";
    default:
      return "not_cacheable";
  }
}

Cacheability judge_cacheability(const ClassMeaning& meaning, const SchemaFacts& schema, const SessionHabits& habits) {
  return Judge(schema, habits).run(meaning);
}

}  // namespace assay
