// What was saved comes back as it was told; what is damaged or forged is refused in words.
#include "connectors/saved_workload.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "connectors/saved_records.h"
#include "connectors/saved_workload_schema.h"
#include "connectors/snapshot_seal.h"
#include "parser/base/error.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

class SavedFolder {
 public:
  SavedFolder() {
    std::string name = "/tmp/assay-test-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~SavedFolder() { fs::remove_all(path_); }
  fs::path operator/(const std::string& name) const { return path_ / name; }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), {})); }

 private:
  fs::path path_;
};

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

/// Every field differs from its default.
LogRecord full_record(const ExecutionSummary& summary) {
  LogRecord r;
  r.kind = RecordKind::kSummary;
  r.protocol = Protocol::kExtended;
  r.timed = r.inferred = r.prepared = true;
  r.time = {Timestamp(Microseconds(1'763'800'000'123'456)), UtcOffset(-210)};
  r.duration = Microseconds(1'234'567);
  r.line = 77;
  r.process = 4711;
  r.session = "66a1.1267";
  r.user = "u", r.database = "d", r.application = "a", r.host = "h";
  r.sql = "SELECT 'x' FROM t", r.parameters = "$1 = 'p'";
  r.shape = shape_hash(r.sql);
  r.values = 0xFEDCBA9876543210;
  r.dialect = SqlDialect::kMysql;
  r.weight = 10, r.weight_per = 3;
  r.rows_sent = 5, r.rows_examined = 500;
  r.lock_time = Microseconds(9);
  r.summary = &summary;
  r.severity = "WARNING", r.sqlstate = "01000";
  r.message = "m\n\0z", r.detail = "de", r.hint = "hi", r.context = "co", r.backend = "client backend";
  return r;
}

std::string text_of(const LogRecord& r) {
  std::string text;
  for (const auto part : {r.session, r.user, r.database, r.application, r.host, r.sql, r.parameters, r.severity,
                          r.sqlstate, r.message, r.detail, r.hint, r.context, r.backend}) {
    text.append(part) += '|';
  }
  for (const auto number :
       {static_cast<std::int64_t>(r.kind), static_cast<std::int64_t>(r.protocol), std::int64_t{r.timed},
        std::int64_t{r.inferred}, std::int64_t{r.prepared}, std::int64_t{r.time.utc.time_since_epoch().count()},
        std::int64_t{r.time.offset.count()}, std::int64_t{r.duration.count()}, static_cast<std::int64_t>(r.line),
        r.process, static_cast<std::int64_t>(r.shape), static_cast<std::int64_t>(r.values),
        static_cast<std::int64_t>(r.dialect), std::int64_t{r.weight}, std::int64_t{r.weight_per}, r.rows_sent,
        r.rows_examined, std::int64_t{r.lock_time.count()}}) {
    text += std::to_string(number) + ' ';
  }
  if (r.summary) {
    const ExecutionSummary& s = *r.summary;
    text += std::to_string(s.calls) + ' ' + std::to_string(s.total.count()) + ' ' + std::to_string(s.min_ms) + ' ' +
            std::to_string(s.max_ms) + ' ' + std::to_string(s.mean_ms) + ' ' + std::to_string(s.stddev_ms) + ' ' +
            std::to_string(s.rows);
  }
  return text;
}

/// Executions of some classes, errors among them.
void save_some(const fs::path& path, std::size_t records = 300) {
  SavedWorkloadWriter writer(path, {});
  writer.begin_input({.path = "some.log"});
  for (std::size_t i = 0; i < records; ++i) {
    const std::string sql = "SELECT c" + std::to_string(i % 7) + " FROM t WHERE id = " + std::to_string(i * 7919);
    LogRecord record;
    record.kind = i % 10 == 9 ? RecordKind::kError : RecordKind::kExecution;
    record.timed = true;
    record.sql = sql;
    record.shape = shape_hash(sql);
    record.values = i * 0x9E3779B97F4A7C15U;
    record.time.utc = Timestamp(Microseconds(1'763'800'000'000'000 + static_cast<std::int64_t>(i) * 5000));
    record.duration = Microseconds(100 + i);
    record.process = static_cast<std::int64_t>(1000 + i % 5);
    record.severity = record.kind == RecordKind::kError ? "ERROR" : "LOG";
    record.message = record.kind == RecordKind::kError ? "division by zero" : "";
    writer.add(record, Told::kWhole);
  }
  InputAccount account;
  account.path = "some.log";
  account.format = "stderr";
  account.lines = account.record_lines = account.records = records;
  account.skipped = {};
  writer.finish_input(account);
  writer.save();
}

/// How many records it tells; throws what reading throws.
std::size_t read_all(const fs::path& path) {
  std::size_t records = 0;
  const SavedWorkload saved(path);
  for (std::size_t i = 0; i < saved.inputs().size(); ++i) {
    saved.read(i, [&](const LogRecord&, Told) { ++records; });
  }
  return records;
}

std::string why_not(const fs::path& path) {
  try {
    read_all(path);
  } catch (const Error& problem) {
    return problem.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a record comes back from a saved part with every field") {
  const ExecutionSummary summary{9, Microseconds(8), 1.5, 2.5, 0.1, 3.25, 42};
  const LogRecord record = full_record(summary);
  SavedPartWriter writer;
  writer.add(record, record.sql, Told::kWhole);
  writer.add(LogRecord(), {}, Told::kNormalForm);
  SavedPartReader reader(writer.take());
  LogRecord back;
  Told told = Told::kWithoutPlan;
  REQUIRE(reader.next(back, told));
  CHECK(text_of(back) == text_of(record));
  CHECK(told == Told::kWhole);
  REQUIRE(reader.next(back, told));
  CHECK(back.time.utc == Timestamp{});
  CHECK(told == Told::kNormalForm);
  CHECK_FALSE(reader.next(back, told));
}

TEST_CASE("a saved workload keeps the texts of a class's samples and of its slowest execution, and no others") {
  const SavedFolder folder;
  save_some(folder / "w");
  std::size_t whole = 0, executions = 0;
  SavedWorkload(folder / "w").read(0, [&](const LogRecord& record, Told told) {
    if (record.kind != RecordKind::kExecution) return;
    ++executions;
    whole += told == Told::kWhole ? 1 : 0;
    if (told == Told::kNormalForm) CHECK(record.sql.find("WHERE id = ?") != std::string_view::npos);
  });
  CHECK(executions == 270);
  CHECK(whole >= 7 * WorkloadBuilder::kSamples);
  CHECK(whole <= 7 * (WorkloadBuilder::kSamples + 1));
}

TEST_CASE("saving the same twice gives the same bytes") {
  const SavedFolder folder;
  save_some(folder / "a");
  save_some(folder / "b");
  CHECK(bytes_of(folder / "a") == bytes_of(folder / "b"));
}

TEST_CASE("a saved workload is there whole or not at all") {
  const SavedFolder folder;
  save_some(folder / "w");
  const std::string old = bytes_of(folder / "w");
  {
    SavedWorkloadWriter abandoned(folder / "w", {});
    abandoned.begin_input({.path = "x"});
    abandoned.add(LogRecord(), Told::kWhole);
    CHECK(bytes_of(folder / "w") == old);
  }
  CHECK(bytes_of(folder / "w") == old);
  CHECK(folder.files() == 1);
  CHECK_THROWS_AS(SavedWorkloadWriter(folder / "missing" / "w", {}), Error);
  CHECK_THROWS_AS(SavedWorkloadWriter(folder / "", {}), Error);
}

TEST_CASE("a saved workload of a newer version is refused, with what to do") {
  const SavedFolder folder;
  save_some(folder / "w");
  {
    SQLite::Database file((folder / "w").string(), SQLite::OPEN_READWRITE);
    file.exec("PRAGMA user_version = 2");
  }
  seal(folder / "w");
  CHECK(why_not(folder / "w") ==
        "the saved workload " + (folder / "w").string() + " has format version 2, this assay reads version 1");
}

TEST_CASE("a saved workload that was cut or changed on its way is refused") {
  const SavedFolder folder;
  save_some(folder / "w");
  const std::string bytes = bytes_of(folder / "w");
  for (std::size_t at = 100; at < bytes.size(); at += bytes.size() / 50) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    write_bytes(folder / "w", damaged);
    CHECK(why_not(folder / "w").find("its checksum is wrong") != std::string::npos);
    write_bytes(folder / "w", bytes.substr(0, at));
    CHECK(why_not(folder / "w").find("its checksum is wrong") != std::string::npos);
  }
}

TEST_CASE("whatever a forged and sealed saved workload holds, it is read or refused") {
  const SavedFolder folder;
  save_some(folder / "w");
  const std::string bytes = bytes_of(folder / "w");
  std::mt19937 random(7);
  std::size_t refused = 0;
  for (std::size_t round = 0; round < 1500; ++round) {
    std::string damaged = bytes;
    for (std::size_t flips = 1 + random() % 3; flips > 0; --flips) {
      damaged[100 + random() % (damaged.size() - 132)] = static_cast<char>(random());
    }
    write_bytes(folder / "w", damaged);
    seal(folder / "w");
    refused += why_not(folder / "w").empty() ? 0 : 1;
  }
  CHECK(refused > 100);  // most of the file is space that no record uses
}

TEST_CASE("whatever the columns of a forged part hold, they are read or refused") {
  const ExecutionSummary summary{9, Microseconds(8), 1.5, 2.5, 0.1, 3.25, 42};
  SavedPartWriter writer;
  for (int i = 0; i < 20; ++i)
    writer.add(full_record(summary), "SELECT 1", i % 2 == 0 ? Told::kWhole : Told::kNormalForm);
  const SavedPart part = writer.take();
  std::mt19937 random(11);
  std::size_t refused = 0;
  for (std::size_t round = 0; round < 20'000; ++round) {
    SavedPart damaged = part;
    for (std::size_t flips = 1 + random() % 4; flips > 0; --flips) {
      std::string& column = damaged[random() % damaged.size()];
      if (!column.empty()) column[random() % column.size()] = static_cast<char>(random());
      if (random() % 8 == 0) column.resize(random() % (column.size() + 3));
    }
    try {
      SavedPartReader reader(damaged);
      LogRecord record;
      for (Told told = Told::kWhole; reader.next(record, told);) {
        // Neither may a time overflow when a duration is taken off it.
        CHECK(record.time.utc - record.duration <= record.time.utc);
      }
    } catch (const SavedDamage&) {
      ++refused;
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("a saved workload with a view, a trigger or another table in it is refused") {
  for (const std::string change :
       {"CREATE VIEW v AS SELECT 1", "CREATE TRIGGER t AFTER INSERT ON parts BEGIN DELETE FROM parts; END",
        "CREATE TABLE more (x)", "DROP TABLE skipped; CREATE VIEW skipped AS SELECT 1, 'r', 1, 1, '', 1"}) {
    const SavedFolder folder;
    save_some(folder / "w");
    SQLite::Database((folder / "w").string(), SQLite::OPEN_READWRITE).exec(change);
    seal(folder / "w");
    CHECK(why_not(folder / "w").find("its tables are not those of a saved workload") != std::string::npos);
  }
}

TEST_CASE("a column that claims to be larger than it is, or than anything may be, is refused") {
  for (const std::string change :
       {"UPDATE parts SET size = 1000000000000 WHERE column_number = 3", "UPDATE parts SET size = size + 1",
        "UPDATE samples SET size = 300000000", "UPDATE inputs SET head_size = 70000", "UPDATE parts SET part = 2",
        "DELETE FROM parts WHERE column_number = 5", "UPDATE inputs SET lines = -1",
        "UPDATE inputs SET record_lines = 9999"}) {
    const SavedFolder folder;
    save_some(folder / "w");
    SQLite::Database((folder / "w").string(), SQLite::OPEN_READWRITE).exec(change);
    seal(folder / "w");
    INFO(change);
    CHECK(why_not(folder / "w").find("cannot read the saved workload") == 0);
  }
}

}  // namespace assay
