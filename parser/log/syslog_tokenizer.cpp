// syslog: PostgreSQL's messages in chunks, each a line with a header of its own, between other programs' lines.
//
// write_syslog in elog.c sends a message line by line, a long line in chunks of at most 900 bytes, cut before a blank
// where there is one. Other processes' lines come between. So a line is linked to the line before it of the same
// sender, when that is near (kNearLines) and the chunk's number follows. Blocks are cut only where no link crosses:
// whichever worker takes a block, it has whole messages. Only where no such place comes within the limit of a record
// is one cut where a message begins.
//
// A chunk that begins with a tab is taken for a new line, since the server puts one behind each newline; a tab of the
// client's own at which a long line was cut reads as a newline, which is white space too.
#include <algorithm>
#include <unordered_map>

#include "parser/log/carried_messages.h"
#include "parser/log/syslog_line.h"

namespace assay {
namespace {

constexpr std::size_t kNearLines = 256;

enum class LineRole : std::uint8_t {
  kHead,          ///< a message begins
  kContinuation,  ///< of a message, which the line before it in that belongs to
  kOrphan,        ///< continues a message whose beginning is not in sight
  kOtherProgram,
  kRepeated,
  kUnknown,  ///< no syslog header, and the line before is not in sight
};

struct Linked {
  LineRole role = LineRole::kOtherProgram;
  std::size_t previous = 0;  ///< of a continuation: the line before it in the same message, counted from 0
  std::size_t message = 0;   ///< of a head and a continuation, counted from 0
  SyslogLine header;
  bool has_header = false;
  std::string_view text;  ///< behind header and chunk number; escapes resolved
  bool numbered = false;  ///< it had a chunk number
  std::optional<PrefixMatch> head;
};

/// Follows the senders of a stretch of lines.
class SyslogLinks {
 public:
  explicit SyslogLinks(const CarriedMessages& messages) : messages_(messages) {}

  void clear() {
    senders_.clear();
    last_sender_ = nullptr;
    lines_ = message_count_ = 0;
    before_ = {LineRole::kUnknown};
  }

  /// The next line, whose escapes are resolved in place when `unescape` is set.
  Linked next(std::string_view line, bool unescape);

 private:
  /// Its last line in a message.
  struct Sender {
    std::size_t line = 0, message = 0;
    SyslogChunk chunk;
    bool known = false;
  };

  Linked follow_line_before(std::string_view line) const;
  void link(Linked& linked, const SyslogChunk& chunk);
  Sender& sender_of(std::string_view name);
  static bool follows(const SyslogChunk& chunk, const SyslogChunk& last);

  const CarriedMessages& messages_;
  std::unordered_map<std::string_view, Sender> senders_;
  std::string_view last_name_;  // the next line is often of the same sender
  Sender* last_sender_ = nullptr;
  std::size_t lines_ = 0, message_count_ = 0;
  Linked before_{LineRole::kUnknown};
};

bool SyslogLinks::follows(const SyslogChunk& chunk, const SyslogChunk& last) {
  if (chunk.length == 0) return true;
  return chunk.message == last.message && chunk.chunk == last.chunk + 1;
}

/// A line without a header goes on with the line before: a daemon wrote a newline as it is.
Linked SyslogLinks::follow_line_before(std::string_view line) const {
  Linked linked = before_;
  linked.has_header = linked.numbered = false;
  linked.head.reset();
  linked.text = line;
  if (before_.role == LineRole::kHead || before_.role == LineRole::kContinuation) {
    linked.role = LineRole::kContinuation;
    linked.previous = lines_ - 1;
  }
  return linked;
}

SyslogLinks::Sender& SyslogLinks::sender_of(std::string_view name) {
  if (last_sender_ == nullptr || name != last_name_) {
    last_sender_ = &senders_[name];
    last_name_ = name;
  }
  return *last_sender_;
}

void SyslogLinks::link(Linked& linked, const SyslogChunk& chunk) {
  Sender& sender = sender_of(linked.header.sender);
  const bool near = sender.known && lines_ - sender.line <= kNearLines;
  const bool indented = linked.text.starts_with('\t') || linked.text.starts_with("#011");
  if (!indented && (chunk.chunk <= 1 || chunk.message == 0)) linked.head = messages_.message_head(linked.text);
  if (linked.head) {
    linked.role = LineRole::kHead;
    linked.message = message_count_++;
    sender = {lines_, linked.message, chunk, true};
  } else if (near && follows(chunk, sender.chunk)) {
    linked.role = LineRole::kContinuation;
    linked.previous = sender.line;
    linked.message = sender.message;
    sender.line = lines_;
    sender.chunk = chunk;
  } else {
    linked.role = chunk.chunk > 1 ? LineRole::kOrphan : LineRole::kOtherProgram;
  }
}

Linked SyslogLinks::next(std::string_view line, bool unescape) {
  const auto header = parse_syslog_line(line);
  Linked linked;
  if (!header) {
    linked = follow_line_before(line);
  } else {
    linked.header = *header;
    linked.has_header = true;
    linked.text = line.substr(header->length);
    const SyslogChunk chunk = parse_syslog_chunk(linked.text);
    linked.numbered = chunk.length > 0;
    linked.text.remove_prefix(chunk.length);
    if (unescape) linked.text = unescape_syslog_in_place(linked.text);
    if (header->repeated) {
      linked.role = LineRole::kRepeated;
    } else {
      link(linked, chunk);
    }
  }
  before_ = linked;
  ++lines_;
  return linked;
}

class SyslogTokenizer : public Tokenizer {
 public:
  explicit SyslogTokenizer(const LogDialect& dialect)
      : messages_(dialect), links_(messages_), dialect_(dialect), zone_(dialect.zone.value_or(UtcOffset{0})) {}

  bool starts_record(std::string_view text) const override;
  std::size_t last_border(std::string_view text) const override;
  std::size_t look_ahead() const override { return kFarLookAhead; }
  void tokenize(Block& block) override;

 private:
  std::size_t clean_border(std::string_view text, bool is_window) const;
  void add(Block& block, const Linked& linked, std::string_view line);
  CarriedOrigin origin_of(const SyslogLine& header) const;

  CarriedMessages messages_;
  SyslogLinks links_;
  LogDialect dialect_;
  UtcOffset zone_;
};

bool SyslogTokenizer::starts_record(std::string_view text) const {
  const auto line = text.substr(0, line_end(text, 0));
  const auto header = parse_syslog_line(line);
  if (!header) return false;
  const auto chunk = parse_syslog_chunk(line.substr(header->length));
  return chunk.chunk <= 1 || messages_.message_head(line.substr(header->length + chunk.length)).has_value();
}

/// The last place that no link crosses, whatever comes behind `text`; 0 for none. A window starts within the log, so
/// what is linked to lines before it is not known at first.
std::size_t SyslogTokenizer::clean_border(std::string_view text, bool is_window) const {
  struct Place {
    std::size_t line, at;
  };
  std::vector<Place> clean;
  SyslogLinks links(messages_);
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const auto end = line_end(text, at);
    const Linked linked = links.next(text.substr(at, end - at), false);
    if (linked.role == LineRole::kContinuation) {
      while (!clean.empty() && clean.back().line > linked.previous) clean.pop_back();
    } else if (linked.role == LineRole::kUnknown ||
               (is_window && linked.role != LineRole::kHead && number < kNearLines)) {
      clean.clear();
    } else if (number > 0 && linked.has_header) {
      clean.push_back({number, at});
    }
    at = end + 1;
  }
  while (!clean.empty() && clean.back().line + kNearLines > number) clean.pop_back();
  return clean.empty() ? 0 : clean.back().at;
}

/// Most places are found in a small part at the end: a message's lines are near each other.
std::size_t SyslogTokenizer::last_border(std::string_view text) const {
  for (std::size_t window = 128U << 10U; window < text.size(); window *= 4) {
    const std::size_t begin = text.find('\n', text.size() - window) + 1;
    if (begin == 0) break;
    const std::size_t border = clean_border(text.substr(begin), true);
    if (border > 0) return begin + border;
  }
  const std::size_t border = clean_border(text, false);
  return border > 0 || text.size() < dialect_.max_record + look_ahead() ? border : Tokenizer::last_border(text);
}

CarriedOrigin SyslogTokenizer::origin_of(const SyslogLine& header) const {
  return {syslog_time(header.stamp, dialect_.first_time, zone_).value_or(ZonedTime{}), header.process};
}

void SyslogTokenizer::add(Block& block, const Linked& linked, std::string_view line) {
  auto text = linked.text;
  if (dialect_.crlf && text.ends_with('\r')) text.remove_suffix(1);
  const CarriedLine carried{text, block.lines, !linked.numbered || text.starts_with('\t')};
  switch (linked.role) {
    case LineRole::kHead:
      messages_.begin(*linked.head, carried,
                      linked.head->time ? CarriedOrigin{{}, linked.header.process} : origin_of(linked.header));
      break;
    case LineRole::kContinuation:
      messages_.add(linked.message, carried);
      ++block.continuation_lines;
      break;
    case LineRole::kRepeated:
      block.skips.add(SkipReason::kRepeated, block.lines, 1, line);
      break;
    case LineRole::kOtherProgram:
      block.skips.add(SkipReason::kOtherProgram, block.lines, 1, line);
      break;
    case LineRole::kOrphan:
    case LineRole::kUnknown:
      block.skips.add(SkipReason::kNoBeginning, block.lines, 1, line);
      break;
  }
}

void SyslogTokenizer::tokenize(Block& block) {
  const auto text = block.text();
  links_.clear();
  for (std::size_t at = 0; at < text.size(); ++block.lines) {
    const auto end = line_end(text, at);
    const auto line = text.substr(at, end - at);
    add(block, links_.next(line, true), line);
    at = end + 1;
  }
  messages_.finish(block);
}

}  // namespace

std::unique_ptr<Tokenizer> make_syslog_tokenizer(const LogDialect& dialect) {
  return std::make_unique<SyslogTokenizer>(dialect);
}

}  // namespace assay
