// Executions of which the log holds a sample: what the logged ones stand for, and how sure that is.
//
// The Horvitz-Thompson estimator: an execution that is logged with probability p stands for 1/p. Its variance is
// estimated by the sum of (1 - p) / p² · y² over the logged ones, y being 1 for counts and the duration for times
// (Särndal, Swensson, Wretman: "Model Assisted Survey Sampling", 1992, section 2.8). Sums are kept in integers by
// rate, so they do not depend on the order.
#pragma once

#include <cstdint>
#include <vector>

#include "parser/log/record.h"

namespace assay {

__extension__ using UnsignedInt128 = unsigned __int128;

class SampledExecutions {
 public:
  /// A logged one with its weight. Returns for how many whole ones it counts, so that their sum is right.
  std::uint64_t add(const LogRecord& record);

  bool is_empty() const { return parts_.empty(); }

  // Of the executions that were not logged, as estimated:
  std::uint64_t missing_calls() const;
  Microseconds missing_time() const;
  UnsignedInt128 missing_squares() const;  ///< µs²

  double calls_variance() const;
  double time_variance() const;  ///< µs²

 private:
  struct Part {
    std::uint32_t weight = 1, per = 1;
    std::uint64_t calls = 0;
    UnsignedInt128 total = 0, squares = 0;  ///< µs, µs²
    std::uint64_t remainder = 0;            ///< of whole executions, in 1/per

    double excess() const { return static_cast<double>(weight) / per - 1; }
  };
  Part& part_of(std::uint32_t weight, std::uint32_t per);

  std::vector<Part> parts_;  ///< seldom more than one: rates change with the server's settings
};

}  // namespace assay
