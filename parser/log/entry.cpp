#include "parser/log/entry.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "parser/base/scan.h"
#include "parser/log/plan_message.h"

namespace assay {
namespace {

/// "12.345 ms" in exact microseconds: PostgreSQL prints three decimals (check_log_duration in postgres.c).
bool take_milliseconds(std::string_view& text, Microseconds& duration) {
  constexpr std::size_t kMaxDigits = 10;  // 116 days
  std::int64_t value = 0;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    if (at == kMaxDigits) return false;
    value = value * 10 + (text[at] - '0');
  }
  if (at == 0) return false;
  value *= 1000;
  if (at < text.size() && text[at] == '.') {
    ++at;
    for (std::int64_t unit = 100; at < text.size() && is_digit(text[at]); ++at, unit /= 10) {
      value += (text[at] - '0') * unit;
    }
  }
  text.remove_prefix(at);
  duration = Microseconds(value);
  return take(text, " ms");
}

/// "name: text". A name may hold colons: the first one before a blank ends it.
bool take_name(std::string_view& text, std::string_view& name) {
  const auto colon = text.find(": ");
  if (colon == std::string_view::npos) return false;
  name = text.substr(0, colon);
  text.remove_prefix(colon + 2);
  return true;
}

/// What the duration is that of, and the words for it.
MessageKind take_timed_kind(std::string_view& text) {
  if (text.size() < 3) return MessageKind::kOther;
  switch (text[2]) {
    case 's':
      return take(text, "  statement: ") ? MessageKind::kTimedStatement : MessageKind::kOther;
    case 'p':
      return take(text, "  parse ") ? MessageKind::kTimedParse : MessageKind::kOther;
    case 'b':
      return take(text, "  bind ") ? MessageKind::kTimedBind : MessageKind::kOther;
    case 'e':
      if (take(text, "  execute fetch from ")) return MessageKind::kTimedFetch;
      return take(text, "  execute ") ? MessageKind::kTimedExecute : MessageKind::kOther;
    default:
      return MessageKind::kOther;
  }
}

MessageKind interpret_timed(LogEntry& entry, std::string_view rest) {
  if (rest.empty()) return MessageKind::kDuration;
  if (take(rest, "  plan:")) {
    const PlanMessage plan = read_plan_in_place(rest);
    entry.sql = plan.sql;
    entry.parameters = plan.parameters;
    entry.message = plan.plan;
    return MessageKind::kPlan;
  }
  const MessageKind kind = take_timed_kind(rest);
  const bool has_name = kind != MessageKind::kOther && kind != MessageKind::kTimedStatement;
  if (kind == MessageKind::kOther || (has_name && !take_name(rest, entry.name))) return MessageKind::kOther;
  entry.sql = rest;
  return kind;
}

bool is_lock_wait(std::string_view message) {
  const auto line = message.substr(0, message.find('\n'));
  return line.starts_with("process ") && (line.find(" still waiting for ") != std::string_view::npos ||
                                          line.find(" acquired ") != std::string_view::npos);
}

MessageKind interpret_log(LogEntry& entry) {
  std::string_view text = entry.message;
  if (take(text, "duration: ")) {
    return take_milliseconds(text, entry.duration) ? interpret_timed(entry, text) : MessageKind::kOther;
  }
  if (take(text, "statement: ")) {
    entry.sql = text;
    return MessageKind::kStatement;
  }
  if (take(text, "execute ")) {
    const auto kind = take(text, "fetch from ") ? MessageKind::kFetch : MessageKind::kExecute;
    if (!take_name(text, entry.name)) return MessageKind::kOther;
    entry.sql = text;
    return kind;
  }
  if (is_lock_wait(text)) return MessageKind::kLockWait;
  if (text.starts_with("temporary file: path")) return MessageKind::kTemporaryFile;
  if (text.starts_with("connection received:") || text.starts_with("connection authorized:"))
    return MessageKind::kConnection;
  if (text.starts_with("disconnection: session time:")) return MessageKind::kDisconnection;
  return MessageKind::kOther;
}

bool is_error(std::string_view severity) { return severity == "ERROR" || severity == "FATAL" || severity == "PANIC"; }

/// A plan keeps its own, since its statement was unescaped in place.
void interpret_message(LogEntry& entry) {
  if (entry.kind == MessageKind::kPlan) return;
  entry.sql = entry.name = entry.parameters = {};
  entry.kind = MessageKind::kOther;
  if (entry.severity == "LOG") {
    entry.kind = interpret_log(entry);
  } else if (is_error(entry.severity)) {
    entry.kind = MessageKind::kError;
  }
}

bool tells_parameters(std::string_view detail) {
  return detail.starts_with("parameters: ") || detail.starts_with("Parameters: ");
}

}  // namespace

bool set_field(LogEntry& entry, EntryField field, std::string_view text) {
  switch (field) {
    case EntryField::kDetail:
      // As of a step, whose DETAIL counts only if it tells parameters: else what is told would depend on the blocks.
      if (!tells_parameters(entry.detail) || tells_parameters(text)) entry.detail = text;
      return true;
    case EntryField::kStatement:
      entry.statement = text;
      return true;
    case EntryField::kHint:
      entry.hint = text;
      return true;
    case EntryField::kContext:
      entry.context = text;
      return true;
    default:
      return false;
  }
}

ShapeAndValues interpret(LogEntry& entry, ShapeCache& shapes) {
  interpret_message(entry);
  if (entry.sql.empty()) entry.sql = entry.statement;
  const auto told = entry.sql.empty() ? ShapeAndValues{} : shapes.of(entry.sql);
  entry.shape = told.shape;
  entry.values = told.values;
  tell_detail(entry, entry.detail, told.values);
  return told;
}

void tell_detail(ExecutionStep& step, std::string_view detail, std::uint64_t literals) {
  if (take(detail, "parameters: ") || take(detail, "Parameters: ")) step.parameters = detail;
  if (step.parameters.empty()) return;
  step.values = XXH3_64bits_withSeed(step.parameters.data(), step.parameters.size(), literals);
}

bool read_timed_head(std::string_view ahead, TimedHead& head) {
  constexpr std::size_t kShortest = 48;  // so that no place up to the name is behind the end
  constexpr int kMostDigits = 10;        // as above
  if (ahead.size() < kShortest || !ahead.starts_with("duration: ")) return false;
  const char* at = ahead.data() + std::string_view("duration: ").size();
  std::int64_t value = 0;
  const char* const begin = at;
  for (; is_digit(*at); ++at) {
    if (at == begin + kMostDigits) return false;
    value = value * 10 + (*at - '0');
  }
  if (at == begin || at[0] != '.' || !is_digit(at[1]) || !is_digit(at[2]) || !is_digit(at[3])) return false;
  head.duration = Microseconds(value * 1000 + (at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0'));
  auto rest = ahead.substr(static_cast<std::size_t>(at + 4 - ahead.data()));
  if (!take(rest, " ms")) return false;
  head.kind = take_timed_kind(rest);
  if (head.kind == MessageKind::kOther) return false;
  head.name = {};
  if (head.kind != MessageKind::kTimedStatement) {
    std::size_t colon = 0;
    do {
      colon = find_any<':', '\n', '"', '\\'>(rest, colon) + 1;
      if (colon >= rest.size() || rest[colon - 1] != ':') return false;
    } while (rest[colon] != ' ');
    head.name = rest.substr(0, colon - 1);
    rest.remove_prefix(colon + 1);
  }
  head.length = ahead.size() - rest.size();
  return true;
}

}  // namespace assay
