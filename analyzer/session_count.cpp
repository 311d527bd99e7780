#include "analyzer/session_count.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace assay {

void SessionCount::add(const LogRecord& record) {
  const std::uint64_t process =
      (static_cast<std::uint64_t>(record.server) << 40U) ^ static_cast<std::uint64_t>(record.process);
  const std::uint64_t session =
      record.session.empty() ? process : XXH3_64bits_withSeed(record.session.data(), record.session.size(), process);
  std::uint64_t& recent = recent_[session % recent_.size()];
  if (session == recent) return;
  recent = session;
  if (record.session.empty()) {
    insert(other_processes_, process);
  } else if (insert(sessions_, session)) {
    insert(processes_of_sessions_, process);
  }
}

/// False when it was there.
bool SessionCount::insert(std::unordered_set<std::uint64_t>& set, std::uint64_t key) {
  if (set.size() < kMost) return set.insert(key).second;
  is_capped_ |= !set.contains(key);
  return false;
}

std::uint64_t SessionCount::count() const {
  return sessions_.size() + static_cast<std::uint64_t>(std::count_if(
                                other_processes_.begin(), other_processes_.end(),
                                [&](std::uint64_t process) { return !processes_of_sessions_.contains(process); }));
}

}  // namespace assay
