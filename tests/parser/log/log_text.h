// For tests of the log readers: writes a run of a server in each of the three formats, reads text as a log, and tells
// records in one line each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/log/read_log.h"

namespace assay::test {

/// One message of a server, as the user "web" of the database "crm" causes it, unless they are empty.
struct Event {
  int process = 1;
  std::string severity, message, detail = {}, statement = {}, sqlstate = {};
  std::string user = "web", database = "crm", application = "shop";
};

Event log(int process, std::string message, std::string detail = {});
Event error(int process, std::string message, std::string statement = {});

inline constexpr std::string_view kPrefix = "%m [%p] %q%u@%d/%a ";

/// The run in one format; each event a second after the one before.
std::string as_stderr(const std::vector<Event>& events);
std::string as_csv(const std::vector<Event>& events);
std::string as_json(const std::vector<Event>& events);

struct Reading {
  InputAccount account;
  Diagnostics diagnostics;
  std::vector<std::string> records;  ///< told()
  std::vector<std::uint64_t> lines;  ///< of the records
};

/// "web@crm 12.345ms SELECT 1 [$1 = '7']", "untimed SELECT 1", "unfinished 0.080ms …", "error 42601 message | SELECT",
/// "plan …", "lock …", "temp …", "other …".
std::string told(const LogRecord& record);

/// Reads `text` from a file of its own.
Reading read_text(std::string_view text, const ReadOptions& options = {}, const ReadLimits& limits = {});

/// Records of a log but for kOther ones.
std::vector<std::string> executions(std::string_view text);

/// The same of a run, having checked that the three formats tell the same.
std::vector<std::string> executions(const std::vector<Event>& events);

/// Checks lines = record lines + continuation lines + skipped ones, and that `text` has so many lines.
void check_account(const InputAccount& account, std::string_view text);

/// A file in a folder that is removed with it.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace assay::test
