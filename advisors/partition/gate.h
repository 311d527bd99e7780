// The gate: which tables are worth a thought of partitioning at all. Those larger than memory or 50 GB, and those whose
// retention or vacuum hurts plainly. All others are better off undivided, whatever their statements.
#pragma once

#include <cstdint>
#include <string>

#include "advisors/partition/table_signals.h"

namespace assay {

enum class GateReason { kNone, kSize, kRetention, kVacuum };

struct Gate {
  GateReason reason = GateReason::kNone;
  std::string told;  ///< a clause: "it is larger than memory: 12 GB, and effective_cache_size is 4 GB"
};

/// Bytes that the server may keep: effective_cache_size, or shared_buffers where that is more.
double memory_bytes(const Catalog& catalog);

/// `judged_ms_per_s`: of all judged statements.
Gate gate_of(const TableSignals& signals, const Catalog& catalog, double judged_ms_per_s);

/// "1.5 GB"; a thousandth of a unit is the smallest step.
std::string size_text(double bytes);

}  // namespace assay
