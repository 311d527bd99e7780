#include "advisors/partition/gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzer/estimated/settings.h"

namespace assay {
namespace {

constexpr double kGigabyte = 1024.0 * 1024 * 1024;
constexpr double kLarge = 50 * kGigabyte;
constexpr double kLeastForPain = 64.0 * 1024 * 1024;  // below, DELETE and VACUUM are quick whatever the log says
constexpr double kPainShare = 0.05;                   // of the judged time, by the DELETEs
constexpr double kLeastPain = 1;                      // ms a second
constexpr double kDeadPain = 0.4;                     // of the living rows: autovacuum comes at half as many
constexpr double kVacuumPain = 50;                    // ms a second: a twentieth of a worker, on one table

}  // namespace

std::string size_text(double bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
  return fmt::format("{:.3g} {}", bytes, kUnits[unit]);
}

double memory_bytes(const Catalog& catalog) {
  double bytes = planner_settings(catalog).effective_cache_size * 8192;
  const auto buffers = catalog.settings.find("shared_buffers");
  if (buffers == catalog.settings.end()) return bytes;
  Catalog other;  // the same reader of units
  other.settings["effective_cache_size"] = buffers->second;
  return std::max(bytes, planner_settings(other).effective_cache_size * 8192);
}

Gate gate_of(const TableSignals& signals, const Catalog& catalog, double judged_ms_per_s) {
  const auto bytes = static_cast<double>(signals.bytes());
  const double memory = memory_bytes(catalog);
  if (bytes > memory) {
    return {GateReason::kSize, fmt::format("with its indexes it is larger than memory: {}, where effective_cache_size "
                                           "is {}",
                                           size_text(bytes), size_text(memory))};
  }
  if (bytes >= kLarge) return {GateReason::kSize, "with its indexes it has " + size_text(bytes)};
  if (bytes < kLeastForPain) return {};
  if (signals.retention && signals.retention->ms_per_s >= std::max(kLeastPain, kPainShare * judged_ms_per_s)) {
    return {GateReason::kRetention, fmt::format("deleting its old rows takes {:.3g} ms/s, {:.0f} % of the judged time",
                                                signals.retention->ms_per_s,
                                                100 * signals.retention->ms_per_s / std::max(judged_ms_per_s, 1e-9))};
  }
  if (signals.vacuum_ms_per_s >= kVacuumPain) {
    return {GateReason::kVacuum,
            fmt::format("autovacuum is at work on it for {:.3g} ms in every second", signals.vacuum_ms_per_s)};
  }
  if (signals.dead_share && *signals.dead_share >= kDeadPain) {
    return {
        GateReason::kVacuum,
        fmt::format("VACUUM does not keep up with it: {:.0f} dead rows for 100 living ones, where autovacuum should "
                    "come at 20",
                    100 * *signals.dead_share)};
  }
  return {};
}

}  // namespace assay
