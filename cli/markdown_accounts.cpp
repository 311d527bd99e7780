// The accounts: what became of every line, of every input, and of all logged time.
#include <algorithm>
#include <map>

#include "analyzer/workload_builder.h"
#include "cli/censoring_text.h"
#include "cli/coverage.h"
#include "cli/markdown.h"
#include "parser/log/prefix_omissions.h"

namespace assay {

/// Where much was skipped: among the first lines, since all that follows rests on what is left.
void Markdown::warn_of_many_skipped() {
  for (const InputAccount& input : workload_.inputs) {
    const auto many = many_skipped(input);
    if (many)
      say("**Read with care.** In {}, {}. {}\n\n", code_span(input.path), plain_text(many->what),
          plain_text(sentence(many->hint)));
  }
}

/// The one place that says that figures are estimates or lower bounds.
void Markdown::what_is_left_out() {
  std::string text;
  for (const std::string& missing : what_the_log_leaves_out(report_)) text += " " + plain_text(sentence(missing));
  if (!text.empty()) say("**What the log leaves out.**{}\n\n", text);
}

/// "3 inputs of 2 servers, 1 of them left out because it tells the same run as another".
std::string Markdown::inputs_text() const {
  const auto& inputs = workload_.inputs;
  std::string text = plural(inputs.size(), "input", "inputs");
  if (const auto servers = server_count(workload_); servers > 1) text += fmt::format(" of {} servers", servers);
  const auto left_out =
      std::count_if(inputs.begin(), inputs.end(), [](const InputAccount& input) { return input.left_out; });
  if (left_out > 0) text += fmt::format(" ({} of them left out: told by another)", left_out);
  return text;
}

/// How it was read, and what of it was counted.
void Markdown::what_it_is(const InputAccount& input) {
  if (!input.log_line_prefix.empty() && !input.left_out) {
    const auto missing = prefix_omissions(input.log_line_prefix, input.format);
    say("\n- {}: read with log_line_prefix {}{}\n", code_span(input.path), code_span(input.log_line_prefix),
        missing.empty() ? "" : fmt::format(", which leaves out {}", fmt::join(missing, ", ")));
  }
  if (input.cut_short) {
    say("\n- {}: could be read only up to line {}; what follows is not in this report\n", code_span(input.path),
        count_text(input.lines));
  }
  if (input.left_out && !input.left_out_why.empty()) {
    say("\n- {}: left out, since it {}\n", code_span(input.path), plain_text(input.left_out_why));
  } else if (input.left_out) {
    say("\n- {}: left out, since it tells the same run as {}\n", code_span(input.path), code_span(input.same_run_as));
  } else if (input.told_before > 0) {
    say("\n- {}: {} told in {} too, and counted there\n", code_span(input.path),
        plural(input.told_before, "record is", "records are"), code_span(input.same_run_as));
  }
  if (server_count(workload_) > 1) say("\n- {}: of server {}\n", code_span(input.path), input.server + 1);
}

void Markdown::lines_account() {
  heading("account", "The account of every line");
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
  for (const InputAccount& input : workload_.inputs) what_it_is(input);
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
  say("| … of which {} | {} |\n",
      is_mysql(workload_) ? "statements that failed" : "parse, bind and fetch without a completed execution",
      duration_text(unfinished));
  say("| durations without a statement | {} |\n", duration_text(workload_.unattributed.total));
  say("| in classes beyond the {} that are kept | {} |\n", count_text(WorkloadBuilder::kMostClasses),
      duration_text(workload_.overflow.total));
  say("| in all | {} |\n", duration_text(workload_.total));
  if (workload_.is_sampled())
    say("| with what the sample stands for | {} |\n", duration_text(workload_.estimated_total));
  say("\n");
}

/// Advice is for one database; where the time went is told of all.
void Markdown::databases() {
  struct Load {
    Microseconds total{0};
    std::uint64_t calls = 0;
    double share = 0;
  };
  std::map<std::string, Load> loads;
  for (const QueryClass& query : workload_.classes) {
    Load& load = loads[query.database];
    accumulate(load.total, query.estimated_total());
    load.calls += query.estimated_calls();
    load.share += share_of(report_, query);
  }
  if (loads.size() < 2) return;
  std::vector<std::pair<std::string, Load>> sorted(loads.begin(), loads.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.share > b.second.share; });
  say("| database | calls | logged time | share | advice |\n|---|---:|---:|---:|---|\n");
  for (std::size_t i = 0; i < std::min(sorted.size(), kDatabasesShown); ++i) {
    const auto& [name, load] = sorted[i];
    say("| {} | {} | {} | {} | {} |\n", table_code_span(name), count_text(load.calls), duration_text(load.total),
        share_text(load.share), name == report_.database ? "in this report" : "none here: give its own catalog");
  }
  if (sorted.size() > kDatabasesShown) say("\n… and {} more.\n", sorted.size() - kDatabasesShown);
  say("\n");
}

}  // namespace assay
