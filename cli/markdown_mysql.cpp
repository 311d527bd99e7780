// What a report says otherwise where the log is MySQL's: the rows that a statement reads for each one that it sends
// tell more than any index that could be named, and no planner is asked.
#include <algorithm>

#include "cli/markdown.h"

namespace assay {
namespace {

/// Rows read for each one sent; nothing for statements that send none, such as UPDATE.
std::optional<double> examined_per_sent(const QueryClass& query) {
  if (!query.rows || query.rows->sent == 0) return std::nullopt;
  return static_cast<double>(query.rows->examined) / static_cast<double>(query.rows->sent);
}

/// A sum over the logged executions as a mean of them.
double per_call(const QueryClass& query, double sum) {
  return sum / static_cast<double>(std::max<std::uint64_t>(query.calls + query.errors, 1));
}

double examined_per_call(const QueryClass& query) {
  return query.rows ? per_call(query, static_cast<double>(query.rows->examined)) : 0;
}

constexpr double kManyRows = 100;  // fewer cost little whatever the index

bool reads_many(const QueryClass& query) {
  return examined_per_call(query) >= kManyRows && examined_per_sent(query).value_or(kManyRows) >= kManyRows;
}

}  // namespace

void Markdown::mysql_first_look() {
  const auto found = std::find_if(workload_.classes.begin(), workload_.classes.end(), reads_many);
  say("**What to look at first.** ");
  if (found == workload_.classes.end()) {
    say("No class reads {} rows or more for each one that it sends.", cost_text(kManyRows));
  } else {
    const auto ratio = examined_per_sent(*found);
    say("{} is the heaviest class that reads far more than it sends: {} rows an execution, {}.",
        class_reference(static_cast<std::size_t>(found - workload_.classes.begin())),
        cost_text(examined_per_call(*found)), ratio ? cost_text(*ratio) + " for each one sent" : "and sends none");
    say(" A missing index shows like that; so does a count or a sum over many rows.");
  }
  say(" Which results a cache could keep is judged below; indexes are advised for PostgreSQL only.\n\n");
}

void Markdown::mysql_class_table(std::size_t shown) {
  say("Rows and lock time are means of an execution.\n\n");
  say("| class | calls | total | share | mean | p95 | max | rows sent | examined | per row sent | lock | statement "
      "|\n");
  say("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|\n");
  for (std::size_t i = 0; i < shown; ++i) {
    const QueryClass& query = workload_.classes[i];
    const RowCounts rows = query.rows.value_or(RowCounts{});
    const auto ratio = examined_per_sent(query);
    say("| {} | {} | {} | {} | {} | {} | {} ", class_link(query), count_text(query.estimated_calls()),
        duration_text(query.estimated_total()), share_text(share_of(report_, query)),
        milliseconds_text(query.mean_us() / 1e3), duration_text(query.percentile(0.95)), duration_text(query.longest));
    say("| {} | {} | {} | {} | {} |\n", cost_text(per_call(query, static_cast<double>(rows.sent))),
        cost_text(examined_per_call(query)), ratio ? cost_text(*ratio) : "–",
        milliseconds_text(per_call(query, static_cast<double>(rows.lock_time.count()) / 1e3)),
        table_code_span(shortened(query.normalized, kSqlInTable)));
  }
  say("\n");
}

void Markdown::mysql_class_rows(const QueryClass& query) {
  if (!query.database.empty()) say("In database {}: ", code_span(query.database));
  say("{} sent, {} examined, {} of the time waiting for locks, by the logged executions.\n\n",
      plural(query.rows->sent, "row", "rows"), count_text(query.rows->examined), duration_text(query.rows->lock_time));
}

void Markdown::mysql_methods() {
  say("- A query class is all executions of one text with its literals folded, in one database. A command of the "
      "protocol (Prepare, Ping, Quit) is a class of its own.\n");
  say("- Logged time is response time as the server logged it, Lock_time included. Rows examined are those that the "
      "server read to find the rows sent.\n");
  say("- A statement that failed is counted under errors, where the log tells (log_slow_extra, Percona Server), with "
      "its "
      "time.\n");
  std::uint64_t inside = 0;
  for (const InputAccount& input : workload_.inputs) inside += input.inside_procedures;
  if (inside > 0) {
    say("- {} inside of stored procedures, and the log tells their time again with the CALL. They count as they are, "
        "and of a CALL counts what is left: its own time, locks and rows.\n",
        inside == 1 ? "1 statement ran" : fmt::format("{} statements ran", count_text(inside)));
  }
  cache_methods();
}

}  // namespace assay
