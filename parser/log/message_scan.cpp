#include "parser/log/message_scan.h"

#include "parser/base/scan.h"

namespace assay {
namespace {}  // namespace

std::optional<std::uint64_t> MessageScan::number() {
  constexpr std::size_t kMostDigits = 18;
  std::uint64_t value = 0;
  std::size_t digits = 0;
  while (digits < rest_.size() && is_digit(rest_[digits])) {
    if (digits == kMostDigits) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(rest_[digits++] - '0');
  }
  if (digits == 0) return std::nullopt;
  rest_.remove_prefix(digits);
  return value;
}

std::optional<Microseconds> MessageScan::time(Microseconds unit) {
  constexpr std::uint64_t kMost = 1'000'000'000'000;  // 31,000 years of seconds: within 64 bits in microseconds
  const auto whole = number();
  if (!whole || *whole > kMost) return std::nullopt;
  auto value = static_cast<std::int64_t>(*whole) * unit.count();
  if (!take(".")) return Microseconds(value);
  std::size_t digits = 0;
  for (auto place = unit.count() / 10; digits < rest_.size() && is_digit(rest_[digits]); ++digits, place /= 10) {
    value += (rest_[digits] - '0') * place;
  }
  rest_.remove_prefix(digits);
  return Microseconds(value);
}

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view mark) {
  MessageScan scan(text);
  return scan.until(mark) ? scan.number() : std::nullopt;
}

std::optional<Microseconds> seconds_after(std::string_view text, std::string_view mark) {
  MessageScan scan(text);
  return scan.until(mark) ? scan.time(kOneSecond) : std::nullopt;
}

}  // namespace assay
