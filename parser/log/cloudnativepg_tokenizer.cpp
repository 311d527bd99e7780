// CloudNativePG: the operator's JSON, a line each, around a record with the columns of csvlog. As it lies on a
// Kubernetes node, each line begins with time, stream and a tag (the container runtime's log format), and one of more
// than 16 KB is cut into parts: "P" for all but the last, "F" for that. Parts of the two streams may be mixed.
// Lines of other loggers (instance-manager, pg_controldata, …) are other programs'.
//
// Blocks are cut where no part is open; a part that goes on for more than kNearLines lines of the other stream is lost.
#include <algorithm>
#include <array>
#include <vector>

#include "parser/log/json_fields.h"
#include "parser/log/json_text.h"
#include "parser/log/tokenizer.h"

namespace assay {
namespace {

constexpr std::size_t kNearLines = 64;

constexpr JsonField kTexts[] = {
    {"user_name", &LogEntry::user},
    {"database_name", &LogEntry::database},
    {"connection_from", &LogEntry::host},
    {"session_id", &LogEntry::session},
    {"message", &LogEntry::message},
    {"error_severity", &LogEntry::severity},
    {"detail", &LogEntry::detail},
    {"sql_state_code", &LogEntry::sqlstate},
    {"query", &LogEntry::statement},
    {"application_name", &LogEntry::application},
    {"hint", &LogEntry::hint},
    {"context", &LogEntry::context},
    {"backend_type", &LogEntry::backend},
};
constexpr JsonFields kFields{kTexts, "log_time", "process_id"};

/// A line without the container runtime's front.
struct RuntimeLine {
  std::string_view text;
  std::size_t stream = 0;  ///< 0: stdout, 1: stderr
  bool partial = false;
};

/// "2026-11-22T20:51:55.020123456Z stdout F …"
RuntimeLine parse_runtime_line(std::string_view line) {
  constexpr std::string_view kStreams[] = {" stdout ", " stderr "};
  constexpr std::size_t kLongestStamp = 40;
  if (line.empty() || line.front() < '0' || line.front() > '9') return {line};
  const auto blank = line.substr(0, kLongestStamp).find(' ');
  for (std::size_t stream = 0; stream < std::size(kStreams) && blank != std::string_view::npos; ++stream) {
    const auto behind = line.substr(blank);
    const std::size_t tag = kStreams[stream].size();
    if (!behind.starts_with(kStreams[stream]) || behind.size() < tag + 2) continue;
    const bool partial = behind[tag] == 'P';
    if (partial || behind[tag] == 'F') return {behind.substr(tag + 2), stream, partial};
  }
  return {line};
}

class CloudNativePgTokenizer : public Tokenizer {
 public:
  explicit CloudNativePgTokenizer(const LogDialect& dialect) : max_record_(dialect.max_record), clock_(dialect.zone) {}

  bool starts_record(std::string_view text) const override;
  std::size_t last_border(std::string_view text) const override;
  std::size_t look_ahead() const override { return kFarLookAhead; }
  void tokenize(Block& block) override;

 private:
  /// A record whose last part has not come yet.
  struct Open {
    std::vector<std::string_view> parts;
    std::uint64_t line = 0, last_line = 0;
  };
  enum class Outcome { kRecord, kOtherProgram, kNoRecord };

  void add_line(Block& block, std::string_view line, bool last);
  std::string_view join(Block& block, const std::vector<std::string_view>& parts);
  void add_record(Block& block, std::string_view record, std::uint64_t line, std::uint64_t lines, bool last);
  void give_up(Block& block, Open& record) const;
  Outcome read(std::string_view object, LogEntry& entry);

  std::size_t max_record_;
  ZoneClock clock_;
  ShapeCache shapes_;
  std::array<Open, 2> open_;  // one a stream
  std::size_t joined_ = 0;    // bytes of the block's second buffer that are used
};

bool CloudNativePgTokenizer::starts_record(std::string_view text) const {
  return parse_runtime_line(text.substr(0, line_end(text, 0))).text.starts_with('{');
}

/// The last line in front of which no part is open.
std::size_t CloudNativePgTokenizer::last_border(std::string_view text) const {
  std::array<std::size_t, 2> part_of{kNearLines + 1, kNearLines + 1};  // lines since a part was left open
  std::size_t border = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = line_end(text, at);
    const bool is_open = std::any_of(part_of.begin(), part_of.end(), [](std::size_t n) { return n <= kNearLines; });
    if (at > 0 && !is_open) border = at;
    const auto line = parse_runtime_line(text.substr(at, end - at));
    for (std::size_t& lines : part_of) ++lines;
    part_of[line.stream] = line.partial ? 0 : kNearLines + 1;
    at = end + 1;
  }
  return border;
}

CloudNativePgTokenizer::Outcome CloudNativePgTokenizer::read(std::string_view object, LogEntry& entry) {
  if (!object.starts_with('{')) return Outcome::kOtherProgram;
  std::string_view record;
  JsonObject members(object);
  while (const auto member = members.next()) {
    if (member->key == "record" && member->value.starts_with('{') && !member->is_string) record = member->value;
  }
  if (!members.well_formed()) return Outcome::kNoRecord;
  if (record.empty()) return Outcome::kOtherProgram;
  if (!read_json_fields(record, kFields, clock_, entry)) return Outcome::kNoRecord;
  if (entry.severity.empty()) return Outcome::kOtherProgram;
  if (entry.sqlstate == "00000") entry.sqlstate = {};
  entry.host = host_without_port(entry.host);
  return Outcome::kRecord;
}

void CloudNativePgTokenizer::add_record(Block& block, std::string_view record, std::uint64_t line, std::uint64_t lines,
                                        bool last) {
  LogEntry entry;
  entry.line = line;
  const bool fits = record.size() <= max_record_;
  const Outcome outcome = fits ? read(record, entry) : Outcome::kNoRecord;
  if (outcome == Outcome::kRecord) {
    interpret(entry, shapes_);
    block.entries.push_back(entry);
    block.continuation_lines += lines - 1;
    return;
  }
  const bool blank = record.find_first_not_of(" \t\r") == std::string_view::npos;
  SkipReason reason = SkipReason::kNoJsonRecord;
  if (outcome == Outcome::kOtherProgram) reason = SkipReason::kOtherProgram;
  if (outcome == Outcome::kNoRecord && last && record.starts_with('{')) reason = SkipReason::kCutOff;
  if (!fits) reason = SkipReason::kTooLong;
  if (blank) reason = SkipReason::kBlank;
  block.skips.add(reason, line, lines, record);
}

/// The last part never came.
void CloudNativePgTokenizer::give_up(Block& block, Open& record) const {
  if (record.parts.empty()) return;
  block.skips.add(SkipReason::kCutOff, record.line, record.parts.size(), record.parts.front());
  record.parts.clear();
}

std::string_view CloudNativePgTokenizer::join(Block& block, const std::vector<std::string_view>& parts) {
  if (parts.size() == 1) return parts.front();
  if (block.joined.size() < block.size) block.joined.resize(block.size);
  const std::size_t begin = joined_;
  for (const auto part : parts) {
    std::copy(part.begin(), part.end(), block.joined.begin() + static_cast<std::ptrdiff_t>(joined_));
    joined_ += part.size();
  }
  return {block.joined.data() + begin, joined_ - begin};
}

void CloudNativePgTokenizer::add_line(Block& block, std::string_view line, bool last) {
  const RuntimeLine runtime = parse_runtime_line(line);
  for (Open& record : open_) {
    if (block.lines - record.last_line > kNearLines) give_up(block, record);
  }
  Open& record = open_[runtime.stream];
  if (record.parts.empty()) record.line = block.lines;
  record.parts.push_back(runtime.text);
  record.last_line = block.lines;
  if (runtime.partial) return;
  add_record(block, join(block, record.parts), record.line, record.parts.size(), last);
  record.parts.clear();
}

void CloudNativePgTokenizer::tokenize(Block& block) {
  const auto text = block.text();
  joined_ = 0;
  for (std::size_t at = 0; at < text.size(); ++block.lines) {
    const auto end = line_end(text, at);
    add_line(block, text.substr(at, end - at), block.at_end && end + 1 >= text.size());
    at = end + 1;
  }
  for (Open& record : open_) give_up(block, record);
  std::sort(block.entries.begin(), block.entries.end(),
            [](const LogEntry& a, const LogEntry& b) { return a.line < b.line; });
  block.unknown_zone = clock_.unknown_zone();
}

}  // namespace

std::unique_ptr<Tokenizer> make_cloudnativepg_tokenizer(const LogDialect& dialect) {
  return std::make_unique<CloudNativePgTokenizer>(dialect);
}

}  // namespace assay
