// LogRecords -> Workload. One builder takes the records of all inputs, one after the other.
//
// Memory is bounded whatever the log says: at most kMostClasses classes (the executions of further ones are
// counted in Workload::overflow), kSamples samples a class, and kSampleBytes of sampled text in all.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "analyzer/workload.h"
#include "parser/log/record.h"

namespace assay {

struct WorkloadFilter {
  std::optional<Timestamp> since;  ///< inclusive
  std::optional<Timestamp> until;  ///< exclusive
  std::optional<std::string> database, user, application;
};

class WorkloadBuilder {
 public:
  static constexpr std::size_t kMostClasses = 50'000;
  static constexpr std::size_t kSamples = 8;
  static constexpr std::size_t kLongestSample = 64 * 1024;  ///< bytes of SQL and parameters
  static constexpr std::size_t kSampleBytes = 256 * 1024 * 1024;
  static constexpr std::size_t kMostSessions = 1'000'000;

  explicit WorkloadBuilder(WorkloadFilter filter);
  ~WorkloadBuilder();

  void add(const LogRecord& record);

  /// The workload of all records added; the builder is spent.
  Workload finish(std::vector<InputAccount> inputs);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
