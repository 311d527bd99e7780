// The safe share: how many of the logged reads could have gone to a replica that lags behind by so much, without a
// session missing what it wrote itself.
//
// One replay of the trace, in the order of the log. A read is safe at a lag when its class may go (routing.h), its
// transaction holds nothing that may not (transactions are kept whole), and every read of it began at least the lag
// after the end of the session's last committed write to a table that the read depends on. A write is committed at the
// end of its transaction, of its statement where there is none; one that was rolled back is none. In a transaction that
// keeps its snapshot, all reads count as begun with the first. A transaction whose end the log does not show counts as
// it stands; ROLLBACK TO SAVEPOINT takes nothing back.
// Memory: of a session only its open transaction and what it wrote of late are kept, of at most 65,536 of them at a
// time; what more sessions read counts as not safe. What this leaves out: what a user sees over several connections of
// a pool, and what other sessions wrote.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "advisors/replica/routing.h"
#include "analyzer/workload.h"

namespace assay {

/// µs, ascending.
inline constexpr std::array<std::int64_t, 6> kReplicaLags = {0, 10'000, 100'000, 1'000'000, 3'000'000, 10'000'000};

struct SafeCount {
  std::uint64_t executions = 0;
  std::array<std::uint64_t, kReplicaLags.size()> safe{};  ///< by lag

  double share(std::size_t lag) const {
    return executions == 0 ? 0 : static_cast<double>(safe[lag]) / static_cast<double>(executions);
  }
};

struct ApplicationShare {
  std::string application;  ///< its name, or else its user's; may be empty
  SafeCount reads;
};

struct SafeShare {
  SafeCount reads;                             ///< SELECTs that change and lock nothing, those that may not go included
  std::vector<SafeCount> classes;              ///< by position; also of BEGIN and kin, which go with their transactions
  std::vector<ApplicationShare> applications;  ///< most reads first
};

/// Why the log cannot tell; empty when it can.
std::string why_no_safe_share(const Workload& workload);

/// `routings` as from judge_routings().
SafeShare safe_share(const Workload& workload, const std::vector<ClassRouting>& routings);

}  // namespace assay
