// Queries to write otherwise: what no index helps.
#include "cli/markdown.h"

namespace assay {

void Markdown::rewrites() {
  if (advice_.rewrites.empty()) return;
  say("<a id=\"rewrites\"></a>\n\n## Queries to write otherwise\n\n");
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
