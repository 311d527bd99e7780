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
  /// An execution or an error. Returns the client's number, at most Workload::kMostClients.
  std::size_t add(const LogRecord& record);

  std::vector<ClientLoad> finish();

  /// By the number that add() returned: the client's position in what finish() returned.
  const std::vector<std::uint16_t>& places() const { return places_; }

 private:
  std::size_t number_of(const LogRecord& record);

  std::vector<ClientLoad> loads_;
  std::uint64_t last_identity_ = 0;  // most records are of the client before
  std::size_t last_number_ = 0;
  std::unordered_map<std::uint64_t, std::size_t> by_hash_;
  ClientLoad rest_;
  std::vector<std::uint16_t> places_;
};

}  // namespace assay
