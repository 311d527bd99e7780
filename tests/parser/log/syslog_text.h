// Writes a run as syslog files hold it: each message split as write_syslog (elog.c) does, by a rule written down here a
// second time, and the processes' lines mixed.
#pragma once

#include <string>
#include <vector>

#include "tests/parser/log/log_text.h"

namespace assay::test {

struct SyslogStyle {
  bool numbers = true;  ///< syslog_sequence_numbers
  bool split = true;    ///< syslog_split_messages
  bool escapes = true;  ///< the daemon writes #011 for a tab
  enum class Header { kRfc3164, kIso, kRfc5424 } header = Header::kRfc3164;
};

/// The lines of each message, in its order.
std::vector<std::vector<std::string>> syslog_messages(const std::vector<Event>& events, const SyslogStyle& style = {});

/// One message behind the other.
std::string as_syslog(const std::vector<Event>& events, const SyslogStyle& style = {});

/// The messages' lines mixed, at most `depth` messages at a time, each process's own in order.
std::string as_mixed_syslog(const std::vector<Event>& events, std::size_t depth, unsigned seed,
                            const SyslogStyle& style = {});

}  // namespace assay::test
