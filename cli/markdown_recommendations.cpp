// The recommendations to create an index: a table to choose from, and a section each to review and paste from.
#include <algorithm>

#include "cli/markdown.h"
#include "cli/verdict.h"

namespace assay {
namespace {

constexpr double kToldShare = 0.001;  // of the judged statements' time; writers that pay less are told as a sum

}  // namespace

void Markdown::recommendations() {
  if (count_of<CreateIndex>(advice_) == 0) return;
  heading("recommendations", "Recommendations");
  if (advice_.recommendations.front().evidence == Evidence::kNone) return unweighed_table();
  recommendation_table();
  regressions();
  for (const Recommendation& item : advice_.recommendations) {
    if (std::holds_alternative<CreateIndex>(item.change)) recommendation(item);
  }
}

void Markdown::recommendation_table() {
  say("|  | create index on | saves | of the judged {} | size | serves | evidence |\n", base());
  say("|---|---|---:|---:|---:|---:|---|\n");
  for (const Recommendation& item : advice_.recommendations) {
    if (!std::holds_alternative<CreateIndex>(item.change)) continue;
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
  say("{}\n\n", verdict(item, advice_, gain_text(item.gain_ms_per_s), timed()));
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
  say("- Without it, all the others in place, {} of the saving would be lost.\n", gain_text(created.marginal_ms_per_s));
  writers(created.writes);
  build(created);
  for (const std::size_t position : created.fragile) {
    say("- Fragile: if the rows at the foot of a nested loop are ten times as many as estimated, {} is slower with it "
        "than today. Its gain is not counted; look at it after the index is made.\n",
        class_reference(position));
  }
  for (const std::string& name : created.redundant) {
    say("- Makes {} superfluous, whose keys it begins with: drop that one once this one is in use.\n", code_span(name));
  }
  say("\n");
}

void Markdown::build(const CreateIndex& created) {
  const BuildEffort& effort = created.build;
  say("- Building it: about {}: {} read in two passes, {} sorted (assumed: 200 MB and a million rows a second). ",
      milliseconds_text(1e3 * effort.seconds), bytes_text(static_cast<std::int64_t>(effort.pages_read) * 8192),
      plural(static_cast<std::size_t>(effort.rows_sorted), "row", "rows"));
  if (created.partitioned) {
    say("ON ONLY the parent takes a lock against writes for a moment; partition by partition it is concurrent, and "
        "ATTACH is quick. The whole is valid when the last one is attached. Taking it back locks all partitions, "
        "briefly.\n");
  } else {
    say("Reads and writes go on (SHARE UPDATE EXCLUSIVE); no VACUUM, ANALYZE or other DDL on the table meanwhile.\n");
  }
}

void Markdown::regressions() {
  if (advice_.regressions.empty()) return;
  say("**What becomes slower** by more than 5 %, with all of these in place:\n\n");
  // A log has many writers that pay next to nothing each: those are told as a sum.
  const double least = kToldShare * (advice_.selection ? advice_.selection->objective_before : 0);
  std::vector<const Regression*> told;
  std::size_t folded = 0;
  double folded_price = 0;
  for (const Regression& item : advice_.regressions) {
    if (item.writes && item.price_ms_per_s < least) {
      ++folded;
      folded_price += item.price_ms_per_s;
    } else {
      told.push_back(&item);
    }
  }
  const std::size_t shown = std::min(told.size(), kEventsShown);
  if (shown > 0) {
    say("| class | why | costs | cost before | cost after | indexes | statement |\n|---|---|---:|---:|---:|---|---|\n");
  }
  for (std::size_t i = 0; i < shown; ++i) {
    const Regression& item = *told[i];
    const QueryClass& query = workload_.classes[item.position];
    std::string indexes;
    for (const std::string& name : item.indexes) indexes += (indexes.empty() ? "" : ", ") + name;
    say("| {} | {} | {} | {} | {} | {} | {} |\n", class_reference(item.position),
        item.writes    ? "keeps the new indexes"
        : item.generic ? "its plan for any value"
                       : "its plan",
        item.generic ? std::string("–") : gain_text(item.price_ms_per_s), cost_text(item.cost_before),
        cost_text(item.cost_after), table_code_span(indexes),
        table_code_span(shortened(query.normalized, kSqlInTable)));
  }
  more(told.size(), shown, "classes");
  if (folded > 0) {
    const char* more = shown > 0 ? " more" : "";
    say("{}{} the new indexes{}, for {} of the time of all statements or less each: {} together.\n",
        shown > 0 ? "\n" : "",
        folded == 1 ? fmt::format("One{} class of writes keeps", more)
                    : fmt::format("{}{} classes of writes keep", folded, more),
        shown > 0 ? " as well" : "", share_text(kToldShare), gain_text(folded_price));
  }
  say("\nIt is already taken off the savings above{}.\n\n",
      std::any_of(advice_.regressions.begin(), advice_.regressions.end(), [](const auto& r) { return r.generic; })
          ? ", but for plans for any value, which a prepared statement may use from its sixth execution on: set "
            "`plan_cache_mode = force_custom_plan` for those"
          : "");
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
    say("; keeping it costs them about {}, taken off above.", gain_text(load.price_ms_per_s));
    if (load.hot_updates_lost > 0) {
      say(" Of these updates {} are HOT today and no longer will be: they then keep every index of the table.",
          write_rate_text(load.hot_updates_lost));
    }
    say("\n");
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
    say("<details><summary>Plan of {} before, and with this index</summary>\n\n",
        class_name(workload_.classes[served.position].id).substr(0, 8));
    say("{}\n{}\n</details>\n\n", code_block(to_string(*served.plan_before), ""),
        code_block(to_string(*served.plan_after), ""));
  }
}

}  // namespace assay
