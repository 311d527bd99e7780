// The workload: its heaviest classes, load over time, the accounts of lines and time, and what was not judged.
#include <algorithm>
#include <map>

#include "analyzer/workload_builder.h"
#include "cli/charts.h"
#include "cli/markdown.h"

namespace assay {

void Markdown::heaviest_classes() {
  if (workload_.classes.empty()) return;
  const std::size_t shown = std::min(workload_.classes.size(), kHeaviestShown);
  heading("queries", "The heaviest query classes");
  say("{} of {}. Percentiles are within {} of exact ones; {}.{}\n\n", shown, workload_.classes.size(),
      share_text(LatencySketch::kRelativeError),
      workload_.is_sampled() ? "counts, totals and means are estimated from the sample that was logged"
                             : "all other figures are exact",
      has_gaps(shown) ? " A dash stands for what the input does not tell: pg_stat_statements has no percentiles, SQL "
                        "files have no times."
                      : "");
  if (style_ == ChartStyle::kData) chart(heaviest_chart(report_), "");
  if (is_mysql(workload_)) {
    mysql_class_table(shown);
  } else {
    class_table(shown);
  }
  for (std::size_t i = 0; i < shown; ++i) {
    class_details(workload_.classes[i], cost_of(i), sensitivity_of(report_, i));
  }
}

bool Markdown::has_gaps(std::size_t shown) const {
  return std::any_of(workload_.classes.begin(), workload_.classes.begin() + static_cast<std::ptrdiff_t>(shown),
                     [](const QueryClass& query) { return query.calls > 0 && !query.has_percentiles(); });
}

void Markdown::class_table(std::size_t shown) {
  say("| class | calls | total | share | mean | p95 | max | errors | cost | after | statement |\n");
  say("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n");
  for (std::size_t i = 0; i < shown; ++i) {
    const QueryClass& query = workload_.classes[i];
    const ClassCost* cost = cost_of(i);
    say("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", class_link(query),
        count_text(query.estimated_calls()),
        told(query.timed_calls > 0 || query.unfinished.count() > 0, query.estimated_total()),
        share_text(share_of(report_, query)), query.timed_calls > 0 ? milliseconds_text(query.mean_us() / 1e3) : "–",
        told(query.has_percentiles(), query.percentile(0.95)),
        told(query.timed_calls > 0 && query.extremes_known, query.longest), count_text(query.errors),
        cost ? cost_text(cost->before) : "–", cost ? cost_text(cost->after) : "–",
        table_code_span(shortened(query.normalized, kSqlInTable)));
  }
  say("\n");
}

void Markdown::class_details(const QueryClass& query, const ClassCost* cost, const ParameterSensitivity* sensitivity) {
  const std::string name = class_name(query.id);
  say("<a id=\"query-{}\"></a>\n\n<details><summary>{}: {} of the {}, {}</summary>\n\n", name.substr(0, 8), name,
      share_text(share_of(report_, query)), base(), plural(query.estimated_calls(), "call", "calls"));
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
    spread(query);
    if (cost) say("; planned cost {}, with all recommendations {}", cost_text(cost->before), cost_text(cost->after));
    say(".\n\n");
  }
  if (sensitivity && sensitivity->is_sensitive()) {
    say("Sensitive to its parameters: {} of its values are planned {}, at costs from {} to {}. Judge it by several "
        "values; a generic plan or a single test value misleads.\n\n",
        sensitivity->values, sensitivity->plans > 1 ? fmt::format("in {} ways", sensitivity->plans) : "alike",
        cost_text(sensitivity->lowest_cost), cost_text(sensitivity->highest_cost));
  }
  if (query.rows) mysql_class_rows(query);
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

/// Shortest, longest and what lies between, as far as it is told.
void Markdown::spread(const QueryClass& query) {
  std::vector<std::string> parts;
  if (query.extremes_known) parts.push_back("min " + duration_text(query.shortest));
  if (query.has_percentiles()) {
    parts.push_back("median " + duration_text(query.percentile(0.5)));
    parts.push_back("p99 " + duration_text(query.percentile(0.99)));
  } else {
    if (query.extremes_known) parts.push_back("max " + duration_text(query.longest));
    parts.push_back("percentiles are not told");
  }
  if (query.deviation_known) parts.push_back("standard deviation " + milliseconds_text(query.deviation_us() / 1e3));
  if (query.rows_affected) parts.push_back(count_text(*query.rows_affected) + " rows in all");
  say("{}", fmt::join(parts, ", "));
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
  heading("timeline", "Load over time");
  say("By the end of each statement, in steps of {} s{}.\n\n", width,
      workload_.is_sampled() ? "; as logged, not scaled" : "");
  if (style_ != ChartStyle::kText) chart(load_chart(report_, width), "");
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
  heading("unjudged", "What could not be judged");
  say("{} of the {}, in {}:\n\n", share_text(whole), base(), plural(advice_.unjudged.size(), "class", "classes"));
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
