// Trace: the executions one by one, as far as memory allows, for whoever has to replay them: what would a cache have
// held, how do sessions think and wait.
//
// Where all do not fit, those are kept whose class and values hash below a threshold, which halves as often as it must:
// so of one statement with the same values either all executions are there or none, which is what the distances
// between them need (Waldspurger et al., Efficient MRC Construction with SHARDS, FAST 2015). The rule looks at nothing
// else, so a trace is the same from run to run, and one of a part of a log is a part of the whole one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "parser/base/huge_pages.h"
#include "parser/base/time.h"

namespace assay {

struct TraceEvent {
  Timestamp end;  ///< when it was logged
  Microseconds duration{0};
  std::uint64_t values = 0;              ///< hash of its literals and parameters
  std::uint32_t query = 0;               ///< position of its class
  std::uint32_t session = 0;             ///< hash of its session; 0 where the log tells none
  std::uint32_t user : 31 = 0;           ///< hash of the user's name; 0 where the log tells none
  std::uint32_t sees_own_state : 1 = 0;  ///< see TransactionFollower
  std::uint16_t client = 0;              ///< position in Workload::clients
  std::uint16_t key = 0;                 ///< set by Trace: the upper bits of what decides whether it is kept
};

class Trace {
 public:
  static constexpr std::size_t kDefaultBytes = std::size_t{1} << 30U;

  Trace() : Trace(kDefaultBytes) {}
  explicit Trace(std::size_t most_bytes);

  /// `key` is the hash of class and values that decides.
  void add(const TraceEvent& event, std::uint64_t key);

  /// Share of all keys whose executions are kept: 1, 1/2, 1/4, …
  double rate() const;

  std::size_t size() const { return size_; }
  std::size_t most_bytes() const { return most_events_ * sizeof(TraceEvent); }

  /// Calls `use` once an event, in the order of the log.
  template <typename Use>
  void for_each(Use use) const {
    for (const Chunk& chunk : chunks_) {
      for (const TraceEvent& event : chunk) use(event);
    }
  }

  /// Gives every class another position: the one at its old position in `position_of`.
  void renumber(const std::vector<std::uint32_t>& position_of);
  void renumber_clients(const std::vector<std::uint16_t>& position_of);

 private:
  using Chunk = std::vector<TraceEvent, HugePageAllocator<TraceEvent>>;  // so that growing copies nothing

  bool is_kept(std::uint16_t key) const { return halvings_ == 0 || key >> (16U - halvings_) == 0; }
  void halve();

  std::size_t most_events_;
  std::size_t size_ = 0;
  unsigned halvings_ = 0;
  std::vector<Chunk> chunks_;
};

}  // namespace assay
