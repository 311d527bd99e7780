#include "parser/log/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "parser/base/error.h"
#include "parser/log/account.h"
#include "parser/log/assembler.h"
#include "parser/log/entry_sequence.h"
#include "parser/log/mysql_slow.h"
#include "parser/log/pipeline.h"
#include "parser/log/prefix.h"
#include "parser/log/procedure_time.h"
#include "parser/log/read_log.h"
#include "parser/log/recognition.h"

namespace assay {
namespace {

struct FormatName {
  LogFormat format;
  std::string_view name;
};
constexpr FormatName kFormatNames[] = {
    {LogFormat::kPostgresStderr, "stderr"}, {LogFormat::kPostgresCsv, "csvlog"},
    {LogFormat::kPostgresJson, "jsonlog"},  {LogFormat::kPostgresSyslog, "syslog"},
    {LogFormat::kCloudSql, "cloudsql"},     {LogFormat::kAzure, "azure"},
    {LogFormat::kCloudNativePg, "cnpg"},    {LogFormat::kStatStatements, "pg_stat_statements"},
    {LogFormat::kMysqlSlow, "mysql-slow"},  {LogFormat::kSqlText, "sql"},
};

constexpr const char* kDamageHint = "the file was cut off or is damaged; copy it again";

InputAccount account_of_nothing(const std::string& path, std::uint64_t bytes, const ReadOptions& options,
                                Diagnostics& diagnostics) {
  diagnostics.push_back({path,
                         0,
                         Severity::kWarning,
                         "the log is empty",
                         {},
                         0,
                         options.format == LogFormat::kMysqlSlow
                             ? "long_query_time = 0 makes the server log every statement"
                             : "log_min_duration_statement = 0 makes the server log every statement"});
  InputAccount account;
  account.path = path;
  account.bytes = bytes;
  if (options.format) account.format = to_string(*options.format);
  return account;
}

std::string read_sample(ByteSource& source, std::size_t size) {
  std::string sample(size, '\0');
  sample.resize(source.read(sample.data(), sample.size()));
  return sample;
}

/// Windows' tools put one at the front of what they write or copy.
std::string without_byte_order_mark(const std::string& path, std::string sample) {
  if (sample.starts_with("\xFF\xFE") || sample.starts_with("\xFE\xFF")) {
    throw Error(path + ": is UTF-16", "convert it first: iconv -f UTF-16 -t UTF-8 LOG > CONVERTED");
  }
  if (sample.starts_with("\xEF\xBB\xBF")) sample.erase(0, 3);
  return sample;
}

/// A prefix that was stated and is wrong would make a log look empty.
void check_prefix(const InputAccount& account, const LogDialect& dialect, std::string_view sample,
                  Diagnostics& diagnostics) {
  if (dialect.format != LogFormat::kPostgresStderr || account.record_lines > 0) return;
  const auto detected = detect_prefix(sample);
  diagnostics.push_back({account.path,
                         0,
                         Severity::kWarning,
                         "no line begins with log_line_prefix '" + dialect.log_line_prefix + "'",
                         {},
                         0,
                         detected ? "the log looks like --log-line-prefix '" + *detected + "'"
                                  : "state it as SHOW log_line_prefix prints it"});
}

/// RFC 3164 has no years, and log_line_prefix may have no time.
void tell_deduced_times(const InputAccount& account, const LogDialect& dialect, Diagnostics& diagnostics) {
  const PrefixPattern prefix(dialect.log_line_prefix);
  if (!dialect.first_time || prefix.has('m') || prefix.has('t') || prefix.has('n')) return;
  const UtcOffset zone = dialect.zone.value_or(UtcOffset{0});
  diagnostics.push_back({account.path,
                         0,
                         Severity::kWarning,
                         fmt::format("syslog's time stamps tell neither year nor zone: taken to begin in {}, in {}",
                                     to_iso8601({*dialect.first_time, zone}).substr(0, 4),
                                     dialect.zone ? "the zone that --timezone states" : "UTC"),
                         {},
                         0,
                         std::string(dialect.zone ? "" : "state --timezone; ") +
                             "put %m into log_line_prefix, or let the daemon write ISO 8601"});
}

/// Reading ended before the log did, by damage that the source told of or by its failure.
void tell_cut_short(InputAccount& account, const std::string& problem, const std::string& hint,
                    Diagnostics& diagnostics) {
  account.cut_short = true;
  diagnostics.push_back(
      {account.path, account.lines, Severity::kError, problem + "; the log was read up to this line", {}, 0, hint});
}

}  // namespace

std::string_view to_string(LogFormat format) {
  for (const auto& entry : kFormatNames) {
    if (entry.format == format) return entry.name;
  }
  return {};
}

std::optional<LogFormat> parse_log_format(std::string_view name) {
  for (const auto& entry : kFormatNames) {
    if (entry.name == name) return entry.format;
  }
  return std::nullopt;
}

InputAccount read_log(const std::string& path, const ReadOptions& options, const RecordSink& sink,
                      Diagnostics& diagnostics) {
  return read_log(path, options, ReadLimits{}, sink, diagnostics);
}

InputAccount read_log(const std::string& path, const ReadOptions& options, const ReadLimits& limits,
                      const RecordSink& sink, Diagnostics& diagnostics) {
  const auto source = limited(open_source(path), limits.most);
  const std::string taken = read_sample(*source, options.taken_rest);
  const std::string sample = without_byte_order_mark(path, read_sample(*source, limits.sample));
  if (sample.empty() && !source->damage().empty()) throw Error(path + ": " + source->damage(), kDamageHint);
  if (sample.empty()) return account_of_nothing(path, source->position(), options, diagnostics);
  LogDialect dialect = recognise(path, sample, options);
  dialect.max_record = limits.max_record;

  BlockReader blocks(*source, sample, dialect, limits.block);
  blocks.may_be_completed_by(options.rest);
  BlockPipeline pipeline(blocks, dialect, options.jobs);
  AccountKeeper keeper(path, dialect, diagnostics);
  Assembler assembler(sink);
  EntrySequence sequence(may_part_details(dialect.format), assembler,
                         [&](std::unique_ptr<Block> block) { pipeline.recycle(std::move(block)); });

  SlowLogInheritance inheritance;
  ProcedureTime procedures;
  const auto first_line = 1 + static_cast<std::uint64_t>(std::count(taken.begin(), taken.end(), '\n'));
  std::uint64_t line = first_line;
  std::optional<Error> failure;
  try {
    while (auto block = pipeline.next()) {
      if (options.progress) options.progress(block->input_position, source->total());
      if (dialect.format == LogFormat::kMysqlSlow) {
        inheritance.fill(*block);
        procedures.take_off(*block);
      }
      keeper.add(*block, line);
      line += block->dropped_lines;
      const std::uint64_t lines = block->lines;
      sequence.add(std::move(block), line);
      line += lines;
    }
  } catch (const Error& problem) {
    if (line == first_line) throw;
    failure = problem;
  }
  sequence.finish();
  assembler.finish();
  keeper.add(sequence.skips(), 0);
  keeper.add_continuation_lines(sequence.continuation_lines());
  InputAccount account = keeper.finish(source->position(), assembler.records(), assembler.executions());
  account.compression = source->compression();
  account.took_rest = blocks.was_completed();
  account.inside_procedures = procedures.statements();
  if (failure) {
    tell_cut_short(account, failure->what(), failure->hint(), diagnostics);
  } else if (!source->damage().empty()) {
    tell_cut_short(account, source->damage(), kDamageHint, diagnostics);
  }
  tell_deduced_times(account, dialect, diagnostics);
  check_prefix(account, dialect, sample, diagnostics);
  return account;
}

std::string front_rest(const std::string& path, const ReadOptions& options) {
  constexpr std::size_t kMostRest = 1U << 20U;
  try {
    const auto source = open_source(path);
    std::string sample = read_sample(*source, kMostRest + (256U << 10U));
    const auto tokenizer = make_tokenizer(recognise(path, sample, options));
    const std::size_t size = tokenizer->front_rest(sample);
    if (size > kMostRest) return {};
    sample.resize(size);
    return sample;
  } catch (const Error&) {
    return {};  // told when the log is read
  }
}

}  // namespace assay
