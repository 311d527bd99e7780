#include "connectors/trial.h"

#include <charconv>
#include <chrono>
#include <thread>

#include "parser/base/error.h"

namespace assay {
namespace {

Error interrupted() { return Error("interrupted", "nothing was written, and the databases made for it are gone"); }

class Running {
 public:
  Running(const ReplayScript& script, ScratchServer& server, const TrialPlan& plan, const StopFlag& stop)
      : script_(script), server_(server), plan_(plan), stop_(stop) {}

  Trial run() {
    prepare();
    for (int round = 0; round < plan_.rounds && !stop_; ++round) {
      const bool tuned_first = round % 2 == 1;
      replay(round, tuned_first);
      if (!stop_) replay(round, !tuned_first);
    }
    note("");
    return std::move(trial_);
  }

 private:
  void note(const std::string& what) const {
    if (stop_) throw interrupted();
    if (plan_.note && !what.empty()) plan_.note(what);
  }

  void tidy(const std::string& database) const {
    ReplayConnection connection = server_.connect(database);
    connection.command("VACUUM (ANALYZE)");
  }

  void prepare() {
    note(plan_.template_database ? "copying " + *plan_.template_database : "restoring the dump");
    plain_ = plan_.template_database ? server_.copy(*plan_.template_database) : server_.restore(plan_.dump);
    note("VACUUM (ANALYZE)");
    tidy(plain_);
    note("copying it");
    tuned_ = server_.copy(plain_);
    apply();
    note("VACUUM (ANALYZE)");
    tidy(tuned_);
  }

  void apply() const {
    ReplayConnection connection = server_.connect(tuned_);
    for (const std::string& ddl : plan_.ddl) {
      note(ddl);
      try {
        connection.command(ddl);
      } catch (const SqlError& refusal) {
        if (!stop_) throw Error("the report's DDL fails: " + std::string(refusal.what()) + ": " + ddl);
        note("");
      }
    }
  }

  void replay(int round, bool tuned) {
    const std::string& origin = tuned ? tuned_ : plain_;
    note("round " + std::to_string(round + 1) + " of " + std::to_string(plan_.rounds) +
         (tuned ? ", with" : ", without") + " the changes");
    const std::string database = script_.writes ? server_.copy(origin) : origin;
    ReplayPlan plan = plan_.replay;
    plan.uri = server_.uri();
    plan.database = database;
    plan.allow_writes = true;  // in a database of our own
    (tuned ? trial_.after : trial_.before).push_back(run_replay(script_, plan, stop_));
    const bool is_last = round + 1 == plan_.rounds;
    if (tuned && (script_.writes || is_last)) count_scans(database);
    if (script_.writes) server_.drop(database);
  }

  /// Backends tell their counts when they end, and are waited for: up to PostgreSQL 14 a collector adds them up later.
  void count_scans(const std::string& database) {
    std::this_thread::sleep_for(std::chrono::milliseconds(stop_ ? 0 : 700));
    ReplayConnection connection = server_.connect(database);
    for (const std::string& index : plan_.created) {
      const std::string count = connection.value(
          "SELECT coalesce((SELECT sum(pg_catalog.pg_stat_get_numscans(relid)) FROM pg_catalog.pg_partition_tree(i)), "
          "pg_catalog.pg_stat_get_numscans(i)) FROM pg_catalog.to_regclass($1) AS i",
          {index});
      std::uint64_t scans = 0;
      std::from_chars(count.data(), count.data() + count.size(), scans);
      trial_.scans[index] += scans;
    }
  }

  const ReplayScript& script_;
  ScratchServer& server_;
  const TrialPlan& plan_;
  const StopFlag& stop_;
  std::string plain_, tuned_;
  Trial trial_;
};

}  // namespace

Trial run_trial(const ReplayScript& script, ScratchServer& server, const TrialPlan& plan, const StopFlag& stop) {
  try {
    return Running(script, server, plan, stop).run();
  } catch (const Error&) {
    if (stop) throw interrupted();
    throw;
  } catch (const SqlError& refusal) {
    if (stop) throw interrupted();
    throw Error(std::string("the scratch server refuses: ") + refusal.what());
  }
}

}  // namespace assay
