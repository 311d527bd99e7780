// PostgreSQL's own syntax tree, as libpg_query hands it over, and what every reader of it needs.
//
// The tree is protobuf-c's: a PgQuery__Node is a tagged union, and descriptors allow a walk that needs no list of the
// node types. Depth is bounded before a tree is built (parser/sql/depth.h), so recursion over one is safe.
#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

using Node = PgQuery__Node;

struct FreeSyntaxTree {
  void operator()(PgQuery__ParseResult* tree) const { pg_query__parse_result__free_unpacked(tree, nullptr); }
};
using SyntaxTree = std::unique_ptr<PgQuery__ParseResult, FreeSyntaxTree>;

struct ParsedSyntax {
  SyntaxTree tree;      ///< null when there is a problem
  std::string problem;  ///< PostgreSQL's own message for a syntax error
};

/// Why `sql` must not be given to libpg_query (NUL bytes, too deep); empty when it may.
std::string unfit_for_parser(std::string_view sql);

ParsedSyntax parse_syntax(std::string_view sql);

/// SQL of the expression with each column reference replaced by the name that `rename` has for it (not in subqueries);
/// nothing where libpg_query cannot write it. The tree is changed while this runs, and the same again afterwards.
std::optional<std::string> expression_sql(Node& expression,
                                          const std::function<std::string(const PgQuery__ColumnRef&)>& rename);

/// libpg_query's fingerprint of `sql`, which must be fit for its parser; nothing where it cannot parse.
std::optional<std::string> syntax_fingerprint(std::string_view sql);

/// What the union holds; nullptr for an empty one, as a list's missing element is.
inline const ProtobufCMessage* content(const Node& node) {
  return node.node_case == PG_QUERY__NODE__NODE__NOT_SET ? nullptr
                                                         : reinterpret_cast<const ProtobufCMessage*>(node.alias);
}

/// Is it a node of that type? The address of a descriptor is the type's name.
template <class Message>
const Message* as(const ProtobufCMessage& message, const ProtobufCMessageDescriptor& type) {
  return message.descriptor == &type ? reinterpret_cast<const Message*>(&message) : nullptr;
}

template <class Message>
const Message* as(const Node* node, const ProtobufCMessageDescriptor& type) {
  const ProtobufCMessage* message = node == nullptr ? nullptr : content(*node);
  return message == nullptr ? nullptr : as<Message>(*message, type);
}

inline const PgQuery__ColumnRef* as_column(const Node* node) {
  return as<PgQuery__ColumnRef>(node, pg_query__column_ref__descriptor);
}
inline const PgQuery__AConst* as_constant(const Node* node) {
  return as<PgQuery__AConst>(node, pg_query__a__const__descriptor);
}
inline const PgQuery__AExpr* as_operation(const Node* node) {
  return as<PgQuery__AExpr>(node, pg_query__a__expr__descriptor);
}
inline const PgQuery__FuncCall* as_function(const Node* node) {
  return as<PgQuery__FuncCall>(node, pg_query__func_call__descriptor);
}
inline const PgQuery__TypeCast* as_cast(const Node* node) {
  return as<PgQuery__TypeCast>(node, pg_query__type_cast__descriptor);
}
inline const PgQuery__SelectStmt* as_select(const Node* node) {
  return as<PgQuery__SelectStmt>(node, pg_query__select_stmt__descriptor);
}
inline const PgQuery__ResTarget* as_target(const Node* node) {
  return as<PgQuery__ResTarget>(node, pg_query__res_target__descriptor);
}
inline const PgQuery__RowExpr* as_row(const Node* node) {
  return as<PgQuery__RowExpr>(node, pg_query__row_expr__descriptor);
}
inline const PgQuery__List* as_list(const Node* node) { return as<PgQuery__List>(node, pg_query__list__descriptor); }

/// The text of a String node; empty for any other.
inline std::string string_of(const Node* node) {
  const auto* text = as<PgQuery__String>(node, pg_query__string__descriptor);
  return text == nullptr ? std::string() : std::string(text->sval);
}

/// The last part of a qualified name: "=" of OPERATOR(pg_catalog.=).
inline std::string last_name(std::size_t count, Node* const* names) {
  return count == 0 ? std::string() : string_of(names[count - 1]);
}

/// A column's name as written, taken apart at the dots; the last part is empty for `*`.
std::vector<std::string> path_of(const PgQuery__ColumnRef& reference);

/// The operator's name, without its schema.
inline std::string operator_of(const PgQuery__AExpr& operation) { return last_name(operation.n_name, operation.name); }

/// The name of a function as written, schema kept; a schema that the grammar itself supplies (extract, LIKE … ESCAPE)
/// is left out.
std::string function_name(const PgQuery__FuncCall& call);

/// The constant's own text, through casts; nothing where the node is no constant. NULL has none.
std::optional<std::string> constant_text(const Node* node);

bool is_null_constant(const Node* node);

/// Calls `visit` with every message below `message`, in the order of the grammar's fields, one level deep.
template <class Visit>
void for_each_child(const ProtobufCMessage& message, Visit visit) {
  if (message.descriptor == &pg_query__node__descriptor) {  // spares the search among its 238 fields
    const ProtobufCMessage* child = content(reinterpret_cast<const Node&>(message));
    if (child != nullptr) visit(*child);
    return;
  }
  const char* bytes = reinterpret_cast<const char*>(&message);
  for (unsigned i = 0; i < message.descriptor->n_fields; ++i) {
    const ProtobufCFieldDescriptor& field = message.descriptor->fields[i];
    if (field.type != PROTOBUF_C_TYPE_MESSAGE) continue;
    if (field.label == PROTOBUF_C_LABEL_REPEATED) {
      const auto count = *reinterpret_cast<const std::size_t*>(bytes + field.quantifier_offset);
      const auto* items = *reinterpret_cast<ProtobufCMessage* const* const*>(bytes + field.offset);
      for (std::size_t item = 0; item < count; ++item) visit(*items[item]);
    } else {  // a union's member outside of Node is a scalar's wrapper (A_Const), of no interest here
      const bool in_union = (field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
      const auto* child = *reinterpret_cast<ProtobufCMessage* const*>(bytes + field.offset);
      if (!in_union && child != nullptr) visit(*child);
    }
  }
}

}  // namespace assay
