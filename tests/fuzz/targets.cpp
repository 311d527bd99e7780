#include "tests/fuzz/targets.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "parser/base/error.h"
#include "parser/log/read_log.h"
#include "parser/sql/lexer.h"
#include "parser/sql/shape.h"
#include "parser/sql/shape_cache.h"
#include "parser/sql/statement.h"

namespace assay::fuzz {
namespace {

void check(bool kept, const std::string& promise) {
  if (!kept) throw BrokenPromise(promise);
}

/// A file in memory: read_log() takes a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : file_(::memfd_create("log", 0)) {
    check(::write(file_, content.data(), content.size()) == static_cast<ssize_t>(content.size()), "a file can be had");
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

struct Reading {
  std::string records;  ///< what tells one from another
  InputAccount account;
};

Reading read(const std::string& path, const ReadOptions& options, std::size_t block) {
  Reading reading;
  Diagnostics diagnostics;
  const auto sink = [&](const LogRecord& record) {
    for (const auto text : {record.sql, record.parameters, record.user, record.database, record.message}) {
      reading.records.append(text) += '\x1f';
    }
    reading.records += std::to_string(record.duration.count()) + ' ' + std::to_string(record.line) + ' ' +
                       std::to_string(record.process) + ' ' + std::to_string(record.shape) + '\n';
  };
  reading.account =
      read_log(path, options, {.sample = 1U << 16U, .block = block, .max_record = 1U << 14U}, sink, diagnostics);
  return reading;
}

void check_balance(const InputAccount& account) {
  std::uint64_t skipped = 0;
  for (const auto& lines : account.skipped) skipped += lines.count;
  check(account.lines == account.record_lines + account.continuation_lines + skipped, "the account balances");
}

void check_same(const std::string& whole, const std::string& in_parts) {
  const auto at = std::mismatch(whole.begin(), whole.end(), in_parts.begin(), in_parts.end()).first - whole.begin();
  const auto line = whole.rfind('\n', static_cast<std::size_t>(at)) + 1;
  check(whole == in_parts, "records do not depend on blocks: " + whole.substr(line, 400) + " | " +
                               in_parts.substr(std::min(line, in_parts.size()), 400));
}

/// Read as two files, of which the first may take in the front of the second.
void check_cut_in_two(std::string_view log, ReadOptions options, std::uint64_t lines) {
  const MemoryFile first(log.substr(0, log.size() / 2)), second(log.substr(log.size() / 2));
  options.rest = front_rest(second.path(), options);
  const auto before = read(first.path(), options, 256).account;
  options.taken_rest = before.took_rest ? options.rest.size() : 0;
  options.rest.clear();
  const auto behind = read(second.path(), options, 256).account;
  check_balance(before);
  check_balance(behind);
  check(!before.took_rest || before.lines + behind.lines == lines,
        "a line counts once where a record was put together");
}

/// `sql` with every number and plain string changed into another one.
std::string with_other_literals(std::string_view sql) {
  std::string other;
  Lexer lexer(sql);
  std::size_t copied = 0;
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    const bool is_string = token.kind == TokenKind::kString && token.text.front() == '\'' && token.text.size() > 2 &&
                           token.text.find_first_of("%_\\") == std::string_view::npos && token.text.back() == '\'';
    if (!is_string && token.kind != TokenKind::kNumber) continue;
    other += sql.substr(copied, lexer.position() - token.text.size() - copied);
    other += is_string ? "'another one'" : "31";
    copied = lexer.position();
  }
  return other + std::string(sql.substr(copied));
}

template <LogFormat kFormat>
void read_log_as(std::string_view log) {
  read_as(kFormat, log);
}

}  // namespace

void read_as(LogFormat format, std::string_view log) {
  const MemoryFile file(log);
  ReadOptions options;
  options.format = format;
  if (format == LogFormat::kPostgresStderr || format == LogFormat::kPostgresSyslog)
    options.log_line_prefix = "%m [%p] %q%u@%d ";
  try {
    const auto whole = read(file.path(), options, 1U << 20U);
    const auto in_parts = read(file.path(), options, 256);
    check_balance(whole.account);
    check_balance(in_parts.account);
    check(whole.account.lines == in_parts.account.lines, "lines do not depend on blocks");
    check_same(whole.records, in_parts.records);
    check_cut_in_two(log, options, whole.account.lines);
  } catch (const Error&) {
    // The environment's failures: compressed by chance and damaged, say.
  }
}

void normalise(std::string_view sql) {
  const auto shape = shape_hash(sql);
  ShapeCache cache;
  check(cache.of(sql).shape == shape && cache.of(sql).shape == shape, "a skeleton gives the lexer's shape");
  const std::string other = with_other_literals(sql);
  if (shape_hash(other) != shape) return;  // an ordinal, a sign …: told apart on purpose
  check(cache.of(other).shape == shape, "other literals give the same shape");
  check(normalize(sql) == normalize(other), "one class has one normal form");
  if (!is_explainable(sql) || !is_explainable(other)) return;  // of DDL, libpg_query's takes in more than names
  check(fingerprint(sql) == fingerprint(other), "one class has one fingerprint");
}

void understand(std::string_view sql) {
  const auto parsed = parse_statement(sql);
  (void)parsed;
  if (is_explainable(sql)) check(fingerprint(sql).has_value(), "what is explained can be parsed");
  normalize(sql);
}

const std::vector<Target>& targets() {
  static const std::vector<Target> all = {
      {"stderr", read_log_as<LogFormat::kPostgresStderr>},
      {"csvlog", read_log_as<LogFormat::kPostgresCsv>},
      {"jsonlog", read_log_as<LogFormat::kPostgresJson>},
      {"syslog", read_log_as<LogFormat::kPostgresSyslog>},
      {"cloudsql", read_log_as<LogFormat::kCloudSql>},
      {"azure", read_log_as<LogFormat::kAzure>},
      {"cnpg", read_log_as<LogFormat::kCloudNativePg>},
      {"pg_stat_statements", read_log_as<LogFormat::kStatStatements>},
      {"mysql-slow", read_log_as<LogFormat::kMysqlSlow>},
      {"sql", read_log_as<LogFormat::kSqlText>},
      {"normalise", normalise},
      {"understand", understand},
  };
  return all;
}

}  // namespace assay::fuzz
