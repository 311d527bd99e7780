#include "analyzer/maintenance_events.h"

#include <algorithm>

#include "analyzer/bounded_groups.h"
#include "analyzer/workload.h"
#include "parser/log/maintenance_message.h"

namespace assay {
namespace {

void count_start(CheckpointTally& tally, CheckpointCause cause) {
  switch (cause) {
    case CheckpointCause::kTime:
      ++tally.timed;
      return;
    case CheckpointCause::kWal:
      ++tally.by_wal;
      return;
    case CheckpointCause::kShutdown:
      ++tally.shutdown;
      return;
    case CheckpointCause::kRequested:
      ++tally.requested;
  }
}

void count_complete(CheckpointTally& tally, const CheckpointComplete& checkpoint, ZonedTime time) {
  tally.completed.add(time);
  tally.restartpoints += checkpoint.restartpoint ? 1 : 0;
  tally.buffers += checkpoint.buffers;
  tally.most_buffers = std::max(tally.most_buffers, checkpoint.buffers);
  accumulate(tally.write, checkpoint.write);
  accumulate(tally.sync, checkpoint.sync);
  accumulate(tally.total, checkpoint.total);
  tally.longest_total = std::max(tally.longest_total, checkpoint.total);
  tally.longest_sync = std::max(tally.longest_sync, checkpoint.longest_sync);
  tally.wal_added += checkpoint.wal_added;
  tally.wal_removed += checkpoint.wal_removed;
  tally.wal_recycled += checkpoint.wal_recycled;
  tally.distance_kb += checkpoint.distance_kb;
  tally.most_distance_kb = std::max(tally.most_distance_kb, checkpoint.distance_kb);
}

void count_vacuum(TableMaintenance& table, const VacuumMessage& vacuum) {
  table.longest = std::max(table.longest, vacuum.elapsed);
  table.buffers_read += vacuum.buffer_reads;
  table.buffers_dirtied += vacuum.buffers_dirtied;
  if (vacuum.analyze) {
    ++table.analyzes;
    accumulate(table.analyze_time, vacuum.elapsed);
    return;
  }
  ++table.vacuums;
  accumulate(table.vacuum_time, vacuum.elapsed);
  table.aggressive += vacuum.aggressive ? 1 : 0;
  table.wraparound += vacuum.wraparound ? 1 : 0;
  table.tuples_removed += vacuum.tuples_removed;
  table.most_tuples_dead = std::max(table.most_tuples_dead, vacuum.tuples_dead);
  table.most_index_scans = std::max(table.most_index_scans, vacuum.index_scans);
}

}  // namespace

bool MaintenanceEvents::add(const LogRecord& record) {
  if (record.message.starts_with("automatic ")) return add_vacuum(record);
  return add_checkpoint(record);
}

bool MaintenanceEvents::add_checkpoint(const LogRecord& record) {
  if (const auto start = parse_checkpoint_start(record.message)) {
    count_start(checkpoints_, start->cause);
  } else if (const auto complete = parse_checkpoint_complete(record.message)) {
    count_complete(checkpoints_, *complete, record.time);
  } else if (parse_frequent_checkpoints(record.message)) {
    checkpoints_.too_frequent.add(record.time);
  } else {
    return false;
  }
  return true;
}

bool MaintenanceEvents::add_vacuum(const LogRecord& record) {
  const auto vacuum = parse_vacuum(record.message);
  if (!vacuum) return false;
  TableMaintenance* table = group_of(tables_, kept(vacuum->table, kLongestEventName), dropped_);
  if (table != nullptr) count_vacuum(*table, *vacuum);
  return true;
}

void MaintenanceEvents::add_cancelled(const LogRecord& record) {
  const auto name = table_of_vacuum_context(record.context);
  if (name.empty()) return;
  if (TableMaintenance* table = group_of(tables_, kept(name, kLongestEventName), dropped_)) ++table->cancelled;
}

void MaintenanceEvents::finish(ServerEvents& events) {
  events.checkpoints = checkpoints_;
  for (auto& [name, table] : tables_) {
    events.maintenance.push_back(table);
    events.maintenance.back().table = name;
  }
  std::stable_sort(events.maintenance.begin(), events.maintenance.end(), [](const auto& a, const auto& b) {
    return a.vacuum_time + a.analyze_time > b.vacuum_time + b.analyze_time;
  });
  events.dropped += dropped_;
}

}  // namespace assay
