// The recommendations: a table to choose from, and a section each to review and paste from.
#include <algorithm>

#include "cli/markdown.h"

namespace assay {

void Markdown::recommendations() {
  if (advice_.recommendations.empty()) return;
  say("<a id=\"recommendations\"></a>\n\n## Recommendations\n\n");
  if (advice_.recommendations.front().evidence == Evidence::kNone) return unweighed_table();
  recommendation_table();
  for (const Recommendation& item : advice_.recommendations) recommendation(item);
}

void Markdown::recommendation_table() {
  say("|  | create index on | saves | of the judged {} | size | serves | evidence |\n", base());
  say("|---|---|---:|---:|---:|---:|---|\n");
  for (const Recommendation& item : advice_.recommendations) {
    say("| [{}](#{}) | {} | {} | {} | {} | {} | {} |\n", item.id, lower(item.id), table_code_span(title_of(item)),
        gain_text(item.gain_ms_per_s), share_text(item.gain_ms_per_s / advice_.selection->objective_before),
        bytes_text(item.size_bytes), plural(item.queries.size(), "class", "classes"), to_string(item.evidence));
  }
  say("\nEach row's saving counts with the rows above it in place, so the column adds up to the whole.{}\n\n",
      timed() && workload_.span() ? " 1 ms/s is a millisecond of logged time in every second." : "");
  say("`CREATE INDEX CONCURRENTLY` reads the table twice and waits for transactions that are open; reads and writes go "
      "on "
      "meanwhile. It cannot run inside a transaction, and leaves an invalid index behind when it fails: drop that, and "
      "try again. One at a time, the first rows first, and look at the log again before the last ones.\n\n");
}

void Markdown::unweighed_table() {
  say("Candidates only: no planner was asked whether they help, and what they cost the writers is not counted.{}\n\n",
      report_.catalog ? "" : " Without a catalog it is not known either which of them exist already.");
  say("|  | index on | asked for by | reason |\n|---|---|---|---|\n");
  for (const Recommendation& item : advice_.recommendations) {
    std::string classes;
    for (std::size_t i = 0; i < std::min(item.queries.size(), kServedShown); ++i) {
      classes += (i > 0 ? ", " : "") + class_reference(item.queries[i].position);
    }
    say("| {} | {} | {} | {} |\n", item.id, table_code_span(title_of(item)), classes,
        table_code_span(item.reasons.front()));
  }
  say("\n");
}

void Markdown::recommendation(const Recommendation& item) {
  say("<a id=\"{}\"></a>\n\n### {}: {}\n\n", lower(item.id), item.id, code_span(title_of(item)));
  std::string ddl;
  for (const std::string& statement : item.ddl) ddl += statement + "\n";
  say("{}\n", code_block(ddl, "sql"));
  evidence(item);
  served_queries(item);
  plans(item);
  std::string rollback;
  for (const std::string& statement : item.rollback) rollback += statement + "\n";
  say("To take it back:\n\n{}\n", code_block(rollback, "sql"));
}

void Markdown::evidence(const Recommendation& item) {
  for (const std::string& reason : item.reasons) say("- Why: {}\n", code_span(reason));
  say("- Saves {} ({}), about {} on disk when fresh.\n", gain_text(item.gain_ms_per_s), to_string(item.evidence),
      bytes_text(item.size_bytes));
  const auto& created = std::get<CreateIndex>(item.change);
  writers(created.writes);
  for (const std::string& name : created.redundant) {
    say("- Makes {} superfluous, whose keys it begins with: drop that one once this one is in use.\n", code_span(name));
  }
  say("\n");
}

void Markdown::writers(const WriteLoad& load) {
  if (load.inserts + load.updates_of_columns + load.deletes == 0) {
    say("- Writers: the log shows no INSERT, UPDATE of its columns or DELETE on this table; COPY is not counted.\n");
    return;
  }
  std::vector<std::string> kinds;
  if (load.inserts > 0) kinds.push_back("INSERT " + write_rate_text(load.inserts));
  if (load.updates_of_columns > 0) kinds.push_back("UPDATE of its columns " + write_rate_text(load.updates_of_columns));
  if (load.deletes > 0) kinds.push_back("DELETE " + write_rate_text(load.deletes));
  say("- Writers: {}", fmt::join(kinds, ", "));
  if (timed()) {
    say("; keeping it costs them about {}, taken off above.\n", gain_text(load.price_ms_per_s));
  } else {
    say("; what keeping it costs them is not known.\n");
  }
}

void Markdown::served_queries(const Recommendation& item) {
  say("| serves | calls | {} | cost before | cost after | statement |\n|---|---:|---:|---:|---:|---|\n", base());
  for (std::size_t i = 0; i < std::min(item.queries.size(), kServedShown); ++i) {
    const ServedQuery& served = item.queries[i];
    const QueryClass& query = workload_.classes[served.position];
    say("| {} | {} | {} | {} | {} | {} |\n", class_reference(served.position), count_text(query.estimated_calls()),
        share_text(share_of(report_, query)), cost_text(served.cost_before), cost_text(served.cost_after),
        table_code_span(shortened(query.normalized, kSqlInTable)));
  }
  if (item.queries.size() > kServedShown) say("\n… and {} more.\n", item.queries.size() - kServedShown);
  say("\n");
}

void Markdown::plans(const Recommendation& item) {
  for (const ServedQuery& served : item.queries) {
    if (!served.plan_before || !served.plan_after) continue;
    say("Plan of {} before:\n\n{}\n", class_reference(served.position), code_block(to_string(*served.plan_before), ""));
    say("and with this index:\n\n{}\n", code_block(to_string(*served.plan_after), ""));
  }
}

}  // namespace assay
