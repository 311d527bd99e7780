#include "parser/log/prefix_reader.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "parser/base/scan.h"
#include "parser/log/identity.h"

namespace assay {
namespace {

constexpr std::size_t kMinute = 17;   // bytes of "2026-11-22 20:51:"
constexpr std::size_t kSeconds = 19;  // and two more
constexpr std::size_t kFields = 256;  // remembered texts; a power of two
constexpr std::size_t kKey = 16;      // bytes of a text by which it is looked for

std::size_t place_of(std::string_view text) { return XXH3_64bits(text.data(), kKey) & (kFields - 1); }

constexpr std::array<std::string_view PrefixMatch::*, 6> kTexts = {&PrefixMatch::session,  &PrefixMatch::user,
                                                                   &PrefixMatch::database, &PrefixMatch::application,
                                                                   &PrefixMatch::host,     &PrefixMatch::sqlstate};

/// Lets the views of `match` into `from` point to the same bytes in `to`.
void move_views(PrefixMatch& match, const char* from, const char* to) {
  for (const auto text : kTexts) {
    auto& view = match.*text;
    if (!view.empty()) view = {to + (view.data() - from), view.size()};
  }
}

}  // namespace

PrefixReader::PrefixReader(std::string_view pattern) : pattern_(pattern), fields_(kFields) {
  const auto& elements = pattern_.elements();
  if (elements.empty() || elements[0].width > 0) return;
  time_escape_ = elements[0].escape;
  if (time_escape_ != 'm' && time_escape_ != 't') return;
  std::size_t i = 1;
  for (; i < elements.size(); ++i) {
    const auto& [escape, literal, width] = elements[i];
    if (width > 0 || (escape != 0 && escape != 'p' && escape != 'l')) break;
    front_.push_back({escape, literal});
  }
  has_fields_ = i < elements.size();
  // A letter or a digit behind the zone would be taken for a part of it.
  const bool zone_ends = !front_.empty() && front_[0].escape == 0 && !front_[0].literal.empty() &&
                         std::string_view(" ,;|[(<-").find(front_[0].literal[0]) != std::string_view::npos;
  fast_ = zone_ends;
}

/// The time stamp, if it is of the minute and the zone of the last one.
bool PrefixReader::read_time(std::string_view line, LogTime& time) const {
  if (line.size() < kSeconds + 4 || minute_.empty()) return false;
  if (std::memcmp(line.data(), minute_.data(), kMinute) != 0 || !is_digit(line[17]) || !is_digit(line[18]))
    return false;
  const int seconds = (line[17] - '0') * 10 + (line[18] - '0');
  if (seconds > 59) return false;
  time.local = minute_start_ + std::chrono::seconds(seconds);
  time.length = kSeconds;
  if (time_escape_ == 'm') {
    if (line[19] != '.' || !is_digit(line[20]) || !is_digit(line[21]) || !is_digit(line[22])) return false;
    time.local += std::chrono::milliseconds((line[20] - '0') * 100 + (line[21] - '0') * 10 + (line[22] - '0'));
    time.length += 4;
  }
  if (line.substr(time.length, zone_.size()) != zone_) return false;
  if (!zone_.empty()) time.zone = line.substr(time.length + 1, zone_.size() - 1);
  time.length += zone_.size();
  return true;
}

bool PrefixReader::read_front(std::string_view line, Front& front) const {
  if (!read_time(line, front.time)) return false;
  std::size_t at = front.time.length;
  for (const auto& [escape, literal] : front_) {
    if (escape == 0) {
      if (line.size() - at < literal.size() || std::memcmp(line.data() + at, literal.data(), literal.size()) != 0)
        return false;
      at += literal.size();
      continue;
    }
    std::int64_t value = 0;
    const std::size_t begin = at;
    for (; at < line.size() && is_digit(line[at]) && at - begin < 18; ++at) value = value * 10 + (line[at] - '0');
    if (at == begin || at - begin == 18) return false;
    if (escape == 'p') front.process = value;
  }
  front.end = at;
  return true;
}

/// A line whose parts were all seen before.
bool PrefixReader::read_known(std::string_view line, PrefixMatch& match) const {
  Front front;
  if (!read_front(line, front)) return false;
  std::size_t at = front.end;
  const Fields* fields = nullptr;
  if (has_fields_) {
    const auto rest = line.substr(at);
    if (rest.size() < kKey) return false;
    fields = &fields_[place_of(rest)];
    if (fields->text.empty() || !rest.starts_with(fields->text)) return false;
    at += fields->text.size();
  }
  const Label* label = find_label(line.substr(at));
  if (label == nullptr) return false;
  match = fields != nullptr ? fields->match : PrefixMatch();
  if (fields != nullptr) move_views(match, fields->text.data(), line.data() + front.end);
  match.time = front.time;
  if (front.process) match.process = *front.process;
  match.label = label->word;
  match.field = label->field;
  match.length = at + label->word.size() + kLabelEnd.size();
  return true;
}

bool PrefixReader::match(std::string_view line, PrefixMatch& match) {
  if (fast_ && read_known(line, match)) return true;
  const auto found = pattern_.match(line);
  if (!found) return false;
  match = *found;
  if (fast_) learn(line, match);
  return true;
}

void PrefixReader::learn(std::string_view line, const PrefixMatch& match) {
  if (!match.time || match.epoch || match.time->length < kSeconds) return;
  learn_time(line, *match.time);
  Front front;
  if (has_fields_ && read_front(line, front)) learn_fields(line, front.end, match);
}

/// Seconds of 60 stay with the pattern, and so do fractions of another length.
void PrefixReader::learn_time(std::string_view line, const LogTime& time) {
  const std::size_t zone = time.zone.empty() ? 0 : time.zone.size() + 1;
  minute_ = line.substr(0, kMinute);
  zone_ = line.substr(time.length - zone, zone);
  const auto scanned = scan_log_time(std::string(minute_) + "00");
  if (scanned) {
    minute_start_ = scanned->local;
  } else {
    minute_.clear();
  }
}

void PrefixReader::learn_fields(std::string_view line, std::size_t at, const PrefixMatch& match) {
  const std::size_t label = match.length - match.label.size() - kLabelEnd.size();
  if (label <= at || line.size() - at < kKey) return;
  Fields& fields = fields_[place_of(line.substr(at))];
  fields.text = line.substr(at, label - at);
  fields.match = match;
  const char* const begin = line.data() + at;
  for (const auto text : kTexts) {
    if (!(match.*text).empty() && (match.*text).data() < begin) {
      fields.text.clear();  // a field of the front, which is not remembered
      return;
    }
  }
  move_views(fields.match, begin, fields.text.data());
  fields.match.identity = client_identity(match.user, match.database, match.application, match.host);
}

}  // namespace assay
