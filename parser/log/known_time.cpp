#include "parser/log/known_time.h"

#include <cstring>

#include "parser/base/scan.h"

namespace assay {
namespace {

constexpr std::size_t kMinute = 17;   // bytes of "2026-11-22 20:51:"
constexpr std::size_t kZone = 23;     // and of "55.020"
constexpr std::size_t kMostZone = 9;  // " +05:30:00"

}  // namespace

std::size_t KnownTime::read(std::string_view text, ZonedTime& time) const {
  if (text.size() < kZone + zone_.size() || minute_.empty()) return 0;
  const char* const at = text.data();
  const auto digit = [&](std::size_t i) { return at[i] - '0'; };
  if (std::memcmp(at, minute_.data(), kMinute) != 0 || at[19] != '.') return 0;
  for (const std::size_t i : {17, 18, 20, 21, 22}) {
    if (!is_digit(at[i])) return 0;
  }
  const int seconds = digit(17) * 10 + digit(18);
  if (seconds > 59 || std::memcmp(at + kZone, zone_.data(), zone_.size()) != 0) return 0;
  const int milliseconds = digit(20) * 100 + digit(21) * 10 + digit(22);
  time = {start_ + std::chrono::milliseconds(seconds * 1000 + milliseconds), offset_};
  return kZone + zone_.size();
}

void KnownTime::learn(std::string_view text, const LogTime& time, UtcOffset offset) {
  if (time.length <= kZone || time.length > kZone + kMostZone || text[kZone] != ' ') return;
  const auto minute = scan_log_time(std::string(text.substr(0, kMinute)) + "00");
  if (!minute) return;
  minute_ = text.substr(0, kMinute);
  zone_ = text.substr(kZone, time.length - kZone);
  start_ = minute->local - offset;
  offset_ = offset;
}

}  // namespace assay
