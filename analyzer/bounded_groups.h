// A map that stops growing: what a log names may be anything, and as many as it likes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

inline constexpr std::size_t kMostGroups = 2000;         // of one kind of event
inline constexpr std::size_t kLongestMessage = 300;      // bytes that are kept of a message
inline constexpr std::size_t kLongestEventQuery = 2000;  // bytes; track_activity_query_size is 1024 by default
inline constexpr std::size_t kLongestEventName = 200;    // bytes: three names of 63 and what is between them

/// The group of `key`, made when it is new; nullptr where there are too many, which counts as dropped.
template <typename Map>
typename Map::mapped_type* group_of(Map& groups, const typename Map::key_type& key, std::uint64_t& dropped) {
  const auto found = groups.find(key);
  if (found != groups.end()) return &found->second;
  if (groups.size() >= kMostGroups) {
    ++dropped;
    return nullptr;
  }
  return &groups[key];
}

inline std::string kept(std::string_view text, std::size_t most) { return std::string(text.substr(0, most)); }

}  // namespace assay
