// What a watch keeps in a file of SQLite: the windows of the last days, the alerts, and the state to go on with.
//
// All that belongs together is written in one transaction: the windows that were closed, and how far the logs were read
// for them. So after any end, SIGKILL included, the next start goes on with neither a record lost nor one counted
// twice. The tables are for people's own queries too; times are seconds since 1970, durations microseconds.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/watch/window.h"

namespace assay {

/// A class's figures of one window are kept for the kMostKept heaviest ones; the others' are summed up as class 0.
struct StoredAlert {
  std::uint64_t number = 0;
  Timestamp since{}, told{};
  std::optional<Timestamp> recovered;
  std::string kind, cause, class_id, text;
};

struct StoredClass {
  ClassId id = 0;
  std::string database, normalized;
};

class WatchStore {
 public:
  static constexpr std::size_t kMostKept = 100;

  /// Opens the file, or makes it. Throws Error when it is no such file, or another process has it open.
  explicit WatchStore(const std::string& path);
  ~WatchStore();
  WatchStore(const WatchStore&) = delete;
  WatchStore& operator=(const WatchStore&) = delete;

  /// What was kept last; nothing in a new file.
  std::optional<std::string> state();

  struct Batch {
    std::vector<Window> windows;
    std::vector<StoredClass> classes;  ///< of these windows
    std::vector<StoredAlert> alerts;
    std::string state;
    std::chrono::hours retention{24 * 7};  ///< windows that ended longer ago, by the newest one, are removed
  };
  /// All of it or nothing. Throws Error.
  void keep(const Batch& batch);

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace assay
