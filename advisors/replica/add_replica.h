// AddReplica: the recommendation of read replicas. A value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace assay {

struct AddReplica {
  static constexpr std::string_view kKind = "add_replica";

  std::size_t replicas = 1;
  std::size_t cores = 1;         ///< of each, and of the primary
  std::int64_t lag_us = 0;       ///< assumed: no read goes to a replica within this time after its session's write
  double moved_share = 0;        ///< of all statements: those that go to the replicas
  double throughput_before = 0;  ///< statements a second, with all other recommendations in place
  double throughput_after = 0;   ///< and with the replicas
  double p95_before = 0, p95_after = 0;  ///< of the response time, ms
};

}  // namespace assay
