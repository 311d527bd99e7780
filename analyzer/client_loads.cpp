#include "analyzer/client_loads.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <tuple>

#include "analyzer/bounded_groups.h"

namespace assay {

ClientLoad& ClientLoads::load_of(const LogRecord& record) {
  std::uint64_t hash = 0;
  for (const auto name : {record.user, record.database, record.application, record.host}) {
    hash = XXH3_64bits_withSeed(name.data(), name.size(), hash);
  }
  const auto known = by_hash_.find(hash);
  if (known != by_hash_.end()) return loads_[known->second];
  if (loads_.size() == Workload::kMostClients) return rest_;
  by_hash_.emplace(hash, loads_.size());
  return loads_.emplace_back(ClientLoad{kept(record.user, kLongestEventName), kept(record.database, kLongestEventName),
                                        kept(record.application, kLongestEventName),
                                        kept(record.host, kLongestEventName)});
}

void ClientLoads::add(const LogRecord& record) {
  ClientLoad& load = load_of(record);
  ++(record.kind == RecordKind::kError ? load.errors : load.executions);
  if (record.kind == RecordKind::kExecution) accumulate(load.total, record.duration);
}

std::vector<ClientLoad> ClientLoads::finish() {
  const auto order = [](const ClientLoad& load) {
    return std::tuple(-load.total.count(), -static_cast<std::int64_t>(load.executions),
                      std::tie(load.user, load.database, load.application, load.host));
  };
  std::sort(loads_.begin(), loads_.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  if (rest_.executions + rest_.errors > 0) loads_.push_back(rest_);
  return std::move(loads_);
}

}  // namespace assay
