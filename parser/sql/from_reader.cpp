// FROM and WITH: what a level can name.
#include <algorithm>
#include <array>

#include "parser/sql/statement_reader.h"
#include "parser/sql/value_kinds.h"

namespace assay {
namespace {

/// Functions with one column, which takes the alias' name, and those with columns of fixed names
/// (addRangeTableEntryForFunction). A function that is not listed may offer any column.
constexpr std::array<std::string_view, 12> kScalarFunctions = {
    "generate_series", "unnest",          "generate_subscripts", "regexp_split_to_table",
    "string_to_table", "regexp_matches",  "jsonb_object_keys",   "json_object_keys",
    "to_tsquery",      "plainto_tsquery", "phraseto_tsquery",    "websearch_to_tsquery"};
constexpr std::array<std::string_view, 4> kElementFunctions = {"jsonb_array_elements", "jsonb_array_elements_text",
                                                               "json_array_elements", "json_array_elements_text"};
constexpr std::array<std::string_view, 4> kPairFunctions = {"jsonb_each", "jsonb_each_text", "json_each",
                                                            "json_each_text"};

template <std::size_t kSize>
bool contains(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_computed(Columns& columns, const std::string& name) {
  columns.named.push_back({name, {{-1, name}, Reach::kNone}});
}

void add_columns_of(const PgQuery__FuncCall& call, const std::string& alias, Columns& columns) {
  const std::string name = last_name(call.n_funcname, call.funcname);
  if (contains(kPairFunctions, name)) {
    add_computed(columns, "key");
    add_computed(columns, "value");
  } else if (contains(kElementFunctions, name)) {
    add_computed(columns, "value");
    add_computed(columns, alias.empty() ? name : alias);
  } else {
    add_computed(columns, alias.empty() ? name : alias);
    columns.more = !contains(kScalarFunctions, name);
  }
}

std::string name_of(const PgQuery__Alias* alias) { return alias == nullptr ? std::string() : alias->aliasname; }

}  // namespace

Columns renamed(Columns columns, std::size_t count, Node* const* names) {
  if (count == 0) return columns;
  if (!columns.open.empty() || columns.more) {  // which names stand behind a `*` is not known here
    Columns with_names;
    for (std::size_t i = 0; i < count; ++i) add_computed(with_names, string_of(names[i]));
    with_names.add(columns);
    return with_names;
  }
  for (std::size_t i = 0; i < std::min(count, columns.named.size()); ++i) columns.named[i].name = string_of(names[i]);
  return columns;
}

int StatementReader::relation(const PgQuery__RangeVar& name, bool is_written, const Scope* listed_in) {
  RelationUse use;
  use.schema = name.schemaname;
  use.name = name.relname;
  use.alias = name_of(name.alias);
  use.written = is_written;
  statement_.relations.push_back(std::move(use));
  const int index = static_cast<int>(statement_.relations.size()) - 1;
  if (listed_in != nullptr) block_of(*listed_in).relations.push_back(index);
  return index;
}

FromItem StatementReader::relation_item(int relation) const {
  const RelationUse& use = statement_.relations[relation];
  FromItem item;
  item.name = use.name;
  item.schema = use.schema;
  item.columns.open.push_back({relation});
  return item;
}

/// What an UPDATE, DELETE or MERGE writes to: never a CTE, even of the same name.
int StatementReader::target(const PgQuery__RangeVar& name, Scope& scope) {
  const int index = relation(name, true, &scope);
  push_item(relation_item(index), name.alias, scope);
  return index;
}

void StatementReader::push_item(FromItem item, const PgQuery__Alias* alias, Scope& scope) {
  if (alias != nullptr) {
    item.name = alias->aliasname;
    item.aliased = true;
    item.columns = renamed(std::move(item.columns), alias->n_colnames, alias->colnames);
  }
  scope.items.push_back(std::move(item));
}

void StatementReader::from_list(std::size_t count, Node* const* items, Scope& scope) {
  for (std::size_t i = 0; i < count; ++i) from_item(items[i], scope);
}

void StatementReader::from_item(const Node* node, Scope& scope) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      return table(*node->range_var, scope);
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
      return subquery(*node->range_subselect, scope);
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
      return join(*node->join_expr, scope);
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
      return function_item(*node->range_function, scope);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC:
      return table_function(*node->range_table_func, scope);
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
      expressions(node->range_table_sample->n_args, node->range_table_sample->args, scope);
      return from_item(node->range_table_sample->relation, scope);
    default:
      return;
  }
}

void StatementReader::table(const PgQuery__RangeVar& name, Scope& scope) {
  const Cte* cte = find_cte(name);
  if (cte == nullptr) return push_item(relation_item(relation(name, false, &scope)), name.alias, scope);
  if (!may_copy(cte->columns)) return;
  FromItem item;
  item.name = name.relname;
  item.columns = cte->columns;
  push_item(std::move(item), name.alias, scope);
}

/// Without LATERAL a subquery does not see the items beside it.
void StatementReader::subquery(const PgQuery__RangeSubselect& subquery, Scope& scope) {
  FromItem item;
  if (subquery.lateral != 0) {
    item.columns = any_statement(subquery.subquery, &scope, Purpose::kTable);
  } else {
    Scope outside;  // this level without its items
    outside.parent = scope.parent;
    outside.block = scope.block;
    outside.depth = scope.depth;
    item.columns = any_statement(subquery.subquery, &outside, Purpose::kTable);
  }
  push_item(std::move(item), subquery.alias, scope);
}

void StatementReader::function_item(const PgQuery__RangeFunction& function, Scope& scope) {
  FromItem item;
  for (std::size_t i = 0; i < function.n_functions; ++i) {
    const PgQuery__List* parts = as_list(function.functions[i]);  // the call and its column definitions
    if (parts == nullptr || parts->n_items == 0) continue;
    expression(parts->items[0], scope);
    if (const PgQuery__FuncCall* call = as_function(parts->items[0])) {
      add_columns_of(*call, name_of(function.alias), item.columns);
      if (item.name.empty()) item.name = last_name(call->n_funcname, call->funcname);
    }
  }
  if (function.ordinality != 0) add_computed(item.columns, "ordinality");
  for (std::size_t i = 0; i < function.n_coldeflist; ++i) {
    add_computed(item.columns, function.coldeflist[i]->column_def->colname);
    item.columns.more = false;
  }
  for (std::size_t i = 0; function.alias != nullptr && i < function.alias->n_colnames; ++i) {
    add_computed(item.columns, string_of(function.alias->colnames[i]));
    item.columns.more = false;
  }
  if (function.alias != nullptr) item.name = function.alias->aliasname;
  scope.items.push_back(std::move(item));
}

/// XMLTABLE.
void StatementReader::table_function(const PgQuery__RangeTableFunc& function, Scope& scope) {
  FromItem item;
  expression(function.docexpr, scope);
  expression(function.rowexpr, scope);
  for (std::size_t i = 0; i < function.n_columns; ++i) {
    add_computed(item.columns, function.columns[i]->range_table_func_col->colname);
  }
  push_item(std::move(item), function.alias, scope);
}

// Joins -----------------------------------------------------------------------------------------

void StatementReader::join(const PgQuery__JoinExpr& join, Scope& scope) {
  const std::size_t begin = scope.items.size(), merged = scope.merged.size();
  from_item(join.larg, scope);
  const std::size_t middle = scope.items.size();
  from_item(join.rarg, scope);
  const bool is_full = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
  if (is_full || join.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT) mark_nullable(scope, middle, scope.items.size());
  if (is_full || join.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT) mark_nullable(scope, begin, middle);
  scope.natural = scope.natural || join.is_natural != 0;
  join_using(join, begin, middle, scope);
  join_on(join, begin, middle, scope);
  if (join.alias != nullptr) join_alias(join, begin, merged, scope);
}

namespace {

std::set<int> relations_of(const Scope& scope, std::size_t begin, std::size_t end) {
  std::set<int> relations;
  for (std::size_t i = begin; i < end; ++i) {
    for (const OpenRelation& open : scope.items[i].columns.open) relations.insert(open.relation);
    for (const Output& output : scope.items[i].columns.named) relations.insert(output.source.column.relation);
  }
  relations.erase(-1);
  return relations;
}

}  // namespace

void StatementReader::mark_nullable(const Scope& scope, std::size_t begin, std::size_t end) {
  for (const int relation : relations_of(scope, begin, end)) statement_.relations[relation].nullable = true;
}

/// One name for a column of either side: an equality, and for those around it the side that has all rows.
void StatementReader::join_using(const PgQuery__JoinExpr& join, std::size_t begin, std::size_t middle, Scope& scope) {
  for (std::size_t i = 0; i < join.n_using_clause; ++i) {
    const std::string name = string_of(join.using_clause[i]);
    const Source left = resolver_.resolve_among(name, scope, begin, middle);
    const Source right = resolver_.resolve_among(name, scope, middle, scope.items.size());
    read_source(left);
    read_source(right);
    compare("=", operand_of(left), operand_of(right), {scope});
    Output output{name, join.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT ? right : left};
    if (join.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL) output.source = {{-1, name}, Reach::kNone};
    scope.merged.push_back({std::move(output), begin});
  }
  if (join.join_using_alias == nullptr) return;
  FromItem item;
  item.name = join.join_using_alias->aliasname;
  item.qualified_only = true;
  for (std::size_t i = scope.merged.size() - join.n_using_clause; i < scope.merged.size(); ++i) {
    item.columns.named.push_back(scope.merged[i].output);
  }
  scope.items.push_back(std::move(item));
}

/// A condition in ON on the side of an outer join that keeps all its rows does not narrow that side.
void StatementReader::join_on(const PgQuery__JoinExpr& join, std::size_t begin, std::size_t middle, Scope& scope) {
  if (join.quals == nullptr) return;
  const std::size_t first_predicate = statement_.predicates.size();
  const std::size_t outer_first = scope.first;
  scope.first = begin;
  conditions(join.quals, {scope});
  scope.first = outer_first;
  std::set<int> kept;
  const bool is_full = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
  if (is_full || join.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT) kept = relations_of(scope, begin, middle);
  if (is_full || join.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT) {
    kept.merge(relations_of(scope, middle, scope.items.size()));
  }
  for (std::size_t i = first_predicate; i < statement_.predicates.size(); ++i) {
    Predicate& predicate = statement_.predicates[i];
    const bool joins = predicate.kind == PredicateKind::kJoin || predicate.other.relation >= 0;
    if (predicate.block == scope.block && !joins && kept.contains(predicate.column.relation))
      predicate.conjunct = false;
  }
}

/// (a JOIN b …) AS name hides a and b.
void StatementReader::join_alias(const PgQuery__JoinExpr& join, std::size_t begin, std::size_t merged, Scope& scope) {
  FromItem item;
  for (std::size_t i = merged; i < scope.merged.size(); ++i) item.columns.named.push_back(scope.merged[i].output);
  for (std::size_t i = begin; i < scope.items.size(); ++i) {
    const FromItem& hidden = scope.items[i];
    if (!hidden.qualified_only && may_copy(hidden.columns)) item.columns.add(hidden.columns);
  }
  scope.merged.resize(merged);
  scope.items.resize(begin);
  push_item(std::move(item), join.alias, scope);
}

// WITH ------------------------------------------------------------------------------------------

/// A CTE sees those before it; in WITH RECURSIVE also itself and those behind it.
void StatementReader::with(const PgQuery__WithClause* clause, const Scope& scope) {
  if (clause == nullptr) return;
  const auto push = [&](std::size_t i) {
    const PgQuery__CommonTableExpr* node = clause->ctes[i]->common_table_expr;
    Columns not_yet_known;
    not_yet_known.more = true;
    ctes_.push_back(
        {node->ctename, renamed(std::move(not_yet_known), node->n_aliascolnames, node->aliascolnames), node});
    cte_facts_.try_emplace(node);
  };
  const std::size_t first = ctes_.size();
  for (std::size_t i = 0; clause->recursive != 0 && i < clause->n_ctes; ++i) push(i);
  for (std::size_t i = 0; i < clause->n_ctes; ++i) {
    if (clause->recursive != 0) {
      cte(first + i, scope);
    } else {
      const std::size_t hidden = ctes_.size();
      push(i);
      ctes_[hidden].name.clear();  // not in its own sight
      cte(hidden, scope);
      ctes_[hidden].name = clause->ctes[i]->common_table_expr->ctename;
    }
  }
}

/// Reads the body once, however often the CTE is used.
void StatementReader::cte(std::size_t index, const Scope& scope) {
  const PgQuery__CommonTableExpr& node = *ctes_[index].node;
  const bool inlined = is_inlined(node);
  const int volatile_before = volatile_calls_;
  ctes_[index].open = true;
  Columns columns = any_statement(node.ctequery, &scope, inlined ? Purpose::kTable : Purpose::kRows);
  if (!inlined) columns.limit(Reach::kNone);
  ctes_[index].open = false;
  ctes_[index].columns = renamed(std::move(columns), node.n_aliascolnames, node.aliascolnames);
  cte_facts_[&node].is_volatile = volatile_calls_ != volatile_before;
}

/// subselect.c, SS_process_ctes: PostgreSQL 12 and later. NOT MATERIALIZED makes a copy for each reference, and what is
/// asked of one copy must not be added to what is asked of another: it counts as inlined when used once only.
bool StatementReader::is_inlined(const PgQuery__CommonTableExpr& cte) const {
  const auto known = known_ctes_.find(&cte);
  const CteFacts facts = known == known_ctes_.end() ? CteFacts{} : known->second;
  const PgQuery__SelectStmt* select = as_select(cte.ctequery);
  return select != nullptr && select->n_locking_clause == 0 && !facts.recursive && !facts.is_volatile &&
         facts.references <= 1 && cte.ctematerialized != PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways;
}

StatementReader::Cte* StatementReader::find_cte(const PgQuery__RangeVar& name) {
  if (*name.schemaname != '\0') return nullptr;
  for (auto cte = ctes_.rbegin(); cte != ctes_.rend() && resolver_.charge(1); ++cte) {
    if (cte->name != name.relname) continue;
    CteFacts& facts = cte_facts_[cte->node];
    ++facts.references;
    facts.recursive = facts.recursive || cte->open;
    return &*cte;
  }
  return nullptr;
}

}  // namespace assay
