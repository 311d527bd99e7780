#include "parser/log/prefix_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "parser/base/scan.h"
#include "parser/log/identity.h"

namespace assay {
namespace {

constexpr std::size_t kMinute = 17;                   // bytes of "2026-11-22 20:51:"
constexpr std::size_t kSeconds = 19;                  // and two more
constexpr std::size_t kFields = 256;                  // remembered texts; a power of two
constexpr std::size_t kTails = 2048;                  // and of those
constexpr std::size_t kShortest = kSeconds + 4 + 16;  // bytes of a line that is looked at
constexpr std::size_t kKey = 16;                      // bytes of a text by which it is looked for

std::size_t place_of(const char* text) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio (Knuth, vol. 3, 6.4)
  std::array<std::uint64_t, 2> words;
  static_assert(sizeof words == kKey);
  std::memcpy(words.data(), text, sizeof words);
  return (((words[0] * kMultiplier) ^ words[1]) * kMultiplier) >> 48U;
}

bool starts_with(std::string_view line, std::size_t at, const std::string& text) {
  return line.size() - at >= text.size() && std::memcmp(line.data() + at, text.data(), text.size()) == 0;
}

constexpr std::array<std::string_view PrefixMatch::*, 6> kTexts = {&PrefixMatch::session,  &PrefixMatch::user,
                                                                   &PrefixMatch::database, &PrefixMatch::application,
                                                                   &PrefixMatch::host,     &PrefixMatch::sqlstate};

std::size_t prefix_size(const PrefixMatch& match) { return match.length - match.label.size() - kLabelEnd.size(); }

}  // namespace

PrefixReader::PrefixReader(std::string_view pattern) : pattern_(pattern), fields_(kFields) {
  const auto& elements = pattern_.elements();
  if (elements.empty() || elements[0].width > 0) return;
  time_escape_ = elements[0].escape;
  if (time_escape_ != 'm' && time_escape_ != 't') return;
  std::size_t i = 1;
  for (; i < elements.size(); ++i) {
    const auto& [escape, literal, width] = elements[i];
    if (literal.find('\n') != std::string::npos) return;  // no line has it
    if (width > 0 || (escape != 0 && escape != 'p' && escape != 'l')) break;
    front_.push_back({escape, literal});
    process_in_front_ |= escape == 'p';
  }
  has_fields_ = i < elements.size();
  has_tails_ = std::none_of(front_.begin(), front_.end(), [](const Step& step) { return step.escape == 'l'; });
  // A letter or a digit behind the zone would be taken for a part of it.
  const bool zone_ends = !front_.empty() && front_[0].escape == 0 && !front_[0].literal.empty() &&
                         std::string_view(" ,;|[(<-").find(front_[0].literal[0]) != std::string_view::npos;
  fast_ = zone_ends;
}

/// The time stamp up to its zone, if it is of the minute of the last one; returns its length, or 0.
std::size_t PrefixReader::read_seconds(std::string_view line, Timestamp& local) const {
  if (line.size() < kShortest || minute_.empty()) return 0;
  const char* const text = line.data();
  if (std::memcmp(text, minute_.data(), kMinute) != 0 || !is_digit(text[17]) || !is_digit(text[18])) return 0;
  const int seconds = (text[17] - '0') * 10 + (text[18] - '0');
  if (seconds > 59) return 0;
  local = minute_start_ + std::chrono::seconds(seconds);
  if (time_escape_ != 'm') return kSeconds;
  if (text[19] != '.' || !is_digit(text[20]) || !is_digit(text[21]) || !is_digit(text[22])) return 0;
  local += std::chrono::milliseconds((text[20] - '0') * 100 + (text[21] - '0') * 10 + (text[22] - '0'));
  return kSeconds + 4;
}

/// Up to where the fields begin.
bool PrefixReader::read_front(std::string_view line, Known& known) const {
  std::size_t at = read_seconds(line, known.local);
  if (at == 0 || !starts_with(line, at, behind_time_)) return false;
  at += behind_time_.size();
  known.process = 0;
  for (std::size_t i = 1; i < front_.size(); ++i) {
    const auto& [escape, literal] = front_[i];
    if (escape == 0) {
      if (!starts_with(line, at, literal)) return false;
      at += literal.size();
      continue;
    }
    std::int64_t value = 0;
    const std::size_t begin = at;
    const std::size_t end = std::min(line.size(), begin + 18);
    for (; at < end && is_digit(line[at]); ++at) value = value * 10 + (line[at] - '0');
    if (at == begin || at - begin == 18) return false;
    if (escape == 'p') known.process = value;
  }
  known.fields_at = at;
  return true;
}

/// The time stamp and a tail; returns where the label begins, or 0.
std::size_t PrefixReader::read_tail(std::string_view line, Known& known) const {
  const std::size_t at = read_seconds(line, known.local);
  if (at == 0 || tails_.empty()) return 0;
  const Tail& tail = tails_[place_of(line.data() + at) % kTails];
  if (tail.zone != zone_version_ || !starts_with(line, at, tail.text)) return 0;
  if (tail.fields != nullptr && tail.fields->version != tail.version) return 0;
  known.process = tail.process;
  known.fields = tail.fields;
  known.fields_at = tail.fields_at;
  return at + tail.text.size();
}

void PrefixReader::learn_tail(std::string_view line, std::size_t label, const Known& known) {
  const std::size_t at = kSeconds + (time_escape_ == 'm' ? 4 : 0);
  if (label < at + kKey) return;
  tails_.resize(kTails);
  tails_[place_of(line.data() + at) % kTails] = {.text = std::string(line.substr(at, label - at)),
                                                 .process = known.process,
                                                 .fields = known.fields,
                                                 .fields_at = known.fields_at,
                                                 .version = known.fields != nullptr ? known.fields->version : 0,
                                                 .zone = zone_version_};
}

/// Where the label begins; 0 for a line that is not known.
std::size_t PrefixReader::read_parts(std::string_view line, Known& known) {
  if (!read_front(line, known)) return 0;
  known.fields = nullptr;
  if (!has_fields_) return known.fields_at;
  if (line.size() - known.fields_at < kKey) return 0;
  Fields& fields = fields_[place_of(line.data() + known.fields_at) % kFields];
  if (fields.text.empty() || !starts_with(line, known.fields_at, fields.text)) return 0;
  known.fields = &fields;
  if (!process_in_front_) known.process = fields.process;
  return known.fields_at + fields.text.size();
}

bool PrefixReader::read_known(std::string_view line, Known& known) {
  if (!fast_) return false;
  std::size_t at = has_tails_ ? read_tail(line, known) : 0;
  const bool has_tail = at != 0;
  if (!has_tail) at = read_parts(line, known);
  if (at == 0) return false;
  known.label = find_label(line.substr(at));
  if (known.label == nullptr) return false;
  known.length = at + known.label->word.size() + kLabelEnd.size();
  if (has_tails_ && !has_tail) learn_tail(line, at, known);
  return true;
}

PrefixMatch PrefixReader::match_of(std::string_view line, const Known& known) const {
  PrefixMatch match;
  match.time = {known.local, zone(), (time_escape_ == 'm' ? kSeconds + 4 : kSeconds) + zone_.size()};
  match.process = known.process;
  match.label = known.label->word;
  match.field = known.label->field;
  match.length = known.length;
  if (known.fields == nullptr) return match;
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    const auto [begin, size] = known.fields->places[i];
    if (size > 0) match.*kTexts[i] = line.substr(known.fields_at + begin, size);
  }
  match.identity = known.fields->identity;
  return match;
}

Client PrefixReader::client_of(std::string_view line, const Known& known) const { return match_of(line, known); }

bool PrefixReader::match(std::string_view line, PrefixMatch& match) {
  Known known;
  if (read_known(line, known)) {
    match = match_of(line, known);
    return true;
  }
  const auto found = pattern_.match(line);
  if (!found) return false;
  match = *found;
  if (fast_) learn(line, match);
  return true;
}

void PrefixReader::learn(std::string_view line, const PrefixMatch& match) {
  if (!match.time || match.epoch || match.time->length < kSeconds) return;
  learn_time(line, *match.time);
  Known front;
  if (has_fields_ && read_front(line, front)) learn_fields(line, front.fields_at, match);
}

/// Seconds of 60 stay with the pattern, and so do fractions of another length.
void PrefixReader::learn_time(std::string_view line, const LogTime& time) {
  const std::size_t zone = time.zone.empty() ? 0 : time.zone.size() + 1;
  minute_ = line.substr(0, kMinute);
  const auto its_zone = line.substr(time.length - zone, zone);
  if (zone_version_ == 0 || zone_ != its_zone) ++zone_version_;
  zone_ = its_zone;
  behind_time_ = zone_ + front_[0].literal;
  const auto scanned = scan_log_time(std::string(minute_) + "00");
  if (scanned) {
    minute_start_ = scanned->local;
  } else {
    minute_.clear();
  }
}

void PrefixReader::learn_fields(std::string_view line, std::size_t at, const PrefixMatch& match) {
  const std::size_t label = prefix_size(match);
  if (label <= at || line.size() - at < kKey) return;
  Fields& fields = fields_[place_of(line.data() + at) % kFields];
  fields = Fields();
  fields.version = ++versions_;
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    const auto text = match.*kTexts[i];
    if (text.empty()) continue;
    const auto begin = text.data() - (line.data() + at);
    if (begin < 0) return;  // a field of the front, which is not remembered
    fields.places[i] = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(text.size())};
  }
  fields.text = line.substr(at, label - at);
  fields.process = match.process;
  fields.tells_error = !match.sqlstate.empty() && match.sqlstate != "00000";
  fields.identity = client_identity(match.user, match.database, match.application, match.host);
}

}  // namespace assay
