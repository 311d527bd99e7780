// Checkpoints and autovacuum, in the wordings of PostgreSQL 9.6 to 18.
#include "parser/log/maintenance_message.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace assay {
namespace {

std::string started(std::string_view message) {
  const auto start = parse_checkpoint_start(message);
  if (!start) return "no start";
  constexpr std::string_view kCauses[] = {"time", "wal", "shutdown", "requested"};
  return fmt::format("{}{}", start->restartpoint ? "restartpoint " : "", kCauses[static_cast<int>(start->cause)]);
}

std::string completed(std::string_view message) {
  const auto done = parse_checkpoint_complete(message);
  if (!done) return "not complete";
  return fmt::format("{}{} buffers, wal {}/{}/{}, {}+{}={} us, longest {} us, {} kB",
                     done->restartpoint ? "restartpoint " : "", done->buffers, done->wal_added, done->wal_removed,
                     done->wal_recycled, done->write.count(), done->sync.count(), done->total.count(),
                     done->longest_sync.count(), done->distance_kb);
}

std::string vacuumed(std::string_view message) {
  const auto vacuum = parse_vacuum(message);
  if (!vacuum) return "no vacuum";
  return fmt::format("{}{}{} {}: {} scans, {} removed, {} dead, {}/{} buffers, {} us",
                     vacuum->aggressive ? "aggressive " : "", vacuum->analyze ? "analyze" : "vacuum",
                     vacuum->wraparound ? " wraparound" : "", vacuum->table, vacuum->index_scans,
                     vacuum->tuples_removed, vacuum->tuples_dead, vacuum->buffer_reads, vacuum->buffers_dirtied,
                     vacuum->elapsed.count());
}

}  // namespace

TEST_CASE("a checkpoint begins for a cause") {
  CHECK(started("checkpoint starting: time") == "time");
  CHECK(started("checkpoint starting: wal") == "wal");
  CHECK(started("checkpoint starting: xlog") == "wal");
  CHECK(started("checkpoint starting: shutdown immediate") == "shutdown");
  CHECK(started("checkpoint starting: shutdown fast") == "shutdown");
  CHECK(started("checkpoint starting: end-of-recovery immediate wait") == "shutdown");
  CHECK(started("checkpoint starting: immediate force wait") == "requested");
  CHECK(started("checkpoint starting: fast force wait flush-all") == "requested");
  CHECK(started("checkpoint starting: force wait time") == "time");
  CHECK(started("restartpoint starting: time") == "restartpoint time");
  CHECK(started("checkpoint complete: wrote 1 buffers") == "no start");
  CHECK(started("checkpointer process (PID 7) exited") == "no start");
}

TEST_CASE("a checkpoint's completion, in the wordings of the versions") {
  CHECK(completed("checkpoint complete: wrote 44 buffers (0.3%); 1 transaction log file(s) added, 2 removed, 3 "
                  "recycled; write=4.321 s, sync=0.010 s, total=4.400 s; sync files=12, longest=0.005 s, "
                  "average=0.000 s; distance=1000 kB, estimate=2000 kB") ==
        "44 buffers, wal 1/2/3, 4321000+10000=4400000 us, longest 5000 us, 1000 kB");  // 9.6
  CHECK(completed("checkpoint complete: wrote 195 buffers (0.6%); 0 WAL file(s) added, 2 removed, 0 recycled; "
                  "write=0.007 s, sync=0.310 s, total=0.364 s; sync files=131, longest=0.008 s, average=0.003 s; "
                  "distance=20579 kB, estimate=20579 kB") ==
        "195 buffers, wal 0/2/0, 7000+310000=364000 us, longest 8000 us, 20579 kB");  // 10 to 15
  CHECK(completed("checkpoint complete: wrote 5 buffers (0.0%); 0 WAL file(s) added, 0 removed, 1 recycled; "
                  "write=269.900 s, sync=0.001 s, total=270.001 s; sync files=3, longest=0.001 s, average=0.001 s; "
                  "distance=16384 kB, estimate=16384 kB; lsn=1/2A, redo lsn=1/29") ==
        "5 buffers, wal 0/0/1, 269900000+1000=270001000 us, longest 1000 us, 16384 kB");  // 16, 17
  CHECK(completed("checkpoint complete: wrote 52 buffers (0.3%), wrote 3 SLRU buffers; 0 WAL file(s) added, 0 removed, "
                  "7 recycled; write=0.010 s, sync=0.002 s, total=0.021 s; sync files=13, longest=0.001 s, "
                  "average=0.001 s; distance=12 kB, estimate=13 kB; lsn=0/1, redo lsn=0/1") ==
        "52 buffers, wal 0/0/7, 10000+2000=21000 us, longest 1000 us, 12 kB");  // 18
  CHECK(completed("restartpoint complete: wrote 7 buffers (0.1%); 0 WAL file(s) added, 0 removed, 0 recycled; "
                  "write=0.500 s, sync=0.000 s, total=0.501 s; sync files=0, longest=0.000 s, average=0.000 s; "
                  "distance=5 kB, estimate=5 kB") ==
        "restartpoint 7 buffers, wal 0/0/0, 500000+0=501000 us, longest 0 us, 5 kB");
}

TEST_CASE("a completion that is cut keeps what is there, and nonsense is none") {
  CHECK(completed("checkpoint complete: wrote 44 buffers (0.3%); 1 WAL file(s) added, 2 rem") ==
        "44 buffers, wal 1/2/0, 0+0=0 us, longest 0 us, 0 kB");
  CHECK(completed("checkpoint complete: wrote many buffers") == "not complete");
  CHECK(completed("checkpoint starting: time") == "not complete");
}

TEST_CASE("checkpoints that come too often") {
  CHECK(parse_frequent_checkpoints("checkpoints are occurring too frequently (9 seconds apart)") == 9);
  CHECK(parse_frequent_checkpoints("checkpoints are occurring too frequently (1 second apart)") == 1);
  CHECK(parse_frequent_checkpoints("checkpoint starting: time") == std::nullopt);
}

TEST_CASE("autovacuum's report, in the wordings of the versions") {
  CHECK(vacuumed("automatic vacuum of table \"crm.public.notes\": index scans: 1\n"
                 "pages: 0 removed, 10 remain, 0 skipped due to pins, 0 skipped frozen\n"
                 "tuples: 100 removed, 200 remain, 7 are dead but not yet removable, oldest xmin: 123\n"
                 "buffer usage: 50 hits, 6 misses, 1 dirtied\n"
                 "avg read rate: 0.000 MB/s, avg write rate: 0.100 MB/s\n"
                 "system usage: CPU 0.00s/0.01u sec elapsed 1.25 sec") ==
        "vacuum crm.public.notes: 1 scans, 100 removed, 7 dead, 6/1 buffers, 1250000 us");  // 9.6
  CHECK(vacuumed("automatic aggressive vacuum of table \"crm.pg_catalog.pg_class\": index scans: 0\n"
                 "pages: 0 removed, 14 remain, 14 scanned (100.00% of total)\n"
                 "tuples: 0 removed, 410 remain, 0 are dead but not yet removable\n"
                 "removable cutoff: 1223, which was 0 XIDs old when operation ended\n"
                 "buffer usage: 53 hits, 6 misses, 1 dirtied\n"
                 "system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.02 s") ==
        "aggressive vacuum crm.pg_catalog.pg_class: 0 scans, 0 removed, 0 dead, 6/1 buffers, 20000 us");
  CHECK(vacuumed("automatic aggressive vacuum to prevent wraparound of table \"d.s.t\": index scans: 2\n"
                 "pages: 0 removed, 1 remain, 1 scanned (100.00% of total), 0 eagerly scanned\n"
                 "tuples: 5 removed, 6 remain, 7 are dead but not yet removable\n"
                 "delay time: 1.000 ms\n"
                 "buffer usage: 8 hits, 9 reads, 10 dirtied\n"
                 "WAL usage: 1 records, 1 full page images, 500 bytes, 0 buffers full\n"
                 "system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 3600.00 s") ==
        "aggressive vacuum wraparound d.s.t: 2 scans, 5 removed, 7 dead, 9/10 buffers, 3600000000 us");  // 18
  CHECK(vacuumed("automatic vacuum to prevent wraparound of table \"d.s.t\": index scans: 0\n") ==
        "vacuum wraparound d.s.t: 0 scans, 0 removed, 0 dead, 0/0 buffers, 0 us");
}

TEST_CASE("autoanalyze's report, in the wordings of the versions") {
  CHECK(vacuumed("automatic analyze of table \"d.s.t\" system usage: CPU 0.00s/0.01u sec elapsed 0.05 sec") ==
        "analyze d.s.t: 0 scans, 0 removed, 0 dead, 0/0 buffers, 50000 us");  // 9.6
  CHECK(vacuumed(
            "automatic analyze of table \"d.s.t\" system usage: CPU: user: 0.01 s, system: 0.00 s, elapsed: 0.04 s") ==
        "analyze d.s.t: 0 scans, 0 removed, 0 dead, 0/0 buffers, 40000 us");  // 10 to 13
  CHECK(vacuumed("automatic analyze of table \"d.s.t\"\navg read rate: 17.857 MB/s, avg write rate: 3.627 MB/s\n"
                 "buffer usage: 1018 hits, 64 misses, 13 dirtied\n"
                 "system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.02 s") ==
        "analyze d.s.t: 0 scans, 0 removed, 0 dead, 64/13 buffers, 20000 us");  // 14 and later
}

TEST_CASE("a table's name may hold quotes, blanks and dots") {
  CHECK(vacuumed("automatic vacuum of table \"d.s.odd \"name\"\": index scans: 3\n")
            .starts_with("vacuum d.s.odd \"name\": 3 scans"));
  CHECK(vacuumed("automatic analyze of table \"d.s.odd \"name\"\"").starts_with("analyze d.s.odd \"name\":"));
}

TEST_CASE("other messages of autovacuum are no report") {
  CHECK(vacuumed("automatic vacuum of table") == "no vacuum");
  CHECK(vacuumed("automatic vacuum of table \"d.s.t\"") == "no vacuum");
  CHECK(vacuumed("automatic") == "no vacuum");
  CHECK(vacuumed("skipping vacuum of \"t\" --- lock not available") == "no vacuum");
}

TEST_CASE("a cancelled autovacuum names its table in the context") {
  CHECK(table_of_vacuum_context("automatic vacuum of table \"d.s.t\"") == "d.s.t");
  CHECK(table_of_vacuum_context("while scanning block 12 of relation \"s.t\"\nautomatic vacuum of table \"d.s.t\"") ==
        "d.s.t");
  CHECK(table_of_vacuum_context("automatic analyze of table \"d.s.t\"") == "d.s.t");
  CHECK(table_of_vacuum_context("SQL statement").empty());
  CHECK(table_of_vacuum_context("").empty());
}

}  // namespace assay
