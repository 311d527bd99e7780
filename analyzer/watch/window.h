// Window: what a server did in one minute, or however long a window is: in total, by query class, database and
// application. What window_builder.h makes, the detector judges and the outputs show.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "analyzer/latency_sketch.h"
#include "analyzer/server_events.h"
#include "parser/base/time.h"

namespace assay {

struct Figures {
  std::uint64_t calls = 0;        ///< completed executions
  std::uint64_t timed_calls = 0;  ///< those whose duration was logged
  std::uint64_t errors = 0;
  Microseconds total{0};         ///< logged time
  Microseconds demand{0};        ///< thereof work of a processor; the rest is waiting
  std::uint64_t lock_waits = 0;  ///< those that were told of
  Microseconds lock_time{0};
  std::uint64_t temporary_files = 0, temporary_bytes = 0;
  LatencySketch latencies;

  void add(const Figures& more);
  double mean_us() const {
    return timed_calls == 0 ? 0 : static_cast<double>(total.count()) / static_cast<double>(timed_calls);
  }
  void save(StateWriter& state) const;
  void restore(StateReader& state);  ///< throws Error
};

struct WindowClass {
  ClassId id = 0;
  Figures figures;
  std::uint64_t loops = 0, repeats = 0;          ///< one statement ten times or more in a row; executions in such
  std::map<std::uint64_t, std::uint64_t> plans;  ///< logged, by plan_shape(): at most kMostPlans
  static constexpr std::size_t kMostPlans = 4;
};

struct Window {
  static constexpr std::size_t kMostClasses = 5000;
  static constexpr std::size_t kMostNames = 64;  ///< databases, applications, error codes; others fall under ""

  Timestamp start{};
  std::chrono::seconds width{60};
  std::size_t cores = 1;
  Figures total;
  std::vector<WindowClass> classes;  ///< heaviest first: by total time, then id
  Figures other;                     ///< of what is no class of these
  std::map<std::string, Figures, std::less<>> databases, applications;
  std::map<std::string, std::uint64_t, std::less<>> errors;  ///< by SQLSTATE

  Timestamp end() const { return start + width; }
  double seconds() const { return static_cast<double>(width.count()); }
  double rate() const { return static_cast<double>(total.calls) / seconds(); }
  /// Share of the processors' time at work, by the utilisation law: demand a second over the cores.
  double utilisation() const {
    return static_cast<double>(total.demand.count()) / 1e6 / seconds() / static_cast<double>(cores);
  }
};

/// What a class is, for people.
struct WatchedClass {
  std::string database, normalized;
};

/// A hash of a logged plan's nodes, relations and indexes, the same whatever its costs and rows; 0 for no plan. Of
/// plans in EXPLAIN's text, JSON, YAML and XML formats.
std::uint64_t plan_shape(std::string_view plan);

}  // namespace assay
