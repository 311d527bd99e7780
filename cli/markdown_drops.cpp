// Existing indexes that are not worth their keep, and foreign keys that lack one.
#include "cli/markdown.h"
#include "cli/verdict.h"

namespace assay {
namespace {

constexpr std::size_t kMostBareKeys = 20;

}  // namespace

void Markdown::existing_indexes() {
  const std::size_t drops = count_of<DropIndex>(advice_);
  if (drops == 0 && advice_.bare_foreign_keys.empty() && advice_.unused_but_young == 0) return;
  heading("existing-indexes", "Existing indexes");
  if (drops > 0) drop_table();
  if (advice_.unused_but_young > 0) {
    say("{} not scanned since the statistics were reset, but {}: no word on {} from that.\n\n",
        advice_.unused_but_young == 1 ? "1 index was" : count_text(advice_.unused_but_young) + " indexes were",
        report_.catalog && report_.catalog->statistics_reset ? "that is less than seven days ago"
                                                             : "when that was is not known",
        advice_.unused_but_young == 1 ? "it" : "them");
  }
  for (const Recommendation& item : advice_.recommendations) {
    if (std::holds_alternative<DropIndex>(item.change)) drop(item);
  }
  foreign_keys();
}

void Markdown::drop_table() {
  say("|  | drop index | frees | saves the writers | why |\n|---|---|---:|---:|---|\n");
  for (const Recommendation& item : advice_.recommendations) {
    if (!std::holds_alternative<DropIndex>(item.change)) continue;
    say("| [{}](#{}) | {} | {} | {} | {} |\n", item.id, lower(item.id), table_code_span(title_of(item)),
        bytes_text(item.size_bytes), timed() ? gain_text(item.gain_ms_per_s) : "not known",
        table_code_span(item.reasons.front()));
  }
  say("\nNone of them backs a constraint or is the last one that a foreign key's check finds its rows by, and with the "
      "recommended indexes in place no planned statement becomes slower by more than 5 % without it. These savings are "
      "not part of the sum above. Scans are counted on each server by itself: look at `pg_stat_user_indexes` on every "
      "replica first.\n\n");
}

void Markdown::drop(const Recommendation& item) {
  const auto& change = std::get<DropIndex>(item.change);
  say("<a id=\"{}\"></a>\n\n### {}: drop {}\n\n{}\n\n", lower(item.id), item.id, code_span(title_of(item)),
      verdict(item, advice_, gain_text(item.gain_ms_per_s), timed()));
  say("{}\n- Why: {}\n", code_block(item.ddl.front() + "\n", "sql"), code_span(item.reasons.front()));
  if (change.scans) {
    say("- Scans: {}{}.\n", count_text(static_cast<std::uint64_t>(*change.scans)),
        change.statistics_days ? fmt::format(" in {:.0f} days of statistics", *change.statistics_days)
                               : ", since when is not known");
  }
  writers(change.writes);
  say("\nTo take it back:\n\n{}\n", code_block(item.rollback.front() + "\n", "sql"));
}

void Markdown::foreign_keys() {
  const auto& bare = advice_.bare_foreign_keys;
  if (bare.empty()) return;
  say("Foreign keys without an index on the referencing side: each delete of a referenced row, and each update of its "
      "key, reads the whole referencing table, and no plan shows it. Where nothing is ever deleted, none is "
      "needed.\n\n");
  say("| table | references | rows | deletes there | index |\n|---|---|---:|---:|---|\n");
  for (std::size_t i = 0; i < std::min(bare.size(), kMostBareKeys); ++i) {
    const BareForeignKey& key = bare[i];
    std::string columns;
    for (const std::string& column : key.columns) columns += (columns.empty() ? "" : ", ") + column;
    say("| {} | {} | {} | {} | {} |\n", table_code_span(key.table + " (" + columns + ")"),
        table_code_span(key.referenced_table), count_text(static_cast<std::uint64_t>(key.rows)),
        key.deletes_per_s > 0 ? write_rate_text(key.deletes_per_s) : "none in the log", table_code_span(key.ddl));
  }
  more(bare.size(), kMostBareKeys, "foreign keys");
  say("\n");
}

}  // namespace assay
