#include "advisors/cache/stack_distance.h"

#include <algorithm>

namespace assay {

std::optional<std::uint64_t> StackDistances::touch(std::uint64_t key, std::uint64_t bytes) {
  if (used_ + 1 >= tree_.size()) compact();
  Entry& entry = entries_[key];
  std::optional<std::uint64_t> distance;
  if (entry.place > 0) {
    distance = total_ - sum_up_to(entry.place - 1);
    add(entry.place, 0 - entry.bytes);
  } else {
    entry.bytes = bytes;
    total_ += bytes;
  }
  entry.place = ++used_;
  add(entry.place, entry.bytes);
  return distance;
}

void StackDistances::add(std::size_t place, std::uint64_t bytes) {
  for (; place < tree_.size(); place += place & (0 - place)) tree_[place] += bytes;
}

std::uint64_t StackDistances::sum_up_to(std::size_t place) const {
  std::uint64_t sum = 0;
  for (; place > 0; place -= place & (0 - place)) sum += tree_[place];
  return sum;
}

void StackDistances::compact() {
  std::vector<Entry*> by_place;
  by_place.reserve(entries_.size());
  for (auto& [key, entry] : entries_) by_place.push_back(&entry);
  std::sort(by_place.begin(), by_place.end(), [](const Entry* a, const Entry* b) { return a->place < b->place; });
  tree_.assign(std::max<std::size_t>(1025, 2 * by_place.size() + 2), 0);
  used_ = 0;
  for (Entry* entry : by_place) {
    entry->place = ++used_;
    add(entry->place, entry->bytes);
  }
}

}  // namespace assay
