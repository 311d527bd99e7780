// Which executions of an input a workload may keep the text of: those that WorkloadBuilder keeps of this input alone.
// What it keeps of many inputs is among them, since the lowest priorities of all are the lowest of each.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyzer/workload_builder.h"

namespace assay {

struct ChosenSample {
  std::uint64_t record = 0;  ///< its number in the input
  std::string sql, parameters;
};

class SampleChoice {
 public:
  void add(const LogRecord& execution, std::uint64_t record);

  /// By record, each once; begins anew.
  std::vector<ChosenSample> take();

 private:
  struct Sample : ChosenSample {
    std::uint64_t priority = 0;
    Microseconds duration{0};
  };
  struct Class {
    std::vector<Sample> lowest;   // by ascending priority
    std::vector<Sample> slowest;  // one at the most
  };

  Sample keep(const LogRecord& execution, std::uint64_t record, std::uint64_t priority);
  void drop(const Sample& sample) { bytes_ -= sample.sql.size() + sample.parameters.size(); }

  std::unordered_map<std::uint64_t, Class> classes_;
  std::size_t bytes_ = 0;
};

}  // namespace assay
