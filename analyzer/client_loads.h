// Executions, errors and time by client. At most Workload::kMostClients are told apart; the others go into one without
// a name.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "analyzer/workload.h"
#include "parser/log/record.h"

namespace assay {

class ClientLoads {
 public:
  /// An execution or an error.
  void add(const LogRecord& record);

  std::vector<ClientLoad> finish();

 private:
  ClientLoad& load_of(const LogRecord& record);

  std::vector<ClientLoad> loads_;
  std::unordered_map<std::uint64_t, std::size_t> by_hash_;
  ClientLoad rest_;
};

}  // namespace assay
