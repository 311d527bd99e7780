// What no index helps: statistics on several columns, and queries to write otherwise.
#include "cli/markdown.h"

namespace assay {

void Markdown::statistics_to_create() {
  if (advice_.statistics.empty()) return;
  heading("statistics", "Statistics to create");
  say("Columns that the planner takes for independent, and that are not. Nothing was planned for these: what a better "
      "estimate is worth shows after ANALYZE, in the plans. CREATE STATISTICS itself takes no time and blocks no "
      "one.\n\n");
  for (const CreateStatistics& item : advice_.statistics) {
    say("**{}**, for {}: {}\n\n", item.id, class_reference(item.position), code_span(item.reason));
    std::string ddl, rollback;
    for (const std::string& statement : item.ddl) ddl += statement + "\n";
    for (const std::string& statement : item.rollback) rollback += statement + "\n";
    say("{}\nTo take it back:\n\n{}\n", code_block(ddl, "sql"), code_block(rollback, "sql"));
  }
}

void Markdown::rewrites() {
  if (advice_.rewrites.empty()) return;
  heading("rewrites", "Queries to write otherwise");
  say("What no index helps. These are hints: nothing was planned for them. Where SQL stands below one, it means the "
      "same "
      "as the statement that it is made from.\n\n");
  for (const Rewrite& item : advice_.rewrites) {
    const QueryClass& query = workload_.classes[item.position];
    say("**{}** ({}), {}, {} of logged {}: {}\n\n{}\n\n", item.id, item.rule, class_reference(item.position),
        share_text(share_of(report_, query)), timed() ? "time" : "executions",
        code_span(shortened(query.normalized, kSqlInTable)), code_span(item.reason));
    if (!item.sql.empty()) say("{}\n", code_block(item.sql + "\n", "sql"));
  }
}

}  // namespace assay
