// LogRecords -> Workload. One builder takes the records of all inputs, one after the other.
//
// Memory is bounded whatever the log says: at most kMostClasses classes (the executions of further ones are
// counted in Workload::overflow), kSamples samples a class, and kSampleBytes of sampled text in all.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "analyzer/workload.h"
#include "parser/log/record.h"

namespace assay {

/// An instant, or a time of day in the log's own zone, whatever that is.
struct TimeBound {
  Timestamp time;  ///< UTC; of a local time, as if its zone were UTC
  bool is_local = false;

  bool is_after(ZonedTime other) const { return time > (is_local ? other.utc + other.offset : other.utc); }
};

struct WorkloadFilter {
  std::optional<TimeBound> since;  ///< inclusive
  std::optional<TimeBound> until;  ///< exclusive
  std::optional<std::string> database, user, application;
};

/// What of a record's texts is at hand. One from a saved workload may lack those that no workload would keep.
enum class Told : std::uint8_t {
  kWhole,
  kNormalForm,   ///< `sql` is the normal form of its class, `parameters` are left out: it is no sample
  kWithoutPlan,  ///< of `message`, a plan that a slower one of its class overrules, only the first line is there
};

/// Of an execution among those of its class: the lowest ones are kept as samples. Equal for one execution whichever
/// format told of it, and as good as random otherwise.
std::uint64_t sample_priority(const LogRecord& record);

/// Whether the filter lets the record in.
bool passes(const LogRecord& record, const WorkloadFilter& filter);

class WorkloadBuilder {
 public:
  static constexpr std::size_t kMostClasses = 50'000;
  static constexpr std::size_t kSamples = 8;
  static constexpr std::size_t kLongestSample = 64 * 1024;     ///< bytes of SQL and parameters
  static constexpr std::size_t kLongestNormalized = 8 * 1024;  ///< bytes of a text that its normal form shows
  static constexpr std::size_t kSampleBytes = 256 * 1024 * 1024;

  static constexpr std::size_t kShareOfWrites = 8;  ///< one in so many bytes of the trace's memory holds writes

  /// The trace takes at most `trace_bytes`, with the times of the writes.
  explicit WorkloadBuilder(WorkloadFilter filter, std::size_t trace_bytes = Trace::kDefaultBytes);
  ~WorkloadBuilder();

  void add(const LogRecord& record, Told told = Told::kWhole);

  /// Records that a filter left out before they got here.
  void count_filtered(std::uint64_t records);

  /// Whether records added before are of the class of this one; where either does not tell its database, of its shape
  /// in any. Nothing for a record without a class or that the filter leaves out.
  std::optional<bool> knows_class_of(const LogRecord& record) const;

  /// The workload of all records added; the builder is spent.
  Workload finish(std::vector<InputAccount> inputs);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
