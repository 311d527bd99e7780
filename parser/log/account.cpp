#include "parser/log/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parser/log/prefix.h"

namespace assay {
namespace {

struct ReasonText {
  std::string_view reason, hint;
  bool is_loss = true;
};

/// In the order of SkipReason.
constexpr std::array<ReasonText, kSkipReasons> kReasons{{
    {"the file starts in the middle of a record",
     "a rotation or a split cut it in two; to have it whole, give the file before it too, in the same folder"},
    {"not a csvlog record", "the record is damaged; reading went on at the next one"},
    {"not a jsonlog record", "the record is damaged; reading went on at the next line"},
    {"blank line", "no record is lost", false},
    {"the last record is cut off", "the server was still writing, or the copy is not complete"},
    {"a record over the limit of 64 MB", "log_parameter_max_length makes the server cut long values"},
    {"DETAIL or STATEMENT without its record", "two servers may write this file; give each its own log"},
    {"line of another program", "no record of PostgreSQL is lost", false},
    {"a part of a message whose beginning is missing",
     "the file before holds it, or the carrier dropped it (syslog and journald limit the rate)"},
    {"repeated messages that syslog left out", "syslog_sequence_numbers = on makes each message differ, so none is"},
    {"not a row of pg_stat_statements", "the row is damaged; reading went on at the next line"},
    {"a command of psql", "only what is sent to the server is counted", false},
    {"data of a COPY", "the COPY statement itself is counted", false},
}};

const ReasonText& text_of(SkipReason reason) { return kReasons[static_cast<std::size_t>(reason)]; }

std::string_view hint_of(SkipReason reason, LogFormat format) {
  const bool of_mysql = format == LogFormat::kMysqlSlow && reason == SkipReason::kTooLong;
  return of_mysql ? "MySQL logs a statement whole, whatever its length" : text_of(reason).hint;
}

std::string lines_text(std::uint64_t lines) { return lines == 1 ? "line" : fmt::format("{} lines", lines); }

}  // namespace

AccountKeeper::AccountKeeper(std::string path, const LogDialect& dialect, Diagnostics& diagnostics)
    : dialect_(dialect), diagnostics_(diagnostics) {
  account_.path = std::move(path);
  account_.format = to_string(dialect.format);
  account_.log_line_prefix = dialect.log_line_prefix;
}

void AccountKeeper::add(const Block& block, std::uint64_t first_line) {
  if (block.dropped_lines > 0) {
    SkipList dropped;
    dropped.add(SkipReason::kTooLong, 0, block.dropped_lines, block.dropped_excerpt);
    add(dropped, first_line);
  }
  add(block.skips, first_line + block.dropped_lines);
  account_.lines += block.dropped_lines + block.lines;
  account_.continuation_lines += block.continuation_lines;
  account_.record_lines += block.record_lines();
  if (!block.unknown_zone.empty()) tell_unknown_zone(block.unknown_zone);
}

void AccountKeeper::add(const SkipList& skips, std::uint64_t first_line) {
  for (const Skip& skip : skips.shown()) tell(skip, first_line + skip.line);
  for (std::size_t i = 0; i < kSkipReasons; ++i) {
    const auto& added = skips.tally(static_cast<SkipReason>(i));
    auto& tally = tallies_[i];
    if (tally.places == 0) tally.first_line = first_line + added.first_line;
    tally.places += added.places;
    tally.lines += added.lines;
  }
}

void AccountKeeper::tell(const Skip& skip, std::uint64_t line) {
  const auto index = static_cast<std::size_t>(skip.reason);
  if (told_places_[index] == kSkipsShown) return;
  ++told_places_[index];
  told_lines_[index] += skip.lines;
  const auto reason = text_of(skip.reason).reason;
  diagnostics_.push_back({account_.path, line, Severity::kWarning,
                          fmt::format("{} skipped: {}", lines_text(skip.lines), reason), skip.excerpt, skip.column,
                          std::string(hint_of(skip.reason, dialect_.format))});
}

void AccountKeeper::tell_unknown_zone(const std::string& zone) {
  if (zone_told_) return;
  zone_told_ = true;
  diagnostics_.push_back({account_.path,
                          0,
                          Severity::kWarning,
                          fmt::format("time zone {} is not known or not unique: its times are taken as UTC", zone),
                          {},
                          0,
                          "state the log's zone: --timezone +05:30"});
}

void AccountKeeper::note(std::string message, std::string hint) {
  diagnostics_.push_back({account_.path, 0, Severity::kNote, std::move(message), {}, 0, std::move(hint)});
}

/// What log_line_prefix leaves out and that costs something.
void AccountKeeper::tell_missing_escapes() {
  if (dialect_.format != LogFormat::kPostgresStderr || account_.record_lines == 0) return;
  const PrefixPattern prefix(dialect_.log_line_prefix);
  if (!prefix.has('p') && !prefix.has('c')) {
    note("log_line_prefix has no %p: lines of one process cannot be put together", "add %p to log_line_prefix");
  }
  if (!prefix.has('m') && !prefix.has('t') && !prefix.has('n')) {
    note("log_line_prefix has no %m: nothing can be said of times and rates", "add %m to log_line_prefix");
  }
  if (!prefix.has('d')) {
    note("log_line_prefix has no %d: databases cannot be told apart", "add %q%u@%d to log_line_prefix");
  }
}

InputAccount AccountKeeper::finish(std::uint64_t bytes, std::uint64_t records, std::uint64_t executions) {
  account_.bytes = bytes;
  account_.records = records;
  account_.executions = executions;
  for (std::size_t i = 0; i < kSkipReasons; ++i) {
    const auto& tally = tallies_[i];
    if (tally.places == 0) continue;
    account_.skipped.push_back({std::string(kReasons[i].reason), tally.lines, tally.first_line,
                                std::string(kReasons[i].hint), kReasons[i].is_loss});
    if (tally.places == told_places_[i]) continue;
    const auto more = tally.lines - told_lines_[i];
    diagnostics_.push_back(
        {account_.path,
         0,
         Severity::kWarning,
         fmt::format("{} more {} skipped: {}", more, more == 1 ? "line" : "lines", kReasons[i].reason),
         {},
         0,
         std::string(hint_of(static_cast<SkipReason>(i), dialect_.format))});
  }
  std::stable_sort(account_.skipped.begin(), account_.skipped.end(),
                   [](const SkippedLines& a, const SkippedLines& b) { return a.first_line < b.first_line; });
  tell_missing_escapes();
  return std::move(account_);
}

}  // namespace assay
