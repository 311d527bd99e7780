// jsonlog (15 and later): one JSON object a line; write_jsonlog in jsonlog.c names the keys.
#include <charconv>
#include <vector>

#include "parser/base/scan.h"
#include "parser/log/json_text.h"
#include "parser/log/known_records.h"
#include "parser/log/timestamp.h"
#include "parser/log/tokenizer.h"

namespace assay {
namespace {

/// Where a key's text goes; nullptr for keys that are not kept.
std::string_view LogEntry::*text_field(std::string_view key) {
  struct Field {
    std::string_view key;
    std::string_view LogEntry::*member;
  };
  static constexpr Field kFields[] = {
      {"user", &LogEntry::user},
      {"dbname", &LogEntry::database},
      {"remote_host", &LogEntry::host},
      {"session_id", &LogEntry::session},
      {"error_severity", &LogEntry::severity},
      {"state_code", &LogEntry::sqlstate},
      {"message", &LogEntry::message},
      {"detail", &LogEntry::detail},
      {"statement", &LogEntry::statement},
      {"application_name", &LogEntry::application},
      {"hint", &LogEntry::hint},
      {"context", &LogEntry::context},
      {"backend_type", &LogEntry::backend},
  };
  for (const Field& field : kFields) {
    if (field.key.size() == key.size() && field.key[0] == key[0] && field.key == key) return field.member;
  }
  return nullptr;
}

/// For KnownRecords.
struct JsonText {
  static constexpr char kEndByte = '"';
  static constexpr int kFrontQuotes = 19, kTailQuotes = 10;
  static constexpr std::string_view kBegin = "{\"timestamp\":\"", kSessionEnd = "\",",
                                    kMessage = "\"error_severity\":\"LOG\",\"message\":\"", kDetail = ",\"detail\":\"",
                                    kNoDetail = "", kBeforeApplication = ",\"application_name\":\"", kEnd = "}\n";

  static bool ends(std::string_view rest) { return rest.starts_with("\","); }

  static std::size_t plain_end(std::string_view text) {
    const std::size_t quote = find_any<'"', '\\', '\n'>(text, 0);
    return quote < text.size() && ends(text.substr(quote)) ? quote : 0;
  }

  static std::size_t string_end(std::string_view text) {
    for (std::size_t at = 0;; at += 2) {
      at = find_any<'"', '\\', '\n'>(text, at);
      if (at >= text.size() || text[at] == '\n') return 0;
      if (text[at] == '"') return at;
    }
  }

  /// The number of the line, the command, the start of the session, and the transaction's two numbers.
  static std::size_t skip_numbers(std::string_view text, std::size_t at) {
    const auto take = [&](std::string_view expected) {
      if (!text.substr(at).starts_with(expected)) return false;
      at += expected.size();
      return true;
    };
    const auto number = [&](std::string_view key) {
      if (!take(key)) return false;
      while (at < text.size() && is_digit(text[at])) ++at;
      return is_digit(text[at - 1]) && take(",");
    };
    const auto string = [&](std::string_view key) {
      if (!take(key)) return false;
      const std::size_t size = find_any<'"', '\\', '\n'>(text.substr(at), 0);
      at += size;
      return take("\",");
    };
    const bool skipped = number("\"line_num\":") && string("\"ps\":\"") && string("\"session_start\":\"") &&
                         string("\"vxid\":\"") && number("\"txid\":");
    return skipped ? at : 0;
  }
};

class JsonTokenizer : public Tokenizer {
 public:
  explicit JsonTokenizer(const LogDialect& dialect)
      : max_record_(dialect.max_record), clock_(dialect.zone), known_(dialect.max_record, shapes_) {}

  bool starts_record(std::string_view) const override { return true; }
  std::size_t last_border(std::string_view text) const override { return text.rfind('\n') + 1; }
  std::size_t front_rest(std::string_view text) const override;
  void tokenize(Block& block) override;

 private:
  bool read_entry(std::string_view line, LogEntry& entry, std::size_t& stopped);
  bool store(const JsonMember& member, LogEntry& entry);
  bool unescape(LogEntry& entry);
  void skip(Block& block, std::string_view line, std::size_t stopped) const;

  std::vector<std::string_view LogEntry::*> escaped_;  // fields of the current line that hold escapes
  std::size_t max_record_;
  ZoneClock clock_;
  ShapeCache shapes_;
  KnownRecords<JsonText> known_;
};

std::size_t JsonTokenizer::front_rest(std::string_view text) const {
  if (starts_json_record(text)) return 0;
  const std::size_t next = line_end(text, 0) + 1;
  return next < text.size() ? next : std::string_view::npos;
}

/// False for a value that such a key cannot have.
bool JsonTokenizer::store(const JsonMember& member, LogEntry& entry) {
  if (member.key.empty()) return true;
  if (member.key == "pid") {
    const auto digits = member.value;
    return std::from_chars(digits.data(), digits.data() + digits.size(), entry.process).ec == std::errc();
  }
  if (member.key == "timestamp") {
    const auto time = scan_log_time(member.value);
    if (time) entry.time = clock_.resolve(*time);
    return time.has_value();
  }
  const auto field = text_field(member.key);
  if (field == nullptr || !member.is_string) return true;
  entry.*field = member.value;
  if (member.escaped) escaped_.push_back(field);
  return true;
}

/// Only once the whole line is known to be in order, so that a message can show it as it stood.
bool JsonTokenizer::unescape(LogEntry& entry) {
  for (const auto field : escaped_) {
    const auto text = unescape_json_in_place(entry.*field);
    if (!text) return false;
    entry.*field = *text;
  }
  return true;
}

/// `stopped` tells where the line ceased to make sense.
bool JsonTokenizer::read_entry(std::string_view line, LogEntry& entry, std::size_t& stopped) {
  JsonObject object(line);
  bool has_time = false;
  escaped_.clear();
  while (const auto member = object.next()) {
    if (!store(*member, entry)) break;
    has_time |= member->key == "timestamp";
    stopped = object.position();
  }
  if (!object.well_formed()) return false;
  stopped = 0;
  if (entry.message.data() != nullptr) known_.note({entry.message.data(), line.data() + line.size()});
  return has_time && !entry.severity.empty() && unescape(entry);
}

void JsonTokenizer::skip(Block& block, std::string_view line, std::size_t stopped) const {
  const bool last = block.at_end && line.data() + line.size() == block.bytes.data() + block.size;
  if (line.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    block.skips.add(SkipReason::kBlank, block.lines, 1, line);
  } else if (line.size() > max_record_) {
    block.skips.add(SkipReason::kTooLong, block.lines, 1, line);
  } else if (last && line.starts_with('{')) {
    block.skips.add(SkipReason::kCutOff, block.lines, 1, line);
  } else {
    block.skips.add(SkipReason::kNoJsonRecord, block.lines, 1, line, stopped == 0 ? 0 : stopped + 1);
  }
}

void JsonTokenizer::tokenize(Block& block) {
  const auto text = block.text();
  known_.begin_block();
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t size = known_.read(block, text.substr(at))) {
      at += size;
      continue;
    }
    const auto end = line_end(text, at);
    const auto line = text.substr(at, end - at);
    LogEntry entry;
    std::size_t stopped = 0;
    entry.line = block.lines;
    if (line.size() <= max_record_ && read_entry(line, entry, stopped)) {
      const auto told = interpret(entry, shapes_);
      known_.learn(text.substr(at, end + 1 - at), entry, told);
      block.add(entry);
    } else {
      skip(block, line, stopped);
    }
    ++block.lines;
    at = end + 1;
  }
  block.unknown_zone = clock_.unknown_zone();
}

}  // namespace

bool starts_json_record(std::string_view text) {
  return text.starts_with('{') && text.substr(0, line_end(text, 0)).find("\"timestamp\"") < 200;
}

std::unique_ptr<Tokenizer> make_json_tokenizer(const LogDialect& dialect) {
  return std::make_unique<JsonTokenizer>(dialect);
}

}  // namespace assay
