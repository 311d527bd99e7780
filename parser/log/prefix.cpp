#include "parser/log/prefix.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "parser/base/scan.h"

namespace assay {
namespace {

constexpr std::size_t kMaxFieldBytes = 256;  // names have 63, hosts up to 255
constexpr std::size_t kMaxPrefixBytes = 4096;
constexpr int kMaxAttempts = 2000;  // a line; an honest one takes a few dozen
constexpr std::size_t kMaxWidth = 1000;
constexpr std::size_t kFraction = 19;  // where a time stamp has its milliseconds, if any

// elog.c: error_severity() and send_message_to_server_log().
constexpr std::array<Label, 20> kLabels{{
    {"LOG", EntryField::kMessage},    {"DETAIL", EntryField::kDetail},   {"STATEMENT", EntryField::kStatement},
    {"ERROR", EntryField::kMessage},  {"WARNING", EntryField::kMessage}, {"FATAL", EntryField::kMessage},
    {"HINT", EntryField::kHint},      {"CONTEXT", EntryField::kContext}, {"QUERY", EntryField::kOther},
    {"LOCATION", EntryField::kOther}, {"BACKTRACE", EntryField::kOther}, {"NOTICE", EntryField::kMessage},
    {"INFO", EntryField::kMessage},   {"PANIC", EntryField::kMessage},   {"DEBUG", EntryField::kMessage},
    {"DEBUG1", EntryField::kMessage}, {"DEBUG2", EntryField::kMessage},  {"DEBUG3", EntryField::kMessage},
    {"DEBUG4", EntryField::kMessage}, {"DEBUG5", EntryField::kMessage},
}};

bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); }

bool is_text_field(char escape) { return std::string_view("udahribL").find(escape) != std::string_view::npos; }
bool is_field(char escape) {
  return is_text_field(escape) || std::string_view("tmsnplcvxeQP").find(escape) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

template <typename Predicate>
std::size_t span(std::string_view text, std::size_t at, Predicate allowed) {
  const std::size_t begin = at;
  while (at < text.size() && allowed(text[at])) ++at;
  return at - begin;
}

std::int64_t to_number(std::string_view digits, int base) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
}

/// "[unknown]" is how the server writes a name that it does not have yet.
std::string_view name_or_empty(std::string_view name) { return name == "[unknown]" ? std::string_view() : name; }

/// %r: "10.0.0.1(5432)" without its port. Nothing for a text that %r never writes.
std::optional<std::string_view> host_of_remote(std::string_view text) {
  if (text.empty() || text == "[local]") return text;
  if (text.back() != ')') return std::nullopt;
  const auto open = text.rfind('(');
  const auto port = open == std::string_view::npos ? "" : text.substr(open + 1, text.size() - open - 2);
  if (port.empty() || !std::all_of(port.begin(), port.end(), is_digit)) return std::nullopt;
  return text.substr(0, open);
}

/// Length of a typed field's text at `at`; nothing when none can stand there.
std::optional<std::size_t> typed_length(char escape, std::string_view line, std::size_t at,
                                        std::optional<LogTime>& time) {
  const auto rest = line.substr(std::min(at, line.size()));
  switch (escape) {
    case 't':
    case 'm':
    case 's':
      time = scan_log_time(rest);
      if (time && (rest.size() > kFraction && rest[kFraction] == '.') != (escape == 'm')) time.reset();
      break;
    case 'n':
      time = scan_epoch(rest);
      break;
    case 'c':
      return span(line, at, [](char c) { return is_hex(c) || c == '.'; });
    case 'v':
      return span(line, at, [](char c) { return is_digit(c) || c == '/' || c == '-'; });
    case 'Q':
      return span(line, at, [](char c) { return is_digit(c) || c == '-'; });
    case 'e': {
      const auto length = span(line, at, is_alphanumeric);
      return length == 5 ? std::optional(length) : std::nullopt;
    }
    case 'P':
      return span(line, at, is_digit);
    default: {
      const auto length = span(line, at, is_digit);
      return length > 0 ? std::optional(length) : std::nullopt;
    }
  }
  return time ? std::optional(time->length) : std::nullopt;
}

void store_typed(char escape, std::string_view text, const std::optional<LogTime>& time, PrefixMatch& match) {
  switch (escape) {
    case 't':
    case 'm':
      match.time = time;
      match.epoch = false;
      break;
    case 'n':
      if (match.time && !match.epoch) break;
      match.time = time;
      match.epoch = true;
      break;
    case 'p':
      match.process = to_number(text, 10);
      break;
    case 'c': {
      match.session = text;
      const auto dot = text.find('.');  // start time and process, in hexadecimal
      if (match.process == 0 && dot != std::string_view::npos) match.process = to_number(text.substr(dot + 1), 16);
      break;
    }
    case 'e':
      match.sqlstate = text;
      break;
    default:
      break;
  }
}

bool store_text(char escape, std::string_view text, PrefixMatch& match) {
  text = name_or_empty(text);
  switch (escape) {
    case 'u':
      match.user = text;
      return true;
    case 'd':
      match.database = text;
      return true;
    case 'a':
      match.application = text;
      return true;
    case 'h':
      match.host = text;
      return text.find(' ') == std::string_view::npos;
    case 'r': {
      const auto host = host_of_remote(text);
      if (host) match.host = *host;
      return host.has_value();
    }
    default:
      return true;
  }
}

}  // namespace

const Label* find_label(std::string_view text) {
  if (text.empty()) return nullptr;
  if (text.starts_with("LOG:  ")) return &kLabels[0];  // nearly all
  if (text.starts_with("DETAIL:  ")) return &kLabels[1];
  for (const Label& label : kLabels) {
    if (label.word.front() != text.front()) continue;
    if (text.starts_with(label.word) && text.substr(label.word.size()).starts_with(kLabelEnd)) return &label;
  }
  return nullptr;
}

struct PrefixPattern::Attempt {
  std::string_view line;
  PrefixMatch match;
  int budget = kMaxAttempts;
  bool ran_out = false;  ///< the line ended where more of the prefix was due
};

PrefixPattern::PrefixPattern(std::string_view pattern) : text_(pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      add_literal(pattern[i]);
      continue;
    }
    std::size_t width = 0;
    if (++i < pattern.size() && pattern[i] == '-') ++i;
    for (; i < pattern.size() && is_digit(pattern[i]); ++i) {
      width = std::min(kMaxWidth, width * 10 + static_cast<std::size_t>(pattern[i] - '0'));
    }
    if (i >= pattern.size()) break;
    if (pattern[i] == '%') {
      add_literal('%');
    } else if (pattern[i] == 'q' || is_field(pattern[i])) {
      elements_.push_back({pattern[i], {}, width});
    }
  }
}

void PrefixPattern::add_literal(char c) {
  if (elements_.empty() || elements_.back().escape != 0) elements_.emplace_back();
  elements_.back().literal += c;
}

bool PrefixPattern::has(char escape) const {
  return std::any_of(elements_.begin(), elements_.end(), [&](const Element& e) { return e.escape == escape; });
}

std::optional<PrefixMatch> PrefixPattern::match(std::string_view line) const {
  Attempt attempt{line.substr(0, kMaxPrefixBytes), {}};
  if (!match_from(0, 0, attempt)) return std::nullopt;
  return attempt.match;  // a way that failed leaves nothing behind: the one that matched stored every field anew
}

bool PrefixPattern::is_cut_off(std::string_view line) const {
  if (line.size() > kMaxPrefixBytes) return false;
  Attempt attempt{line, {}};
  return !match_from(0, 0, attempt) && attempt.ran_out;
}

bool PrefixPattern::match_from(std::size_t element, std::size_t at, Attempt& attempt) const {
  if (--attempt.budget < 0) return false;
  const auto ends_here = [&] {
    const auto rest = attempt.line.substr(at);
    const Label* label = find_label(rest);
    attempt.ran_out |= label == nullptr && rest.find(':') == std::string_view::npos && rest.size() < 10;
    if (label == nullptr) return false;
    attempt.match.label = label->word;
    attempt.match.field = label->field;
    attempt.match.length = at + label->word.size() + kLabelEnd.size();
    return true;
  };
  if (element == elements_.size()) return ends_here();
  const char escape = elements_[element].escape;
  if (escape == 0) return match_literal(element, at, attempt);
  if (escape == 'q') return ends_here() || match_from(element + 1, at, attempt);
  return is_text_field(escape) ? match_text(element, at, attempt) : match_typed(element, at, attempt);
}

bool PrefixPattern::match_literal(std::size_t element, std::size_t at, Attempt& attempt) const {
  const std::string& literal = elements_[element].literal;
  const auto rest = attempt.line.substr(at);
  if (rest.starts_with(literal)) return match_from(element + 1, at + literal.size(), attempt);
  attempt.ran_out |= std::string_view(literal).starts_with(rest);
  return false;
}

bool PrefixPattern::match_typed(std::size_t element, std::size_t at, Attempt& attempt) const {
  const auto& [escape, literal, width] = elements_[element];
  const auto line = attempt.line;
  const std::size_t begin = width > 0 ? at + span(line, at, [](char c) { return c == ' '; }) : at;
  std::optional<LogTime> time;
  const auto length = typed_length(escape, line, begin, time);
  if (!length) {
    constexpr std::size_t kLongest = 30;  // a time stamp with its zone
    attempt.ran_out |=
        line.size() < at + kLongest && line.substr(at).find_first_not_of("0123456789-: .") == std::string_view::npos;
    return false;
  }
  std::size_t end = begin + *length;
  while (end < at + width && end < line.size() && line[end] == ' ') ++end;
  store_typed(escape, line.substr(begin, *length), time, attempt.match);
  return match_from(element + 1, end, attempt);
}

/// The last "@" before what ends the next field, for a user that is followed by "@".
std::optional<std::size_t> PrefixPattern::user_end(std::size_t element, std::size_t at, std::string_view line) const {
  if (elements_[element].escape != 'u' || element + 3 >= elements_.size()) return std::nullopt;
  const std::string& after_user = elements_[element + 1].literal;
  const std::string& after_next = elements_[element + 3].literal;
  if (!after_user.starts_with('@') || after_next.empty()) return std::nullopt;
  const auto first = line.find(after_user, at);
  if (first == std::string_view::npos || first - at > kMaxFieldBytes) return std::nullopt;
  const auto end = line.find(after_next, first + after_user.size());
  if (end == std::string_view::npos || end - first > kMaxFieldBytes) return std::nullopt;
  const auto last = line.substr(0, end).rfind(after_user);
  return last > first ? std::optional(last) : std::nullopt;
}

bool PrefixPattern::match_text(std::size_t element, std::size_t at, Attempt& attempt) const {
  const auto line = attempt.line;
  if (const auto end = user_end(element, at, line); end && try_text_end(element, at, *end, attempt)) return true;
  const bool before_literal = element + 1 < elements_.size() && elements_[element + 1].escape == 0;
  const std::string_view stop = before_literal ? std::string_view(elements_[element + 1].literal) : std::string_view();
  const std::size_t last = std::min(line.size(), at + kMaxFieldBytes);
  for (std::size_t end = at + elements_[element].width; end <= last && attempt.budget > 0; ++end) {
    if (!stop.empty()) end = line.find(stop, end);
    if (end > last) break;
    if (try_text_end(element, at, end, attempt)) return true;
  }
  attempt.ran_out |= line.size() < at + kMaxFieldBytes && line.find(kLabelEnd, at) == std::string_view::npos;
  return false;
}

bool PrefixPattern::try_text_end(std::size_t element, std::size_t at, std::size_t end, Attempt& attempt) const {
  auto text = attempt.line.substr(at, end - at);
  if (elements_[element].width > 0) text = trimmed(text);
  return store_text(elements_[element].escape, text, attempt.match) && match_from(element + 1, end, attempt);
}

}  // namespace assay
