// A log made by hand, for the tests of replays: what each process ran, one statement behind the other.
#pragma once

#include <string>
#include <vector>

#include "analyzer/replay_script.h"
#include "parser/sql/shape.h"

namespace assay::test {

class ReplayLog {
 public:
  explicit ReplayLog(ReplayScriptOptions options = {}) : builder_(std::move(options)) {}

  /// An execution of 1 ms that begins a pause (ms) behind the process's last one.
  ReplayLog& run(std::int64_t process, const std::string& sql, const std::string& parameters = "", int pause = 1,
                 const std::string& database = "db") {
    std::int64_t& end = ends_[process];
    end += 1000 * (pause + 1);
    LogRecord record;
    record.kind = RecordKind::kExecution;
    record.timed = true;
    record.protocol = parameters.empty() ? Protocol::kSimple : Protocol::kExtended;
    record.prepared = prepared_;
    record.time.utc = Timestamp(std::chrono::hours(24) + Microseconds(end));
    record.duration = Microseconds(1000);
    record.process = process;
    record.user = "u";
    record.database = database;
    record.application = "app";
    record.sql = sql;
    record.parameters = parameters;
    record.shape = shape_hash(sql);
    builder_.add(record);
    return *this;
  }

  /// What follows was prepared under a name.
  ReplayLog& prepared() {
    prepared_ = true;
    return *this;
  }

  ReplayLog& disconnect(std::int64_t process) {
    LogRecord record;
    record.kind = RecordKind::kDisconnection;
    record.process = process;
    builder_.add(record);
    return *this;
  }

  ReplayScript script() { return builder_.finish(); }

 private:
  ReplayScriptBuilder builder_;
  std::map<std::int64_t, std::int64_t> ends_;  ///< µs
  bool prepared_ = false;
};

}  // namespace assay::test
