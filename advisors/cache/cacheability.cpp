#include "advisors/cache/cacheability.h"

#include <algorithm>
#include <array>
#include <utility>

#include "advisors/cache/function_volatility.h"

namespace assay {
namespace {

constexpr std::size_t kDeepestView = 32;

template <std::size_t kSize>
bool is_among(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What the values of a statement are: whatever its columns and casts may be, and everything where that is unknown.
struct ValueTypes {
  bool zoned = false;     ///< timestamptz, timetz
  bool dated = false;     ///< date, timestamp: an implicit cast to timestamptz heeds the time zone
  bool rendered = false;  ///< its text depends on settings: dates, times, intervals, money, floats, bytea, xml
  bool searched = false;  ///< tsvector: then @@ needs no configuration
};

/// `type` as format_type() prints it, or as a cast says it.
void add_type(std::string type, ValueTypes& types) {
  while (type.ends_with("[]")) type.resize(type.size() - 2);
  const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  const bool zoned = has("with time zone") || type == "timestamptz" || type == "timetz" || has("tstz");
  const bool dated = !zoned && (has("timestamp") || type == "date" || has("daterange") || has("tsrange"));
  types.zoned |= zoned;
  types.dated |= dated;
  types.rendered |= zoned || dated || has("time") || has("interval") || has("money") || has("real") || has("double") ||
                    has("float") || type == "bytea" || type == "xml" || type.starts_with("reg");
  types.searched |= type == "tsvector";
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
  void look_at_call(const CalledFunction& call);
  void look_at_own_function(const CalledFunction& call, const std::vector<const Function*>& functions);
  void look_at_builtin(const CalledFunction& call, Dependence dependence);
  bool is_immutable_there(const std::string& name) const;
  void look_at_session_function(const std::string& name);
  ValueTypes types_of_operands(const Statement& statement) const;
  void look_at_operators(const Statement& statement);
  void look_at_operator(const std::string& name, const ValueTypes& operands);
  void look_at_casts(const Statement& statement);
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
    types_ = {.zoned = true, .dated = true, .rendered = true, .searched = false};
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
  for (const RelationUse& relation : statement.relations) look_at_relation(relation, depth);
  for (const CalledFunction& call : ingredients.functions) look_at_call(call);
  look_at_operators(statement);
  look_at_casts(statement);
  look_at_literals(statement);
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
  for (const std::string& type : statement.ingredients.casts) add_type(type, types_);
  const bool knows_all = statement.unresolved_columns == 0;
  for (std::size_t i = 0; i < statement.relations.size(); ++i) {
    const RelationUse& relation = statement.relations[i];
    const std::string name = schema_.resolve(relation.schema, relation.name);
    const Table* table = schema_.find_table(name);
    if (schema_.view(name) != nullptr && table != nullptr && table->columns.empty()) continue;  // its body tells
    if (table == nullptr || table->columns.empty()) {
      types_.zoned = types_.dated = types_.rendered = true;
      continue;
    }
    for (const Column& column : table->columns) {
      const bool is_read =
          std::any_of(statement.columns_read.begin(), statement.columns_read.end(),
                      [&](const auto& use) { return use.relation == static_cast<int>(i) && use.name == column.name; });
      if (is_read || relation.all_columns || !knows_all) add_type(column.type, types_);
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
  for (const std::string& type : statement.ingredients.casts) add_type(type, types);
  for (const std::string& name : statement.ingredients.operands) {
    bool found = false;
    for (const RelationUse& relation : statement.relations) {
      const Table* table = schema_.find_table(schema_.resolve(relation.schema, relation.name));
      const Column* column = table == nullptr ? nullptr : find_column(*table, name);
      if (column != nullptr) add_type(column->type, types);
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
      deny("operator " + name + " is not one of PostgreSQL's own");
  }
  const Catalog* catalog = schema_.catalog();
  const bool trigrams = catalog != nullptr && std::any_of(catalog->extensions.begin(), catalog->extensions.end(),
                                                          [](const Extension& one) { return one.name == "pg_trgm"; });
  if (name == "%" && trigrams) need_settings("% on texts heeds pg_trgm.similarity_threshold");
}

void Judge::look_at_casts(const Statement& statement) {
  constexpr std::array<std::string_view, 7> kText = {"text", "varchar", "bpchar", "char", "name", "json", "jsonb"};
  constexpr std::array<std::string_view, 5> kDates = {"date", "timestamp", "time", "timetz", "timestamptz"};
  for (const std::string& type : statement.ingredients.casts) {
    if (type.starts_with("reg")) deny("a cast to " + type + " asks the system's catalog", "write the name as a text");
    if (is_among(kText, type) && types_.rendered) need_settings("a cast to " + type + " may render a date or a number");
    if (is_among(kDates, type) && (types_.zoned || statement.ingredients.has_literals)) {
      need_settings("a cast to " + type + " heeds the session's TimeZone and DateStyle");
    }
    if (type == "money" || type == "xml") need_settings("a cast to " + type + " heeds the session's settings");
  }
}

/// 'now' where a date is meant, and texts that only the session's settings make a moment of.
void Judge::look_at_literals(const Statement& statement) {
  const Ingredients& ingredients = statement.ingredients;
  if (ingredients.clock_literal && (types_.zoned || types_.dated)) {
    result_.is_as_logged = false;
    require("'now', 'today' and the like are read by the clock", "pass the time as a parameter");
  }
  if (ingredients.zoneless_literal && types_of_operands(statement).zoned)
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
