// A statement of MySQL's or MariaDB's, rewritten so that PostgreSQL's parser reads it: which tables, which functions,
// which locks.
//
// Token by token: names in backticks become names in quotes, all in lower case (two names that differ in case alone are
// taken for one); LIMIT a, b, INTERVAL, <=>, REGEXP, MATCH … AGAINST, casts, index hints and modifiers get a form that
// PostgreSQL knows. Tables, functions, locks and whether something is written are kept; types, operators and values are
// not, so the rewritten text is for reading alone, never to be executed or shown. User and system variables become
// calls of "@user_variable"() and "@@system_variable"(), SQL_CALC_FOUND_ROWS a call of itself. What this leaves out:
// UPDATE and DELETE of several tables, joins without a condition, and commands, which PostgreSQL has in other forms;
// what it makes of those does not parse.
#pragma once

#include <string>
#include <string_view>

namespace assay {

std::string rewrite_mysql(std::string_view sql);

}  // namespace assay
