// A read of the trace as a cache sees it.
#pragma once

#include <cstdint>

#include "advisors/cache/cache_simulation.h"
#include "analyzer/trace.h"

namespace assay {

/// Spreads a number over all bits (the finaliser of splitmix64).
inline std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

inline std::uint64_t key_of(const TraceEvent& event, bool by_user) {
  return by_user ? event.values ^ mixed(std::uint64_t{event.user} + 1) : event.values;
}

inline CacheRead read_of(const TraceEvent& event, bool by_user) {
  return {.key = key_of(event, by_user),
          .start = (event.end - event.duration).time_since_epoch().count(),
          .duration = event.duration.count(),
          .bypasses = event.sees_own_state != 0};
}

}  // namespace assay
