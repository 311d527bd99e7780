// The order of the report's sections, and how the figures were come by.
#include <algorithm>
#include <cctype>

#include "advisors/maintenance.h"
#include "cli/markdown.h"

namespace assay {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  char& first = text[text.size() > 1 && text.front() == '[' ? 1 : 0];  // of a link its text
  first = static_cast<char>(std::toupper(static_cast<unsigned char>(first)));
  return text.ends_with('.') ? text : text + ".";
}

const ClassCost* Markdown::cost_of(std::size_t position) const {
  const auto found = std::lower_bound(advice_.costs.begin(), advice_.costs.end(), position,
                                      [](const ClassCost& cost, std::size_t value) { return cost.position < value; });
  return found != advice_.costs.end() && found->position == position ? &*found : nullptr;
}

// In a log without durations time is not known, and gains are planner's units a second.
std::string Markdown::gain_text(double ms_per_s) const {
  return cost_text(ms_per_s) + (timed() ? " ms" : " units") + (workload_.span() ? "/s" : " in all");
}

std::string Markdown::write() {
  summary();
  const std::string first_screen = std::exchange(text_, {});
  recommendations();
  existing_indexes();
  partitions();
  caches();
  throughput();
  replicas();
  statistics_to_create();
  rewrites();
  heaviest_classes();
  load_over_time();
  clients();
  sessions();
  alarms();
  errors();
  cancelled();
  locks();
  temporary_files();
  checkpoints();
  autovacuum();
  connections();
  lines_account();
  time_account();
  databases();
  unjudged();
  methods();
  return first_screen + "**Contents.** " + contents_ + "\n\n" + text_;
}

void Markdown::methods() {
  heading("methods", "How the figures were come by");
  if (is_mysql(workload_)) return mysql_methods();
  say("- A query class is all executions of one text with its literals folded, in one database. Parse, bind and "
      "execute count as one execution, with the sum of their times.\n");
  say("- Logged time is response time as the server logged it: waiting for locks, disk and CPU is in it.\n");
  if (workload_.trace.rate() < 1) {
    say("- The trace of executions did not fit into memory: it holds {} of them, those of one in {} statements with "
        "their "
        "values, chosen by hash. Counts and times are of all. `--memory SIZE` gives it more.\n",
        count_text(workload_.trace.size()), count_text(static_cast<std::uint64_t>(1 / workload_.trace.rate())));
  }
  if (report_.catalog) {
    const Catalog& catalog = *report_.catalog;
    say("- Catalog: ");
    if (catalog.source == CatalogSource::kDump) {
      say("a schema dump without statistics, so nothing could be planned.\n");
    } else {
      say("database {}, PostgreSQL {}.{}", code_span(catalog.database), catalog.server_version / 10000,
          catalog.server_version % 10000);
      if (catalog.taken_at) say(", taken at {}", to_the_second(*catalog.taken_at));
      say(": {} tables and views, {} indexes.\n", catalog.tables.size(), catalog.indexes.size());
    }
  } else {
    say("- No catalog was given: what exists, how large it is and what it holds is not known.\n");
  }
  if (advice_.selection) {
    say("- Candidates: B-trees of up to three keys, equality first, then the sort or one range, also partial, on "
        "expressions and with INCLUDE columns; GIN, BRIN and hash indexes; screened against existing ones, chosen by "
        "logged time saved: local search, then branch and bound over the plans that were asked for. {} what-if calls, "
        "{} answered from earlier ones.\n",
        count_text(advice_.selection->whatif_calls), count_text(advice_.selection->cache_hits));
    say("- The distance from the best possible covers the {} candidates, and the plans that the planner gave under the "
        "designs that it was asked about; a design that was not asked for may hold a better one.\n",
        count_text(advice_.selection->candidates));
    say("- Costs are {}, averaged over values sampled from the log. Time after = logged time × predicted time after / "
        "predicted time before; how far that is right is not measured here.\n",
        advice_.evidence == Evidence::kEstimated ? "the built-in model's" : "the planner's");
    say("- Each class is planned again with all recommended indexes in place, also as a prepared statement for any "
        "value. "
        "A plan that would be slower than today's if the rows at the foot of its nested loops were ten times as many "
        "as "
        "estimated is no reason for an index: its gain is not counted.\n");
    say("- Writers pay for each row of an INSERT, and of an UPDATE of a column of the index, in proportion to the work "
        "that "
        "the statement does today for the table and its indexes (a wide or random key and GIN more, keys in order and "
        "BRIN "
        "less), and {} ms a structure at the most. An update that was HOT and no longer is pays for the other indexes "
        "too.\n",
        kMostMsPerWork);
  }
  cache_methods();
  for (const std::string& remark : advice_.remarks) say("- {}\n", plain_text(sentence(remark)));
}

std::string to_markdown(const Report& report, ChartStyle style) { return Markdown(report, style).write(); }

}  // namespace assay
