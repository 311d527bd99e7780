// The stderr format: lines behind log_line_prefix.
//
// A labelled line (prefix, then "LOG:  " or kin) and the unlabelled ones behind it make one text; a labelled
// DETAIL or STATEMENT belongs to the entry of the same process. The server writes a message and its details
// in one go, so the owner is nearly always the text before; where another process came between, the line is left
// to the EntrySequence. Behind each newline of a message the server puts one tab
// (append_with_tabs in elog.c), which is taken out again: then the text is that of csvlog and jsonlog.
#include <array>
#include <cstring>

#include "parser/log/prefix_reader.h"
#include "parser/log/stderr_entry.h"
#include "parser/log/tokenizer.h"

namespace assay {
namespace {

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

  bool begin_section(Block& block, std::size_t at, std::size_t end, Section& section);
  bool first_section(Block& block, Section& section);
  bool next_section(Block& block, Section& section, Section& next);
  bool ends_cut_off(Block& block, std::size_t at, std::size_t end) const;
  std::string_view text_of(Block& block, const Section& section) const;
  std::string_view compact(Block& block, const Section& section) const;
  void add(Block& block, const Section& section);
  void add_entry(Block& block, const Section& section, std::string_view text);
  void finish_entry(Block& block);

  PrefixReader prefixes_;
  bool crlf_;
  std::size_t max_record_;
  ZoneClock clock_;
  ShapeCache shapes_;
};

/// Whether the line from `at` to `end` is labelled; then `section` begins with it.
bool StderrTokenizer::begin_section(Block& block, std::size_t at, std::size_t end, Section& section) {
  const auto line = block.text().substr(at, end - at);
  if (!may_start(line) || !prefixes_.match(line, section.head)) return false;
  section.begin = at;
  section.end = end;
  section.line = block.lines++;
  section.lines = 1;
  return true;
}

/// Skips lines before the first labelled one: the rest of a record that began in an earlier file.
bool StderrTokenizer::first_section(Block& block, Section& section) {
  const auto text = block.text();
  bool found = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = line_end(text, at);
    found = begin_section(block, at, end, section);
    if (found) break;
    ++block.lines;
    at = end + 1;
  }
  const std::uint64_t skipped = block.lines - (found ? 1 : 0);
  if (skipped > 0) block.skips.add(SkipReason::kMidRecord, 0, skipped, text);
  return found;
}

/// A last line that ends within the prefix is no part of the section before it.
bool StderrTokenizer::ends_cut_off(Block& block, std::size_t at, std::size_t end) const {
  const auto line = block.text().substr(at);
  if (end < block.size || !block.at_end || !may_start(line) || !prefixes_.pattern().is_cut_off(line)) return false;
  block.skips.add(SkipReason::kCutOff, block.lines++, 1, line);
  return true;
}

/// Finds the end of `section`, and the section behind it; false where there is none.
bool StderrTokenizer::next_section(Block& block, Section& section, Section& next) {
  const auto text = block.text();
  for (std::size_t at = section.end + 1; at < text.size(); ++section.lines, ++block.lines) {
    const std::size_t end = line_end(text, at);
    if (begin_section(block, at, end, next)) return true;
    if (ends_cut_off(block, at, end)) return false;
    section.end = end;
    at = end + 1;
  }
  return false;
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

void StderrTokenizer::add_entry(Block& block, const Section& section, std::string_view text) {
  LogEntry& entry = block.entries.emplace_back();
  fill_in(entry, section.head, text, clock_);
  entry.line = section.line;
  entry.lines = section.lines;
}

void StderrTokenizer::add(Block& block, const Section& section) {
  if (section.end - section.begin >= max_record_) {
    block.skips.add(SkipReason::kTooLong, section.line, section.lines, block.text().substr(section.begin));
    return;
  }
  const auto text = text_of(block, section);
  const bool is_message = section.head.field == EntryField::kMessage;
  const bool owned = !is_message && !block.entries.empty() && block.entries.back().field == EntryField::kMessage &&
                     block.entries.back().process == section.head.process;
  if (owned) {
    set_field(block.entries.back(), section.head.field, text);
    block.continuation_lines += section.lines;
    return;
  }
  finish_entry(block);
  add_entry(block, section, text);
  if (is_message) block.continuation_lines += section.lines - 1;
}

/// Tells what the last entry means, now that nothing more can be added to it.
void StderrTokenizer::finish_entry(Block& block) {
  if (block.entries.empty() || block.entries.back().field != EntryField::kMessage) return;
  interpret(block.entries.back(), shapes_);
}

void StderrTokenizer::tokenize(Block& block) {
  std::array<Section, 2> sections;  // the one at hand and the next one take turns
  bool more = first_section(block, sections[0]);
  for (std::size_t i = 0; more; i = 1 - i) {
    more = next_section(block, sections[i], sections[1 - i]);
    add(block, sections[i]);
  }
  finish_entry(block);
  block.unknown_zone = clock_.unknown_zone();
}

}  // namespace

std::unique_ptr<Tokenizer> make_stderr_tokenizer(const LogDialect& dialect) {
  return std::make_unique<StderrTokenizer>(dialect);
}

}  // namespace assay
