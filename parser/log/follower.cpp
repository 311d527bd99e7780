#include "parser/log/follower.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "parser/base/error.h"
#include "parser/log/decompressor.h"
#include "parser/log/recognition.h"

namespace assay {
namespace {

constexpr std::size_t kTailBytes = 64;
constexpr std::size_t kSampleBytes = 1U << 20U;  // that the format is recognised from
constexpr std::uint64_t kStateVersion = 1;

FileIdentity identity_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

std::string read_at(int file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = pread(file, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

bool is_regular(const struct stat& status) { return S_ISREG(status.st_mode); }

std::uint64_t newlines(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

void save_dialect(StateWriter& state, const LogDialect& dialect) {
  state.number(static_cast<std::uint64_t>(dialect.format));
  state.text(dialect.log_line_prefix);
  state.flag(dialect.first_time.has_value());
  state.integer(dialect.first_time.value_or(Timestamp{}).time_since_epoch().count());
  state.flag(dialect.crlf);
  state.flag(dialect.zone.has_value());
  state.integer(dialect.zone.value_or(UtcOffset{0}).count());
}

LogDialect restored_dialect(StateReader& state) {
  LogDialect dialect;
  const std::uint64_t format = state.number();
  if (format > static_cast<std::uint64_t>(LogFormat::kSqlText)) throw Error("the saved state is damaged");
  dialect.format = static_cast<LogFormat>(format);
  dialect.log_line_prefix = state.text();
  const bool has_first_time = state.flag();
  const Timestamp first_time{Microseconds{state.integer()}};
  if (has_first_time) dialect.first_time = first_time;
  dialect.crlf = state.flag();
  const bool has_zone = state.flag();
  const UtcOffset zone{state.integer()};
  if (has_zone) dialect.zone = zone;
  return dialect;
}

void save_account(StateWriter& state, const FollowAccount& account) {
  for (const std::uint64_t value : {account.bytes, account.lines, account.record_lines, account.continuation_lines,
                                    account.skipped_lines, account.rotations, account.truncations}) {
    state.number(value);
  }
}

FollowAccount restored_account(StateReader& state) {
  FollowAccount account;
  for (std::uint64_t* value : {&account.bytes, &account.lines, &account.record_lines, &account.continuation_lines,
                               &account.skipped_lines, &account.rotations, &account.truncations}) {
    *value = state.number();
  }
  return account;
}

}  // namespace

LogFollower::LogFollower(std::string path, FollowOptions options, RecordSink sink)
    : path_(std::move(path)),
      options_(std::move(options)),
      sink_(std::move(sink)),
      assembler_(std::make_unique<Assembler>(sink_, Assembler::Limits{.text_bytes = 32U << 20U})) {}

LogFollower::~LogFollower() { close_file(); }

void LogFollower::tell(Severity severity, std::string message, std::string hint, Diagnostics& diagnostics) const {
  diagnostics.push_back(
      {.file = path_, .severity = severity, .message = std::move(message), .excerpt = {}, .hint = std::move(hint)});
}

FollowAccount LogFollower::account() const {
  FollowAccount account = account_;
  if (sequence_) {
    account.continuation_lines += sequence_->continuation_lines();
    account.skipped_lines += sequence_->skips().lines();
  }
  return account;
}

// The file itself.

bool LogFollower::open_file(const std::string& name) {
  const int file = open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return false;
  struct stat status {};
  if (fstat(file, &status) != 0 || !is_regular(status)) {
    close(file);
    return false;
  }
  close_file();
  file_ = file;
  identity_ = identity_of(status);
  has_front_ = false;
  judge_anew_ = true;
  problem_told_ = is_compressed_ = false;
  judged_size_ = 0;
  read_from(0);
  return true;
}

void LogFollower::close_file() {
  if (file_ >= 0) close(file_);
  file_ = -1;
}

/// Opens what lies at the path now: at its end where it was there at first and nobody wants what is in it.
bool LogFollower::open_path(Diagnostics& diagnostics) {
  const bool is_first = std::exchange(is_first_, false);
  if (!open_file(path_)) {
    const int error = errno;
    if (error == EACCES && !std::exchange(problem_told_, true)) {
      tell(Severity::kError, "cannot be opened: " + std::generic_category().message(error),
           "PostgreSQL's logs belong to its own user: watch them as that user, or set log_file_mode = 0640",
           diagnostics);
    }
    return false;
  }
  if (!is_first || options_.from_start) return true;
  const std::uint64_t end = size();
  const std::size_t looked_at = static_cast<std::size_t>(std::min<std::uint64_t>(end, 64U << 10U));
  const auto newline = bytes_at(end - looked_at, looked_at).rfind('\n');
  read_from(newline == std::string::npos ? end : end - looked_at + newline + 1);
  return true;
}

void LogFollower::read_from(std::uint64_t offset) {
  pending_.clear();
  dropping_ = false;
  read_to_ = offset;
  tail_ = tail_before(offset);
}

std::uint64_t LogFollower::size() const {
  struct stat status {};
  return file_ >= 0 && fstat(file_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::uint64_t LogFollower::unread() const {
  const std::uint64_t end = size();
  return end > read_to_ ? end - read_to_ : 0;
}

std::string LogFollower::bytes_at(std::uint64_t offset, std::size_t size) const { return read_at(file_, offset, size); }

std::string LogFollower::tail_before(std::uint64_t offset) const {
  const std::size_t bytes = static_cast<std::size_t>(std::min<std::uint64_t>(offset, kTailBytes));
  return bytes_at(offset - bytes, bytes);
}

/// Shorter than what was read, or other bytes where that ended.
bool LogFollower::is_truncated() const { return size() < read_to_ || tail_before(read_to_) != tail_; }

/// Whether the file that is read is still the one at the path.
bool LogFollower::has_name() const {
  struct stat status {};
  return stat(path_.c_str(), &status) == 0 && identity_of(status) == identity_;
}

// What is in it.

void LogFollower::begin(const LogDialect& dialect) {
  StateWriter state;
  assembler_->save(state);  // so that nothing points into the tokenizer before
  StateReader saved(state.bytes());
  assembler_ = std::make_unique<Assembler>(sink_, Assembler::Limits{.text_bytes = 32U << 20U});
  assembler_->restore(saved);
  const FollowAccount counted = account();
  sequence_ = std::make_unique<EntrySequence>(may_part_details(dialect.format), *assembler_,
                                              [this](std::unique_ptr<Block> block) {
                                                under_way_.pop_front();
                                                spare_ = std::move(block);
                                              });
  account_ = counted;
  dialect_ = dialect;
  dialect_->max_record = options_.max_record;
  tokenizer_ = make_tokenizer(*dialect_);
}

/// False while it cannot be told how the file is written.
bool LogFollower::recognise_file(Diagnostics& diagnostics) {
  if (!judge_anew_) return true;
  if (is_compressed_) return false;
  const std::uint64_t bytes = size();
  if (bytes == 0 || bytes == judged_size_) return false;
  const std::string sample = bytes_at(0, kSampleBytes);
  if (sample.find('\n') == std::string::npos && sample.size() < kSampleBytes) return false;
  if (make_decompressor(std::string_view(sample).substr(0, kMagicBytes)) != nullptr) {
    is_compressed_ = true;
    tell(Severity::kNote, "is compressed: not followed, since nothing is written to it any more", {}, diagnostics);
    return false;
  }
  if (tokenizer_ && tokenizer_->starts_record(sample)) {
    judge_anew_ = false;
    return true;
  }
  try {
    const LogDialect dialect = recognise(path_, sample, options_.read);
    if (dialect.format == LogFormat::kSqlText || dialect.format == LogFormat::kStatStatements) {
      throw Error(path_ + ": is no log that a server writes to", "assay report reads it");
    }
    begin(dialect);
    judge_anew_ = false;
  } catch (const Error& problem) {
    judged_size_ = bytes;
    if (tokenizer_) {
      judge_anew_ = false;  // a file that begins in the middle of something; the one before told how it is written
    } else if (!std::exchange(problem_told_, true)) {
      tell(Severity::kWarning, problem.what(), problem.hint(), diagnostics);
    }
  }
  return !judge_anew_;
}

void LogFollower::take(std::size_t bytes, bool at_end) {
  auto block = spare_ ? std::move(spare_) : std::make_unique<Block>();
  block->clear();
  if (block->bytes.size() < bytes) block->bytes.resize(bytes);
  std::copy_n(pending_.begin(), bytes, block->bytes.begin());
  block->size = bytes;
  block->at_end = at_end;
  tokenizer_->tokenize(*block);
  under_way_.push_back({.offset = read_to_ - pending_.size(),
                        .line = line_,
                        .first_unit = sequence_->released() + sequence_->held(),
                        .inheritance = inheritance_,
                        .account = account()});
  if (dialect_->format == LogFormat::kMysqlSlow) inheritance_.fill(*block);
  account_.bytes += bytes;
  account_.lines += block->lines;
  account_.record_lines += block->record_lines();
  account_.continuation_lines += block->continuation_lines;
  account_.skipped_lines += block->skips.lines();
  const std::uint64_t first_line = line_;
  line_ += block->lines;
  pending_.erase(0, bytes);
  sequence_->add(std::move(block), first_line);
  if (!may_part_details(dialect_->format)) sequence_->finish();
}

/// Forgets a record that is too long, up to where another one begins.
void LogFollower::drop_front() {
  const std::size_t next = first_record(*tokenizer_, pending_, std::min(line_end(pending_, 0) + 1, pending_.size()));
  const std::size_t dropped = next != std::string_view::npos ? next : pending_.rfind('\n') + 1;
  dropping_ = next == std::string_view::npos;
  const bool has_line = dropped > 0 || pending_.size() <= options_.max_record;
  const std::size_t bytes = has_line ? dropped : pending_.size();
  const std::uint64_t lines = newlines(std::string_view(pending_).substr(0, bytes));
  account_.bytes += bytes;
  account_.lines += lines;
  account_.skipped_lines += lines;
  line_ += lines;
  pending_.erase(0, bytes);
}

void LogFollower::take_complete() {
  if (dropping_ || pending_.size() > options_.max_record + tokenizer_->look_ahead()) drop_front();
  if (dropping_) return;
  const std::size_t border = tokenizer_->last_border(pending_);
  if (border > 0) take(border, false);
}

void LogFollower::remember_front() {
  constexpr std::size_t kMostFronts = 8;
  std::string front = bytes_at(0, kFrontBytes);
  if (front.size() < kFrontBytes) return;
  has_front_ = true;
  fronts_.push_back(std::move(front));
  if (fronts_.size() > kMostFronts) fronts_.pop_front();
}

std::size_t LogFollower::read_on() {
  std::size_t done = 0;
  while (done < options_.most_at_once) {
    const std::string bytes = bytes_at(read_to_, options_.chunk);
    if (bytes.empty()) break;
    if (!has_front_) remember_front();
    pending_ += bytes;
    read_to_ += bytes.size();
    tail_ += bytes;
    if (tail_.size() > kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
    done += bytes.size();
    take_complete();
  }
  return done;
}

/// Takes what is left, if it is complete or no more is to come.
void LogFollower::flush(bool at_end) {
  if (!sequence_) return;
  const bool is_complete = !pending_.empty() && !dropping_ && !tokenizer_->is_completed_by(pending_, {});
  if (!pending_.empty() && (is_complete || at_end)) take(pending_.size(), at_end);
  if (pending_.empty()) sequence_->finish();
}

/// The file was emptied and is written again.
void LogFollower::begin_again(Diagnostics& diagnostics) {
  flush(true);
  ++account_.truncations;
  tell(Severity::kNote, "was truncated: read from its beginning again", {}, diagnostics);
  has_front_ = false;
  judge_anew_ = true;
  judged_size_ = 0;
  read_from(0);
}

/// Behind the end of a file that has another name now, or none.
void LogFollower::move_on(Diagnostics& diagnostics) {
  flush(true);
  const std::string next = catching_up_ ? written_next() : path_;
  ++account_.rotations;
  close_file();
  if (open_file(next)) {
    catching_up_ = catching_up_ && next != path_;
  } else if (next != path_) {
    tell(Severity::kWarning, "a rotated file cannot be opened: " + next, "watch as a user who may read it",
         diagnostics);
    catching_up_ = false;
  }
}

std::size_t LogFollower::poll(Tick now, Diagnostics& diagnostics) {
  if (file_ < 0 && !open_path(diagnostics)) return 0;
  if (is_truncated()) begin_again(diagnostics);
  const std::size_t done = recognise_file(diagnostics) ? read_on() : 0;
  if (done > 0) {
    grown_ = now;
  } else if (now - grown_ >= options_.quiet) {
    if (!judge_anew_) flush(false);
    if (!has_name()) move_on(diagnostics);
  }
  return done;
}

void LogFollower::finish() {
  flush(true);
  if (sequence_) sequence_->finish();
  assembler_->finish();
}

// Across a restart.

void LogFollower::save(StateWriter& state) const {
  state.number(kStateVersion);
  state.flag(dialect_.has_value());
  if (dialect_) save_dialect(state, *dialect_);
  const UnderWay here{read_to_ - pending_.size(), line_, 0, inheritance_, account()};
  const UnderWay& from = under_way_.empty() ? here : under_way_.front();
  state.flag(file_ >= 0);
  state.number(identity_.device);
  state.number(identity_.inode);
  state.number(from.offset);
  state.text(file_ >= 0 ? tail_before(from.offset) : std::string());
  const std::size_t front = static_cast<std::size_t>(std::min<std::uint64_t>(read_to_, kFrontBytes));
  state.text(file_ >= 0 ? bytes_at(0, front) : std::string());
  state.number(from.line);
  state.number(under_way_.empty() ? 0 : sequence_->released() - from.first_unit);
  state.text(from.inheritance.database());
  state.integer(from.inheritance.time().utc.time_since_epoch().count());
  state.integer(from.inheritance.time().offset.count());
  save_account(state, from.account);
  assembler_->save(state);
}

void LogFollower::restore(StateReader& state, Diagnostics& diagnostics) {
  if (state.number() != kStateVersion) throw Error("the saved state is another version's", "remove the state file");
  is_first_ = false;
  if (state.flag()) begin(restored_dialect(state));
  const bool had_file = state.flag();
  FileIdentity identity;
  identity.device = state.number();
  identity.inode = state.number();
  const std::uint64_t offset = state.number();
  const FilePlace place{identity, offset, state.text(), state.text()};
  const std::uint64_t line = state.number();
  const std::uint64_t told = state.number();
  std::string database = state.text();
  const Timestamp time{Microseconds{state.integer()}};
  inheritance_.restore(std::move(database), {time, UtcOffset{state.integer()}});
  account_ = restored_account(state);
  assembler_->restore(state);
  if (!had_file) return;
  const std::string rotated = found_again(place);
  if (rotated.empty() || !open_file(rotated)) {
    tell(Severity::kWarning,
         "was rotated while nobody watched, and what it held is gone: the rest of it is not counted",
         "keep the last rotation uncompressed (delaycompress)", diagnostics);
    close_file();
    return;
  }
  catching_up_ = !has_name();
  judge_anew_ = !dialect_;
  read_from(offset);
  line_ = line;
  if (sequence_) sequence_->skip_first(told);
}

/// The file at the path or beside it, of a name that begins like its own, that holds what was read: that very one, or
/// a copy.
std::string LogFollower::found_again(const FilePlace& place) const {
  const std::filesystem::path path(path_);
  const std::string name = path.filename().string();
  std::error_code problem;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(path.has_parent_path() ? path.parent_path() : ".", problem), end;
       !problem && entry != end; entry.increment(problem)) {
    if (entry->path().filename().string().starts_with(name)) names.push_back(entry->path().string());
  }
  std::sort(names.begin(), names.end());
  std::string copy;
  for (const std::string& candidate : names) {
    const int file = open(candidate.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) continue;
    struct stat status {};
    const bool is_same = fstat(file, &status) == 0 && identity_of(status) == place.file;
    const bool holds_it = is_regular(status) && read_at(file, 0, place.front.size()) == place.front &&
                          read_at(file, place.offset - place.tail.size(), place.tail.size()) == place.tail;
    close(file);
    if (is_same && holds_it) return candidate == path.string() ? path_ : candidate;
    if (holds_it && !place.front.empty() && copy.empty()) copy = candidate;
  }
  return copy;
}

/// Of the rotated files beside the path, the one that was finished next after the one that is read; else the path.
std::string LogFollower::written_next() const {
  struct stat current {};
  if (fstat(file_, &current) != 0) return path_;
  const auto time_of = [](const struct stat& status) {
    return std::pair(status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  };
  const std::filesystem::path path(path_);
  const std::string name = path.filename().string();
  std::string next = path_;
  auto soonest = std::pair<time_t, long>(std::numeric_limits<time_t>::max(), 0);
  std::error_code problem;
  for (std::filesystem::directory_iterator entry(path.has_parent_path() ? path.parent_path() : ".", problem), end;
       !problem && entry != end; entry.increment(problem)) {
    const std::string candidate = entry->path().string();
    struct stat status {};
    if (!entry->path().filename().string().starts_with(name) || stat(candidate.c_str(), &status) != 0) continue;
    const bool is_later = is_regular(status) && time_of(status) > time_of(current) && time_of(status) < soonest;
    if (!is_later || identity_of(status) == identity_ || entry->path().filename().string() == name) continue;
    const int file = open(candidate.c_str(), O_RDONLY | O_CLOEXEC);
    const bool is_plain = file >= 0 && make_decompressor(read_at(file, 0, kMagicBytes)) == nullptr;
    if (file >= 0) close(file);
    if (!is_plain) continue;
    next = candidate;
    soonest = time_of(status);
  }
  return next;
}

}  // namespace assay
