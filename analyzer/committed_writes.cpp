#include "analyzer/committed_writes.h"

#include <algorithm>
#include <utility>

namespace assay {

CommittedWrites::CommittedWrites(std::size_t most_bytes)
    : most_(std::clamp<std::size_t>(most_bytes / sizeof(CommittedWrite), 2, kNone)) {}

std::int64_t CommittedWrites::grain_of(Timestamp when) const {
  const std::int64_t us = when.time_since_epoch().count(), grain = grain_.count();
  return us >= 0 ? us / grain : -((grain - 1 - us) / grain);
}

void CommittedWrites::add(Timestamp visible, std::uint32_t query) {
  if (merge_into_last(visible, query)) return;
  constexpr Microseconds kCoarsest{std::int64_t{1} << 50U};
  while (list_.size() >= most_ && grain_ < kCoarsest) coarsen();
  if (merge_into_last(visible, query)) return;
  append(visible, query);
}

bool CommittedWrites::merge_into_last(Timestamp visible, std::uint32_t query) {
  if (query >= last_of_.size()) last_of_.resize(query + 1, kNone);
  const std::uint32_t last = last_of_[query];
  if (last == kNone || grain_of(list_[last].visible) != grain_of(visible)) return false;
  list_[last].visible = std::max(list_[last].visible, visible);
  return true;
}

void CommittedWrites::append(Timestamp visible, std::uint32_t query) {
  last_of_[query] = static_cast<std::uint32_t>(list_.size());
  list_.push_back({visible, query});
}

void CommittedWrites::coarsen() {
  grain_ *= 2;
  std::vector<CommittedWrite> finer = std::exchange(list_, {});
  std::fill(last_of_.begin(), last_of_.end(), kNone);
  for (const CommittedWrite& write : finer) {
    if (!merge_into_last(write.visible, write.query)) append(write.visible, write.query);
  }
}

void CommittedWrites::renumber(const std::vector<std::uint32_t>& position_of) {
  for (CommittedWrite& write : list_) write.query = position_of[write.query];
  last_of_.clear();
}

}  // namespace assay
