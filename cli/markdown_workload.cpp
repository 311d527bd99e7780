// The workload: its heaviest classes, load over time, the accounts of lines and time, and what was not judged.
#include <algorithm>
#include <map>

#include "analyzer/workload_builder.h"
#include "cli/markdown.h"

namespace assay {

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
        duration_text(query.percentile(0.95)), duration_text(query.longest), count_text(query.errors),
        cost ? cost_text(cost->before) : "–", cost ? cost_text(cost->after) : "–",
        table_code_span(shortened(query.normalized, kSqlInTable)));
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
  if (query.plan) logged_plan(*query.plan);
  if (query.timed_calls > 0) {
    say("min {}, median {}, p99 {}, standard deviation {}", duration_text(query.shortest),
        duration_text(query.percentile(0.5)), duration_text(query.percentile(0.99)),
        milliseconds_text(query.deviation_us() / 1e3));
    if (cost) say("; planned cost {}, with all recommendations {}", cost_text(cost->before), cost_text(cost->after));
    say(".\n\n");
  }
  std::string senders;
  for (const std::string& user : query.users) senders += (senders.empty() ? "" : ", ") + code_span(user);
  if (!senders.empty()) say("Sent by {}.\n\n", senders);
  say("</details>\n\n");
}

void Markdown::logged_plan(const LoggedPlan& plan) {
  say("The plan of its slowest execution of those that auto_explain logged, {}", duration_text(plan.duration));
  if (!plan.nested_in.empty()) say(", within {}", code_span(plan.nested_in));
  say(", as logged by auto_explain{}:\n\n{}\n", plan.cut ? ", cut" : "", code_block(plan.text, ""));
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
    TimelineBucket& row = rows[floor_to(start, width)];
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

void Markdown::lines_account() {
  say("<a id=\"account\"></a>\n\n## The account of every line\n\n");
  say("| input | format | lines | records | continuation | skipped | executions "
      "|\n|---|---|---:|---:|---:|---:|---:|\n");
  for (const InputAccount& input : workload_.inputs) {
    const std::uint64_t skipped = input.lines - input.record_lines - input.continuation_lines;
    say("| {} | {} | {} | {} | {} | {} | {} |\n", table_code_span(input.path), input.format, count_text(input.lines),
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
  say("| in classes beyond the {} that are kept | {} |\n", count_text(WorkloadBuilder::kMostClasses),
      duration_text(workload_.overflow.total));
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
    say("| {} | {} | {} | {} |\n", share_text(group.share), count_text(group.classes), table_code_span(reason),
        table_code_span(shortened(workload_.classes[group.example].normalized, kSqlInTable)));
  }
  if (sorted.size() > kUnjudgedShown) say("\n… and {} more reasons.\n", sorted.size() - kUnjudgedShown);
  say("\n");
}

}  // namespace assay
