// The first screen to decide by, and how the figures were come by.
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
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
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
  recommendations();
  existing_indexes();
  partitions();
  caches();
  throughput();
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
  return std::move(text_);
}

void Markdown::summary() {
  say("# Assay report{}\n\n", is_mysql(workload_)        ? ": slow query log"
                              : report_.database.empty() ? ""
                                                         : ": database " + code_span(report_.database));
  what_was_read();
  warn_of_many_skipped();
  what_is_left_out();
  if (workload_.classes.empty()) return;
  what_costs_most();
  if (is_mysql(workload_)) return mysql_first_look();
  what_to_do_first();
  what_it_would_bring();
  what_to_partition();
  what_throughput_it_would_bring();
  what_to_cache();
  how_sure();
}

void Markdown::what_was_read() {
  if (workload_.executions == 0) {
    say("**What was read.** No executed statement was found in {}.\n\n", inputs_text());
    return;
  }
  if (!workload_.span()) return what_was_read_without_times();
  const double span = seconds();
  say("**What was read.** {} in {}, from {} to {} ({}), from {}",
      plural(workload_.estimated_executions, "execution", "executions"),
      plural(workload_.classes.size(), "query class", "query classes"), to_the_second(*workload_.first),
      to_the_second(*workload_.last), milliseconds_text(span * 1e3), inputs_text());
  say(": Q = {}", rate_text(static_cast<double>(workload_.estimated_executions) / span));
  if (timed()) {
    const auto total_ms = static_cast<double>(workload_.estimated_total.count()) / 1e3;
    say(", {} of logged time, that is {} statements at work on average", duration_text(workload_.estimated_total),
        cost_text(total_ms / 1e3 / span));
  } else {
    say("; the log tells no durations, so shares are shares of the executions");
  }
  say(".");
  if (workload_.counted_from_plans) {
    say(" The log holds no durations but auto_explain's plans, so the executions are those that it logged: none below "
        "`auto_explain.log_min_duration`, and with `auto_explain.log_nested_statements` a nested statement counts "
        "besides "
        "the one that called it.");
  }
  say("\n\n");
}

void Markdown::what_was_read_without_times() {
  say("**What was read.** {} in {}, from {}", plural(workload_.estimated_executions, "execution", "executions"),
      plural(workload_.classes.size(), "query class", "query classes"), inputs_text());
  if (timed()) {
    say(", {} of logged time", duration_text(workload_.estimated_total));
  } else {
    say("; durations are not told, so shares are shares of the executions");
  }
  say(". When it ran is not told: there are no rates, and savings are totals.\n\n");
}

void Markdown::what_costs_most() {
  if (workload_.executions == 0) return;
  const QueryClass& heaviest = workload_.classes.front();
  std::size_t half = 0;
  double sum = 0;
  for (; half < workload_.classes.size() && sum < 0.5; ++half) sum += share_of(report_, workload_.classes[half]);
  say("**What costs most.** {} takes {} of the {}: {}", class_link(heaviest), share_text(share_of(report_, heaviest)),
      base(), plural(heaviest.estimated_calls(), "call", "calls"));
  if (heaviest.timed_calls > 0) say(", {} each on average", milliseconds_text(heaviest.mean_us() / 1e3));
  say(": {}.", code_span(shortened(heaviest.normalized, kSqlInTable)));
  if (sum >= 0.5) {
    say(" {} half of it all.",
        half == 1 ? "That class alone makes" : fmt::format("The {} heaviest classes make", half));
  }
  say("\n\n");
}

void Markdown::what_to_do_first() {
  if (count_of<CreateIndex>(advice_) == 0) {
    say("**What to do first.** {}\n\n",
        advice_.evidence == Evidence::kNone
            ? "Nothing could be weighed: no planner was asked (see [how the figures were come by](#methods))."
            : "No index among those considered would save enough to be worth creating.");
    if (count_of<DropIndex>(advice_) > 0) say("See which [existing ones](#existing-indexes) can go.\n\n");
    return;
  }
  const Recommendation& first = advice_.recommendations.front();
  if (first.evidence == Evidence::kNone) {
    say("**What to do first.** {} can be named but not weighed, since no planner was asked: take a snapshot "
        "with `assay snapshot URI -o FILE` and give it with `--catalog FILE`.\n\n",
        plural(advice_.recommendations.size(), "index candidate", "index candidates"));
    return;
  }
  say("**What to do first.** Create the index [{}](#{}) on {}, {}: it saves {} of logged time{}.\n\n", first.id,
      lower(first.id), code_span(title_of(first)), bytes_text(first.size_bytes), gain_text(first.gain_ms_per_s),
      timed() ? "" : " in planner's units");
}

void Markdown::what_it_would_bring() {
  if (!advice_.selection || count_of<CreateIndex>(advice_) == 0) return;
  const SelectionSummary& selection = *advice_.selection;
  const double saved = selection.objective_before - selection.objective_after;
  say("**What it would bring.** {}{} together take the judged statements from {} of logged time to {}, writers' share "
      "included: {} less, for {} on disk{}. {}\n\n",
      plural(count_of<CreateIndex>(advice_), "index", "indexes"),
      report_.partitions.recommendations.empty()
          ? std::string()
          : fmt::format(" and {} partitioned first",
                        plural(report_.partitions.recommendations.size(), "table", "tables")),
      gain_text(selection.objective_before), gain_text(selection.objective_after),
      share_text(saved / selection.objective_before), bytes_text(selection.used_bytes),
      selection.budget_bytes ? fmt::format(" (budget {})", bytes_text(*selection.budget_bytes)) : "", distance_text());
}

std::string Markdown::distance_text() const {
  const SelectionSummary& selection = *advice_.selection;
  std::string text = selection.gap < 5e-4 ? "No other choice of these candidates does better"
                                          : fmt::format("That is within {} of the best possible for these candidates",
                                                        share_text(selection.gap));
  text += " (as far as the planner was asked).";
  if (selection.limit_struck) {
    text += fmt::format(" The limit of {} what-if calls struck, so it is the best so far.",
                        count_text(*selection.calls_limit));
  }
  return text;
}

void Markdown::how_sure() {
  const Shares shares = shares_of(report_);
  if (advice_.evidence == Evidence::kNone) {
    say("**How sure.** {} of the {} was understood; nothing was planned, so no cost and no gain is given.\n\n",
        share_text(shares.parsed), base());
    return;
  }
  if (advice_.evidence == Evidence::kEstimated) {
    say("**How sure.** For {} of the {} costs were estimated by Assay's built-in model from statistics alone: close to "
        "PostgreSQL's planner for scans of one table, rougher for joins. Times after a change are today's logged "
        "times, "
        "scaled by the ratio of these costs: forecasts, not measurements. Where PostgreSQL's server programs are "
        "installed, the planner itself is asked.\n\n",
        share_text(shares.planned), base());
    return;
  }
  say("**How sure.** {} of the {} was planned by PostgreSQL's own planner; times after a change are today's logged "
      "times, scaled by what the plans are predicted to take: forecasts, not measurements.\n\n",
      share_text(shares.planned), base());
}

void Markdown::methods() {
  say("<a id=\"methods\"></a>\n\n## How the figures were come by\n\n");
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

std::string to_markdown(const Report& report) { return Markdown(report).write(); }

}  // namespace assay
