// Result caches: what may be kept, what a cache would have done with this log, and what to paste.
#include <algorithm>
#include <cmath>

#include "cli/charts.h"
#include "cli/markdown.h"

namespace assay {
namespace {

constexpr std::size_t kCurveBar = 20;  // characters for a hit ratio of 1

std::string ttl_text(std::int64_t us) {
  const std::int64_t seconds = us / 1'000'000;
  if (seconds >= 86'400 && seconds % 86'400 == 0)
    return plural(static_cast<std::uint64_t>(seconds / 86'400), "day", "days");
  if (seconds >= 3600 && seconds % 3600 == 0) return fmt::format("{} h", seconds / 3600);
  if (seconds >= 60 && seconds % 60 == 0) return fmt::format("{} min", seconds / 60);
  return fmt::format("{} s", seconds);
}

std::string bar(double share) {
  std::string text;
  for (int i = 0; i < std::lround(share * kCurveBar); ++i) text += "█";
  return text;
}

std::string age_text(const CachePoint& point) {
  return point.stale_share > 0 ? milliseconds_text(point.worst_staleness_s * 1e3) : "–";
}

/// Where something may write unseen, more may be stale than is known.
std::string stale_text(const CacheQuery& cache, const CachePoint& point) {
  return (cache.writes_known ? "" : "≥ ") + share_text(point.stale_share);
}

std::string memory_text(const CachePoint& point) {
  return point.memory_bytes ? bytes_text(*point.memory_bytes) : "not known";
}

std::string hits_per_miss(const CachePoint& point) {
  return point.misses > 0 ? fmt::format("{:.3g}", static_cast<double>(point.hits) / static_cast<double>(point.misses))
                          : "all";
}

const CacheQuery& cache_of(const Recommendation& item) { return std::get<CacheQuery>(item.change); }

bool only_sends_moments(const ClassCaching& item) {
  const auto& hindrances = item.cacheability.hindrances;
  return hindrances.size() == 1 && hindrances.front().reason == kSendsMoments;
}

}  // namespace

void Markdown::caches() {
  const CacheAdvice& caches = report_.caches;
  if (caches.classes.empty()) return;
  heading("caches", "Result caches");
  cache_verdicts();
  if (caches.recommendations.empty()) return hindered_classes();
  say("Simulated on this log, execution by execution, with the writes of the same log; on the {}. An entry lives for "
      "its "
      "time to live (TTL) from the end of its fill. Chosen by saved database time per byte within {} "
      "(`--cache-memory`); {} are used.\n\n",
      advice_.selection ? "demand that is left after the recommended indexes, so that nothing is saved twice"
                        : "demand of today, as no index was weighed",
      bytes_text(caches.memory_budget), bytes_text(caches.memory_used));
  cache_table();
  memory_curve();
  for (const Recommendation& item : caches.recommendations) cache(item);
  cache_recipes(caches.recipes);
  reference_tables();
  hindered_classes();
}

void Markdown::cache_verdicts() {
  std::size_t plain = 0, conditional = 0, denied = 0, moments = 0;
  for (const ClassCaching& item : report_.caches.classes) {
    plain += item.cacheability.verdict == CacheVerdict::kCacheable ? 1 : 0;
    conditional += item.cacheability.verdict == CacheVerdict::kIf ? 1 : 0;
    moments += only_sends_moments(item) ? 1 : 0;
    denied += item.cacheability.verdict == CacheVerdict::kNot ? 1 : 0;
  }
  if (is_mysql(workload_)) {
    say("The texts alone were judged: which names are views, what triggers, foreign keys, events and stored functions "
        "do, and which columns are of the session's time zone is not known, so nothing may be kept without a look at "
        "`SHOW CREATE TABLE`. ");
  } else if (!report_.catalog) {
    say("Without a catalog the texts alone were judged: which names are views, what row-level security hides, types, "
        "triggers and functions of the database's own are not known, so nothing may be kept without a look at them. ");
  }
  say("Of {}, the results of {} may be kept as they stand, of {} on a condition, of {} not.",
      plural(report_.caches.classes.size(), "class of reads", "classes of reads"), plain, conditional, denied);
  if (moments > 0) {
    say(" {} of those on a condition stand{} under no other than that {}.", moments, moments == 1 ? "s" : "",
        kSendsMoments);
  }
  if (!report_.caches.refusal.empty()) {
    say(" What a cache would have done is not simulated: {}.", plain_text(report_.caches.refusal));
  } else if (report_.caches.recommendations.empty()) {
    say(" None of them would save {} or more with a hit ratio of {} or more: no cache is worth its upkeep here.",
        gain_text(kLeastSavedMsPerS), share_text(kLeastHitRatio));
  }
  say("\n\n");
}

void Markdown::cache_table() {
  say("|  | class | heeds writes | TTL | hit ratio | hits a miss | stale hits | oldest | memory | saves | left for the "
      "database |\n|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  for (const Recommendation& item : report_.caches.recommendations) {
    const CacheQuery& cache = cache_of(item);
    const CachePoint& point = cache.chosen;
    say("| [{}](#{}) | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", item.id, lower(item.id),
        class_reference(cache.position), cache.heeds_writes ? "yes" : "no", ttl_text(point.ttl_us),
        share_text(point.hit_ratio), hits_per_miss(point), stale_text(cache, point), age_text(point),
        memory_text(point), gain_text(point.saved_ms_per_s),
        rate_text(static_cast<double>(point.misses + cache.bypassed) / std::max(1e-3, cache.seconds)));
  }
  say("\nA stale hit is an answer whose tables were written after it was fetched; `oldest` is how long before the hit, "
      "at the "
      "most. {}\n\n",
      report_.caches.saves_service
          ? "Saved time is service demand of the executions that would have been hits ([how](#throughput) it is "
            "measured): the waiting in their logged time is not counted."
          : "Saved time is logged time of the executions that would have been hits, the waiting in it included: their "
            "service demand is not known here.");
}

void Markdown::memory_curve() {
  const auto& curve = report_.caches.memory_curve;
  if (curve.empty()) return;
  say("All of them in one memory that evicts the least recently used:");
  for (std::size_t i = 0; i < curve.size(); ++i) {
    say("{} {} hit {} or more", i > 0 ? "," : "", bytes_text(curve[i].bytes), share_text(curve[i].hit_ratio));
  }
  say(".\n\n");
}

void Markdown::cache(const Recommendation& item) {
  const CacheQuery& cache = cache_of(item);
  say("<a id=\"{}\"></a>\n\n### {}: keep {}\n\n", lower(item.id), item.id,
      code_span(shortened(cache.normalized, kSqlInTable)));
  // Without a catalog the first condition is that of all, said above.
  const std::size_t said = report_.catalog ? 0 : 1;
  for (std::size_t i = said; i < cache.conditions.size(); ++i) say("- Only if: {}.\n", plain_text(cache.conditions[i]));
  if (!cache.heeds_writes) say("- By its TTL alone: {}.\n", plain_text(cache.why_ttl_alone));
  say("- {} executions of {}; {}, whose first fetch is a miss whatever the TTL{}.\n", count_text(cache.reads),
      class_reference(cache.position), plural(cache.keys, "different result", "different results"),
      cache.bypassed > 0 ? fmt::format("; {} see what their own transaction wrote or keeps, and go to the database",
                                       count_text(cache.bypassed))
                         : "");
  say("- Depends on {}, which changed {} times in this log.\n",
      code_span(fmt::format("{}", fmt::join(cache.tables, ", "))), count_text(cache.writes));
  if (cache.result_bytes) {
    say("- A result takes about {} ({}).\n", bytes_text(std::llround(*cache.result_bytes)), cache.size_source);
  } else if (cache.result_rows) {
    say("- A result has {} rows on average (Rows_sent); how many bytes they take the log does not tell, so its memory "
        "is not "
        "counted.\n",
        cost_text(*cache.result_rows));
  } else {
    say("- How large a result is, is not known here: its memory is not counted.\n");
  }
  if (cache.chosen.coalesced > 0) {
    say("- {} of the misses came while the same result was being fetched: who lets them wait saves those too.\n",
        count_text(cache.chosen.coalesced));
  }
  cache_curve(cache);
  cache_recipes(cache.recipes);
}

/// The first, an application's own, in sight; products folded away.
void Markdown::cache_recipes(const std::vector<CacheRecipe>& recipes) {
  for (std::size_t i = 0; i < recipes.size(); ++i) {
    if (i == 1) say("<details><summary>With other products</summary>\n\n");
    say("{}:\n\n{}\n", recipes[i].product, code_block(recipes[i].text, recipes[i].language));
  }
  if (recipes.size() > 1) say("</details>\n\n");
}

void Markdown::cache_curve(const CacheQuery& cache) {
  if (style_ == ChartStyle::kData) chart(hit_ratio_chart(cache), "");
  say("\n| TTL | heeding writes |  | by TTL alone | stale hits | on average | oldest | memory |\n"
      "|---:|---:|---|---:|---:|---:|---:|---:|\n");
  for (const CacheCurveEntry& entry : cache.curve) {
    const bool is_beyond =
        &entry != cache.curve.data() && static_cast<double>((&entry - 1)->by_ttl.ttl_us) >= cache.seconds * 1e6;
    if (is_beyond) break;  // in a log of that length a longer one can show no more
    const CachePoint &alone = entry.by_ttl, &heeding = entry.by_writes;
    const CachePoint& drawn = cache.heeds_writes ? heeding : alone;
    const bool is_chosen = entry.by_ttl.ttl_us == cache.chosen.ttl_us;
    say("| {}{}{} | {} | {} | {} | {} | {} | {} | {} |\n", is_chosen ? "**" : "", ttl_text(alone.ttl_us),
        is_chosen ? "**" : "", share_text(heeding.hit_ratio), bar(drawn.hit_ratio), share_text(alone.hit_ratio),
        stale_text(cache, alone), alone.stale_share > 0 ? milliseconds_text(alone.mean_staleness_s * 1e3) : "–",
        age_text(alone), memory_text(drawn));
  }
  say("\n");
}

void Markdown::reference_tables() {
  const auto& tables = report_.caches.reference_tables;
  if (tables.empty()) return;
  say("### Tables that an application could hold\n\nSmall, read by themselves, and not written in this log.\n\n");
  say("| table | size | rows | reads | {} |\n|---|---:|---:|---:|---:|\n", base());
  for (const ReferenceTable& table : tables) {
    say("| {} | {} | {} | {} | {} |\n", table_code_span(table.table), bytes_text(table.bytes),
        count_text(static_cast<std::uint64_t>(table.rows)), count_text(table.calls), gain_text(table.demand_ms_per_s));
  }
  say("\n");
}

/// The heaviest ones that may not be kept as they stand, and what would change that. Without a catalog every class has
/// the same first condition, so only what the texts forbid is told.
void Markdown::hindered_classes() {
  std::vector<const ClassCaching*> hindered;
  for (const ClassCaching& item : report_.caches.classes) {
    const CacheVerdict verdict = item.cacheability.verdict;
    const bool is_told = verdict == CacheVerdict::kIf && report_.catalog && !only_sends_moments(item);
    if (verdict == CacheVerdict::kNot || is_told) hindered.push_back(&item);
  }
  if (hindered.empty()) return;
  const std::size_t shown = std::min(hindered.size(), kUnjudgedShown);
  say("<details><summary>What may not be kept as it stands</summary>\n\n| class | share | why | what would help |\n"
      "|---|---:|---|---|\n");
  for (std::size_t i = 0; i < shown; ++i) hindrance_row(*hindered[i]);
  more(hindered.size(), shown, "classes");
  say("\n</details>\n\n");
}

void Markdown::hindrance_row(const ClassCaching& item) {
  const Hindrance& first = item.cacheability.hindrances.front();
  say("| {} | {} | {} | {} |\n", class_reference(item.position),
      share_text(share_of(report_, workload_.classes[item.position])), table_code_span(first.reason),
      first.cure.empty() ? "–" : table_code_span(first.cure));
}

void Markdown::cache_methods() {
  for (const std::string& remark : report_.caches.remarks) say("- {}\n", plain_text(sentence(remark)));
}

}  // namespace assay
