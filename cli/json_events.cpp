#include "cli/json_events.h"

#include <array>

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

double ms(Microseconds duration) { return static_cast<double>(duration.count()) / 1e3; }

/// {"query": id}, or nothing where no statement is known.
Json of_class(ClassId id) { return id == 0 ? Json::object() : Json{{"query", class_name(id)}}; }

void add_seen(Json& json, const Report& report, const Occurrences& seen) {
  json["count"] = seen.count;
  json["first"] = time_text(report, seen.first);
  json["last"] = time_text(report, seen.last);
}

/// A list of what `tell` makes of each item; no key for an empty one.
template <typename Items, typename Tell>
void add_list(Json& json, const char* key, const Items& items, Tell tell) {
  if (items.empty()) return;
  Json& list = json[key] = Json::array();
  for (const auto& item : items) list.push_back(tell(item));
}

Json error_json(const Report& report, const ErrorGroup& error) {
  Json json = of_class(error.class_id);
  if (!error.sqlstate.empty()) json["sqlstate"] = error.sqlstate;
  add_seen(json, report, error.seen);
  json["message"] = error.message;
  json["users"] = error.users;
  json["applications"] = error.applications;
  return json;
}

Json lock_wait_json(const Report& report, const LockWaitGroup& wait) {
  Json json = of_class(wait.class_id);
  json["mode"] = wait.mode;
  json["target"] = wait.target;
  if (!wait.relation.empty()) json["relation"] = wait.relation;
  add_seen(json, report, wait.seen);
  json["granted"] = wait.granted;
  json["longest_queue"] = wait.longest_queue;
  json["total_ms"] = ms(wait.total);
  json["longest_ms"] = ms(wait.longest);
  add_list(json, "blockers", wait.blockers, [](const LockWaitGroup::Blocker& blocker) {
    Json known = of_class(blocker.class_id);
    known["waits"] = blocker.waits;
    return known;
  });
  return json;
}

Json deadlock_json(const Report& report, const DeadlockGroup& deadlock) {
  Json json = Json::object();
  if (!deadlock.relation.empty()) json["relation"] = deadlock.relation;
  add_seen(json, report, deadlock.seen);
  json["statements"] = Json::array();
  for (const DeadlockGroup::Party& party : deadlock.parties) {
    Json statement = of_class(party.class_id);
    statement["sql"] = party.query;
    statement["mode"] = party.mode;
    statement["target"] = party.target;
    json["statements"].push_back(statement);
  }
  return json;
}

Json checkpoints_json(const Report& report, const CheckpointTally& tally) {
  Json json = {{"by_time", tally.timed},
               {"by_wal", tally.by_wal},
               {"requested", tally.requested},
               {"shutdown", tally.shutdown},
               {"restartpoints", tally.restartpoints},
               {"too_frequent", tally.too_frequent.count}};
  if (tally.completed.count == 0) return json;
  add_seen(json, report, tally.completed);
  json["write_ms"] = ms(tally.write);
  json["sync_ms"] = ms(tally.sync);
  json["total_ms"] = ms(tally.total);
  json["longest_ms"] = ms(tally.longest_total);
  json["longest_sync_ms"] = ms(tally.longest_sync);
  json["buffers"] = tally.buffers;
  json["wal_files_added"] = tally.wal_added;
  json["wal_files_removed"] = tally.wal_removed;
  json["wal_files_recycled"] = tally.wal_recycled;
  json["distance_kb"] = tally.distance_kb;
  json["longest_distance_kb"] = tally.most_distance_kb;
  return json;
}

Json maintenance_json(const TableMaintenance& table) {
  return {{"table", table.table},
          {"vacuums", table.vacuums},
          {"analyzes", table.analyzes},
          {"aggressive", table.aggressive},
          {"wraparound", table.wraparound},
          {"cancelled", table.cancelled},
          {"vacuum_ms", ms(table.vacuum_time)},
          {"analyze_ms", ms(table.analyze_time)},
          {"longest_ms", ms(table.longest)},
          {"rows_removed", table.tuples_removed},
          {"most_rows_dead", table.most_tuples_dead},
          {"most_index_scans", table.most_index_scans},
          {"buffers_read", table.buffers_read},
          {"buffers_dirtied", table.buffers_dirtied}};
}

Json connections_json(const Report& report, const ConnectionTally& tally) {
  Json json = {{"received", tally.received.count},
               {"authorized", tally.authorized.count},
               {"ended", tally.ended.count},
               {"short_lived", tally.short_lived},
               {"refused_no_slot", tally.refused_no_slot},
               {"unencrypted", tally.unencrypted}};
  if (tally.authorized.count > 0) {
    json["most_a_minute"] = tally.most_a_minute;
    json["most_open"] = tally.most_open;
  }
  if (tally.ended.count > 0) {
    json["median_session_ms"] = ms(tally.median_session);
    json["longest_session_ms"] = ms(tally.longest_session);
  }
  add_list(json, "groups", tally.groups, [](const ConnectionGroup& group) {
    return Json{{"user", group.user},
                {"database", group.database},
                {"host", group.host},
                {"connections", group.connections},
                {"ended", group.disconnections},
                {"session_ms", ms(group.session_time)}};
  });
  add_list(json, "failures", tally.failures, [&](const AuthenticationFailureGroup& failure) {
    Json told = {{"reason", failure.reason}, {"user", failure.user}, {"host", failure.host}};
    add_seen(told, report, failure.seen);
    return told;
  });
  return json;
}

std::string_view name_of(Alarm alarm) {
  constexpr std::array<std::string_view, kAlarms> kNames = {"crash",         "recovery",   "disk_full", "shared_memory",
                                                            "out_of_memory", "corruption", "wraparound"};
  return kNames[static_cast<std::size_t>(alarm)];
}

Json alarm_json(const Report& report, const AlarmGroup& alarm) {
  Json json = {{"kind", name_of(alarm.alarm)}, {"message", alarm.message}, {"line", alarm.line}};
  if (!alarm.statement.empty()) json["sql"] = alarm.statement;
  add_seen(json, report, alarm.seen);
  return json;
}

Json parameter_json(const Report& report, const ParameterSetting& setting) {
  Json json = {{"name", setting.name}};
  if (setting.value) json["value"] = *setting.value;
  if (setting.needs_restart) json["needs_restart"] = true;
  json["time"] = time_text(report, setting.time);
  json["line"] = setting.line;
  return json;
}

void add_failures(Json& json, const Report& report, const ServerEvents& events) {
  add_list(json, "alarms", events.alarms, [&](const auto& alarm) { return alarm_json(report, alarm); });
  add_list(json, "errors", events.errors, [&](const auto& error) { return error_json(report, error); });
  add_list(json, "cancelled", events.cancelled, [&](const CancelGroup& group) {
    Json cancelled = of_class(group.class_id);
    cancelled["cause"] = to_string(group.cause);
    add_seen(cancelled, report, group.seen);
    return cancelled;
  });
  add_list(json, "lock_waits", events.lock_waits, [&](const auto& wait) { return lock_wait_json(report, wait); });
  if (events.deadlocks_avoided > 0) json["deadlocks_avoided"] = events.deadlocks_avoided;
  if (events.locks_not_obtained > 0) json["locks_not_obtained"] = events.locks_not_obtained;
  add_list(json, "deadlocks", events.deadlocks, [&](const auto& group) { return deadlock_json(report, group); });
  add_list(json, "temporary_files", events.temporary_files, [&](const TemporaryFileGroup& group) {
    Json files = of_class(group.class_id);
    add_seen(files, report, group.seen);
    files["bytes"] = group.bytes;
    files["largest_bytes"] = group.largest;
    return files;
  });
}

}  // namespace

Json plan_json(const LoggedPlan& plan) {
  Json json = {{"text", plan.text}, {"duration_ms", ms(plan.duration)}};
  if (plan.cut) json["cut"] = true;
  if (!plan.nested_in.empty()) json["nested_in"] = plan.nested_in;
  return json;
}

Json events_json(const Report& report) {
  const ServerEvents& events = report.workload.events;
  Json json = Json::object();
  add_failures(json, report, events);
  const CheckpointTally& checkpoints = events.checkpoints;
  if (checkpoints.completed.count + checkpoints.too_frequent.count > 0) {
    json["checkpoints"] = checkpoints_json(report, checkpoints);
  }
  add_list(json, "autovacuum", events.maintenance, maintenance_json);
  const ConnectionTally& connections = events.connections;
  if (connections.received.count + connections.authorized.count + connections.ended.count +
          connections.failures.size() + connections.refused_no_slot >
      0) {
    json["connections"] = connections_json(report, connections);
  }
  add_list(json, "parameters", events.parameters, [&](const auto& setting) { return parameter_json(report, setting); });
  if (events.other_messages > 0) json["other_messages"] = events.other_messages;
  if (events.dropped > 0) json["dropped"] = events.dropped;
  return json;
}

Json clients_json(const Workload& workload) {
  Json clients = Json::array();
  for (const ClientLoad& client : workload.clients) {
    Json json = Json::object();
    const std::pair<const char*, const std::string&> names[] = {{"user", client.user},
                                                                {"database", client.database},
                                                                {"application", client.application},
                                                                {"host", client.host}};
    for (const auto& [key, name] : names) {
      if (!name.empty()) json[key] = name;
    }
    json["executions"] = client.executions;
    json["errors"] = client.errors;
    json["total_ms"] = ms(client.total);
    clients.push_back(json);
  }
  return clients;
}

Json sessions_json(const SessionPatterns& patterns) {
  Json json = Json::object();
  add_list(json, "loops", patterns.loops, [](const LoopFinding& loop) {
    Json found = of_class(loop.class_id);
    if (loop.before != 0) found["before"] = class_name(loop.before);
    found["runs"] = loop.runs;
    found["runs_in_transaction"] = loop.runs_in_transaction;
    found["repeats"] = loop.repeats;
    found["median_repeats"] = loop.median;
    found["most_repeats"] = loop.most;
    found["total_ms"] = ms(loop.time);
    found["elapsed_ms"] = ms(loop.elapsed);
    found["most_saved_ms"] = ms(loop.most_saved);
    found["same_values_repeats"] = loop.same_values_repeats;
    found["values_known"] = loop.values_known;
    return found;
  });
  if (patterns.evidence != IdleEvidence::kSeen) return json;
  json["transactions"] = patterns.transactions;
  json["transactions_ms"] = ms(patterns.transaction_time);
  json["idle_in_transaction_ms"] = ms(patterns.transaction_idle);
  json["longest_transaction_ms"] = ms(patterns.longest_transaction);
  add_list(json, "idle", patterns.idle, [](const IdleFinding& finding) {
    Json found = of_class(finding.class_id);
    found["gaps"] = finding.gaps;
    found["total_ms"] = ms(finding.total);
    found["longest_ms"] = ms(finding.longest);
    found["after_write_ms"] = ms(finding.total_after_write);
    return found;
  });
  return json;
}

}  // namespace assay
