#include "connectors/watch_store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>

#include "parser/base/error.h"

namespace assay {
namespace {

constexpr int kApplicationId = 0x41535957;  // "ASYW"

constexpr const char* kSchema = R"(
  CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), bytes BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS windows (
    start INTEGER PRIMARY KEY, seconds INTEGER NOT NULL, executions INTEGER NOT NULL, errors INTEGER NOT NULL,
    total_us INTEGER NOT NULL, demand_us INTEGER NOT NULL, cores INTEGER NOT NULL, utilisation REAL NOT NULL,
    p50_us INTEGER NOT NULL, p95_us INTEGER NOT NULL, p99_us INTEGER NOT NULL, lock_waits INTEGER NOT NULL,
    lock_us INTEGER NOT NULL, temporary_files INTEGER NOT NULL, temporary_bytes INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS class_windows (
    start INTEGER NOT NULL, class INTEGER NOT NULL, executions INTEGER NOT NULL, errors INTEGER NOT NULL,
    total_us INTEGER NOT NULL, demand_us INTEGER NOT NULL, p50_us INTEGER NOT NULL, p95_us INTEGER NOT NULL,
    p99_us INTEGER NOT NULL, lock_waits INTEGER NOT NULL, lock_us INTEGER NOT NULL,
    temporary_files INTEGER NOT NULL, temporary_bytes INTEGER NOT NULL, PRIMARY KEY (start, class)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS errors (
    start INTEGER NOT NULL, sqlstate TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (start, sqlstate)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS classes (id INTEGER PRIMARY KEY, name TEXT NOT NULL, database TEXT NOT NULL,
    query TEXT NOT NULL, seen INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS alerts (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, cause TEXT NOT NULL, class TEXT NOT NULL, since INTEGER NOT NULL,
    told INTEGER NOT NULL, recovered INTEGER, text TEXT NOT NULL);
)";

std::int64_t seconds_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

template <typename Value>
std::int64_t integer(Value value) {
  return static_cast<std::int64_t>(value);
}

/// Binds from parameter `at` on what both tables of windows tell last.
void bind_rest(SQLite::Statement& row, int at, const Figures& figures) {
  for (const double share : {0.5, 0.95, 0.99}) row.bind(at++, integer(figures.latencies.percentile(share).count()));
  row.bind(at++, integer(figures.lock_waits));
  row.bind(at++, integer(figures.lock_time.count()));
  row.bind(at++, integer(figures.temporary_files));
  row.bind(at, integer(figures.temporary_bytes));
}

[[noreturn]] void fail(const std::string& path, const std::exception& problem) {
  throw Error(path + ": the state of the watch cannot be kept: " + problem.what(),
              "name a file that you may write with --state; one file serves one watch");
}

}  // namespace

struct WatchStore::File {
  explicit File(const std::string& path) : path(path), database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {}

  void keep_window(const Window& window);
  void keep_class(std::int64_t start, ClassId id, const Figures& figures);

  std::string path;
  SQLite::Database database;
};

WatchStore::WatchStore(const std::string& path) {
  try {
    file_ = std::make_unique<File>(path);
    SQLite::Database& database = file_->database;
    database.setBusyTimeout(2000);
    const int id = database.execAndGet("PRAGMA application_id").getInt();
    const int tables = database.execAndGet("SELECT count(*) FROM sqlite_master").getInt();
    if (tables > 0 && id != kApplicationId) throw Error(path + ": is no state of a watch", "name another file");
    database.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("PRAGMA journal_mode = DELETE");
    database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    database.exec(std::string("BEGIN EXCLUSIVE;") + kSchema + "COMMIT");
  } catch (const SQLite::Exception& problem) {
    fail(path, problem);
  }
}

WatchStore::~WatchStore() = default;

std::optional<std::string> WatchStore::state() {
  try {
    SQLite::Statement query(file_->database, "SELECT bytes FROM state");
    if (!query.executeStep()) return std::nullopt;
    const SQLite::Column bytes = query.getColumn(0);
    return std::string(static_cast<const char*>(bytes.getBlob()), static_cast<std::size_t>(bytes.getBytes()));
  } catch (const SQLite::Exception& problem) {
    fail(file_->path, problem);
  }
}

void WatchStore::File::keep_class(std::int64_t start, ClassId id, const Figures& figures) {
  SQLite::Statement row(database, "INSERT OR REPLACE INTO class_windows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
  row.bind(1, start);
  row.bind(2, integer(id));
  row.bind(3, integer(figures.calls));
  row.bind(4, integer(figures.errors));
  row.bind(5, integer(figures.total.count()));
  row.bind(6, integer(figures.demand.count()));
  bind_rest(row, 7, figures);
  row.exec();
}

void WatchStore::File::keep_window(const Window& window) {
  const std::int64_t start = seconds_of(window.start);
  SQLite::Statement row(database, "INSERT OR REPLACE INTO windows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  row.bind(1, start);
  row.bind(2, integer(window.width.count()));
  row.bind(3, integer(window.total.calls));
  row.bind(4, integer(window.total.errors));
  row.bind(5, integer(window.total.total.count()));
  row.bind(6, integer(window.total.demand.count()));
  row.bind(7, integer(window.cores));
  row.bind(8, window.utilisation());
  bind_rest(row, 9, window.total);
  row.exec();
  Figures other = window.other;
  for (std::size_t i = 0; i < window.classes.size(); ++i) {
    if (i >= kMostKept)
      other.add(window.classes[i].figures);
    else
      keep_class(start, window.classes[i].id, window.classes[i].figures);
  }
  keep_class(start, 0, other);
  for (const auto& [code, count] : window.errors) {
    SQLite::Statement error(database, "INSERT OR REPLACE INTO errors VALUES (?,?,?)");
    error.bind(1, start);
    error.bind(2, code);
    error.bind(3, integer(count));
    error.exec();
  }
}

void WatchStore::keep(const Batch& batch) {
  try {
    SQLite::Database& database = file_->database;
    SQLite::Transaction transaction(database);
    for (const Window& window : batch.windows) file_->keep_window(window);
    for (const StoredClass& known : batch.classes) {
      SQLite::Statement row(database, "INSERT OR REPLACE INTO classes VALUES (?,?,?,?,?)");
      row.bind(1, integer(known.id));
      row.bind(2, fmt::format("{:016x}", known.id));
      row.bind(3, known.database);
      row.bind(4, known.normalized);
      row.bind(5, batch.windows.empty() ? 0 : seconds_of(batch.windows.back().start));
      row.exec();
    }
    for (const StoredAlert& alert : batch.alerts) {
      SQLite::Statement row(database, "INSERT OR REPLACE INTO alerts VALUES (?,?,?,?,?,?,?,?)");
      row.bind(1, integer(alert.number));
      row.bind(2, alert.kind);
      row.bind(3, alert.cause);
      row.bind(4, alert.class_id);
      row.bind(5, seconds_of(alert.since));
      row.bind(6, seconds_of(alert.told));
      if (alert.recovered) row.bind(7, seconds_of(*alert.recovered));
      row.bind(8, alert.text);
      row.exec();
    }
    SQLite::Statement state(database, "INSERT OR REPLACE INTO state VALUES (1, ?)");
    state.bind(1, batch.state.data(), static_cast<int>(batch.state.size()));
    state.exec();
    if (!batch.windows.empty()) {
      const std::int64_t oldest = seconds_of(batch.windows.back().end() - batch.retention);
      for (const std::string table : {"windows", "class_windows", "errors"}) {
        SQLite::Statement(database, fmt::format("DELETE FROM {} WHERE start < {}", table, oldest)).exec();
      }
      SQLite::Statement(database, fmt::format("DELETE FROM classes WHERE seen < {}", oldest)).exec();
      SQLite::Statement(database, fmt::format("DELETE FROM alerts WHERE told < {}", oldest)).exec();
    }
    transaction.commit();
  } catch (const SQLite::Exception& problem) {
    fail(file_->path, problem);
  }
}

}  // namespace assay
