// The first screen, which must do for a decision: what was read, what to do and how sure that is, in three paragraphs;
// one table of today against after; one chart. Then what else there is.
#include <algorithm>
#include <cmath>

#include "cli/charts.h"
#include "cli/markdown.h"

namespace assay {
namespace {

std::string change_text(double before, double after) {
  if (!(before > 0) || !std::isfinite(after)) return "";
  const double ratio = after / before;
  if (ratio >= 2) return fmt::format("× {:.3g}", ratio);
  return fmt::format("{} {}", ratio < 1 ? "−" : "+", share_text(std::abs(1 - ratio)));
}

std::string milliseconds_or_dash(double ms) { return ms > 0 && std::isfinite(ms) ? milliseconds_text(ms) : "–"; }

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  }
  return text;
}

/// What the role that took the catalog may not see: a table whose statistics are hidden looks like one that was never
/// analysed, and nothing found there is no sign that nothing is wrong.
std::string hidden_text(const Catalog& catalog) {
  constexpr std::size_t kNamed = 5;
  const auto& hidden = catalog.hidden_tables;
  if (hidden.empty()) return {};
  std::string names;
  for (std::size_t i = 0; i < std::min(hidden.size(), kNamed); ++i) names += (i > 0 ? ", " : "") + code_span(hidden[i]);
  if (hidden.size() > kNamed) names += ", …";
  return fmt::format(
      "**The statistics of {} of {} tables are hidden** from the role that took the catalog ({}): for these the "
      "planner "
      "falls back on its defaults, and what it finds or does not find there says little. `pg_monitor` does not show "
      "them: "
      "GRANT {} to the role, and take the catalog again.",
      hidden.size(), catalog.tables.size(), names,
      catalog.server_version >= 140000 ? "`pg_read_all_data`" : "SELECT on them");
}

}  // namespace

void Markdown::summary() {
  say("# Assay report{}\n\n", is_mysql(workload_)        ? ": slow query log"
                              : report_.database.empty() ? ""
                                                         : ": database " + code_span(report_.database));
  what_was_read();
  warn_of_many_skipped();
  what_is_left_out();
  if (workload_.classes.empty()) return;
  if (is_mysql(workload_)) return mysql_first_look();
  what_to_do();
  how_sure();
  today_and_after();
  first_chart();
}

void Markdown::what_was_read() {
  if (workload_.executions == 0) {
    say("**What was read.** No executed statement was found in {}.\n\n", inputs_text());
    return;
  }
  if (!workload_.span()) return what_was_read_without_times();
  say("**What was read.** {} in {}, from {} to {} ({}), from {}",
      plural(workload_.estimated_executions, "execution", "executions"),
      plural(workload_.classes.size(), "query class", "query classes"), to_the_second(*workload_.first),
      to_the_second(*workload_.last), milliseconds_text(seconds() * 1e3), inputs_text());
  say(": Q = {}", rate_text(static_cast<double>(workload_.estimated_executions) / seconds()));
  if (timed()) {
    const double at_work = static_cast<double>(workload_.estimated_total.count()) / 1e6 / seconds();
    say(", {} of logged time, that is {} statements at work on average. ", duration_text(workload_.estimated_total),
        cost_text(at_work));
  } else {
    say("; the log tells no durations, so shares are shares of the executions. ");
  }
  what_costs_most();
  if (workload_.counted_from_plans) {
    say(" The log holds no durations but auto_explain's plans, so the executions are those that it logged: none below "
        "`auto_explain.log_min_duration`, and with `auto_explain.log_nested_statements` a nested statement counts "
        "besides the one that called it.");
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
  say(". When it ran is not told: there are no rates, and savings are totals. ");
  what_costs_most();
  say("\n\n");
}

void Markdown::what_costs_most() {
  const QueryClass& heaviest = workload_.classes.front();
  std::size_t half = 0;
  double sum = 0;
  for (; half < workload_.classes.size() && sum < 0.5; ++half) sum += share_of(report_, workload_.classes[half]);
  say("{} costs most, {} of the {}", class_link(heaviest), share_text(share_of(report_, heaviest)), base());
  if (sum >= 0.5 && half > 1) say("; the {} heaviest classes make half of it", half);
  say(".");
}

void Markdown::what_to_do() {
  const std::vector<std::string> deeds = what_there_is_to_do();
  if (!advice_.recommendations.empty() && advice_.recommendations.front().evidence == Evidence::kNone) {
    say("**What to do.** {} can be named but not weighed, since no planner was asked: take a snapshot with `assay "
        "snapshot URI -o FILE` and give it with `--catalog FILE`.\n\n",
        plural(count_of<CreateIndex>(advice_), "index candidate", "index candidates"));
  } else if (!deeds.empty()) {
    say("**What to do.** {}.\n\n", sentence(joined(deeds)).substr(0, sentence(joined(deeds)).size() - 1));
  } else if (advice_.evidence == Evidence::kNone) {
    say("**What to do.** Nothing could be weighed: no planner was asked (see [how the figures were come "
        "by](#methods)).\n\n");
  } else {
    say("**What to do.** Nothing: no index among those considered would save enough to be worth creating.\n\n");
  }
}

std::vector<std::string> Markdown::what_there_is_to_do() const {
  std::vector<std::string> deeds;
  const std::size_t created = count_of<CreateIndex>(advice_), dropped = count_of<DropIndex>(advice_);
  const std::size_t caches = report_.caches.recommendations.size();
  for (const Recommendation& item : report_.partitions.recommendations) {
    deeds.push_back(fmt::format("[partition](#{}) {}, which saves {}", lower(item.id), code_span(title_of(item)),
                                gain_text(item.gain_ms_per_s)));
  }
  if (created > 0) {
    const Recommendation& first = advice_.recommendations.front();
    deeds.push_back(fmt::format("create {}", created == 1 ? "the index" : fmt::format("{} indexes, first", created)) +
                    fmt::format(" [{}](#{}) on {}, which saves {}", first.id, lower(first.id),
                                code_span(title_of(first)), gain_text(first.gain_ms_per_s)));
  }
  if (dropped > 0) deeds.push_back(fmt::format("[drop {}](#existing-indexes)", plural(dropped, "index", "indexes")));
  if (caches > 0) {
    deeds.push_back(fmt::format("[keep the results](#caches) of {}", plural(caches, "query class", "query classes")));
  }
  if (!report_.replicas.recommendations.empty()) {
    deeds.push_back(fmt::format("[add {}](#replicas)", title_of(report_.replicas.recommendations.front())));
  }
  if (!advice_.rewrites.empty()) {
    deeds.push_back(
        fmt::format("[write {} otherwise](#rewrites)", plural(advice_.rewrites.size(), "statement", "statements")));
  }
  return deeds;
}

void Markdown::how_sure() {
  if (report_.catalog) {
    const std::string hidden = hidden_text(*report_.catalog);
    if (!hidden.empty()) say("{}\n\n", hidden);
  }
  const Shares shares = shares_of(report_);
  const std::string distance =
      advice_.selection && count_of<CreateIndex>(advice_) > 0 ? " " + distance_text() : std::string();
  if (advice_.evidence == Evidence::kNone) {
    say("**How sure.** {} of the {} was understood; nothing was planned, so no cost and no gain is given.\n\n",
        share_text(shares.parsed), base());
    return;
  }
  if (advice_.evidence == Evidence::kEstimated) {
    say("**How sure.** For {} of the {} costs were estimated by Assay's built-in model from statistics alone: close to "
        "PostgreSQL's planner for scans of one table, rougher for joins. Times after a change are today's logged "
        "times, scaled by the ratio of these costs: forecasts, not measurements. Where PostgreSQL's server programs "
        "are installed, the planner itself is asked.{}\n\n",
        share_text(shares.planned), base(), distance);
    return;
  }
  say("**How sure.** {} of the {} was planned by PostgreSQL's own planner; times after a change are today's logged "
      "times, scaled by what the plans are predicted to take: forecasts, not measurements.{}\n\n",
      share_text(shares.planned), base(), distance);
}

std::string Markdown::distance_text() const {
  const SelectionSummary& selection = *advice_.selection;
  std::string text = selection.gap < 5e-4 ? "No other choice of these candidates does better"
                                          : fmt::format(
                                                "The indexes are within {} of the best choice of these "
                                                "candidates",
                                                share_text(selection.gap));
  text += " (as far as the planner was asked).";
  if (selection.limit_struck) {
    text += fmt::format(" The limit of {} what-if calls struck, so it is the best so far.",
                        count_text(*selection.calls_limit));
  }
  return text;
}

void Markdown::today_and_after() {
  const Forecast* forecast = forecast_of(report_);
  const bool weighed = advice_.selection && count_of<CreateIndex>(advice_) > 0;
  if (!workload_.span() || (!forecast && !weighed)) return;
  const bool changes = weighed || (forecast && !forecast->steps.empty());
  const auto row = [&](const std::string& what, const std::string& today, const std::string& after,
                       const std::string& change) {
    if (changes) {
      say("| {} | {} | {} | {} |\n", what, today, after, change);
    } else {
      say("| {} | {} |\n", what, today);
    }
  };
  row("", "today", "after all of it", "");
  say("{}\n", changes ? "|---|---:|---:|---:|" : "|---|---:|");
  if (weighed) {
    const SelectionSummary& selection = *advice_.selection;
    row(base() + " a second", gain_text(selection.objective_before),
        gain_text(selection.objective_after), change_text(selection.objective_before, selection.objective_after));
  }
  if (forecast) forecast_rows(*forecast, row);
  if (weighed) {
    const SelectionSummary& selection = *advice_.selection;
    row("disk for new indexes", "–", bytes_text(selection.used_bytes),
        selection.budget_bytes ? fmt::format("of {}", bytes_text(*selection.budget_bytes)) : "");
  }
  if (!report_.caches.recommendations.empty())
    row("memory for results", "–", bytes_text(report_.caches.memory_used), "");
  say("\n");
}

void Markdown::forecast_rows(const Forecast& forecast, const SummaryRow& row) {
  const ForecastPoint &before = forecast.before, &after = forecast.after;
  const auto band = [](const Estimate& of) { return fmt::format("{} to {}", cost_text(of.low), cost_text(of.high)); };
  row(fmt::format("[throughput](#throughput), {}",
                  plural(static_cast<std::uint64_t>(forecast.sessions), "session", "sessions")),
      rate_text(before.throughput.value),
      fmt::format("{} (90 %: {})", rate_text(after.throughput.value), band(after.throughput)),
      change_text(before.throughput.value, after.throughput.value));
  if (const auto& step = report_.replicas.step) {
    row(fmt::format("… with {} too", title_of(report_.replicas.recommendations.front())),
        rate_text(before.throughput.value),
        fmt::format("{} (90 %: {})", rate_text(step->together.throughput.value), band(step->together.throughput)),
        change_text(before.throughput.value, step->together.throughput.value));
  }
  row("response time, mean", milliseconds_or_dash(before.response.value), milliseconds_or_dash(after.response.value),
      change_text(before.response.value, after.response.value));
  row("response time, 95 %", milliseconds_or_dash(before.p95), milliseconds_or_dash(after.p95),
      change_text(before.p95, after.p95));
  row(fmt::format("processor at work, {}{}", plural(report_.throughput->cores, "core", "cores"),
                  report_.throughput->cores_assumed ? " (assumed: `--cores`)" : ""),
      share_text(before.utilisation), share_text(after.utilisation), "");
  row("capacity", rate_text(before.capacity.value),
      fmt::format("{} (90 %: {})", rate_text(after.capacity.value), band(after.capacity)),
      change_text(before.capacity.value, after.capacity.value));
}

void Markdown::first_chart() {
  const auto growth = growth_chart(report_);
  const auto chart = growth ? growth : heaviest_chart(report_);
  if (chart) say("{}\n", to_block(*chart, style_));
}

void Markdown::heading(std::string_view anchor, std::string_view title) {
  say("<a id=\"{}\"></a>\n\n## {}\n\n", anchor, title);
  contents_ += fmt::format("{}[{}](#{})", contents_.empty() ? "" : " · ", title, anchor);
}

void Markdown::chart(const std::optional<Chart>& drawn, const std::string& as_text) {
  if (!drawn || style_ == ChartStyle::kText) {
    say("{}", as_text);
    return;
  }
  say("{}\n", to_block(*drawn, style_));
  if (!as_text.empty()) say("<details><summary>In figures</summary>\n\n{}</details>\n\n", as_text);
}

}  // namespace assay
