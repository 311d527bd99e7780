#include "parser/sql/ingredients_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>

#include "parser/sql/value_kinds.h"

namespace assay {
namespace {

/// datetime.c, datetktbl: what the input functions of dates and time stamps read by the clock.
bool is_clock_word(std::string_view text) {
  constexpr std::array<std::string_view, 4> kWords = {"now", "today", "tomorrow", "yesterday"};
  std::string word;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      break;  // 'today 10:00'
    }
  }
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::string joined(std::size_t count, Node* const* names) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "." : "") + string_of(names[i]);
  return text;
}

/// The grammar writes what it makes itself with pg_catalog before it.
std::string without_catalog(std::string name) {
  constexpr std::string_view kCatalog = "pg_catalog.";
  return name.starts_with(kCatalog) ? name.substr(kCatalog.size()) : name;
}

class Reader {
 public:
  void visit(const ProtobufCMessage& message) {
    look(message);
    for_each_child(message, [this](const ProtobufCMessage& child) { visit(child); });
  }
  Ingredients take() { return std::move(found_); }

 private:
  void look(const ProtobufCMessage& message);
  void look_at_select(const PgQuery__SelectStmt& select);
  void look_at_operation(const PgQuery__AExpr& operation);
  void look_at_constant(const PgQuery__AConst& constant);
  void add_call(CalledFunction call) {
    if (functions_.insert(call).second) found_.functions.push_back(std::move(call));
  }
  static void add(std::string name, std::set<std::string>& seen, std::vector<std::string>& list) {
    if (seen.insert(name).second) list.push_back(std::move(name));
  }

  Ingredients found_;
  std::set<CalledFunction> functions_;
  std::set<std::string> operators_, casts_;
};

void Reader::look(const ProtobufCMessage& message) {
  if (const auto* select = as<PgQuery__SelectStmt>(message, pg_query__select_stmt__descriptor)) {
    look_at_select(*select);
  } else if (const auto* call = as<PgQuery__FuncCall>(message, pg_query__func_call__descriptor)) {
    const std::size_t aggregated = call->agg_within_group != 0 ? call->n_agg_order : 0;
    add_call({without_catalog(function_name(*call)), static_cast<int>(call->n_args + aggregated)});
  } else if (const auto* value = as<PgQuery__SQLValueFunction>(message, pg_query__sqlvalue_function__descriptor)) {
    add_call({std::string(value_function_name(value->op)), 0});
  } else if (const auto* operation = as<PgQuery__AExpr>(message, pg_query__a__expr__descriptor)) {
    look_at_operation(*operation);
  } else if (const auto* link = as<PgQuery__SubLink>(message, pg_query__sub_link__descriptor)) {
    if (link->n_oper_name > 0) add(joined(link->n_oper_name, link->oper_name), operators_, found_.operators);
  } else if (const auto* cast = as<PgQuery__TypeCast>(message, pg_query__type_cast__descriptor)) {
    add(without_catalog(joined(cast->type_name->n_names, cast->type_name->names)), casts_, found_.casts);
  } else if (const auto* constant = as<PgQuery__AConst>(message, pg_query__a__const__descriptor)) {
    look_at_constant(*constant);
  } else if (const auto* sample = as<PgQuery__RangeTableSample>(message, pg_query__range_table_sample__descriptor)) {
    found_.samples_rows = found_.samples_rows || sample->repeatable == nullptr;
  } else if (message.descriptor == &pg_query__insert_stmt__descriptor ||
             message.descriptor == &pg_query__update_stmt__descriptor ||
             message.descriptor == &pg_query__delete_stmt__descriptor ||
             message.descriptor == &pg_query__merge_stmt__descriptor) {
    found_.changes_data = true;
  }
}

void Reader::look_at_select(const PgQuery__SelectStmt& select) {
  found_.locks_rows = found_.locks_rows || select.n_locking_clause > 0;
  found_.changes_data = found_.changes_data || select.into_clause != nullptr;
}

void Reader::look_at_operation(const PgQuery__AExpr& operation) {
  switch (operation.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
      add(">=", operators_, found_.operators);  // and <=, of one family
      return;
    default:
      add(without_catalog(joined(operation.n_name, operation.name)), operators_, found_.operators);
  }
}

void Reader::look_at_constant(const PgQuery__AConst& constant) {
  if (constant.val_case != PG_QUERY__A__CONST__VAL_SVAL) return;
  found_.has_literals = true;
  found_.clock_literal = found_.clock_literal || is_clock_word(constant.sval->sval);
}

}  // namespace

Ingredients ingredients_of(const Node& statement) {
  Reader reader;
  if (const ProtobufCMessage* message = content(statement)) reader.visit(*message);
  return reader.take();
}

}  // namespace assay
