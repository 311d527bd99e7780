#include "analyzer/told_records.h"

#include <limits>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kFewestSlots = 1024;

/// 0 marks a free slot.
std::uint64_t not_zero(std::uint64_t key) { return key == 0 ? std::uint64_t{1} << 63U : key; }

}  // namespace

/// Of the key, or the free slot where it belongs. The upper bits choose: the lower ones say whether it is kept.
std::size_t ToldRecords::place_of(std::uint64_t key) const {
  std::size_t at = (key >> 32U) & (slots_.size() - 1);
  while (slots_[at].key != 0 && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
  return at;
}

void ToldRecords::grow() {
  std::vector<Slot> old = std::move(slots_);
  if (used_ >= kMost) {
    modulus_ *= 2;
    slots_.resize(old.size());
  } else {
    slots_.resize(old.empty() ? kFewestSlots : old.size() * 2);
  }
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.key == 0 || !is_kept(slot.key)) continue;
    slots_[place_of(slot.key)] = slot;
    ++used_;
  }
}

void ToldRecords::add(std::uint64_t key) {
  key = not_zero(key);
  if (!is_kept(key)) return;
  while (used_ * 2 >= slots_.size()) grow();
  if (!is_kept(key)) return;
  Slot& slot = slots_[place_of(key)];
  if (slot.key == 0) {
    slot.key = key;
    ++used_;
  }
  constexpr auto kMostTold = std::numeric_limits<std::uint32_t>::max();
  if (slot.count == kMostTold) return;
  ++slot.count;
  ++slot.taken;
}

std::optional<std::uint64_t> ToldRecords::count(std::uint64_t key) const {
  key = not_zero(key);
  if (!is_kept(key)) return std::nullopt;
  return slots_.empty() ? 0 : slots_[place_of(key)].count;
}

void ToldRecords::start_over(bool told) {
  for (Slot& slot : slots_) slot.taken = 0;
  last_told_ = told;
}

bool ToldRecords::take(std::uint64_t key) {
  key = not_zero(key);
  if (!is_kept(key)) return last_told_;
  if (slots_.empty()) return false;
  Slot& slot = slots_[place_of(key)];
  last_told_ = slot.taken < slot.count;
  if (last_told_) ++slot.taken;
  return last_told_;
}

}  // namespace assay
