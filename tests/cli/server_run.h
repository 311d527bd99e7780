// A run of a busy server, made up from a seed, as its logs tell it: statements of a pool of sessions, many of them
// short and in the same millisecond.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace assay::test {

class ServerRun {
 public:
  explicit ServerRun(unsigned seed, std::size_t statements = 1000, unsigned most_gap_ms = 80);

  // The executions [from, to), in the formats that a server writes:
  std::string as_stderr(std::size_t from, std::size_t to, const std::string& prefix = "%m [%p] ") const;
  std::string as_csv(std::size_t from, std::size_t to) const;

 private:
  struct Execution {
    std::int64_t ms = 0;  ///< since 10:00
    int process = 0;
    std::int64_t us = 0;
    std::string sql;
  };
  std::vector<Execution> executions_;
};

}  // namespace assay::test
