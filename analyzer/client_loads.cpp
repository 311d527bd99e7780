#include "analyzer/client_loads.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "analyzer/bounded_groups.h"
#include "parser/log/identity.h"

namespace assay {

std::size_t ClientLoads::number_of(const LogRecord& record) {
  const std::uint64_t identity = record.identity != 0
                                     ? record.identity
                                     : client_identity(record.user, record.database, record.application, record.host);
  if (identity == last_identity_) return last_number_;
  const auto known = by_hash_.find(identity);
  std::size_t number = known != by_hash_.end() ? known->second : loads_.size();
  if (known == by_hash_.end() && number < Workload::kMostClients) {
    by_hash_.emplace(identity, number);
    loads_.push_back({kept(record.user, kLongestEventName), kept(record.database, kLongestEventName),
                      kept(record.application, kLongestEventName), kept(record.host, kLongestEventName)});
  }
  last_identity_ = identity;
  return last_number_ = number;
}

std::size_t ClientLoads::add(const LogRecord& record) {
  const std::size_t number = number_of(record);
  ClientLoad& load = number < loads_.size() ? loads_[number] : rest_;
  ++(record.kind == RecordKind::kError ? load.errors : load.executions);
  if (record.kind == RecordKind::kExecution) accumulate(load.total, record.duration);
  return number;
}

std::vector<ClientLoad> ClientLoads::finish() {
  const auto order = [](const ClientLoad& load) {
    return std::tuple(-load.total.count(), -static_cast<std::int64_t>(load.executions),
                      std::tie(load.user, load.database, load.application, load.host));
  };
  std::vector<std::size_t> sorted(loads_.size());
  std::iota(sorted.begin(), sorted.end(), std::size_t{0});
  std::sort(sorted.begin(), sorted.end(), [&](auto a, auto b) { return order(loads_[a]) < order(loads_[b]); });
  std::vector<ClientLoad> loads;
  places_.assign(Workload::kMostClients + 1, static_cast<std::uint16_t>(loads_.size()));
  for (const std::size_t number : sorted) {
    places_[number] = static_cast<std::uint16_t>(loads.size());
    loads.push_back(std::move(loads_[number]));
  }
  if (rest_.executions + rest_.errors > 0) loads.push_back(rest_);
  return loads;
}

}  // namespace assay
