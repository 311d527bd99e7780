#include "advisors/rewrites/rewrites.h"

#include <algorithm>

namespace assay {
namespace {

const LoopFinding* loop_of(const Workload& workload, ClassId id) {
  const auto& loops = workload.patterns.loops;
  const auto found =
      std::find_if(loops.begin(), loops.end(), [&](const LoopFinding& loop) { return loop.class_id == id; });
  return found == loops.end() ? nullptr : &*found;
}

double share_of(const QueryClass& query, const Workload& workload) {
  const bool timed = workload.timed_executions > 0;
  const double all = timed ? static_cast<double>(workload.estimated_total.count())
                           : static_cast<double>(workload.estimated_executions);
  const double own =
      timed ? static_cast<double>(query.estimated_total().count()) : static_cast<double>(query.estimated_calls());
  return all > 0 ? own / all : 0;
}

}  // namespace

const std::vector<RewriteRule>& rewrite_rules() {
  static const std::vector<RewriteRule> rules = {
      loop_of_statements,  // many statements become one
      not_in_subquery,     // may give the wrong rows, too
      count_for_existence,
      offset_paging,
      time_zone_expression,
      function_on_column,
      implicit_cast,
      value_any_array,
      text_search_configuration,
      missing_trigrams,
      disjunction_across_tables,
      select_star,
  };
  return rules;
}

const Table* table_of(const RewriteSubject& subject, int relation) {
  if (!subject.catalog || relation < 0) return nullptr;
  const RelationUse& use = subject.statement.relations[static_cast<std::size_t>(relation)];
  return subject.catalog->find_table(use.schema, use.name);
}

const Column* column_of(const RewriteSubject& subject, const ColumnUse& column) {
  const Table* table = table_of(subject, column.relation);
  return table ? find_column(*table, column.name) : nullptr;
}

std::vector<Rewrite> suggest_rewrites(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                      const Catalog* catalog, const std::string& database) {
  std::vector<Rewrite> rewrites;
  for (std::size_t position = 0; position < workload.classes.size(); ++position) {
    const QueryClass& query = workload.classes[position];
    const ClassMeaning& meaning = meanings[position];
    const bool readable = meaning.statement && !query.samples.empty() && query.dialect == SqlDialect::kPostgres;
    const double share = share_of(query, workload);
    if (!readable || query.database != database || share < kLeastShare) continue;
    const RewriteSubject subject{query,   *meaning.statement,          meaning, query.samples.front().sql,
                                 catalog, loop_of(workload, query.id), share};
    for (const RewriteRule rule : rewrite_rules()) {
      const std::optional<RewriteHint> hint = rule(subject);
      if (!hint) continue;
      if (rewrites.size() == kMostRewrites) return rewrites;
      rewrites.push_back(
          {"R" + std::to_string(rewrites.size() + 1), std::string(hint->rule), position, hint->reason, hint->sql});
    }
  }
  return rewrites;
}

}  // namespace assay
