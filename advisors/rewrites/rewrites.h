// Rewrites: what no index can help, told as hints, with the SQL where the rewritten text surely means the same.
//
// Each rule looks at one class. One rule, one file. A hint has no figure: nothing was planned for it.
// Leaves out: classes that hardly take any time, and everything that only the application's code could tell.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/recommendation.h"
#include "analyzer/catalog.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

/// What a rule looks at.
struct RewriteSubject {
  const QueryClass& query;
  const Statement& statement;
  const ClassMeaning& meaning;
  const std::string& sql;   ///< one of its texts, that the statement was read from
  const Catalog* catalog;   ///< null: nothing is known of the tables
  const LoopFinding* loop;  ///< of this class; null: none
  double share = 0;         ///< of the logged time, 0 to 1
};

struct RewriteHint {
  std::string_view rule;  ///< "not-in-subquery"
  std::string reason;     ///< one or two sentences
  std::string sql;        ///< the rewritten text; empty where none is surely the same
};

using RewriteRule = std::optional<RewriteHint> (*)(const RewriteSubject&);

std::optional<RewriteHint> function_on_column(const RewriteSubject& subject);
std::optional<RewriteHint> time_zone_expression(const RewriteSubject& subject);
std::optional<RewriteHint> offset_paging(const RewriteSubject& subject);
std::optional<RewriteHint> not_in_subquery(const RewriteSubject& subject);
std::optional<RewriteHint> implicit_cast(const RewriteSubject& subject);
std::optional<RewriteHint> select_star(const RewriteSubject& subject);
std::optional<RewriteHint> disjunction_across_tables(const RewriteSubject& subject);
std::optional<RewriteHint> count_for_existence(const RewriteSubject& subject);
std::optional<RewriteHint> value_any_array(const RewriteSubject& subject);
std::optional<RewriteHint> text_search_configuration(const RewriteSubject& subject);
std::optional<RewriteHint> missing_trigrams(const RewriteSubject& subject);
std::optional<RewriteHint> loop_of_statements(const RewriteSubject& subject);

/// All of them, those that change most first.
const std::vector<RewriteRule>& rewrite_rules();

/// Hints for the classes of `database`, in the workload's order, at most kMostRewrites.
std::vector<Rewrite> suggest_rewrites(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                      const Catalog* catalog, const std::string& database);

inline constexpr std::size_t kMostRewrites = 30;
/// Of the logged time: below, nobody wins anything by a rewrite.
inline constexpr double kLeastShare = 0.001;

// Shared by the rules.

/// The table that a column's relation is; nullptr where it is not known.
const Table* table_of(const RewriteSubject& subject, int relation);
const Column* column_of(const RewriteSubject& subject, const ColumnUse& column);

}  // namespace assay
