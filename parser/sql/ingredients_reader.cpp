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

/// What a text looks like, if it is one of a date or a time.
struct Moment {
  bool is_one = false, says_zone = false, is_styled = false;
};

std::size_t digits_at(std::string_view text, std::size_t from) {
  std::size_t count = 0;
  while (from + count < text.size() && std::isdigit(static_cast<unsigned char>(text[from + count])) != 0) ++count;
  return count;
}

bool names_a_month(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  std::string month;
  for (const char c : text.substr(0, 3)) month += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kMonths.begin(), kMonths.end(), month) != kMonths.end() &&
         std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// A digit in front and four or more in all, as a date has whatever its form, and no letters but a month's.
bool begins_like_a_number(std::string_view text) {
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  constexpr std::size_t kLongestMoment = 64;
  if (text.empty() || text.size() > kLongestMoment || !is_digit(static_cast<unsigned char>(text.front()))) return false;
  bool has_letters = false, has_month = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    has_letters |= std::isalpha(static_cast<unsigned char>(text[i])) != 0;
    has_month |= names_a_month(std::string(text.substr(i)) + "0");  // which wants a digit behind it
  }
  return std::count_if(text.begin(), text.end(), is_digit) >= 4 && (!has_letters || has_month);
}

/// 2026-11-24, 24.11.2026, 20261124, 10:00, Nov 24, 2026, 24 Nov 2026; with +01 or Z behind a time it says its zone. An
/// array's or a range's text is of what stands first in it, and tells no zone of the others.
Moment moment_of(std::string_view text) {
  const std::size_t start = text.find_first_not_of("{[(\" ");
  if (start > 0 && start != std::string_view::npos) {
    Moment inner = moment_of(text.substr(start));
    inner.says_zone = false;
    return inner;
  }
  const std::size_t first = digits_at(text, 0);
  const char mark = first < text.size() ? text[first] : ' ';
  const std::size_t second = digits_at(text, first + 1);
  const bool is_year_or_day = first == 4 || first == 1 || first == 2;
  const bool is_date = is_year_or_day && (second == 1 || second == 2) && (mark == '-' || mark == '/' || mark == '.') &&
                       first + 1 + second < text.size() && text[first + 1 + second] == mark;
  const bool is_time = (first == 1 || first == 2) && mark == ':' && second == 2;
  const bool is_named = names_a_month(text);
  const bool is_packed = first == 8 && (mark == ' ' || mark == 'T' || mark == 't');
  const std::size_t clock = text.find(':');
  const bool says_zone =
      clock != std::string_view::npos &&
      (text.find_first_of("+-", clock) != std::string_view::npos || text.back() == 'Z' || text.back() == 'z');
  const bool is_number = begins_like_a_number(text);
  return {is_date || is_time || is_named || is_packed || is_number, says_zone,
          is_named || (is_date && (first != 4 || mark != '-'))};
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
    const bool is_operation = message.descriptor == &pg_query__a__expr__descriptor;
    const bool is_target = message.descriptor == &pg_query__res_target__descriptor;
    if (is_operation) ++operations_;
    if (is_target) ++targets_;
    look(message);
    for_each_child(message, [this](const ProtobufCMessage& child) { visit(child); });
    if (is_operation) --operations_;
    if (is_target) --targets_;
  }
  Ingredients take() { return std::move(found_); }

 private:
  void look(const ProtobufCMessage& message);
  void look_at_select(const PgQuery__SelectStmt& select);
  void look_at_column(const std::string& name);
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
  std::set<std::string> operators_, casts_, operands_, outputs_;
  int operations_ = 0, targets_ = 0;  // around the message at hand
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
  } else if (const auto* column = as<PgQuery__ColumnRef>(message, pg_query__column_ref__descriptor)) {
    look_at_column(path_of(*column).back());
  } else if (const auto* join = as<PgQuery__JoinExpr>(message, pg_query__join_expr__descriptor)) {
    for (std::size_t i = 0; i < join->n_using_clause; ++i)
      add(string_of(join->using_clause[i]), operands_, found_.operands);
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

void Reader::look_at_column(const std::string& name) {
  constexpr std::array<std::string_view, 5> kSystem = {"ctid", "xmin", "xmax", "cmin", "cmax"};
  if (operations_ > 0) add(name, operands_, found_.operands);
  if (targets_ > 0) add(name, outputs_, found_.outputs);
  found_.reads_system_columns |= std::find(kSystem.begin(), kSystem.end(), name) != kSystem.end();
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
  const std::string_view text = constant.sval->sval;
  const Moment moment = moment_of(text);
  found_.clock_literal = found_.clock_literal || is_clock_word(text);
  found_.zoneless_literal = found_.zoneless_literal || (moment.is_one && !moment.says_zone);
  found_.loose_moment = found_.loose_moment || (moment.is_one && !moment.says_zone && operations_ == 0);
  found_.styled_literal = found_.styled_literal || moment.is_styled;
}

}  // namespace

Ingredients ingredients_of(const Node& statement) {
  Reader reader;
  if (const ProtobufCMessage* message = content(statement)) reader.visit(*message);
  return reader.take();
}

}  // namespace assay
