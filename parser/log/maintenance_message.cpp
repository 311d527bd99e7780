#include "parser/log/maintenance_message.h"

#include <algorithm>

#include "parser/log/message_scan.h"

namespace assay {
namespace {

/// "checkpoint" or "restartpoint".
std::optional<bool> take_restartpoint(MessageScan& scan) {
  if (scan.take("checkpoint ")) return false;
  if (scan.take("restartpoint ")) return true;
  return std::nullopt;
}

/// Flags are combined: "shutdown immediate", "immediate force wait" ("fast" since 18), "wal", "time".
CheckpointCause cause_of(std::string_view flags) {
  const auto has = [&](std::string_view flag) { return flags.find(flag) != std::string_view::npos; };
  if (has(" shutdown") || has(" end-of-recovery")) return CheckpointCause::kShutdown;
  if (has(" wal") || has(" xlog")) return CheckpointCause::kWal;
  return has(" time") ? CheckpointCause::kTime : CheckpointCause::kRequested;
}

/// "1 WAL file(s) added, 2 removed, 3 recycled"; "transaction log file(s)" in 9.6.
void read_wal_files(std::string_view text, CheckpointComplete& checkpoint) {
  const auto added = text.find(" file(s) added, ");
  if (added == std::string_view::npos) return;
  const auto part = text.rfind("; ", added);
  if (part == std::string_view::npos) return;
  checkpoint.wal_added = MessageScan(text.substr(part + 2)).number().value_or(0);
  MessageScan scan(text.substr(added));
  scan.take(" file(s) added, ");
  checkpoint.wal_removed = scan.number().value_or(0);
  if (scan.take(" removed, ")) checkpoint.wal_recycled = scan.number().value_or(0);
}

/// The name in quotes, as the words behind it tell where it ends: it may itself hold quotes.
std::optional<std::string_view> take_table(MessageScan& scan, bool analyze) {
  if (!scan.take("of table \"")) return std::nullopt;
  if (!analyze) return scan.until("\": index scans: ");
  const auto line = first_line(scan.rest());
  const auto usage = line.find("\" system usage: ");  // until 13 on the same line
  const auto end = usage != std::string_view::npos ? usage : line.rfind('"');
  if (end == std::string_view::npos) return std::nullopt;
  return line.substr(0, end);
}

void read_tuples(std::string_view text, VacuumMessage& vacuum) {
  MessageScan scan(text);
  if (!scan.until("\ntuples: ")) return;
  vacuum.tuples_removed = scan.number().value_or(0);
  if (scan.take(" removed, ") && scan.until(" remain, ")) vacuum.tuples_dead = scan.number().value_or(0);
}

/// "misses" are called "reads" since 17.
void read_buffers(std::string_view text, VacuumMessage& vacuum) {
  MessageScan scan(text);
  if (!scan.until("buffer usage: ") || !scan.number()) return;
  if (scan.take(" hits, ")) vacuum.buffer_reads = scan.number().value_or(0);
  if (scan.take(" misses, ") || scan.take(" reads, ")) vacuum.buffers_dirtied = scan.number().value_or(0);
}

/// "elapsed: 0.01 s"; "elapsed 0.01 sec" in 9.6.
Microseconds elapsed_of(std::string_view text) {
  const auto at = text.rfind("elapsed");
  if (at == std::string_view::npos) return Microseconds{0};
  MessageScan scan(text.substr(at));
  scan.take("elapsed");
  scan.take(":");
  return scan.take(" ") ? scan.time(kOneSecond).value_or(Microseconds{0}) : Microseconds{0};
}

}  // namespace

std::optional<CheckpointStart> parse_checkpoint_start(std::string_view message) {
  MessageScan scan(first_line(message));
  const auto restartpoint = take_restartpoint(scan);
  if (!restartpoint || !scan.take("starting:")) return std::nullopt;
  return CheckpointStart{*restartpoint, cause_of(scan.rest())};
}

std::optional<CheckpointComplete> parse_checkpoint_complete(std::string_view message) {
  const auto line = first_line(message);
  MessageScan scan(line);
  const auto restartpoint = take_restartpoint(scan);
  if (!restartpoint || !scan.take("complete: wrote ")) return std::nullopt;
  const auto buffers = scan.number();
  if (!buffers) return std::nullopt;
  CheckpointComplete checkpoint{.restartpoint = *restartpoint, .buffers = *buffers};
  read_wal_files(line, checkpoint);
  checkpoint.write = seconds_after(line, "write=").value_or(Microseconds{0});
  checkpoint.sync = seconds_after(line, "sync=").value_or(Microseconds{0});
  checkpoint.total = seconds_after(line, "total=").value_or(Microseconds{0});
  checkpoint.longest_sync = seconds_after(line, "longest=").value_or(Microseconds{0});
  checkpoint.distance_kb = number_after(line, "distance=").value_or(0);
  return checkpoint;
}

std::optional<std::uint64_t> parse_frequent_checkpoints(std::string_view message) {
  MessageScan scan(message);
  return scan.take("checkpoints are occurring too frequently (") ? scan.number() : std::nullopt;
}

std::optional<VacuumMessage> parse_vacuum(std::string_view message) {
  MessageScan scan(message);
  VacuumMessage vacuum;
  if (!scan.take("automatic ")) return std::nullopt;
  vacuum.aggressive = scan.take("aggressive ");
  vacuum.analyze = scan.take("analyze ");
  if (!vacuum.analyze && !scan.take("vacuum ")) return std::nullopt;
  vacuum.wraparound = scan.take("to prevent wraparound ");
  const auto table = take_table(scan, vacuum.analyze);
  if (!table) return std::nullopt;
  vacuum.table = *table;
  if (!vacuum.analyze) vacuum.index_scans = scan.number().value_or(0);
  read_tuples(scan.rest(), vacuum);
  read_buffers(scan.rest(), vacuum);
  vacuum.elapsed = elapsed_of(scan.rest());
  return vacuum;
}

std::string_view table_of_vacuum_context(std::string_view context) {
  MessageScan scan(context.substr(std::min(context.find("automatic "), context.size())));
  if (!scan.take("automatic vacuum of table \"") && !scan.take("automatic analyze of table \"")) return {};
  const auto line = first_line(scan.rest());
  return line.substr(0, std::min(line.rfind('"'), line.size()));
}

}  // namespace assay
