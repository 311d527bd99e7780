#include "parser/log/syslog_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "parser/base/scan.h"
#include "parser/base/utf8.h"

namespace assay {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::size_t kShortStamp = 15;  // Nov 22 20:51:55
constexpr std::size_t kIsoStamp = 19;    // 2026-11-22T20:51:55

bool is_octal(char c) { return static_cast<unsigned char>(c - '0') < 8; }

/// Whether `text` begins like `shape`, in which d is a digit, b a digit or a blank, and a a letter.
bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  return std::equal(shape.begin(), shape.end(), text.begin(), [](char form, char c) {
    switch (form) {
      case 'd':
        return is_digit(c);
      case 'b':
        return is_digit(c) || c == ' ';
      case 'a':
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      default:
        return form == c;
    }
  });
}

std::uint64_t to_number(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// Takes the text up to the next blank, and the blank. Empty where there is none.
std::string_view take_word(std::string_view& text) {
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) return {};
  const auto word = text.substr(0, blank);
  text.remove_prefix(blank + 1);
  return word;
}

/// "<134>"
bool take_priority(std::string_view& text) {
  if (!text.starts_with('<')) return false;
  const auto end = text.find('>');
  if (end == std::string_view::npos || end < 2 || end > 4) return false;
  if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(end), is_digit)) return false;
  text.remove_prefix(end + 1);
  return true;
}

/// The time stamp's length, without the blank behind it; 0 for none.
std::size_t stamp_length(std::string_view text) {
  std::size_t length = 0;
  if (has_shape(text, "aaa bd dd:dd:dd")) {
    length = kShortStamp;
  } else if (has_shape(text, "dddd-dd-ddTdd:dd:dd")) {
    length = kIsoStamp;
  } else {
    return 0;
  }
  const auto end = text.find(' ', length);
  return end == std::string_view::npos || end > length + 16 ? 0 : end;
}

/// The structured data of RFC 5424: "-", or elements in brackets with quoted values.
bool take_structured_data(std::string_view& text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  } else {
    if (!text.starts_with('[')) return false;
    std::size_t at = 0;
    while (at < text.size() && text[at] == '[') {
      for (bool quoted = false; at < text.size() && (quoted || text[at] != ']'); ++at) {
        if (quoted && text[at] == '\\') ++at;
        if (at < text.size() && text[at] == '"') quoted = !quoted;
      }
      ++at;
    }
    if (at > text.size()) return false;
    text.remove_prefix(at);
  }
  for (int blanks = 0; blanks < 2 && text.starts_with(' '); ++blanks) text.remove_prefix(1);  // rsyslog writes two
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // MSG-UTF8 begins with a byte order mark
  return true;
}

/// Behind "<134>1 ": time, host, program, process, message id, structured data.
std::optional<SyslogLine> parse_rfc5424(std::string_view line, std::string_view text) {
  SyslogLine parsed;
  const auto stamp = stamp_length(text);
  if (stamp == 0) return std::nullopt;
  parsed.stamp = text.substr(0, stamp);
  text.remove_prefix(stamp + 1);
  const char* const sender = text.data();
  const auto host = take_word(text), program = take_word(text), process = take_word(text);
  if (host.empty() || program.empty() || process.empty()) return std::nullopt;
  parsed.sender = {sender, static_cast<std::size_t>(process.data() + process.size() - sender)};
  parsed.process = static_cast<std::int64_t>(to_number(process));
  if (take_word(text).empty() || !take_structured_data(text)) return std::nullopt;
  parsed.length = line.size() - text.size();
  return parsed;
}

/// "postgres[123]:" or "kernel:" at the front of `text`, and the blank behind it.
bool take_program(std::string_view& text, SyslogLine& parsed) {
  constexpr std::size_t kLongest = 128;
  const auto end = text.substr(0, kLongest).find_first_of("[: ");
  if (end == 0 || end == std::string_view::npos || text[end] == ' ') return false;
  std::size_t at = end;
  if (text[at] == '[') {
    const auto close = text.find(']', at);
    if (close == std::string_view::npos || close - at > kLongest) return false;
    parsed.process = static_cast<std::int64_t>(to_number(text.substr(at + 1, close - at - 1)));
    at = close + 1;
  }
  if (at >= text.size() || text[at] != ':') return false;
  ++at;
  if (at < text.size() && text[at] == ' ') ++at;
  text.remove_prefix(at);
  return true;
}

struct MonthAndDay {
  std::chrono::month month;
  std::chrono::day day;
};

std::optional<MonthAndDay> parse_month_and_day(std::string_view stamp) {
  const auto month = kMonths.find(stamp.substr(0, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const unsigned tens = stamp[4] == ' ' ? 0 : static_cast<unsigned>(stamp[4] - '0');
  return MonthAndDay{std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                     std::chrono::day(tens * 10 + static_cast<unsigned>(stamp[5] - '0'))};
}

/// Length of the UTF-8 sequence that the escapes at the front of `text` make, one escape a byte; 0 for none.
std::size_t escaped_utf8(std::string_view text) {
  constexpr std::size_t kEscape = 4;
  std::array<char, kEscape> bytes{};
  std::size_t count = 0;
  for (; count < bytes.size() && has_shape(text.substr(count * kEscape), "#ddd"); ++count) {
    const auto digits = text.substr(count * kEscape + 1, 3);
    if (!std::all_of(digits.begin(), digits.end(), is_octal) || digits[0] > '3') break;
    bytes[count] = static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
  }
  if (count == 0 || static_cast<unsigned char>(bytes[0]) < 0x80) return 0;
  return decode_utf8({bytes.data(), count}).length;
}

char octal_value(std::string_view digits) {
  return static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
}

bool is_control(std::string_view digits) {
  const bool octal = std::all_of(digits.begin(), digits.end(), is_octal);
  return octal && (digits == "177" || (digits[0] == '0' && digits[1] < '4'));
}

}  // namespace

std::optional<SyslogLine> parse_syslog_line(std::string_view line) {
  auto text = line;
  const bool has_priority = take_priority(text);
  if (has_priority && text.starts_with("1 ")) return parse_rfc5424(line, text.substr(2));
  SyslogLine parsed;
  const auto stamp = stamp_length(text);
  if (stamp == 0) return std::nullopt;
  parsed.stamp = text.substr(0, stamp);
  text.remove_prefix(stamp + 1);
  const char* const sender = text.data();
  if (take_word(text).empty()) return std::nullopt;
  if (text.starts_with("last message repeated ")) {
    parsed.repeated = true;
  } else if (!take_program(text, parsed)) {
    return std::nullopt;
  }
  parsed.repeated |= text.starts_with("message repeated ");
  parsed.sender = {sender, static_cast<std::size_t>(text.data() - sender)};
  parsed.length = line.size() - text.size();
  return parsed;
}

SyslogChunk parse_syslog_chunk(std::string_view text) {
  constexpr std::size_t kMostDigits = 19;
  if (!text.starts_with('[')) return {};
  const auto close = text.substr(0, 2 * kMostDigits + 3).find(']');
  if (close == std::string_view::npos || close + 1 >= text.size() || text[close + 1] != ' ') return {};
  const auto numbers = text.substr(1, close - 1);
  const auto dash = numbers.find('-');
  const auto first = numbers.substr(0, dash);
  const auto second = dash == std::string_view::npos ? std::string_view("0") : numbers.substr(dash + 1);
  for (const auto part : {first, second}) {
    if (part.empty() || part.size() > kMostDigits || !std::all_of(part.begin(), part.end(), is_digit)) return {};
  }
  if (dash == std::string_view::npos) return {0, to_number(first), close + 2};
  return {to_number(first), to_number(second), close + 2};
}

std::string_view unescape_syslog_in_place(std::string_view text) {
  auto hash = text.find('#');
  if (hash == std::string_view::npos) return text;
  char* const begin = const_cast<char*>(text.data());  // the block's own bytes
  char* to = begin + hash;
  for (std::size_t at = hash; at < text.size();) {
    const auto rest = text.substr(at);
    const std::size_t utf8 = escaped_utf8(rest);
    const bool control = utf8 == 0 && has_shape(rest, "#ddd") && is_control(rest.substr(1, 3));
    for (std::size_t i = 0; i < utf8 + (control ? 1 : 0); ++i) *to++ = octal_value(text.substr(at + i * 4 + 1, 3));
    at += (utf8 + (control ? 1 : 0)) * 4;
    if (utf8 > 0 || control) continue;
    const std::size_t plain = std::min(text.find('#', at + 1), text.size()) - at;
    std::memmove(to, text.data() + at, plain);
    to += plain;
    at += plain;
  }
  return {begin, static_cast<std::size_t>(to - begin)};
}

bool has_no_year(std::string_view stamp) { return !stamp.empty() && !is_digit(stamp.front()); }

std::optional<ZonedTime> syslog_time(std::string_view stamp, std::optional<Timestamp> first_time, UtcOffset zone) {
  using namespace std::chrono;
  if (!has_no_year(stamp)) return parse_iso8601(stamp, zone);
  const auto date = parse_month_and_day(stamp);
  const auto first = floor<days>(first_time.value_or(Timestamp{}));
  if (!date) return std::nullopt;
  auto year = year_month_day(first).year();
  // A day earlier is allowed for: lines of two senders are not always in the order of time.
  if (sys_days(year / date->month / date->day) < first - days{1}) ++year;
  const auto text = fmt::format("{:04}-{:02}-{:02}T{}", static_cast<int>(year), static_cast<unsigned>(date->month),
                                static_cast<unsigned>(date->day), stamp.substr(7));
  return parse_iso8601(text, zone);
}

}  // namespace assay
