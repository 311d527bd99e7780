// What operators, constants, patterns and function names say by themselves, without any scope.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parser/sql/statement.h"
#include "parser/sql/syntax_tree.h"

namespace assay {

/// `operation` with its sides exchanged: < becomes >. Those without a counterpart stay.
std::string flipped(const std::string& operation);

/// `operation` negated: = becomes <>; nothing where SQL has no such operator.
std::optional<std::string> negated(const std::string& operation);

/// The kind of `column operation value`. There are no types here, so @> and <@ go by the value: an array's or a range's
/// form or cast tells it, all else (a parameter above all) counts as json, whose kind of index, GIN, serves arrays too.
PredicateKind kind_of_operator(const std::string& operation, const Node* value);

/// Where the wildcards of a LIKE pattern stand: kLikePrefix, kLikeInfix or kLikeParameter. In a concatenation ($1 ||
/// '%') an unknown part counts as text without wildcards, since the statement itself adds them.
PredicateKind kind_of_pattern(const Node* pattern);

/// ~~, ~~* and their negations: LIKE and ILIKE as operators, the latter without regard to case.
bool is_like_operator(std::string_view operation);
bool ignores_case(std::string_view operation);

/// The pattern, when all of it stands in the text; else empty.
std::string pattern_text(const Node* pattern);

/// The type that the text gives to a value: that of a cast (numeric, int8, as the grammar calls it), "numeric" for a
/// number with a point; empty where it does not tell.
std::string type_of_value(const Node* value);

/// ->, ->>, #> or #>>, when `node` takes a json value apart, through casts; else empty.
std::string json_access(const Node* node);

/// Well-known names; a function of one's own may be anything.
bool is_aggregate(const PgQuery__FuncCall& call);
bool is_volatile(std::string_view function);

/// The name that PostgreSQL gives to a column of a select list without an alias (FigureColname).
std::string column_name(const Node* expression);

/// current_date, current_user …: functions that are written without parentheses.
std::string_view value_function_name(PgQuery__SQLValueFunctionOp operation);

}  // namespace assay
