#include "parser/log/stderr_entry.h"

#include "parser/base/scan.h"

namespace assay {
namespace {

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

}  // namespace

ZonedTime resolve(const PrefixMatch& head, ZoneClock& clock) {
  if (!head.time) return {};
  return head.epoch ? clock.resolve_epoch(*head.time) : clock.resolve(*head.time);
}

void fill_in(LogEntry& entry, const PrefixMatch& head, std::string_view text, ZoneClock& clock) {
  entry.field = head.field;
  if (head.time) entry.time = resolve(head, clock);
  entry.process = head.process;
  static_cast<Client&>(entry) = head;
  entry.severity = head.label;
  entry.message = text;
  if (head.field != EntryField::kMessage) return;
  const auto code = take_sqlstate(entry.message);
  entry.sqlstate = code.empty() ? head.sqlstate : code;
  if (entry.sqlstate == "00000") entry.sqlstate = {};
  if (entry.severity != "LOG") entry.message = without_position(entry.message);
}

}  // namespace assay
