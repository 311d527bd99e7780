// The stderr format: lines behind log_line_prefix.
//
// A labelled line (prefix, then "LOG:  " or kin) and the unlabelled ones behind it make one text; a labelled
// DETAIL or STATEMENT belongs to the entry of the same process. The server writes a message and its details
// in one go, so the owner is nearly always the text before; where another process came between, the line is left
// to the EntrySequence. Behind each newline of a message the server puts one tab
// (append_with_tabs in elog.c), which is taken out again: then the text is that of csvlog and jsonlog.
#include <array>
#include <cstring>

#include "parser/base/scan.h"
#include "parser/log/known_texts.h"
#include "parser/log/prefix_reader.h"
#include "parser/log/stderr_entry.h"
#include "parser/log/tokenizer.h"

namespace assay {
namespace {

/// A text ends with a line behind which no further one of the server's message stands.
struct StderrText {
  static constexpr char kEndByte = '\n';
  static bool ends(std::string_view rest) { return rest.starts_with('\n') && !rest.starts_with("\n\t"); }
};

/// A message that is a step of an execution, and its DETAIL.
struct StepLine {
  TimedHead timed;
  const KnownText* known = nullptr;  // its statement, or else …
  std::string_view sql;              // … this,
  ShapeAndValues told;               // which is that
  std::size_t end = 0;               // of the message, from the front of its line
  std::uint64_t lines = 1;           // of it
  std::string_view detail;           // without data() where there is none
};

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

class StderrTokenizer : public Tokenizer {
 public:
  explicit StderrTokenizer(const LogDialect& dialect)
      : prefixes_(dialect.log_line_prefix),
        crlf_(dialect.crlf),
        max_record_(dialect.max_record),
        clock_(dialect.zone) {}

  bool starts_record(std::string_view text) const override {
    return may_start(text) && prefixes_.pattern().match(text.substr(0, line_end(text, 0))).has_value();
  }

  std::size_t front_rest(std::string_view text) const override;
  bool is_completed_by(std::string_view text, std::string_view rest) const override;
  void tokenize(Block& block) override;

 private:
  /// A labelled line and what follows it.
  struct Section {
    PrefixMatch head;
    std::size_t begin = 0, end = 0;  // in the block; without the last newline
    std::uint64_t line = 0, lines = 1;
  };

  /// The server puts a tab before every further line of a message.
  static bool may_start(std::string_view text) { return text.empty() || text.front() != '\t'; }

  std::size_t read_steps(Block& block, std::size_t at);
  bool read_step(std::string_view ahead, const PrefixReader::Known& prefix, StepLine& line);
  void add_step(Block& block, std::size_t at, const PrefixReader::Known& prefix, const StepLine& line);
  const Client* client_of(Block& block, std::string_view line, const PrefixReader::Known& prefix);
  ZonedTime resolve_known(Timestamp local);

  bool read_head(std::string_view text, std::size_t at, std::size_t end);
  std::size_t first_section(Block& block);
  std::size_t read_section(Block& block, std::size_t at);
  bool ends_cut_off(Block& block, std::size_t at, std::size_t end) const;
  std::string_view text_of(Block& block, const Section& section) const;
  std::string_view compact(Block& block, const Section& section) const;
  void add(Block& block, const Section& section);
  void add_entry(Block& block, const Section& section);
  void finish_entry(Block& block);

  PrefixReader prefixes_;
  bool crlf_;
  std::size_t max_record_;
  ZoneClock clock_;
  ShapeCache shapes_;
  KnownTexts<StderrText> texts_;
  std::uint64_t blocks_ = 0;

  PrefixMatch head_;             // of the line at …
  std::size_t head_at_ = kNone;  // … this place of the block
  LogEntry entry_;               // what a DETAIL or STATEMENT may belong to, …
  bool has_entry_ = false;       // … if there is one
};

/// A DETAIL or STATEMENT at the front belongs to a message of the file before too.
std::size_t StderrTokenizer::front_rest(std::string_view text) const {
  for (std::size_t at = 0; at < text.size(); at = line_end(text, at) + 1) {
    const auto line = text.substr(at, line_end(text, at) - at);
    const auto head = may_start(line) ? prefixes_.pattern().match(line) : std::nullopt;
    if (head && head->field == EntryField::kMessage) return at;
  }
  return std::string_view::npos;
}

/// Behind a whole line, only what the server marks as more of a message: other lines are another program's.
bool StderrTokenizer::is_completed_by(std::string_view text, std::string_view rest) const {
  return !text.ends_with('\n') || !may_start(rest) || starts_record(rest);
}

// What most lines are, read without a look at any byte that was seen before.

/// Whether the message is a step of an execution on one line, or over the lines of a known text.
bool StderrTokenizer::read_step(std::string_view ahead, const PrefixReader::Known& prefix, StepLine& line) {
  if (prefix.label->word != "LOG" || (prefix.fields != nullptr && prefix.fields->tells_error)) return false;
  if (!read_timed_head(ahead.substr(prefix.length), line.timed)) return false;
  const std::size_t begin = prefix.length + line.timed.length;
  const auto text = ahead.substr(begin);
  line.known = texts_.find(text);
  line.lines = line.known != nullptr ? line.known->lines : 1;
  const std::size_t size = line.known != nullptr ? line.known->written.size() : find_any<'\n'>(text, 0);
  line.end = begin + size;
  if (line.known != nullptr) return line.end < max_record_;
  if (size == 0 || size == text.size() || line.end >= max_record_ || !StderrText::ends(text.substr(size))) return false;
  line.sql = text.substr(0, size);
  line.told = shapes_.of(line.sql);
  texts_.learn(text, size, line.sql, line.told);
  return true;
}

/// Reads steps and their parameters from the labelled line at `at` on, as long as every line is plain; returns where
/// that ends. A step counts once the line behind it is seen to be no part of it.
std::size_t StderrTokenizer::read_steps(Block& block, std::size_t at) {
  const auto text = block.text();
  PrefixReader::Known prefix, next;
  StepLine line;
  if (crlf_ || !prefixes_.read_known(text.substr(at), prefix)) return at;
  while (read_step(text.substr(at), prefix, line)) {
    const std::size_t size = prefix.length - prefix.label->word.size() - kLabelEnd.size();
    std::size_t end = at + line.end + 1;
    line.detail = {};
    const auto behind = text.substr(end);
    if (behind.size() > size && std::memcmp(behind.data(), text.data() + at, size) == 0 &&
        behind.substr(size).starts_with("DETAIL:  ")) {
      const std::size_t begin = size + std::string_view("DETAIL:  ").size();
      const std::size_t detail_end = line_end(behind, begin);
      if (detail_end == behind.size() || detail_end >= max_record_) return at;
      line.detail = behind.substr(begin, detail_end - begin);
      end += detail_end + 1;
    }
    const bool more = end < text.size();
    if (more && (!prefixes_.read_known(text.substr(end), next) || next.label->field != EntryField::kMessage)) return at;
    add_step(block, at, prefix, line);
    at = end;
    if (!more) break;
    prefix = next;
  }
  return at;
}

void StderrTokenizer::add_step(Block& block, std::size_t at, const PrefixReader::Known& prefix, const StepLine& line) {
  finish_entry(block);
  ExecutionStep& step = block.steps.emplace_back();
  step.kind = line.timed.kind;
  step.line = block.lines;
  step.lines = line.lines;
  step.time = resolve_known(prefix.local);
  step.process = prefix.process;
  step.client = client_of(block, block.text().substr(at), prefix);
  step.duration = line.timed.duration;
  step.name = line.timed.name;
  step.sql_stays = line.known != nullptr;
  step.sql = step.sql_stays ? line.known->sql : line.sql;
  const ShapeAndValues& told = step.sql_stays ? line.known->told : line.told;
  step.shape = told.shape;
  step.values = told.values;
  std::uint64_t lines = line.lines;
  if (line.detail.data() != nullptr) {
    tell_detail(step, line.detail, step.values);
    ++lines;
  }
  block.lines += lines;
  block.continuation_lines += lines - 1;
}

const Client* StderrTokenizer::client_of(Block& block, std::string_view line, const PrefixReader::Known& prefix) {
  static const Client kNobody;
  if (prefix.fields == nullptr) return &kNobody;
  if (prefix.fields->of_block != blocks_) {
    prefix.fields->client = &block.clients.emplace_back(prefixes_.client_of(line, prefix));
    prefix.fields->of_block = blocks_;
  }
  return prefix.fields->client;
}

ZonedTime StderrTokenizer::resolve_known(Timestamp local) { return clock_.resolve({local, prefixes_.zone(), 0}); }

// And everything else.

/// Whether the line from `at` to `end` is labelled.
bool StderrTokenizer::read_head(std::string_view text, std::size_t at, std::size_t end) {
  const auto line = text.substr(at, end - at);
  if (!may_start(line) || !prefixes_.match(line, head_)) return false;
  head_at_ = at;
  return true;
}

/// Skips lines before the first labelled one: the rest of a record that began in an earlier file.
std::size_t StderrTokenizer::first_section(Block& block) {
  const auto text = block.text();
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = line_end(text, at);
    if (read_head(text, at, end)) break;
    ++block.lines;
    at = end + 1;
  }
  if (block.lines > 0) block.skips.add(SkipReason::kMidRecord, 0, block.lines, text);
  return at;
}

/// A last line that ends within the prefix is no part of the section before it.
bool StderrTokenizer::ends_cut_off(Block& block, std::size_t at, std::size_t end) const {
  const auto line = block.text().substr(at);
  if (end < block.size || !block.at_end || !may_start(line) || !prefixes_.pattern().is_cut_off(line)) return false;
  block.skips.add(SkipReason::kCutOff, block.lines++, 1, line);
  return true;
}

/// Reads the section that begins with the labelled line at `at`; returns where the next one begins.
std::size_t StderrTokenizer::read_section(Block& block, std::size_t at) {
  const auto text = block.text();
  Section section;
  section.begin = at;
  section.end = line_end(text, at);
  if (head_at_ != at) read_head(text, at, section.end);
  section.head = head_;
  section.line = block.lines++;
  at = section.end + 1;
  while (at < text.size()) {
    const std::size_t end = line_end(text, at);
    if (read_head(text, at, end)) break;
    if (ends_cut_off(block, at, end)) {
      at = text.size();
      break;
    }
    section.end = end;
    ++section.lines;
    ++block.lines;
    at = end + 1;
  }
  add(block, section);
  return at;
}

/// The section's text without the prefix, the server's tabs and the last newline.
std::string_view StderrTokenizer::text_of(Block& block, const Section& section) const {
  if (section.lines > 1) return compact(block, section);
  const std::size_t begin = section.begin + section.head.length;
  auto text = block.text().substr(begin, section.end - begin);
  if (crlf_ && text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// Moves the lines together in place.
std::string_view StderrTokenizer::compact(Block& block, const Section& section) const {
  const std::size_t begin = section.begin + section.head.length;
  const auto text = block.text().substr(0, section.end);
  std::size_t to = begin;
  for (std::size_t at = begin; at <= text.size();) {
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

void StderrTokenizer::add_entry(Block& block, const Section& section) {
  const auto text = block.text().substr(section.begin + section.head.length);
  TimedHead timed;
  if (section.lines > 1 && !crlf_ && section.head.label == "LOG" && read_timed_head(text, timed)) {
    texts_.note(text.substr(timed.length), section.end - section.begin - section.head.length - timed.length);
  }
  entry_ = {};
  fill_in(entry_, section.head, text_of(block, section), clock_);
  entry_.line = section.line;
  entry_.lines = section.lines;
}

void StderrTokenizer::add(Block& block, const Section& section) {
  if (section.end - section.begin >= max_record_) {
    block.skips.add(SkipReason::kTooLong, section.line, section.lines, block.text().substr(section.begin));
    return;
  }
  const bool is_message = section.head.field == EntryField::kMessage;
  if (!is_message && has_entry_ && entry_.process == section.head.process) {
    set_field(entry_, section.head.field, text_of(block, section));
    block.continuation_lines += section.lines;
    return;
  }
  finish_entry(block);
  add_entry(block, section);
  has_entry_ = is_message;
  if (is_message) {
    block.continuation_lines += section.lines - 1;
  } else {
    block.add(entry_);
  }
}

/// Tells what the last entry means, now that nothing more can be added to it.
void StderrTokenizer::finish_entry(Block& block) {
  if (!has_entry_) return;
  const auto told = interpret(entry_, shapes_);
  if (is_timed_statement(entry_.kind)) texts_.learn_noted(entry_.sql, told);
  texts_.forget_noted();
  block.add(entry_);
  has_entry_ = false;
}

void StderrTokenizer::tokenize(Block& block) {
  ++blocks_;
  head_at_ = kNone;
  for (std::size_t at = first_section(block); at < block.size;) {
    const std::size_t next = read_steps(block, at);
    at = next < block.size ? read_section(block, next) : next;
  }
  finish_entry(block);
  block.unknown_zone = clock_.unknown_zone();
}

}  // namespace

std::unique_ptr<Tokenizer> make_stderr_tokenizer(const LogDialect& dialect) {
  return std::make_unique<StderrTokenizer>(dialect);
}

}  // namespace assay
