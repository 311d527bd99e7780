#include "tests/parser/sql/statement_meaning.h"

#include <vector>

namespace assay {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? std::string() : std::string(separator)) + part;
  return text;
}

std::string name_of(const Statement& statement, const ColumnUse& column) {
  if (column.relation < 0) return column.name.empty() ? "?" : "?." + column.name;
  const RelationUse& use = statement.relations.at(column.relation);
  return (use.alias.empty() ? use.name : use.alias) + "." + column.name;
}

std::string mark_of(const Predicate& predicate) {
  switch (predicate.kind) {
    case PredicateKind::kLikePrefix:
      return " {prefix}";
    case PredicateKind::kLikeInfix:
      return " {infix}";
    case PredicateKind::kLikeParameter:
      return " {parameter}";
    case PredicateKind::kNotEqual:
      return " {not}";
    case PredicateKind::kJson:
      return " {json}";
    case PredicateKind::kArray:
      return " {array}";
    case PredicateKind::kFullText:
      return " {text}";
    case PredicateKind::kFunction:
      return " {function}";
    case PredicateKind::kOther:
      return " {other}";
    default:
      return "";
  }
}

std::string text_of(const Statement& statement, const Predicate& predicate) {
  const bool joins = predicate.kind == PredicateKind::kJoin;
  std::string text = name_of(statement, predicate.column);
  if (!predicate.expression.empty()) text += ": " + predicate.expression;
  if (!predicate.operation.empty()) text += joins && predicate.operation == "=" ? " ==" : " " + predicate.operation;
  if (joins || predicate.other.relation >= 0) text += " " + name_of(statement, predicate.other);
  if (!predicate.value.empty()) text += " " + predicate.value;
  text += mark_of(predicate);
  if (predicate.volatile_value) text += " {volatile}";
  if (!predicate.conjunct) text = "(" + text + ")";
  return predicate.block == 0 ? text : std::to_string(predicate.block) + ": " + text;
}

std::string text_of(const Statement& statement, const OrderItem& item) {
  std::string text = item.expression.empty() ? name_of(statement, item.column) : item.expression;
  if (item.descending) text += " desc";
  if (item.nulls_first != item.descending) text += item.nulls_first ? " nulls first" : " nulls last";
  return text;
}

std::string text_of(const Statement& statement, const QueryBlock& block) {
  std::vector<std::string> order, group, parts;
  for (const OrderItem& item : block.order) order.push_back(text_of(statement, item));
  for (const ColumnUse& column : block.group) group.push_back(name_of(statement, column));
  if (!group.empty()) parts.push_back("group " + joined(group, ", "));
  if (!order.empty()) parts.push_back("order " + joined(order, ", "));
  if (block.distinct) parts.push_back("distinct");
  if (block.aggregates) parts.push_back("aggregates");
  if (block.correlated) parts.push_back("correlated");
  if (block.has_limit) parts.push_back("limit");
  if (block.has_offset) parts.push_back("offset");
  return joined(parts, " ");
}

std::string listed(const Statement& statement, const std::vector<ColumnUse>& columns) {
  std::vector<std::string> names;
  for (const ColumnUse& column : columns) names.push_back(name_of(statement, column));
  return joined(names, ", ");
}

std::string text_of(const RelationUse& use) {
  std::string text = use.schema.empty() ? use.name : use.schema + "." + use.name;
  if (!use.alias.empty()) text += " " + use.alias;
  if (use.written) text += " written";
  if (use.all_columns) text += " *";
  if (use.nullable) text += " nullable";
  return text;
}

}  // namespace

std::string meaning(std::string_view sql, const ColumnOracle& has_column) {
  const ParsedStatement parsed = parse_statement(sql, has_column);
  if (!parsed.statement) return parsed.problem;
  std::vector<std::string> predicates, parts;
  for (const Predicate& predicate : parsed.statement->predicates) {
    predicates.push_back(text_of(*parsed.statement, predicate));
  }
  if (!predicates.empty()) parts.push_back(joined(predicates, ", "));
  for (std::size_t i = 0; i < parsed.statement->blocks.size(); ++i) {
    const std::string text = text_of(*parsed.statement, parsed.statement->blocks[i]);
    if (!text.empty()) parts.push_back(i == 0 ? text : std::to_string(i) + ": " + text);
  }
  if (parsed.statement->unresolved_columns > 0) {
    parts.push_back(std::to_string(parsed.statement->unresolved_columns) + " unresolved");
  }
  return joined(parts, "; ");
}

std::string relations(std::string_view sql, const ColumnOracle& has_column) {
  const ParsedStatement parsed = parse_statement(sql, has_column);
  if (!parsed.statement) return parsed.problem;
  std::vector<std::string> names;
  for (const RelationUse& use : parsed.statement->relations) names.push_back(text_of(use));
  return joined(names, ", ");
}

std::string columns_read(std::string_view sql, const ColumnOracle& has_column) {
  const ParsedStatement parsed = parse_statement(sql, has_column);
  return parsed.statement ? listed(*parsed.statement, parsed.statement->columns_read) : parsed.problem;
}

std::string columns_written(std::string_view sql) {
  const ParsedStatement parsed = parse_statement(sql);
  return parsed.statement ? listed(*parsed.statement, parsed.statement->columns_written) : parsed.problem;
}

std::string functions(std::string_view sql) {
  const ParsedStatement parsed = parse_statement(sql);
  return parsed.statement ? joined(parsed.statement->functions, ", ") : parsed.problem;
}

std::string problem(std::string_view sql) {
  const ParsedStatement parsed = parse_statement(sql);
  return parsed.statement ? "none" : parsed.problem;
}

}  // namespace assay
