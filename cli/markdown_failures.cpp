// What went wrong: alarms, errors, cancelled statements, locks and deadlocks, temporary files.
#include <algorithm>
#include <array>
#include <map>

#include "cli/markdown.h"

namespace assay {
namespace {

std::string_view meaning_of(Alarm alarm) {
  switch (alarm) {
    case Alarm::kCrash:
      return "A server process was ended by a signal: all sessions were cut off, and the server recovered. Signal 9 is "
             "mostly the kernel's out-of-memory killer (`dmesg -T`); after 6 or 11, look for a core file.";
    case Alarm::kRecovery:
      return "Connections were refused because the server was starting, recovering or shutting down.";
    case Alarm::kDiskFull:
      return "A file system is full: data, `pg_wal` (`archive_command`, replication slots), or temporary files "
             "(`temp_file_limit`).";
    case Alarm::kSharedMemory:
      return "Mostly the lock table: it has room for `max_locks_per_transaction` × (`max_connections` + "
             "`max_prepared_transactions`) locks, and each partition and index that a statement touches takes one.";
    case Alarm::kOutOfMemory:
      return "The operating system refused memory: `work_mem` times sorts and hashes times sessions, or a large result "
             "in one row.";
    case Alarm::kCorruption:
      return "Pages could not be read. Copy the data folder before anything else; then `pg_checksums --check` on the "
             "copy "
             "and `pg_amcheck` tell how far it goes.";
    case Alarm::kWraparound:
      return "Transaction ids run out: `SELECT datname, age(datfrozenxid) FROM pg_database ORDER BY 2 DESC`, and what "
             "holds vacuum back (open and prepared transactions, replication slots).";
  }
  return {};
}

std::string_view setting_of(CancelCause cause) {
  constexpr std::array<std::string_view, kCancelCauses> kSettings = {"`statement_timeout`",
                                                                     "`lock_timeout`",
                                                                     "the client, `pg_cancel_backend()`",
                                                                     "`max_standby_streaming_delay`",
                                                                     "`idle_in_transaction_session_timeout`",
                                                                     "`idle_session_timeout`",
                                                                     "`transaction_timeout`",
                                                                     "`pg_terminate_backend()`, a shutdown"};
  return kSettings[static_cast<std::size_t>(cause)];
}

std::string names_text(const std::set<std::string>& users, const std::set<std::string>& applications) {
  std::string text;
  for (const auto* names : {&users, &applications}) {
    for (const std::string& name : *names) text += (text.empty() ? "" : ", ") + table_code_span(name);
  }
  return text.empty() ? "–" : text;
}

}  // namespace

/// The statement of a class, linked where it has a place in the report.
std::string Markdown::class_cells(ClassId id) const {
  const auto found = positions_.find(id);
  if (found == positions_.end()) return id == 0 ? "(not in the log)" : code_span(class_name(id).substr(0, 8));
  return class_reference(found->second) + " " +
         table_code_span(shortened(workload_.classes[found->second].normalized, kSqlInTable));
}

/// Cells of the first and the last time.
std::string Markdown::times(const Occurrences& seen) const {
  return to_the_second(seen.first) + " | " + to_the_second(seen.last);
}

void Markdown::more(std::size_t all, std::size_t shown, std::string_view what) {
  if (all > shown) say("\n… and {} more {}.\n", count_text(all - shown), what);
  say("\n");
}

void Markdown::alarms() {
  if (events_.alarms.empty()) return;
  heading("alarms", "Alarms");
  for (const AlarmGroup& alarm : events_.alarms) {
    say("- {} × {}, first at {} (line {})", count_text(alarm.seen.count), code_span(alarm.message),
        to_the_second(alarm.seen.first), count_text(alarm.line));
    if (alarm.seen.count > 1) say(", last at {}", to_the_second(alarm.seen.last));
    if (!alarm.statement.empty()) say(", running {}", code_span(shortened(alarm.statement, kSqlInTable)));
    say(". {}\n", meaning_of(alarm.alarm));
  }
  say("\n");
}

void Markdown::errors() {
  if (workload_.errors == 0) return;
  heading("errors", "Errors");
  say("{} in the log", plural(workload_.errors, "error", "errors"));
  if (workload_.executions > 0) {
    say(", {} for every 1,000 executions",
        cost_text(1e3 * static_cast<double>(workload_.errors) / static_cast<double>(workload_.executions)));
  }
  say(".\n\n");
  errors_by_state();
  say("| SQLSTATE | errors | completed calls | statement | first | last | message | from |\n"
      "|---|---:|---:|---|---|---|---|---|\n");
  const std::size_t shown = std::min(events_.errors.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const ErrorGroup& error = events_.errors[i];
    const auto query = positions_.find(error.class_id);
    say("| {} | {} | {} | {} | {} | {} | {} |\n", error.sqlstate.empty() ? "–" : table_code_span(error.sqlstate),
        count_text(error.seen.count),
        query == positions_.end() ? "–" : count_text(workload_.classes[query->second].calls),
        class_cells(error.class_id), times(error.seen), table_code_span(shortened(error.message, kSqlInTable)),
        names_text(error.users, error.applications));
  }
  more(events_.errors.size(), shown, "kinds of errors by statement");
}

void Markdown::errors_by_state() {
  std::map<std::string, std::uint64_t> states;
  for (const ErrorGroup& error : events_.errors) states[error.sqlstate] += error.seen.count;
  say("| SQLSTATE | class | errors |\n|---|---|---:|\n");
  for (const auto& [state, count] : states) {
    say("| {} | {} | {} |\n", state.empty() ? "not told (`%e` in `log_line_prefix`)" : table_code_span(state),
        state.empty() ? "–" : sqlstate_class_name(state), count_text(count));
  }
  say("\n");
}

void Markdown::cancelled() {
  if (events_.cancelled.empty()) return;
  heading("cancelled", "Cancelled statements");
  say("They are among the errors; the time that they took is in "
      "no figure of this report, since the log does not tell it.\n\n");
  say("| cause | by | count | statement | first | last |\n|---|---|---:|---|---|---|\n");
  const std::size_t shown = std::min(events_.cancelled.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const CancelGroup& group = events_.cancelled[i];
    say("| {} | {} | {} | {} | {} |\n", to_string(group.cause), setting_of(group.cause), count_text(group.seen.count),
        class_cells(group.class_id), times(group.seen));
  }
  more(events_.cancelled.size(), shown, "of them by cause and statement");
}

void Markdown::locks() {
  if (events_.lock_waits.empty() && events_.deadlocks.empty() &&
      events_.locks_not_obtained + events_.deadlocks_avoided == 0) {
    return;
  }
  heading("locks", "Locks and deadlocks");
  lock_waits();
  if (events_.locks_not_obtained > 0) {
    say("{} given up at once (NOWAIT, `log_lock_failures`).\n\n",
        plural(events_.locks_not_obtained, "lock request was", "lock requests were"));
  }
  if (events_.deadlocks_avoided > 0) {
    say("{} avoided by letting another process of the queue go first.\n\n",
        plural(events_.deadlocks_avoided, "deadlock was", "deadlocks were"));
  }
  deadlocks();
}

void Markdown::lock_waits() {
  if (events_.lock_waits.empty()) return;
  std::uint64_t waits = 0;
  Microseconds total{0}, longest{0};
  for (const LockWaitGroup& group : events_.lock_waits) {
    waits += group.seen.count;
    accumulate(total, group.total);
    longest = std::max(longest, group.longest);
  }
  say("{} of `deadlock_timeout` or longer, {} in all, the longest {}. Shorter ones are not logged. Where a wait was "
      "not "
      "granted, its time is a lower bound. The statement that blocked is the holder's: a write to that table in its "
      "open "
      "transaction, or what it was running. *Queue*: the most processes that waited for one lock.\n\n",
      plural(waits, "lock wait", "lock waits"), duration_text(total), duration_text(longest));
  say("| waits | granted | total | longest | queue | lock | on | waiting statement | blocked by |\n"
      "|---:|---:|---:|---:|---:|---|---|---|---|\n");
  const std::size_t shown = std::min(events_.lock_waits.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const LockWaitGroup& group = events_.lock_waits[i];
    std::string blockers;
    for (std::size_t k = 0; k < std::min<std::size_t>(group.blockers.size(), 3); ++k) {
      blockers +=
          (k > 0 ? "; " : "") + count_text(group.blockers[k].waits) + " × " + class_cells(group.blockers[k].class_id);
    }
    const bool is_oid = group.relation.starts_with("OID ");
    say("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", count_text(group.seen.count), count_text(group.granted),
        duration_text(group.total), duration_text(group.longest), count_text(group.longest_queue),
        table_code_span(group.mode),
        group.target + (group.relation.empty() ? "" : (is_oid ? ", " : " of ") + table_code_span(group.relation)),
        class_cells(group.class_id), blockers);
  }
  more(events_.lock_waits.size(), shown, "kinds of waits");
}

void Markdown::deadlocks() {
  const std::size_t shown = std::min(events_.deadlocks.size(), kServedShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const DeadlockGroup& group = events_.deadlocks[i];
    say("{} among these statements{}, first at {}, last at {}:\n\n", plural(group.seen.count, "deadlock", "deadlocks"),
        group.relation.empty() ? "" : " over rows of " + code_span(group.relation), to_the_second(group.seen.first),
        to_the_second(group.seen.last));
    for (const DeadlockGroup::Party& party : group.parties) {
      const auto query = positions_.find(party.class_id);
      say("{}waiting for {} on {}:\n\n{}\n", query == positions_.end() ? "" : class_reference(query->second) + ", ",
          code_span(party.mode), code_span(party.target), code_block(party.query, "sql"));
    }
  }
  if (events_.deadlocks.size() > shown) more(events_.deadlocks.size(), shown, "kinds of deadlocks");
}

void Markdown::temporary_files() {
  if (events_.temporary_files.empty()) return;
  std::uint64_t files = 0, bytes = 0;
  for (const TemporaryFileGroup& group : events_.temporary_files) {
    files += group.seen.count;
    bytes += group.bytes;
  }
  heading("temporary-files", "Temporary files");
  say("{} with {} in all, of `log_temp_files` or larger. One "
      "execution may write several. The size of a file is not the `work_mem` that avoids it: in memory, rows take more "
      "room than in the file. `SET LOCAL work_mem` and EXPLAIN (ANALYZE) tell.\n\n",
      plural(files, "file", "files"), bytes_text(static_cast<std::int64_t>(bytes)));
  say("| files | total | largest | statement | first | last |\n|---:|---:|---:|---|---|---|\n");
  const std::size_t shown = std::min(events_.temporary_files.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const TemporaryFileGroup& group = events_.temporary_files[i];
    say("| {} | {} | {} | {} | {} |\n", count_text(group.seen.count),
        bytes_text(static_cast<std::int64_t>(group.bytes)), bytes_text(static_cast<std::int64_t>(group.largest)),
        class_cells(group.class_id), times(group.seen));
  }
  more(events_.temporary_files.size(), shown, "statements with temporary files");
}

}  // namespace assay
