// What a watch tells Prometheus, by its conventions: base units, _total for counters, and few labels: at most so many
// query classes each get series of their own, the first ones among the heaviest; all others are `other`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "advisors/watch/alert.h"
#include "cli/watch/watch_texts.h"
#include "connectors/metrics_server.h"
#include "parser/log/follower.h"

namespace assay {

class WatchMetrics {
 public:
  explicit WatchMetrics(std::size_t top) : top_(top) {}

  void add(const Window& window, const ClassNames& names);

  struct Reading {
    std::uint64_t bytes = 0, lines = 0, skipped_lines = 0, unread = 0;
  };
  std::vector<Metric> metrics(const Reading& reading, const std::map<std::uint64_t, Alert>& open) const;

 private:
  struct Sums {
    double executions = 0, errors = 0, seconds = 0, work_seconds = 0, lock_waits = 0, temporary_bytes = 0;
    std::string database;
    void add(const Figures& figures);
  };

  std::size_t top_;
  Sums total_, other_;
  std::map<ClassId, Sums> classes_;
  std::map<std::string, double> errors_;
  Window last_;
  std::uint64_t windows_ = 0;
};

}  // namespace assay
