// assay watch: logs followed as they are written; figures, alerts and metrics.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"

namespace assay {

enum class WatchFormat { kText, kJson };

struct WatchOptions {
  std::vector<std::string> logs;
  ReadOptions read;
  WatchFormat format = WatchFormat::kText;
  std::optional<std::string> state;   ///< the file that it goes on from
  std::optional<std::string> listen;  ///< HOST:PORT or PORT
  std::chrono::seconds window{60};
  std::chrono::hours retention{24 * 7};
  std::size_t cores = 0;  ///< of the server; 0: as this machine
  std::size_t top = 20;   ///< classes that are shown one by one
  bool from_start = false;
  bool once = false;  ///< ends where the logs end
};

/// Until SIGINT or SIGTERM, or with `once` until the logs end. Throws UsageError and Error.
void run_watch(const WatchOptions& options);

/// "HOST:PORT", "[::1]:9187", ":9187" or "9187"; a host that is not stated is 127.0.0.1. Throws UsageError.
std::pair<std::string, int> parse_listen(const std::string& text);

}  // namespace assay
