// Partitioning: a verdict for each table that passed the gate, and for what is recommended its proof and its price.
#include <algorithm>

#include "advisors/partition/twin_proof.h"
#include "cli/markdown.h"

namespace assay {
namespace {

const PartitionTable& partitioning_of(const Recommendation& item) { return std::get<PartitionTable>(item.change); }

std::string clause_list(const std::vector<std::string>& clauses) {
  std::string text;
  for (const std::string& clause : clauses) text += (text.empty() ? "" : "; ") + clause;
  return text;
}

std::string scanned_text(const PartitionedClass& query, std::size_t all) {
  const std::string some = query.fewest_scanned == query.most_scanned
                               ? fmt::format("{}", query.most_scanned)
                               : fmt::format("{} to {}", query.fewest_scanned, query.most_scanned);
  return fmt::format("{} of {}", some, all);
}

std::string days_text(double seconds) { return fmt::format("{:.3g} days", seconds / 86400); }

std::string rows_deleted_text(const RetentionSignals& retention) {
  if (retention.rows_per_month <= 0) return "";
  return fmt::format("; {} rows a month, by {}", cost_text(retention.rows_per_month), retention.rows_source);
}

}  // namespace

void Markdown::partitions() {
  const PartitionAdvice& advice = report_.partitions;
  if (advice.nothing.empty() && advice.tables.empty()) return;
  heading("partitions", "Partitioning");
  if (!advice.nothing.empty()) {
    say("{}\n\n", plain_text(sentence(advice.nothing)));
    return;
  }
  say("Only tables that are larger than memory or 50 GB, or whose retention or vacuum hurts, are considered. A scheme "
      "is "
      "recommended where it is ahead of the best indexes without it by 1 ms/s, a twentieth of the table's time, and a "
      "quarter of what these leave.\n\n");
  say("| table | with indexes | statements take | verdict |\n|---|---:|---:|---|\n");
  for (const JudgedTable& table : advice.tables) {
    const std::string link = table.recommendation.empty()
                                 ? ""
                                 : fmt::format(": [{}](#{})", table.recommendation, lower(table.recommendation));
    say("| {} | {} | {} | {}{} |\n", table_code_span(table.signals.table->schema + "." + table.signals.table->name),
        bytes_text(table.signals.bytes()), gain_text(table.signals.time_ms_per_s), to_string(table.verdict), link);
  }
  say("\n");
  for (const JudgedTable& table : advice.tables) partition_verdict(table);
}

void Markdown::partition_verdict(const JudgedTable& table) {
  const auto item = std::find_if(report_.partitions.recommendations.begin(), report_.partitions.recommendations.end(),
                                 [&](const Recommendation& one) { return one.id == table.recommendation; });
  if (item != report_.partitions.recommendations.end()) return recommended_partitioning(table, *item);
  say("### {}: {}\n\n", code_span(table.signals.table->schema + "." + table.signals.table->name),
      to_string(table.verdict));
  partition_signals(table);
  for (const std::string& reason : table.reasons) say("- {}\n", plain_text(sentence(reason)));
  for (const std::string& watch : table.watch) say("- To watch: {}\n", plain_text(watch + "."));
  for (const std::string& other : table.consider) say("- To consider: {}\n", plain_text(other));
  say("\n");
  for (const WeighedScheme& scheme : table.schemes) {
    if (scheme.what.classes.empty()) continue;
    weighed_scheme(scheme);
    partition_classes(scheme.what);
  }
}

void Markdown::partition_signals(const JudgedTable& table) {
  const TableSignals& signals = table.signals;
  if (!table.gate.told.empty()) say("- Considered, since {}\n", plain_text(table.gate.told + "."));
  if (signals.rows_per_month > 0) {
    say("- Grows by {} rows a month, by {}.\n", cost_text(signals.rows_per_month), signals.growth_source);
  }
  if (signals.bloat && *signals.bloat >= 1.5) {
    say("- Its pages are {:.1f} times those that its rows would fill: bloat.\n", *signals.bloat);
  }
  if (signals.dead_share && *signals.dead_share >= 0.01) {
    say("- Dead rows: {} of the living ones{}.\n", share_text(*signals.dead_share),
        signals.days_since_vacuum
            ? fmt::format("; last vacuumed {} before the snapshot", days_text(*signals.days_since_vacuum * 86400))
            : "");
  }
  if (signals.retention) {
    say("- Deletes old rows by {}{}: {} of logged time{}.\n", code_span(signals.retention->column),
        signals.retention->age ? " after " + days_text(*signals.retention->age) : "",
        gain_text(signals.retention->ms_per_s), rows_deleted_text(*signals.retention));
  }
  for (const KeySignals& key : signals.keys) {
    if (key.time_ms_per_s() < 0.05 * signals.time_ms_per_s) continue;
    say("- {} of its time narrows by {}",
        share_text(signals.time_ms_per_s > 0 ? std::min(1.0, key.time_ms_per_s() / signals.time_ms_per_s) : 0),
        code_span(key.column->name));
    if (key.median_width) say(", half of it by {} or less", days_text(*key.median_width));
    if (key.correlation) say("; correlation with the order of the rows {:.2f}", *key.correlation);
    if (key.updates_per_s > 0) say("; set by {} of updates", rate_text(key.updates_per_s));
    say(".\n");
  }
}

void Markdown::weighed_scheme(const WeighedScheme& scheme) {
  const HypotheticalPartitioning& what = scheme.what.scheme.partitioning;
  constexpr const char* kStrategies[] = {"RANGE", "LIST", "HASH"};
  say("**{} on {}{}**, {} partitions{}: {} today, {} then ({} of it for planning and opening partitions); {}.\n\n",
      kStrategies[static_cast<int>(what.strategy)], code_span(what.column),
      scheme.what.scheme.interval.empty() ? "" : " by " + scheme.what.scheme.interval, what.partitions.size(),
      scheme.what.empty_partitions > 0 ? fmt::format(", {} of them still to come", scheme.what.empty_partitions) : "",
      gain_text(scheme.before_ms_per_s), gain_text(scheme.after_ms_per_s), gain_text(scheme.what.planning_ms_per_s),
      scheme.best_other.empty() ? "no index does better than today's"
                                : plain_text(scheme.best_other) + " instead: " + gain_text(scheme.best_other_ms_per_s));
}

void Markdown::partition_classes(const PartitionTable& table) {
  const std::size_t all = table.scheme.partitioning.partitions.size();
  say("| class | calls | values | cost before | cost after | partitions read | time before | after | statement |\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|---|\n");
  const std::size_t shown = std::min(table.classes.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const PartitionedClass& query = table.classes[i];
    const QueryClass& logged = workload_.classes[query.position];
    say("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", class_reference(query.position),
        count_text(logged.estimated_calls()), query.is_generic ? std::string("any") : std::to_string(query.values),
        cost_text(query.cost_before), cost_text(query.cost_after),
        query.is_retention ? std::string("dropped") : scanned_text(query, all), gain_text(query.before_ms_per_s),
        gain_text(query.after_ms_per_s), table_code_span(shortened(logged.normalized, kSqlInTable)));
  }
  more(table.classes.size(), shown, "classes");
  const bool generic =
      std::any_of(table.classes.begin(), table.classes.end(), [](const auto& q) { return q.is_generic; });
  say("\n{}", generic
                  ? "Where the log tells no values, the plan is for any: it prunes when it runs, which EXPLAIN does "
                    "not show, so no gain is counted. "
                  : "");
  say("A prepared statement may run by such a plan from its sixth execution on: it then opens every partition and "
      "prunes when it starts.\n\n");
}

void Markdown::recommended_partitioning(const JudgedTable& table, const Recommendation& item) {
  const PartitionTable& what = partitioning_of(item);
  say("<a id=\"{}\"></a>\n\n### {}: {}\n\n", lower(item.id), item.id, code_span(title_of(item)));
  say("Saves {} ({}). Why: {}\n\n", gain_text(item.gain_ms_per_s), to_string(item.evidence),
      plain_text(sentence(clause_list(item.reasons))));
  partition_signals(table);
  partition_retention(what);
  for (const std::string& other : table.consider) say("- To consider: {}\n", plain_text(other));
  say("\n");
  weighed_scheme(table.schemes.front());
  partition_classes(what);
  partition_alternatives(what);
  say("**What it costs:**\n\n");
  for (const std::string& price : what.price) say("- {}\n", plain_text(sentence(price)));
  say("- Statements without {} look into every partition. For each partition that a plan opens, planning takes about "
      "{} "
      "more, and the executor {} (modelled, since the planner's costs hold neither). Where all is in memory, that may "
      "be "
      "several times what a point read takes today.\n\n",
      code_span(what.scheme.partitioning.column), milliseconds_text(kPlanningMsPerPartition),
      milliseconds_text(kStartMsPerPartition));
  migration(what.migration);
}

void Markdown::partition_retention(const PartitionTable& table) {
  if (!table.retention) return;
  const RetentionSaving& saving = *table.retention;
  say("- Retention: deleting takes {} of statements and about {} of VACUUM ({}), in the table and its indexes; `ALTER "
      "TABLE … DETACH PARTITION … CONCURRENTLY` and `DROP TABLE`, once every {}, take {}.\n",
      gain_text(saving.delete_ms_per_s), gain_text(saving.vacuum_ms_per_s), saving.vacuum_source, table.scheme.interval,
      gain_text(saving.detach_ms_per_s));
}

void Markdown::partition_alternatives(const PartitionTable& table) {
  if (table.alternatives.empty()) return;
  say("**Beside it**, without dividing anything, planned on the same statements:\n\n");
  for (const PartitionAlternative& other : table.alternatives) {
    say("- {}: saves {}\n", plain_text(other.what), gain_text(other.saved_ms_per_s));
  }
  say("\n");
}

}  // namespace assay
