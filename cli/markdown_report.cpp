// The markdown report: a first screen to decide by, a section a recommendation to review and paste from, then the
// workload, the accounts, and how the figures were come by. Every text of a log stands inside code.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>

#include "cli/escape.h"
#include "cli/report.h"
#include "cli/units.h"

namespace assay {
namespace {

constexpr std::size_t kHeaviestShown = 20;
constexpr std::size_t kServedShown = 8;
constexpr std::size_t kUnjudgedShown = 15;
constexpr std::size_t kSqlInTable = 90;  // characters
constexpr std::size_t kMostTimelineRows = 24;
constexpr std::size_t kTimelineBar = 30;  // characters

class Markdown {
 public:
  explicit Markdown(const Report& report) : report_(report), workload_(report.workload), advice_(report.advice) {}

  std::string write();

 private:
  void summary();
  void what_was_read();
  void what_costs_most();
  void what_to_do_first();
  void what_it_would_bring();
  void how_sure();
  void recommendations();
  void recommendation_table();
  void unweighed_table();
  void recommendation(const Recommendation& item);
  void evidence(const Recommendation& item);
  void served_queries(const Recommendation& item);
  void writers(const Recommendation& item);
  void plans(const Recommendation& item);
  void heaviest_classes();
  void class_details(const QueryClass& query, const ClassCost* cost);
  void load_over_time();
  void errors();
  void lines_account();
  void time_account();
  void unjudged();
  void methods();

  template <typename... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  bool timed() const { return workload_.timed_executions > 0; }
  double seconds() const { return static_cast<double>(workload_.span().value_or(Microseconds{0}).count()) / 1e6; }
  std::string base() const { return timed() ? "logged time" : "executions"; }
  std::string class_link(const QueryClass& query) const {
    return fmt::format("[{0}](#query-{0})", class_name(query.id).substr(0, 8));
  }
  bool is_shown(std::size_t position) const { return position < kHeaviestShown; }
  std::string class_reference(std::size_t position) const {
    const QueryClass& query = workload_.classes[position];
    return is_shown(position) ? class_link(query) : code_span(class_name(query.id).substr(0, 8));
  }
  const ClassCost* cost_of(std::size_t position) const;
  std::string gain_text(double ms_per_s) const;
  std::string to_the_second(ZonedTime time) const {
    return time_text(report_, {std::chrono::floor<std::chrono::seconds>(time.utc), time.offset});
  }

  const Report& report_;
  const Workload& workload_;
  const Advice& advice_;
  std::string text_;
};

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
  return cost_text(ms_per_s) + (timed() ? " ms/s" : " units/s");
}

std::string Markdown::write() {
  summary();
  recommendations();
  heaviest_classes();
  load_over_time();
  errors();
  lines_account();
  time_account();
  unjudged();
  methods();
  return std::move(text_);
}

void Markdown::summary() {
  say("# Assay report{}\n\n", report_.database.empty() ? "" : ": database " + code_span(report_.database));
  what_was_read();
  if (workload_.classes.empty()) return;
  what_costs_most();
  what_to_do_first();
  what_it_would_bring();
  how_sure();
}

void Markdown::what_was_read() {
  if (workload_.executions == 0) {
    say("**What was read.** No executed statement was found in {}.\n\n",
        plural(workload_.inputs.size(), "input", "inputs"));
    return;
  }
  const double span = seconds();
  say("**What was read.** {} in {}, from {} to {} ({}), from {}",
      plural(workload_.executions, "execution", "executions"),
      plural(workload_.classes.size(), "query class", "query classes"), to_the_second(*workload_.first),
      to_the_second(*workload_.last), milliseconds_text(span * 1e3),
      plural(workload_.inputs.size(), "input", "inputs"));
  say(": Q = {}", rate_text(static_cast<double>(workload_.executions) / span));
  if (timed()) {
    const auto total_ms = static_cast<double>(workload_.total.count()) / 1e3;
    say(", {} of logged time, that is {} statements at work on average", duration_text(workload_.total),
        cost_text(total_ms / 1e3 / span));
  } else {
    say("; the log tells no durations, so shares are shares of the executions");
  }
  say(".\n\n");
}

void Markdown::what_costs_most() {
  const QueryClass& heaviest = workload_.classes.front();
  std::size_t half = 0;
  for (double sum = 0; half < workload_.classes.size() && sum < 0.5; ++half) {
    sum += share_of(report_, workload_.classes[half]);
  }
  say("**What costs most.** {} takes {} of the {}: {}", class_link(heaviest), share_text(share_of(report_, heaviest)),
      base(), plural(heaviest.calls, "call", "calls"));
  if (heaviest.timed_calls > 0) say(", {} each on average", milliseconds_text(heaviest.mean_us() / 1e3));
  say(": {}. {} half of it all.\n\n", code_span(shortened(heaviest.normalized, kSqlInTable)),
      half == 1 ? "That class alone makes" : fmt::format("The {} heaviest classes make", half));
}

void Markdown::what_to_do_first() {
  if (advice_.recommendations.empty()) {
    say("**What to do first.** {}\n\n",
        advice_.evidence == Evidence::kNone
            ? "Nothing could be weighed: no planner was asked (see [how the figures were come by](#methods))."
            : "No index among those considered would save enough to be worth creating.");
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
      lower(first.id), code_span(describe(first.index)), bytes_text(first.size_bytes), gain_text(first.gain_ms_per_s),
      timed() ? "" : " in planner's units");
}

void Markdown::what_it_would_bring() {
  if (!advice_.selection || advice_.recommendations.empty()) return;
  const SelectionSummary& selection = *advice_.selection;
  const double saved = selection.objective_before - selection.objective_after;
  say("**What it would bring.** {} together take the judged statements from {} of logged time to {}, writers' share "
      "included: {} less, for {} on disk{}.\n\n",
      plural(advice_.recommendations.size(), "index", "indexes"), gain_text(selection.objective_before),
      gain_text(selection.objective_after), share_text(saved / selection.objective_before),
      bytes_text(selection.used_bytes),
      selection.budget_bytes ? fmt::format(" (budget {})", bytes_text(*selection.budget_bytes)) : "");
}

void Markdown::how_sure() {
  const Shares shares = shares_of(report_);
  if (advice_.evidence == Evidence::kNone) {
    say("**How sure.** {} of the {} was understood; nothing was planned, so no cost and no gain is given.\n\n",
        share_text(shares.parsed), base());
    return;
  }
  say("**How sure.** {} of the {} was planned by PostgreSQL's own planner; times after a change are today's logged "
      "times, scaled by the ratio of the planned costs: forecasts, not measurements.\n\n",
      share_text(shares.planned), base());
}

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
    say("| [{}](#{}) | {} | {} | {} | {} | {} | {} |\n", item.id, lower(item.id), code_span(describe(item.index)),
        gain_text(item.gain_ms_per_s), share_text(item.gain_ms_per_s / advice_.selection->objective_before),
        bytes_text(item.size_bytes), plural(item.queries.size(), "class", "classes"), to_string(item.evidence));
  }
  say("\nEach row's saving counts with the rows above it in place, so the column adds up to the whole. 1 ms/s is a "
      "millisecond of logged time in every second.\n\n");
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
    say("| {} | {} | {} | {} |\n", item.id, code_span(describe(item.index)), classes, code_span(item.reasons.front()));
  }
  say("\n");
}

void Markdown::recommendation(const Recommendation& item) {
  say("<a id=\"{}\"></a>\n\n### {}: {}\n\n", lower(item.id), item.id, code_span(describe(item.index)));
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
  writers(item);
  for (const std::string& name : item.redundant) {
    say("- Makes {} superfluous, whose keys it begins with: drop that one once this one is in use.\n", code_span(name));
  }
  say("\n");
}

void Markdown::writers(const Recommendation& item) {
  const WriteLoad& load = item.writes;
  if (load.inserts + load.updates_of_columns + load.deletes == 0) {
    say("- Writers: the log shows no write to this table; check with the application before you rely on it.\n");
    return;
  }
  std::vector<std::string> kinds;
  if (load.inserts > 0) kinds.push_back(rate_text(load.inserts) + " INSERT");
  if (load.updates_of_columns > 0) kinds.push_back(rate_text(load.updates_of_columns) + " UPDATE of its columns");
  if (load.deletes > 0) kinds.push_back(rate_text(load.deletes) + " DELETE");
  say("- Writers: {} statements; keeping it costs them {} at the most, taken off above.\n", fmt::join(kinds, ", "),
      gain_text(load.price_ms_per_s));
}

void Markdown::served_queries(const Recommendation& item) {
  say("| serves | calls | {} | cost before | cost after | statement |\n|---|---:|---:|---:|---:|---|\n", base());
  for (std::size_t i = 0; i < std::min(item.queries.size(), kServedShown); ++i) {
    const ServedQuery& served = item.queries[i];
    const QueryClass& query = workload_.classes[served.position];
    say("| {} | {} | {} | {} | {} | {} |\n", class_reference(served.position), count_text(query.calls),
        share_text(share_of(report_, query)), cost_text(served.cost_before), cost_text(served.cost_after),
        code_span(shortened(query.normalized, kSqlInTable)));
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

void Markdown::heaviest_classes() {
  if (workload_.classes.empty()) return;
  const std::size_t shown = std::min(workload_.classes.size(), kHeaviestShown);
  say("<a id=\"queries\"></a>\n\n## The heaviest query classes\n\n");
  say("{} of {}. Percentiles are within {} of exact ones; all other figures are exact.\n\n", shown,
      workload_.classes.size(), share_text(LatencySketch::kRelativeError));
  say("| class | calls | total | share | mean | p95 | max | errors | cost | after | statement |\n");
  say("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n");
  for (std::size_t i = 0; i < shown; ++i) {
    const QueryClass& query = workload_.classes[i];
    const ClassCost* cost = cost_of(i);
    say("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", class_link(query), count_text(query.calls),
        duration_text(query.total), share_text(share_of(report_, query)), milliseconds_text(query.mean_us() / 1e3),
        duration_text(query.latencies.percentile(0.95)), duration_text(query.longest), count_text(query.errors),
        cost ? cost_text(cost->before) : "–", cost ? cost_text(cost->after) : "–",
        code_span(shortened(query.normalized, kSqlInTable)));
  }
  say("\n");
  for (std::size_t i = 0; i < shown; ++i) class_details(workload_.classes[i], cost_of(i));
}

void Markdown::class_details(const QueryClass& query, const ClassCost* cost) {
  const std::string name = class_name(query.id);
  say("<a id=\"query-{}\"></a>\n\n<details><summary>{}: {} of the {}, {}</summary>\n\n", name.substr(0, 8), name,
      share_text(share_of(report_, query)), base(), plural(query.calls, "call", "calls"));
  say("{}\n", code_block(query.normalized, "sql"));
  if (query.slowest) {
    say("Its slowest execution, {}:\n\n{}\n", duration_text(query.slowest->duration),
        code_block(query.slowest->sql, "sql"));
    if (!query.slowest->parameters.empty()) {
      say("with\n\n{}\n", code_block(query.slowest->parameters, ""));
    }
  }
  if (query.timed_calls > 0) {
    say("min {}, median {}, p99 {}, standard deviation {}", duration_text(query.shortest),
        duration_text(query.latencies.percentile(0.5)), duration_text(query.latencies.percentile(0.99)),
        milliseconds_text(query.deviation_us() / 1e3));
    if (cost) say("; planned cost {}, with all recommendations {}", cost_text(cost->before), cost_text(cost->after));
    say(".\n\n");
  }
  std::string senders;
  for (const std::string& user : query.users) senders += (senders.empty() ? "" : ", ") + code_span(user);
  if (!senders.empty()) say("Sent by {}.\n\n", senders);
  say("</details>\n\n");
}

void Markdown::load_over_time() {
  // Buckets of the workload, put together until they fit the page; the width stays a power of two of seconds.
  const Timeline& timeline = workload_.timeline;
  if (timeline.buckets().size() < 2) return;
  std::int64_t width = timeline.width().count();
  const std::int64_t first = timeline.buckets().begin()->first, last = timeline.buckets().rbegin()->first;
  while ((last - first) / width >= static_cast<std::int64_t>(kMostTimelineRows)) width *= 2;
  std::map<std::int64_t, TimelineBucket> rows;
  for (const auto& [start, bucket] : timeline.buckets()) {
    TimelineBucket& row = rows[start - start % width];
    row.executions += bucket.executions;
    row.errors += bucket.errors;
    row.total += bucket.total;
  }
  double busiest = 0;
  for (const auto& [start, row] : rows) busiest = std::max(busiest, static_cast<double>(row.executions));
  say("<a id=\"timeline\"></a>\n\n## Load over time\n\nBy the end of each statement, in steps of {} s.\n\n", width);
  say("| from | executions | rate | logged time | errors |  |\n|---|---:|---:|---:|---:|---|\n");
  for (const auto& [start, row] : rows) {
    const auto bar =
        static_cast<std::size_t>(kTimelineBar * static_cast<double>(row.executions) / std::max(busiest, 1.0));
    say("| {} | {} | {} | {} | {} | {} |\n",
        time_text(report_,
                  {Timestamp(std::chrono::seconds(start)), workload_.first ? workload_.first->offset : UtcOffset{0}}),
        count_text(row.executions), rate_text(static_cast<double>(row.executions) / static_cast<double>(width)),
        duration_text(row.total), count_text(row.errors), bar > 0 ? "`" + std::string(bar, '#') + "`" : "");
  }
  say("\n");
}

void Markdown::errors() {
  if (workload_.errors == 0) return;
  say("<a id=\"errors\"></a>\n\n## Errors\n\n{} in the log, {} for every 1,000 executions.\n\n",
      plural(workload_.errors, "error", "errors"),
      cost_text(1e3 * static_cast<double>(workload_.errors) /
                static_cast<double>(std::max<std::uint64_t>(workload_.executions, 1))));
  if (!workload_.errors_by_state.empty()) {
    say("| SQLSTATE | count |\n|---|---:|\n");
    for (const auto& [state, count] : workload_.errors_by_state)
      say("| {} | {} |\n", code_span(state), count_text(count));
    say("\n");
  }
  std::vector<const QueryClass*> failing;
  for (const QueryClass& query : workload_.classes) {
    if (query.errors > 0) failing.push_back(&query);
  }
  std::stable_sort(failing.begin(), failing.end(), [](const auto* a, const auto* b) { return a->errors > b->errors; });
  if (failing.empty()) return;
  say("| statement | errors | completed calls |\n|---|---:|---:|\n");
  for (std::size_t i = 0; i < std::min(failing.size(), kServedShown); ++i) {
    say("| {} | {} | {} |\n", code_span(shortened(failing[i]->normalized, kSqlInTable)), count_text(failing[i]->errors),
        count_text(failing[i]->calls));
  }
  if (failing.size() > kServedShown) say("\n… and {} more.\n", failing.size() - kServedShown);
  say("\n");
}

void Markdown::lines_account() {
  say("<a id=\"account\"></a>\n\n## The account of every line\n\n");
  say("| input | format | lines | records | continuation | skipped | executions "
      "|\n|---|---|---:|---:|---:|---:|---:|\n");
  for (const InputAccount& input : workload_.inputs) {
    const std::uint64_t skipped = input.lines - input.record_lines - input.continuation_lines;
    say("| {} | {} | {} | {} | {} | {} | {} |\n", code_span(input.path), input.format, count_text(input.lines),
        count_text(input.record_lines), count_text(input.continuation_lines), count_text(skipped),
        count_text(input.executions));
  }
  for (const InputAccount& input : workload_.inputs) {
    for (const SkippedLines& lines : input.skipped) {
      say("\n- {}: {} skipped, the first is line {}: {}\n", code_span(input.path), plural(lines.count, "line", "lines"),
          count_text(lines.first_line), plain_text(lines.reason));
    }
  }
  if (workload_.filtered > 0) {
    say("\n{} left out by --since, --until, --db, --user or --app.\n",
        plural(workload_.filtered, "record was", "records were"));
  }
  say("\n");
}

void Markdown::time_account() {
  if (!timed()) return;
  Microseconds classes{0}, unfinished{0};
  for (const QueryClass& query : workload_.classes) {
    classes += query.total;
    unfinished += query.unfinished;
  }
  say("| logged time |  |\n|---|---:|\n| in query classes | {} |\n", duration_text(classes));
  say("| … of which parse, bind and fetch without a completed execution | {} |\n", duration_text(unfinished));
  say("| durations without a statement | {} |\n", duration_text(workload_.unattributed.total));
  say("| in classes beyond the {} that are kept | {} |\n", count_text(50'000), duration_text(workload_.overflow.total));
  say("| in all | {} |\n\n", duration_text(workload_.total));
}

void Markdown::unjudged() {
  if (advice_.unjudged.empty()) return;
  struct Group {
    std::size_t classes = 0;
    double share = 0;
    std::size_t example = 0;
  };
  std::map<std::string, Group> groups;
  double whole = 0;
  for (const Unjudged& item : advice_.unjudged) {
    Group& group = groups[item.reason];
    if (group.classes++ == 0) group.example = item.position;
    const double share = share_of(report_, workload_.classes[item.position]);
    group.share += share;
    whole += share;
  }
  std::vector<std::pair<std::string, Group>> sorted(groups.begin(), groups.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.share > b.second.share; });
  say("<a id=\"unjudged\"></a>\n\n## What could not be judged\n\n{} of the {}, in {}:\n\n", share_text(whole), base(),
      plural(advice_.unjudged.size(), "class", "classes"));
  say("| share | classes | reason | for example |\n|---:|---:|---|---|\n");
  for (std::size_t i = 0; i < std::min(sorted.size(), kUnjudgedShown); ++i) {
    const auto& [reason, group] = sorted[i];
    say("| {} | {} | {} | {} |\n", share_text(group.share), count_text(group.classes), code_span(reason),
        code_span(shortened(workload_.classes[group.example].normalized, kSqlInTable)));
  }
  if (sorted.size() > kUnjudgedShown) say("\n… and {} more reasons.\n", sorted.size() - kUnjudgedShown);
  say("\n");
}

void Markdown::methods() {
  say("<a id=\"methods\"></a>\n\n## How the figures were come by\n\n");
  say("- A query class is all executions of one text with its literals folded, in one database. Parse, bind and "
      "execute count as one execution, with the sum of their times.\n");
  say("- Logged time is response time as the server logged it: waiting for locks, disk and CPU is in it.\n");
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
    say("- Candidates: B-trees of up to three columns, equality first, then the sort or one range; screened against "
        "existing indexes, chosen greedily by logged time saved. {} what-if calls, {} answered from earlier ones.\n",
        count_text(advice_.selection->whatif_calls), count_text(advice_.selection->cache_hits));
    say("- Costs are the planner's, averaged over values sampled from the log. Time after = logged time × cost after "
        "/ cost before; what that ratio is worth for time is not measured here.\n");
    say("- Writers pay, for each INSERT and each UPDATE of an indexed column, at the most the statement's time divided "
        "by the number of structures that it keeps (the table, its indexes and the new one).\n");
  }
  for (const std::string& remark : advice_.remarks) say("- {}\n", plain_text(sentence(remark)));
}

}  // namespace

std::string to_markdown(const Report& report) { return Markdown(report).write(); }

}  // namespace assay
