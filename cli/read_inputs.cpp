#include "cli/read_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analyzer/counted_once.h"
#include "analyzer/redaction.h"
#include "cli/coverage.h"
#include "cli/input_source.h"
#include "cli/messages.h"

namespace assay {
namespace {

/// An input, and the one that may go on where it ends.
struct Piece {
  InputSource source;
  bool is_sums = false;
  std::size_t next = 0;          ///< its index; 0 for none
  std::uint64_t taken_rest = 0;  ///< bytes at its front that the piece before took in
};

std::vector<Piece> pieces_of(const InputsInOrder& inputs) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < inputs.glances.size(); ++i) {
    // What was saved is not put together any more.
    const InputGlance* next = inputs.source_of(i).saved ? nullptr : next_piece(inputs.glances, i);
    const auto index = next ? static_cast<std::size_t>(next - inputs.glances.data()) : 0;
    pieces.push_back({.source = inputs.source_of(i),
                      .is_sums = is_sums(inputs.glances[i].format),
                      .next = index > 0 && !inputs.source_of(index).saved ? index : 0});
  }
  return pieces;
}

/// What a record passes on its way into the workload.
class Stages {
 public:
  CountedOnce once;
  CensoringObserver censoring;
  WorkloadBuilder builder;
  const WorkloadFilter& filter;
  const RecordSink& counted;
  SavedWorkloadWriter* saving = nullptr;  ///< where it is saved, too
  std::optional<Redactor> redactor;

  void add(const LogRecord& record, Told told) {
    const bool redacts = redactor && told != Told::kNormalForm;
    const LogRecord& shown = redacts ? redactor->redact(record) : record;
    if (saving) saving->add(shown, told);
    if (once.told_before(record)) return;
    if (once.server() == 0) return take(shown, told);
    LogRecord of_server = shown;
    of_server.server = once.server();
    take(of_server, told);
  }

 private:
  void take(const LogRecord& record, Told told) {
    builder.add(censoring.weigh(record), told);
    if (counted && passes(record, filter)) counted(record);
  }
};

/// What was recognised, for the reader to see whether it is right.
void note_recognised(const InputAccount& account, std::optional<UtcOffset> offset) {
  if (account.format.empty()) return;
  std::string found = account.format;
  if (!account.log_line_prefix.empty()) found += ", log_line_prefix '" + account.log_line_prefix + "'";
  if (!account.compression.empty()) found += ", " + account.compression;
  if (offset) found += ", times at " + to_iso8601({{}, *offset}).substr(std::string_view("1970-01-01T00:00:00").size());
  print(Diagnostic{.file = account.path, .severity = Severity::kNote, .message = found});
}

/// Nothing where the input failed.
std::optional<InputAccount> read_one(const InputSource& source, ReadOptions read, const ReportOptions& options,
                                     Stages& stages, const RecordObserver& observer) {
  const std::string& path = source.path;
  Progress progress("reading " + path, !options.quiet);
  read.progress = [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total, true); };
  Diagnostics diagnostics;
  std::optional<InputAccount> account;
  std::optional<UtcOffset> offset;
  const auto take = [&](const LogRecord& record, Told told) {
    if (!offset && record.time.utc != Timestamp{}) offset = record.time.offset;
    if (observer) observer(path, record);
    stages.add(record, told);
  };
  try {
    std::uint64_t filtered = 0;
    account = read_source(source, read, take, filtered, diagnostics);
    stages.builder.count_filtered(filtered);
    if (stages.saving) stages.saving->count_filtered(filtered);
  } catch (const Error& problem) {
    diagnostics.push_back(
        {.file = "assay", .severity = Severity::kError, .message = problem.what(), .hint = problem.hint()});
  }
  if (account && account->lines > 0 && account->record_lines == 0) {
    diagnostics.push_back({.file = path,
                           .severity = Severity::kError,
                           .message = "no line of it could be read as " + account->format,
                           .hint = "check --log-format and --log-line-prefix, or leave them out"});
    account.reset();
  }
  if (stages.saving) account ? stages.saving->finish_input(*account) : stages.saving->drop_input();
  if (account) {
    stages.once.finish(*account, diagnostics);
    if (const auto many = many_skipped(*account)) {
      diagnostics.push_back({.file = path, .severity = Severity::kWarning, .message = many->what, .hint = many->hint});
    }
  }
  if (account && !options.quiet) note_recognised(*account, offset);
  for (const Diagnostic& diagnostic : diagnostics) print(diagnostic);
  return account;
}

/// With the rest of its last record, if that was cut in two and ends in the next piece.
std::optional<InputAccount> read_piece(const Piece& piece, std::vector<Piece>& pieces, const ReportOptions& options,
                                       Stages& stages, const RecordObserver& observer) {
  ReadOptions read = options.read;
  read.taken_rest = piece.taken_rest;
  if (piece.next > 0) read.rest = front_rest(pieces[piece.next].source.path, options.read);
  auto account = read_one(piece.source, read, options, stages, observer);
  if (!account || !account->took_rest) return account;
  Piece& next = pieces[piece.next];
  next.taken_rest = read.rest.size();
  if (!options.quiet) {
    print(Diagnostic{.file = piece.source.path,
                     .severity = Severity::kNote,
                     .message = "its last record goes on in " + next.source.path + ", and counts here"});
  }
  return account;
}

/// The view sums up what a log tells one by one, over a span that it does not name: whether both tell the same cannot
/// be known. So sums most of whose time is of classes that logs tell are left out, and others count, with a warning.
struct SumsBesideLogs {
  double total_us = 0, told_us = 0;

  bool are_told() const { return total_us > 0 && told_us >= total_us / 2; }
};

SumsBesideLogs compare_sums(const InputSource& source, const ReportOptions& options, Stages& stages,
                            std::optional<InputAccount>& account) {
  SumsBesideLogs sums;
  const WorkloadBuilder& logs = stages.builder;
  Diagnostics told_when_counted;
  const auto compare = [&](const LogRecord& record, Told) {
    const auto known = logs.knows_class_of(record);
    if (!known || record.summary == nullptr) return;
    const auto time_us = static_cast<double>(record.summary->total.count());
    sums.total_us += time_us;
    if (*known) sums.told_us += time_us;
  };
  try {
    std::uint64_t told_then = 0;
    account = read_source(source, options.read, compare, told_then, told_when_counted);
  } catch (const Error&) {
    return {};
  }
  return sums;
}

/// They are saved nevertheless: whether they count is decided anew where the workload is read with others.
void save_sums(const InputSource& source, const ReportOptions& options, Stages& stages) {
  if (!stages.saving) return;
  Diagnostics told_before;
  std::uint64_t filtered = 0;
  const auto save = [&](const LogRecord& record, Told told) {
    const bool redacts = stages.redactor && told != Told::kNormalForm;
    stages.saving->add(redacts ? stages.redactor->redact(record) : record, told);
  };
  const InputAccount account = read_source(source, options.read, save, filtered, told_before);
  stages.saving->count_filtered(filtered);
  stages.saving->finish_input(account);
}

/// The account of sums that are left out, told on stderr; nothing where they are to be counted.
std::optional<InputAccount> leave_out_sums(const InputSource& source, const ReportOptions& options, Stages& stages) {
  std::optional<InputAccount> account;
  const std::string& path = source.path;
  const SumsBesideLogs sums = compare_sums(source, options, stages, account);
  if (!account || !sums.are_told()) return std::nullopt;
  save_sums(source, options, stages);
  account->executions = 0;
  account->left_out = true;
  account->left_out_why = fmt::format("sums up statements that logs tell: {:.0f} % of its time is of their classes",
                                      100 * sums.told_us / sums.total_us);
  print(Diagnostic{.file = path,
                   .severity = Severity::kWarning,
                   .message = "left out: " + account->left_out_why,
                   .hint = "report on pg_stat_statements by itself"});
  return account;
}

void warn_of_sums_beside_logs(const std::vector<InputAccount>& accounts) {
  const auto are_sums = [](const InputAccount& account) {
    return account.format == to_string(LogFormat::kStatStatements);
  };
  const auto sums = std::find_if(accounts.begin(), accounts.end(),
                                 [&](auto& account) { return are_sums(account) && !account.left_out; });
  if (sums == accounts.end() || std::all_of(accounts.begin(), accounts.end(), are_sums)) return;
  print(Diagnostic{.file = sums->path,
                   .severity = Severity::kWarning,
                   .message = "sums are added to what logs tell, where the same executions may stand",
                   .hint = "report on pg_stat_statements by itself"});
}

void name_given_twice(const std::vector<GivenTwice>& again, std::vector<InputAccount>& accounts) {
  for (const auto& [path, same_as] : again) {
    const auto same = std::find_if(accounts.begin(), accounts.end(), [&](auto& a) { return a.path == same_as; });
    if (same == accounts.end()) continue;
    InputAccount account;
    account.path = path;
    account.format = same->format;
    account.server = same->server;
    account.same_run_as = same_as;
    account.left_out = true;
    accounts.insert(same + 1, account);
  }
}

}  // namespace

ReadLogs read_inputs(const Inputs& inputs, const ReportOptions& options, const Catalog* catalog,
                     const RecordObserver& observer, const RecordSink& counted) {
  InputsInOrder in_order = look_at(inputs.files, options);
  std::vector<Piece> pieces = pieces_of(in_order);
  const LoggingSettings logging = logging_of(in_order, options);
  const bool others_left_out = options.filter.user || options.filter.application || in_order.others_left_out();
  std::optional<SavedWorkloadWriter> saving;
  if (options.save) {
    saving.emplace(*options.save, SavedWorkloadNotes{.filter = options.filter,
                                                     .logging = logging,
                                                     .redacted = options.redact || in_order.all_redacted(),
                                                     .others_left_out = others_left_out});
  }
  const std::vector<InputGlance> glances = options.save ? in_order.glances : std::vector<InputGlance>();
  Stages stages{CountedOnce(std::move(in_order.glances)),
                CensoringObserver(logging, catalog ? logging_settings(catalog->settings) : LoggingSettings()),
                WorkloadBuilder(options.filter, options.trace_bytes), options.filter, counted};
  if (saving) stages.saving = &*saving;
  if (options.redact) stages.redactor.emplace();
  std::vector<InputAccount> accounts;
  bool all_read = true, any_log = false;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    stages.once.begin();
    if (saving) saving->begin_input(glances[i]);
    if (piece.is_sums && any_log) {
      if (auto left_out = leave_out_sums(piece.source, options, stages)) {
        accounts.push_back(std::move(*left_out));
        continue;
      }
    }
    auto account = read_piece(piece, pieces, options, stages, observer);
    all_read &= account && !account->cut_short;
    any_log |= account && !piece.is_sums;
    if (account) accounts.push_back(std::move(*account));
  }
  if (saving && !accounts.empty()) saving->save();
  warn_of_sums_beside_logs(accounts);
  name_given_twice(inputs.given_twice, accounts);
  Workload workload = stages.builder.finish(std::move(accounts));
  workload.censoring = stages.censoring.finish();
  if (workload.censoring.periods.empty()) workload.censoring.apparent_threshold = apparent_threshold(workload);
  return {std::move(workload), all_read && in_order.all_opened, others_left_out};
}

}  // namespace assay
