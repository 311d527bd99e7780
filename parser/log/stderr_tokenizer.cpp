// The stderr format: lines behind log_line_prefix.
//
// A labelled line (prefix, then "LOG:  " or kin) and the unlabelled ones behind it make one text; a labelled
// DETAIL or STATEMENT belongs to the entry of the same process. The server writes a message and its details
// in one go, so the owner is nearly always the text before; where another process came between, the line is left
// to the EntrySequence. Behind each newline of a message the server puts one tab
// (append_with_tabs in elog.c), which is taken out again: then the text is that of csvlog and jsonlog.
#include <cstring>

#include "parser/log/prefix.h"
#include "parser/log/tokenizer.h"

namespace assay {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Without " at character 35", which only this format adds to a message that has a place in its statement.
std::string_view without_position(std::string_view message) {
  constexpr std::string_view kAt = " at character ";
  std::size_t end = message.size();
  while (end > 0 && is_digit(message[end - 1])) --end;
  const auto front = message.substr(0, end);
  return end < message.size() && front.ends_with(kAt) ? front.substr(0, end - kAt.size()) : message;
}

/// Takes "42601: " off the front, which log_error_verbosity = verbose puts there.
std::string_view take_sqlstate(std::string_view& message) {
  constexpr std::size_t kLength = 5;
  if (message.size() < kLength + 2 || message.substr(kLength, 2) != ": ") return {};
  const auto code = message.substr(0, kLength);
  std::size_t digits = 0;
  for (const char c : code) {
    if (!is_digit(c) && !(c >= 'A' && c <= 'Z')) return {};
    digits += is_digit(c) ? 1 : 0;
  }
  if (digits < 2) return {};
  message.remove_prefix(kLength + 2);
  return code;
}

class StderrTokenizer : public Tokenizer {
 public:
  explicit StderrTokenizer(const LogDialect& dialect)
      : prefix_(dialect.log_line_prefix), crlf_(dialect.crlf), max_record_(dialect.max_record), clock_(dialect.zone) {}

  bool starts_record(std::string_view text) const override { return match(text).has_value(); }

  void tokenize(Block& block) override;

 private:
  /// A labelled line and what follows it.
  struct Section {
    PrefixMatch head;
    std::size_t begin = 0, end = 0;  // in the block, newline included
    std::uint64_t line = 0, lines = 1;
  };

  std::optional<PrefixMatch> match(std::string_view text) const {
    if (!text.empty() && text.front() == '\t') return std::nullopt;
    return prefix_.match(text.substr(0, line_end(text, 0)));
  }
  std::size_t skip_front(Block& block, std::optional<PrefixMatch>& head) const;
  Section read_section(Block& block, std::size_t at, const PrefixMatch& head, std::optional<PrefixMatch>& next) const;
  std::string_view compact(Block& block, const Section& section) const;
  void add(Block& block, const Section& section);
  LogEntry make_entry(const Section& section, std::string_view text);

  PrefixPattern prefix_;
  bool crlf_;
  std::size_t max_record_;
  ZoneClock clock_;
};

/// Lines before the first labelled one: the rest of a record that began in an earlier file.
std::size_t StderrTokenizer::skip_front(Block& block, std::optional<PrefixMatch>& head) const {
  const auto text = block.text();
  std::size_t at = 0;
  while (at < text.size() && !(head = match(text.substr(at)))) {
    at = std::min(line_end(text, at) + 1, text.size());
    ++block.lines;
  }
  if (block.lines > 0) block.skips.add(SkipReason::kMidRecord, 0, block.lines, text);
  return at;
}

/// The section at `at`; `next` gets the head of the one behind it.
StderrTokenizer::Section StderrTokenizer::read_section(Block& block, std::size_t at, const PrefixMatch& head,
                                                       std::optional<PrefixMatch>& next) const {
  const auto text = block.text();
  Section section{head, at, std::min(line_end(text, at) + 1, text.size()), block.lines, 1};
  ++block.lines;
  while (section.end < text.size() && !(next = match(text.substr(section.end)))) {
    const auto end = line_end(text, section.end);
    if (end == text.size() && block.at_end && prefix_.is_cut_off(text.substr(section.end))) {
      block.skips.add(SkipReason::kCutOff, block.lines++, 1, text.substr(section.end));
      block.size = section.end;
      break;
    }
    section.end = std::min(end + 1, text.size());
    ++section.lines;
    ++block.lines;
  }
  return section;
}

/// The section's text, its lines moved together in place: without the server's tabs and the last newline.
std::string_view StderrTokenizer::compact(Block& block, const Section& section) const {
  const std::size_t begin = section.begin + section.head.length;
  const auto text = block.text().substr(0, section.end);
  std::size_t to = begin;
  for (std::size_t at = begin; at < text.size();) {
    const auto end = line_end(text, at);
    auto line = text.substr(at, end - at);
    if (at != begin) {
      block.bytes[to++] = '\n';
      if (line.starts_with('\t')) line.remove_prefix(1);
    }
    if (crlf_ && line.ends_with('\r')) line.remove_suffix(1);
    if (line.data() != block.bytes.data() + to) std::memmove(block.bytes.data() + to, line.data(), line.size());
    to += line.size();
    at = end + 1;
  }
  return {block.bytes.data() + begin, to - begin};
}

LogEntry StderrTokenizer::make_entry(const Section& section, std::string_view text) {
  const PrefixMatch& head = section.head;
  LogEntry entry;
  entry.field = head.field;
  entry.line = section.line;
  entry.lines = section.lines;
  if (head.time) entry.time = head.epoch ? clock_.resolve_epoch(*head.time) : clock_.resolve(*head.time);
  entry.process = head.process;
  entry.session = head.session;
  entry.user = head.user;
  entry.database = head.database;
  entry.application = head.application;
  entry.host = head.host;
  entry.severity = head.label;
  entry.message = text;
  if (head.field != EntryField::kMessage) return entry;
  const auto code = take_sqlstate(entry.message);
  entry.sqlstate = code.empty() ? head.sqlstate : code;
  if (entry.sqlstate == "00000") entry.sqlstate = {};
  if (entry.severity != "LOG") entry.message = without_position(entry.message);
  return entry;
}

void StderrTokenizer::add(Block& block, const Section& section) {
  if (section.end - section.begin > max_record_) {
    block.skips.add(SkipReason::kTooLong, section.line, section.lines, block.text().substr(section.begin));
    return;
  }
  const auto text = compact(block, section);
  const bool owned = section.head.field != EntryField::kMessage && !block.entries.empty() &&
                     block.entries.back().field == EntryField::kMessage &&
                     block.entries.back().process == section.head.process;
  if (!owned) {
    block.entries.push_back(make_entry(section, text));
    if (section.head.field == EntryField::kMessage) block.continuation_lines += section.lines - 1;
    return;
  }
  LogEntry& owner = block.entries.back();
  set_field(owner, section.head.field, text);
  block.continuation_lines += section.lines;
}

void StderrTokenizer::tokenize(Block& block) {
  std::optional<PrefixMatch> head;
  std::size_t at = skip_front(block, head);
  while (at < block.size) {
    std::optional<PrefixMatch> next;
    const Section section = read_section(block, at, *head, next);
    add(block, section);
    at = section.end;
    head = next;
  }
  const LogEntry* previous = nullptr;
  for (LogEntry& entry : block.entries) {
    if (entry.field != EntryField::kMessage) continue;
    interpret(entry, previous);
    previous = &entry;
  }
  block.unknown_zone = clock_.unknown_zone();
}

}  // namespace

std::unique_ptr<Tokenizer> make_stderr_tokenizer(const LogDialect& dialect) {
  return std::make_unique<StderrTokenizer>(dialect);
}

}  // namespace assay
