// A workload is counted once: records that an input read earlier told too are recognised and left out.
//
// Inputs tell the same run when the records at the beginning of the later one stand in the earlier one
// (tells_the_same() in input_glance.h): a file given twice, a rotation and its copy, the stderr log, csvlog and jsonlog
// of one server. From there on each of its records is counted only when it was not told before. Two inputs that
// overlap in time and share no records are of two servers.
//
// Records are remembered only while an input is still to come that starts before them, so rotations that follow each
// other cost nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/input_glance.h"
#include "analyzer/told_records.h"

namespace assay {

class CountedOnce {
 public:
  /// `inputs` in the order in which they will be read.
  explicit CountedOnce(std::vector<InputGlance> inputs);

  /// The next input begins.
  void begin();

  /// Whether an input before told this record too.
  bool told_before(const LogRecord& record) { return is_watching_ && look_up(record); }

  /// That the input at hand is of, counted from 0.
  std::uint32_t server() const { return server_; }

  /// The input at hand ends: completes its account, and says what was found.
  void finish(InputAccount& account, Diagnostics& diagnostics);

  std::size_t servers() const { return servers_.size(); }

 private:
  struct Range {
    std::string path;
    std::int64_t first_us = INT64_MAX, last_us = INT64_MIN;  ///< of the records read
  };
  struct Server {
    std::vector<Range> inputs;
    ToldRecords told;
    std::int64_t last_us() const;
  };
  struct Tally {
    std::uint64_t told_records = 0, told_executions = 0, new_records = 0;
  };

  bool look_up(const LogRecord& record);
  bool tells_the_run_of(const InputGlance& input, const Server& server) const;
  std::size_t server_of(const InputGlance& input);
  std::size_t continued_by(const InputGlance& input);
  void tell(const InputAccount& account, Diagnostics& diagnostics) const;

  std::vector<InputGlance> inputs_;
  std::vector<std::int64_t> still_to_come_us_;  ///< by input: the least time of those behind it
  MarkResolution resolution_;
  std::vector<Server> servers_;
  std::size_t next_ = 0;  ///< behind the input at hand
  std::uint32_t server_ = 0;
  bool is_watching_ = false;    ///< the records of the input at hand matter
  bool is_told_again_ = false;  ///< it tells the run of inputs before
  Tally tally_;
};

}  // namespace assay
