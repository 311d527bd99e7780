// Comparison: what became of each query class from one workload to another. Both may be of different length and load.
//
// Times are compared by the mean of their logarithms, a class's most extreme hundredths brought in, since durations are
// skewed: what comes out is a ratio. block_statistics.h says how sure that is. Frequencies are calls per second of the
// covered time. What a class costs more or less per second is split exactly into what comes from its frequency and what
// comes from the time of a call: (r2 - r1) (m1 + m2) / 2 and (m2 - m1) (r1 + r2) / 2.
// What this leaves out: a class whose text changed is a new one and a gone one; several changes of one class in time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/workload.h"

namespace assay {

inline constexpr double kLeastTimeChange = 1.10;       ///< ratio of times that is worth a word
inline constexpr double kLeastFrequencyChange = 1.25;  ///< likewise of frequencies
inline constexpr double kLeastErrorChange = 2;         ///< likewise of errors a call
inline constexpr double kSignificance = 0.05;          ///< share of what is told that is told in error, at most

/// What one workload tells of a class.
struct ClassSide {
  std::uint64_t calls = 0, errors = 0;  ///< as estimated, where the log is a sample
  double calls_per_s = 0, ms_per_s = 0;
  double share = 0;  ///< of all time
  double mean_ms = 0;
  std::optional<double> p50_ms, p95_ms;
  std::optional<double> rows_per_call;  ///< examined (MySQL), or returned or changed (pg_stat_statements)
};

enum class Change { kSame, kMore, kLess, kUnjudged };

/// Of times or of a frequency.
struct MeasuredChange {
  Change change = Change::kUnjudged;
  double ratio = 1, low = 1, high = 1;  ///< after to before, with the middle 95 % of what it may be
  double significance = 1;              ///< adjusted for the number of classes
  std::string why_unjudged;
};

enum class Presence { kBoth, kNew, kGone };

struct ClassComparison {
  std::uint64_t id = 0;  ///< after, or before where it is gone
  std::string database, normalized;
  Presence presence = Presence::kBoth;
  bool is_certain =
      true;  ///< new or gone: frequent enough that its absence is no chance, and not hidden by a threshold
  ClassSide before, after;
  MeasuredChange time, frequency;
  Change errors = Change::kSame;
  bool rows_changed = false;             ///< a call by half or more
  std::string plan_before, plan_after;   ///< outlines, where both are logged and differ
  double by_frequency = 0, by_time = 0;  ///< ms per second: what they add to the time of the class

  double cost() const { return after.ms_per_s - before.ms_per_s; }
  bool is_noteworthy() const;
};

struct ErrorComparison {
  std::string sqlstate, message;
  std::uint64_t class_id = 0, before = 0, after = 0;
};

struct WorkloadSide {
  double seconds = 0;  ///< covered
  std::uint64_t executions = 0, errors = 0;
  double calls_per_s = 0, ms_per_s = 0;
};

struct Comparison {
  WorkloadSide before, after;
  bool has_rates = true;        ///< false: one of them tells no times of day, so nothing is per second
  double common_time = 1;       ///< ratio of times that all classes share: the machine, or the load
  double common_frequency = 1;  ///< likewise of frequencies: the load
  double run_to_run = 0;        ///< by how much times of one class differ from run to run, as a share
  double detectable_time = 1;   ///< ratio of times from which on a class of typical noise is told, alone among all
  std::size_t judged_times = 0, judged_frequencies = 0;
  std::vector<ClassComparison> classes;     ///< dearest first: by what they cost more per second
  std::vector<ErrorComparison> new_errors;  ///< kinds that only AFTER tells, most frequent first
  std::vector<std::string> notes;           ///< what cannot be compared, and why: sentences
};

Comparison compare(const Workload& before, const Workload& after);

/// "Sort > Index Scan using a_idx on a", from a plan in any of auto_explain's formats; empty where none is found in it.
std::string plan_outline(const std::string& plan);

}  // namespace assay
