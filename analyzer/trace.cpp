#include "analyzer/trace.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr std::size_t kChunk = 87'000;  // events: 4 MB, nearly full
constexpr unsigned kMostHalvings = 15;

}  // namespace

Trace::Trace(std::size_t most_bytes) : most_events_(std::max<std::size_t>(1, most_bytes / sizeof(TraceEvent))) {}

void Trace::add(const TraceEvent& event, std::uint64_t key) {
  const auto upper = static_cast<std::uint16_t>(key >> 48U);
  if (!is_kept(upper)) return;
  while (size_ == most_events_) {
    if (halvings_ == kMostHalvings) return;  // one key has all of them
    halve();
    if (!is_kept(upper)) return;
  }
  if (chunks_.empty() || chunks_.back().size() == kChunk)
    chunks_.emplace_back().reserve(std::min(kChunk, most_events_));
  chunks_.back().push_back(event);
  chunks_.back().back().key = upper;
  ++size_;
}

/// Moves what stays to the front, in place.
void Trace::halve() {
  ++halvings_;
  std::size_t kept = 0;
  for (Chunk& chunk : chunks_) {
    for (const TraceEvent& event : chunk) {
      if (is_kept(event.key)) chunks_[kept / kChunk][kept % kChunk] = event, ++kept;
    }
  }
  size_ = kept;
  chunks_.resize((kept + kChunk - 1) / kChunk);
  if (!chunks_.empty()) chunks_.back().resize(kept - (chunks_.size() - 1) * kChunk);
}

double Trace::rate() const { return std::ldexp(1.0, -static_cast<int>(halvings_)); }

void Trace::renumber(const std::vector<std::uint32_t>& position_of) {
  for (Chunk& chunk : chunks_) {
    for (TraceEvent& event : chunk) event.query = position_of[event.query];
  }
}

void Trace::renumber_clients(const std::vector<std::uint16_t>& position_of) {
  for (Chunk& chunk : chunks_) {
    for (TraceEvent& event : chunk) event.client = position_of[event.client];
  }
}

}  // namespace assay
