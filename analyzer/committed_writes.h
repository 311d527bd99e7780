// CommittedWrites: when what a class writes became visible to others. A part of Workload.
//
// A cache has to know every write, so a trace that is sampled by its keys must not lose one: they are kept here, whole,
// beside it. Writes of one class within a grain of time are one, with the last one's time. The grain is a millisecond,
// as in most logs' clocks, and doubles as often as the memory demands it: then what was written in between counts as
// stale until the end of the grain, and nothing is taken for fresh that is not.
// What this leaves out: which tables a class writes (analyzer/meaning.h), and what it writes unseen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "parser/base/time.h"

namespace assay {

struct CommittedWrite {
  Timestamp visible;        ///< end of the transaction, of the statement where there is none
  std::uint32_t query = 0;  ///< position of its class
};

class CommittedWrites {
 public:
  static constexpr std::size_t kDefaultBytes = std::size_t{1} << 27U;
  static constexpr Microseconds kFinestGrain{1000};

  CommittedWrites() : CommittedWrites(kDefaultBytes) {}
  explicit CommittedWrites(std::size_t most_bytes);

  /// `query` is at most some tens of thousands.
  void add(Timestamp visible, std::uint32_t query);

  /// In the order of the log, which is nearly that of time.
  const std::vector<CommittedWrite>& list() const { return list_; }
  Microseconds grain() const { return grain_; }

  /// Gives every class another position: the one at its old position in `position_of`.
  void renumber(const std::vector<std::uint32_t>& position_of);

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  bool merge_into_last(Timestamp visible, std::uint32_t query);
  void append(Timestamp visible, std::uint32_t query);
  void coarsen();
  std::int64_t grain_of(Timestamp when) const;

  std::size_t most_;
  Microseconds grain_ = kFinestGrain;
  std::vector<CommittedWrite> list_;
  std::vector<std::uint32_t> last_of_;  // by class: its last one's place in the list
};

}  // namespace assay
