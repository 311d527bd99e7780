#include "parser/log/json_fields.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "parser/log/json_text.h"

namespace assay {
namespace {

bool read_process(std::string_view digits, LogEntry& entry) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), entry.process);
  return error == std::errc() && end == digits.data() + digits.size();
}

bool read_time(std::string_view text, ZoneClock& clock, LogEntry& entry) {
  const auto time = scan_log_time(text);
  if (time) entry.time = clock.resolve(*time);
  return time.has_value();
}

}  // namespace

bool read_json_fields(std::string_view object, const JsonFields& fields, ZoneClock& clock, LogEntry& entry) {
  constexpr std::size_t kMost = 24;  // more than any format has fields; further ones repeat a key
  std::array<std::string_view LogEntry::*, kMost> escaped{};
  std::size_t escapes = 0;
  JsonObject members(object);
  while (const auto member = members.next()) {
    if (member->key == fields.process && !member->value.empty() && !read_process(member->value, entry)) return false;
    if (member->key == fields.time && !read_time(member->value, clock, entry)) return false;
    if (!member->is_string) continue;
    const auto field = std::find_if(fields.texts.begin(), fields.texts.end(),
                                    [&](const JsonField& candidate) { return candidate.key == member->key; });
    if (field == fields.texts.end()) continue;
    if (member->escaped && escapes == escaped.size()) return false;
    entry.*field->member = member->value;
    if (member->escaped) escaped[escapes++] = field->member;
  }
  if (!members.well_formed()) return false;
  for (std::size_t i = 0; i < escapes; ++i) {
    // A key that comes twice must not be unescaped twice.
    if (std::find(escaped.begin(), escaped.begin() + static_cast<std::ptrdiff_t>(i), escaped[i]) !=
        escaped.begin() + static_cast<std::ptrdiff_t>(i))
      continue;
    const auto text = unescape_json_in_place(entry.*escaped[i]);
    if (!text) return false;
    entry.*escaped[i] = *text;
  }
  return true;
}

}  // namespace assay
