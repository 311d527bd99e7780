// Ingredients: what a statement's result is made of beside rows and values, at any depth of its text.
//
// Who wants to keep a result asks for these: a function may tell the time, an operator or a cast may heed the session's
// settings, a CTE may write. One generic walk finds them wherever the grammar lets them stand; names are as written,
// not resolved, so that an unknown one stays unknown. What this leaves out: what stands behind a name (views, functions
// of one's own), which only a catalog knows.
#pragma once

#include <string>
#include <vector>

namespace assay {

struct CalledFunction {
  std::string name;   ///< schema kept where written, but for pg_catalog
  int arguments = 0;  ///< of this call; 0 for current_date and kin, and for count(*)

  auto operator<=>(const CalledFunction&) const = default;
};

struct Ingredients {
  std::vector<CalledFunction> functions;  ///< each once with so many arguments
  std::vector<std::string> operators;     ///< each once, schema kept where written: "=", "||"; LIKE is "~~"
  std::vector<std::string> casts;     ///< types that values are cast to, each once: "text", "timestamptz", "regclass"
  std::vector<std::string> operands;  ///< names of columns below an operator, or in USING; each once
  std::vector<std::string> outputs;   ///< names of columns below a select list, however deep; each once
  bool reads_system_columns = false;  ///< ctid, xmin and kin, which change without a write
  bool changes_data = false;          ///< INSERT, UPDATE, DELETE, MERGE or INTO stands in it, however deep
  bool locks_rows = false;            ///< FOR UPDATE, FOR SHARE and kin
  bool samples_rows = false;          ///< TABLESAMPLE without REPEATABLE
  bool clock_literal = false;         ///< 'now', 'today' and kin, which a date or a time stamp reads by the clock
  bool has_literals = false;          ///< a text in quotes, whatever it is for
  bool zoneless_literal = false;      ///< one that looks like a moment and says no time zone: '2026-11-24 10:00'
  bool loose_moment = false;          ///< one of those stands below no operator: coalesce(at, '2026-11-24')
  bool styled_literal = false;        ///< one that looks like a date that DateStyle explains: '1/2/2026'
};

}  // namespace assay
