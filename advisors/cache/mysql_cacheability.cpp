#include "advisors/cache/mysql_cacheability.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "advisors/cache/mysql_functions.h"

namespace assay {
namespace {

class MysqlJudge {
 public:
  explicit MysqlJudge(const SessionHabits& habits) : habits_(habits) {}

  Cacheability run(const ClassMeaning& meaning);

 private:
  void deny(std::string reason, std::string cure = {}) { denials_.push_back({std::move(reason), std::move(cure)}); }
  void require(std::string reason, std::string cure) { conditions_.push_back({std::move(reason), std::move(cure)}); }
  void look_at_relation(const RelationUse& relation);
  void look_at_call(const CalledFunction& call);
  Cacheability decide();

  const SessionHabits& habits_;
  std::vector<Hindrance> denials_, conditions_;
  Cacheability result_;
};

Cacheability MysqlJudge::run(const ClassMeaning& meaning) {
  if (!meaning.statement) {
    deny("it is not understood: " + meaning.problem);
    return decide();
  }
  const Statement& statement = *meaning.statement;
  if (statement.kind != StatementKind::kSelect) {
    deny("it is no SELECT, or its result goes elsewhere");
    return decide();
  }
  require(
      "which names are views, what triggers and foreign keys carry on, and which columns are TIMESTAMPs, sent in the "
      "session's time_zone, is not known",
      "look at SHOW CREATE TABLE of its tables");
  if (statement.ingredients.changes_data) deny("it changes data");
  if (statement.ingredients.locks_rows) {
    deny("it locks rows", "leave FOR UPDATE or LOCK IN SHARE MODE out where nothing is changed after it");
  }
  for (const RelationUse& relation : statement.relations) look_at_relation(relation);
  for (const CalledFunction& call : statement.ingredients.functions) look_at_call(call);
  if (habits_.changes_rendering) {
    result_.key_by_settings = true;
    require("sessions set time_zone or lc_time_names", "let all of them share these, or put them into the key");
  }
  if (result_.tables.empty() && denials_.empty()) deny("it reads no table");
  return decide();
}

void MysqlJudge::look_at_relation(const RelationUse& relation) {
  constexpr std::array<std::string_view, 5> kSystem = {"information_schema", "mysql", "performance_schema", "sys",
                                                       "pg_catalog"};
  const std::string name = relation.schema.empty() ? relation.name : relation.schema + '.' + relation.name;
  if (habits_.temporary_tables.contains(relation.name)) {
    return deny(name + " is a temporary table: every session has its own");
  }
  if (std::find(kSystem.begin(), kSystem.end(), relation.schema) != kSystem.end()) {
    return deny(name + " belongs to the system: what changes it is no write of a table");
  }
  result_.tables.insert(name);
}

void MysqlJudge::look_at_call(const CalledFunction& call) {
  const std::string name = call.name + "()";
  switch (dependence_of_mysql_function(call.name, call.arguments)) {
    case Dependence::kNothing:
      return;
    case Dependence::kClock:
      result_.is_as_logged = false;
      return require(name + " tells the time",
                     "pass the time as a parameter, cut to what the answer may lag behind (a minute, a day)");
    case Dependence::kRandom:
      return deny(name + " gives something else each time");
    case Dependence::kSideEffects:
      return deny(name + " does something each time");
    case Dependence::kSession:
      if (call.name == "@user_variable")
        return deny("user variables (@x) are the session's own", "pass it as a parameter");
      if (call.name == "@@system_variable") return deny("system variables (@@x) may be the session's own");
      if (call.name == "sql_calc_found_rows")
        return deny("SQL_CALC_FOUND_ROWS leaves a count for the next statement", "count in a statement of its own");
      return deny(name + " depends on who asks, and on what that session did before", "pass it as a parameter");
    case Dependence::kUnknown:
      return deny("function " + call.name + " is not one of MySQL's own: a stored function may do anything");
    default:
      result_.key_by_settings = true;
      return require(
          name + " heeds the session's settings",
          "let all sessions share time_zone, lc_time_names, group_concat_max_len and the like, or put them into "
          "the key");
  }
}

Cacheability MysqlJudge::decide() {
  result_.verdict = denials_.empty() ? CacheVerdict::kIf : CacheVerdict::kNot;
  result_.hindrances = denials_.empty() ? std::move(conditions_) : std::move(denials_);
  return std::move(result_);
}

}  // namespace

Cacheability judge_mysql_cacheability(const ClassMeaning& meaning, const SessionHabits& habits) {
  return MysqlJudge(habits).run(meaning);
}

}  // namespace assay
