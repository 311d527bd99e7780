#include "parser/sql/syntax_tree.h"

#include <pg_query.h>

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "parser/sql/depth.h"

namespace assay {
namespace {

/// Calls libpg_query's free function for a result when the scope is left.
template <class Result, void (*kFree)(Result)>
class Owned {
 public:
  explicit Owned(Result result) : result_(result) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { kFree(result_); }

  const Result* operator->() const { return &result_; }

 private:
  Result result_;
};

using OwnedParse = Owned<PgQueryProtobufParseResult, pg_query_free_protobuf_parse_result>;
using OwnedFingerprint = Owned<PgQueryFingerprintResult, pg_query_free_fingerprint_result>;
using OwnedDeparse = Owned<PgQueryDeparseResult, pg_query_free_deparse_result>;

/// Lets column references carry other names while it lives.
class Renaming {
 public:
  using Rename = std::function<std::string(const PgQuery__ColumnRef&)>;

  Renaming(ProtobufCMessage& expression, const Rename& rename) { apply(expression, rename); }
  Renaming(const Renaming&) = delete;
  Renaming& operator=(const Renaming&) = delete;
  ~Renaming() {
    for (Entry& entry : entries_) {
      entry.reference->n_fields = entry.field_count;
      entry.reference->fields = entry.fields;
    }
  }

 private:
  struct Entry {
    PgQuery__ColumnRef* reference;
    std::size_t field_count;
    Node** fields;
    std::string name;
    PgQuery__String text = PG_QUERY__STRING__INIT;
    Node node = PG_QUERY__NODE__INIT;
    Node* only = nullptr;
  };

  void apply(ProtobufCMessage& message, const Rename& rename) {
    if (message.descriptor == &pg_query__sub_link__descriptor) return;  // has scopes of its own
    if (message.descriptor == &pg_query__column_ref__descriptor) {
      auto& reference = reinterpret_cast<PgQuery__ColumnRef&>(message);
      const bool is_star = last_name(reference.n_fields, reference.fields).empty();
      return is_star ? void() : replace(reference, rename);
    }
    for_each_child(message,
                   [&](const ProtobufCMessage& child) { apply(const_cast<ProtobufCMessage&>(child), rename); });
  }

  void replace(PgQuery__ColumnRef& reference, const Rename& rename) {
    Entry& entry = entries_.emplace_back(Entry{&reference, reference.n_fields, reference.fields, rename(reference)});
    entry.text.sval = entry.name.data();
    entry.node.node_case = PG_QUERY__NODE__NODE_STRING;
    entry.node.string = &entry.text;
    entry.only = &entry.node;
    reference.n_fields = 1;
    reference.fields = &entry.only;
  }

  std::deque<Entry> entries_;  // never moved: the tree points into them
};

/// The bytes of `SELECT <expression>` as a tree.
std::vector<std::uint8_t> packed_select(Node& expression) {
  PgQuery__ResTarget target = PG_QUERY__RES_TARGET__INIT;
  target.val = &expression;
  Node target_node = PG_QUERY__NODE__INIT;
  target_node.node_case = PG_QUERY__NODE__NODE_RES_TARGET;
  target_node.res_target = &target;
  Node* targets[] = {&target_node};
  PgQuery__SelectStmt select = PG_QUERY__SELECT_STMT__INIT;
  select.n_target_list = 1;
  select.target_list = targets;
  select.limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
  select.op = PG_QUERY__SET_OPERATION__SETOP_NONE;
  Node select_node = PG_QUERY__NODE__INIT;
  select_node.node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
  select_node.select_stmt = &select;
  PgQuery__RawStmt statement = PG_QUERY__RAW_STMT__INIT;
  statement.stmt = &select_node;
  PgQuery__RawStmt* statements[] = {&statement};
  PgQuery__ParseResult tree = PG_QUERY__PARSE_RESULT__INIT;
  tree.n_stmts = 1;
  tree.stmts = statements;
  std::vector<std::uint8_t> bytes(pg_query__parse_result__get_packed_size(&tree));
  pg_query__parse_result__pack(&tree, bytes.data());
  return bytes;
}

bool supplied_by_grammar(const PgQuery__FuncCall& call) {
  if (call.n_funcname != 2 || string_of(call.funcname[0]) != "pg_catalog") return false;
  const std::string name = string_of(call.funcname[1]);
  return call.funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX || name == "like_escape" ||
         name == "similar_to_escape";
}

}  // namespace

std::string unfit_for_parser(std::string_view sql) {
  if (sql.find('\0') != std::string_view::npos) return "a NUL byte in the text";  // the parser takes C strings
  if (too_deeply_nested(sql)) return "too deeply nested: counted, not analysed";
  return {};
}

ParsedSyntax parse_syntax(std::string_view sql) {
  std::string problem = unfit_for_parser(sql);
  if (!problem.empty()) return {nullptr, std::move(problem)};
  const OwnedParse parsed(pg_query_parse_protobuf(std::string(sql).c_str()));
  if (parsed->error != nullptr) return {nullptr, parsed->error->message};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(parsed->parse_tree.data);
  SyntaxTree tree(pg_query__parse_result__unpack(nullptr, parsed->parse_tree.len, bytes));
  if (tree == nullptr) return {nullptr, "libpg_query's tree cannot be read"};
  return {std::move(tree), {}};
}

std::optional<std::string> syntax_fingerprint(std::string_view sql) {
  const OwnedFingerprint result(pg_query_fingerprint(std::string(sql).c_str()));
  if (result->error != nullptr) return std::nullopt;
  return result->fingerprint_str;
}

std::optional<std::string> expression_sql(Node& expression,
                                          const std::function<std::string(const PgQuery__ColumnRef&)>& rename) {
  const Renaming renaming(expression.base, rename);
  std::vector<std::uint8_t> bytes = packed_select(expression);
  const OwnedDeparse result(pg_query_deparse_protobuf({bytes.size(), reinterpret_cast<char*>(bytes.data())}));
  constexpr std::string_view kSelect = "SELECT ";
  if (result->error != nullptr || !std::string_view(result->query).starts_with(kSelect)) return std::nullopt;
  return result->query + kSelect.size();
}

std::vector<std::string> path_of(const PgQuery__ColumnRef& reference) {
  std::vector<std::string> path;
  for (std::size_t i = 0; i < reference.n_fields; ++i) path.push_back(string_of(reference.fields[i]));
  return path;
}

std::string function_name(const PgQuery__FuncCall& call) {
  std::string name;
  for (std::size_t i = supplied_by_grammar(call) ? 1 : 0; i < call.n_funcname; ++i) {
    if (!name.empty()) name += '.';
    name += string_of(call.funcname[i]);
  }
  return name;
}

std::optional<std::string> constant_text(const Node* node) {
  while (const PgQuery__TypeCast* cast = as_cast(node)) node = cast->arg;
  const PgQuery__AConst* constant = as_constant(node);
  if (constant == nullptr) return std::nullopt;
  switch (constant->val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      return std::to_string(constant->ival->ival);
    case PG_QUERY__A__CONST__VAL_FVAL:
      return constant->fval->fval;
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
      return constant->boolval->boolval != 0 ? "true" : "false";
    case PG_QUERY__A__CONST__VAL_SVAL:
      return constant->sval->sval;
    case PG_QUERY__A__CONST__VAL_BSVAL:
      return constant->bsval->bsval;
    default:
      return std::nullopt;
  }
}

bool is_null_constant(const Node* node) {
  while (const PgQuery__TypeCast* cast = as_cast(node)) node = cast->arg;
  const PgQuery__AConst* constant = as_constant(node);
  return constant != nullptr && constant->isnull != 0;
}

}  // namespace assay
