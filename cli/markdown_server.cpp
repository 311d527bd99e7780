// What the server did by itself (checkpoints, autovacuum), and for whom it worked (clients, connections).
#include <algorithm>

#include "cli/markdown.h"

namespace assay {
namespace {

constexpr std::int64_t kBytesPerKilobyte = 1024;

std::int64_t mean(std::uint64_t sum, std::uint64_t count) {
  return static_cast<std::int64_t>(sum / std::max<std::uint64_t>(count, 1));
}

double share(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(whole, 1));
}

std::string remarks_on(const TableMaintenance& table) {
  std::string text;
  const auto add = [&](std::uint64_t count, const char* what) {
    if (count > 0) text += (text.empty() ? "" : ", ") + count_text(count) + " " + what;
  };
  add(table.aggressive, "aggressive");
  add(table.wraparound, "to prevent wraparound");
  add(table.cancelled, "cancelled for a lock");
  if (table.most_index_scans > 1) {
    text += (text.empty() ? "" : ", ") + count_text(table.most_index_scans) +
            " passes over the indexes in one run: `autovacuum_work_mem` holds too few dead rows";
  }
  return text;
}

}  // namespace

/// From the first record to the last one, executions or not.
double Markdown::seconds_of_log() const {
  if (!workload_.first || events_.messages.count == 0) return seconds();
  const Microseconds span = std::max(workload_.last->utc, events_.messages.last.utc) -
                            std::min(workload_.first->utc, events_.messages.first.utc);
  return static_cast<double>(span.count()) / 1e6;
}

void Markdown::checkpoints() {
  const CheckpointTally& tally = events_.checkpoints;
  if (tally.completed.count == 0 && tally.too_frequent.count == 0) return;
  heading("checkpoints", "Checkpoints");
  if (tally.completed.count > 0) checkpoint_times();
  if (tally.by_wal > tally.timed) {
    say("More were due to WAL than to time: `max_wal_size` is reached before `checkpoint_timeout` has passed. Each "
        "checkpoint makes the next change of every page log the whole page.");
    if (tally.most_distance_kb > 0) {
      say(" The WAL between two of them was up to {}.",
          bytes_text(static_cast<std::int64_t>(tally.most_distance_kb) * kBytesPerKilobyte));
    }
    say("\n\n");
  }
  if (tally.too_frequent.count > 0) {
    say("The server itself warned {} that they come within `checkpoint_warning` of each other, the last time at "
        "{}.\n\n",
        plural(tally.too_frequent.count, "time", "times"), to_the_second(tally.too_frequent.last));
  }
}

void Markdown::checkpoint_times() {
  const CheckpointTally& tally = events_.checkpoints;
  say("{} from {} to {}", plural(tally.completed.count, "checkpoint", "checkpoints"),
      to_the_second(tally.completed.first), to_the_second(tally.completed.last));
  if (tally.restartpoints > 0) say(", {} of them restartpoints of a standby", count_text(tally.restartpoints));
  say(". Begun by time {}, by WAL {}, on request {}, by a shutdown or the end of recovery {}.\n\n",
      count_text(tally.timed), count_text(tally.by_wal), count_text(tally.requested), count_text(tally.shutdown));
  say("|  | sum | mean | largest |\n|---|---:|---:|---:|\n");
  const auto count = static_cast<std::int64_t>(tally.completed.count);
  say("| duration | {} | {} | {} |\n", duration_text(tally.total), duration_text(tally.total / count),
      duration_text(tally.longest_total));
  say("| … writing | {} | {} |  |\n", duration_text(tally.write), duration_text(tally.write / count));
  say("| … syncing; the largest is one file's | {} | {} | {} |\n", duration_text(tally.sync),
      duration_text(tally.sync / count), duration_text(tally.longest_sync));
  say("| buffers written | {} | {} | {} |\n", count_text(tally.buffers),
      count_text(static_cast<std::uint64_t>(mean(tally.buffers, tally.completed.count))),
      count_text(tally.most_buffers));
  say("| WAL since the checkpoint before | {} | {} | {} |\n\n",
      bytes_text(static_cast<std::int64_t>(tally.distance_kb) * kBytesPerKilobyte),
      bytes_text(mean(tally.distance_kb, tally.completed.count) * kBytesPerKilobyte),
      bytes_text(static_cast<std::int64_t>(tally.most_distance_kb) * kBytesPerKilobyte));
  say("WAL files: {} added, {} removed, {} recycled.", count_text(tally.wal_added), count_text(tally.wal_removed),
      count_text(tally.wal_recycled));
  if (const double span = seconds_of_log(); span > 0) {
    say(" A checkpoint was under way for {} of the log's time.",
        share_text(std::min(static_cast<double>(tally.total.count()) / 1e6 / span, 1.0)));
  }
  say("\n\n");
}

void Markdown::autovacuum() {
  if (events_.maintenance.empty()) return;
  Microseconds total{0};
  bool dead = false;
  for (const TableMaintenance& table : events_.maintenance) {
    accumulate(total, table.vacuum_time);
    accumulate(total, table.analyze_time);
    dead |= table.most_tuples_dead > 0;
  }
  heading("autovacuum", "Autovacuum");
  say("{} took {} of autovacuum's time (runs of "
      "`log_autovacuum_min_duration` or longer).\n\n",
      plural(events_.maintenance.size(), "table", "tables"), duration_text(total));
  say("| table | vacuums | analyzes | time | longest | rows removed | dead, not removable | pages read | remarks |\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|---|\n");
  const std::size_t shown = std::min(events_.maintenance.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const TableMaintenance& table = events_.maintenance[i];
    say("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", table_code_span(table.table), count_text(table.vacuums),
        count_text(table.analyzes), duration_text(table.vacuum_time + table.analyze_time), duration_text(table.longest),
        count_text(table.tuples_removed), count_text(table.most_tuples_dead), count_text(table.buffers_read),
        remarks_on(table));
  }
  more(events_.maintenance.size(), shown, "tables");
  if (!dead) return;
  say("Dead and not removable, the most in one run: a transaction that began before they died was still open. Look for "
      "it "
      "in `pg_stat_activity` (`backend_xmin`), `pg_prepared_xacts` and `pg_replication_slots` (`xmin`); with "
      "`hot_standby_feedback`, on the standbys too.\n\n");
}

void Markdown::clients() {
  if (workload_.clients.size() < 2) return;
  heading("clients", "Clients");
  say("| user | database | application | host | executions | errors | logged time | share |\n"
      "|---|---|---|---|---:|---:|---:|---:|\n");
  const auto name = [](const std::string& text) { return text.empty() ? "–" : table_code_span(text); };
  const auto total = static_cast<double>(std::max<std::int64_t>(workload_.total.count(), 1));
  const std::size_t shown = std::min(workload_.clients.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const ClientLoad& client = workload_.clients[i];
    say("| {} | {} | {} | {} | {} | {} | {} | {} |\n", name(client.user), name(client.database),
        name(client.application), name(client.host), count_text(client.executions), count_text(client.errors),
        duration_text(client.total),
        timed() ? share_text(static_cast<double>(client.total.count()) / total)
                : share_text(share(client.executions, workload_.executions)));
  }
  more(workload_.clients.size(), shown, "clients");
}

void Markdown::connections() {
  const ConnectionTally& tally = events_.connections;
  if (tally.authorized.count + tally.ended.count + tally.failures.size() + tally.refused_no_slot == 0) return;
  heading("connections", "Connections");
  if (tally.authorized.count > 0) {
    say("{} authorized", plural(tally.authorized.count, "connection", "connections"));
    if (const double span = seconds_of_log(); span > 0) {
      say(", {}", rate_text(static_cast<double>(tally.authorized.count) / span));
    }
    say(", at most {} within a minute; at most {} open at a time.\n\n", count_text(tally.most_a_minute),
        plural(tally.most_open, "session", "sessions"));
  }
  if (tally.ended.count > 0) {
    say("{} ended: median {}, longest {}; {} ({}) lasted less than {}.",
        plural(tally.ended.count, "session", "sessions"), duration_text(tally.median_session),
        duration_text(tally.longest_session), count_text(tally.short_lived),
        share_text(share(tally.short_lived, tally.ended.count)), duration_text(ConnectionTally::kShortSession));
    if (tally.short_lived * 2 > tally.ended.count && tally.ended.count >= 100) {
      say(" Each of them cost a server process and an authentication: a pool of connections would save that.");
    }
    say("\n\n");
  }
  if (tally.refused_no_slot > 0) {
    say("{} refused for want of a slot (`max_connections`, limits of roles and databases).\n\n",
        plural(tally.refused_no_slot, "connection was", "connections were"));
  }
  if (tally.unencrypted > 0) {
    say("{} from another host came without SSL or GSS encryption.\n\n",
        plural(tally.unencrypted, "connection", "connections"));
  }
  connection_groups();
  authentication_failures();
}

void Markdown::connection_groups() {
  const auto& groups = events_.connections.groups;
  if (groups.empty()) return;
  say("| user | database | host | connections | sessions ended | their mean time |\n|---|---|---|---:|---:|---:|\n");
  const std::size_t shown = std::min(groups.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const ConnectionGroup& group = groups[i];
    const auto ended = static_cast<std::int64_t>(group.disconnections);
    say("| {} | {} | {} | {} | {} | {} |\n", table_code_span(group.user), table_code_span(group.database),
        group.host.empty() ? "–" : table_code_span(group.host), count_text(group.connections),
        count_text(group.disconnections), ended > 0 ? duration_text(group.session_time / ended) : "–");
  }
  more(groups.size(), shown, "combinations");
}

void Markdown::authentication_failures() {
  const auto& failures = events_.connections.failures;
  if (failures.empty()) return;
  say("| failed authentication | user | host | count | first | last |\n|---|---|---|---:|---|---|\n");
  const std::size_t shown = std::min(failures.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    say("| {} | {} | {} | {} | {} |\n", table_code_span(failures[i].reason), table_code_span(failures[i].user),
        failures[i].host.empty() ? "–" : table_code_span(failures[i].host), count_text(failures[i].seen.count),
        times(failures[i].seen));
  }
  more(failures.size(), shown, "failures by reason, user and host");
}

}  // namespace assay
