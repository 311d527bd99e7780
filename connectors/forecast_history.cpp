#include "connectors/forecast_history.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr int kVersion = 1;  // PRAGMA user_version
constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS outcomes (time TEXT NOT NULL, version TEXT NOT NULL, database TEXT NOT NULL, "
    "evidence TEXT NOT NULL, forecast REAL NOT NULL, low REAL, high REAL, measured REAL NOT NULL, noise REAL NOT NULL, "
    "forecast_rate REAL NOT NULL, measured_rate REAL NOT NULL)";

std::optional<fs::path> folder_in(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || !std::string_view(value).starts_with('/')) return std::nullopt;
  return fs::path(value);
}

Error unusable(const fs::path& path, const std::string& reason) {
  return Error("the history " + path.string() + " cannot be used: " + reason,
               "name another one with --history-file, or give --no-history");
}

void check_version(SQLite::Database& file, const fs::path& path) {
  if (file.execAndGet("PRAGMA user_version").getInt() > kVersion)
    throw unusable(path, "a later version of assay wrote it");
}

void bind(SQLite::Statement& statement, int position, const std::optional<double>& value) {
  if (value) statement.bind(position, *value);
}

std::optional<double> number(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(column.getDouble());
}

}  // namespace

std::optional<fs::path> history_path() {
  if (const auto state = folder_in("XDG_STATE_HOME")) return *state / "assay" / "history.sqlite";
  if (const auto home = folder_in("HOME")) return *home / ".local" / "state" / "assay" / "history.sqlite";
  return std::nullopt;
}

void add_to_history(const fs::path& path, const ForecastOutcome& outcome) {
  try {
    if (path.has_parent_path()) fs::create_directories(path.parent_path());
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);  // SQLite would ask the umask
    if (made >= 0) ::close(made);
    SQLite::Database file(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000);
    check_version(file, path);
    file.exec(kTable);
    file.exec("PRAGMA user_version = " + std::to_string(kVersion));
    SQLite::Statement insert(file, "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, outcome.time);
    insert.bind(2, outcome.version);
    insert.bind(3, outcome.database);
    insert.bind(4, outcome.evidence);
    insert.bind(5, outcome.forecast);
    bind(insert, 6, outcome.low);
    bind(insert, 7, outcome.high);
    insert.bind(8, outcome.measured);
    insert.bind(9, outcome.noise);
    insert.bind(10, outcome.forecast_rate);
    insert.bind(11, outcome.measured_rate);
    insert.exec();
  } catch (const std::runtime_error& problem) {
    if (dynamic_cast<const Error*>(&problem)) throw;
    throw unusable(path, problem.what());
  }
}

std::vector<ForecastOutcome> read_history(const fs::path& path) {
  std::vector<ForecastOutcome> outcomes;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return outcomes;
  try {
    SQLite::Database file(path.string(), SQLite::OPEN_READONLY, 5000);
    check_version(file, path);
    SQLite::Statement rows(
        file,
        "SELECT time, version, database, evidence, forecast, low, high, measured, noise, forecast_rate, "
        "measured_rate "
        "FROM outcomes ORDER BY rowid");
    while (rows.executeStep()) {
      outcomes.push_back({.time = rows.getColumn(0).getString(),
                          .version = rows.getColumn(1).getString(),
                          .database = rows.getColumn(2).getString(),
                          .evidence = rows.getColumn(3).getString(),
                          .forecast = rows.getColumn(4).getDouble(),
                          .low = number(rows.getColumn(5)),
                          .high = number(rows.getColumn(6)),
                          .measured = rows.getColumn(7).getDouble(),
                          .forecast_rate = rows.getColumn(9).getDouble(),
                          .measured_rate = rows.getColumn(10).getDouble(),
                          .noise = rows.getColumn(8).getDouble()});
    }
  } catch (const SQLite::Exception& problem) {
    throw unusable(path, problem.what());
  }
  return outcomes;
}

}  // namespace assay
