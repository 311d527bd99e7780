#include "cli/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace assay {
namespace {

// Three significant digits, never in exponents: 0.0123, 1.23, 12.3, 123, 12,300.
std::string three_digits(double value) {
  const double magnitude = std::abs(value);
  if (!(magnitude < 1e15)) return fmt::format("{:.2e}", value);  // nothing real is so large
  if (magnitude >= 999.5) {
    const double step = std::pow(10, std::floor(std::log10(magnitude)) - 2);
    return (value < 0 ? "-" : "") +
           count_text(static_cast<std::uint64_t>(std::llround(std::round(magnitude / step) * step)));
  }
  if (magnitude >= 99.95) return fmt::format("{:.0f}", value);
  if (magnitude >= 9.995) return fmt::format("{:.1f}", value);
  if (magnitude >= 0.0995 || magnitude == 0) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3f}", value);
}

}  // namespace

std::string count_text(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, ",");
  return digits;
}

std::string milliseconds_text(double milliseconds) {
  const double seconds = milliseconds / 1e3;
  if (milliseconds < 999.5) return three_digits(milliseconds) + " ms";
  if (seconds < 99.95) return three_digits(seconds) + " s";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", count_text(static_cast<std::uint64_t>(whole / 3600)), whole % 3600 / 60);
}

std::string duration_text(Microseconds duration) {
  return milliseconds_text(static_cast<double>(duration.count()) / 1e3);
}

std::string share_text(double share) {
  const double percent = share * 100;
  if (percent != 0 && std::abs(percent) < 0.1) return percent > 0 ? "< 0.1 %" : "> -0.1 %";
  return fmt::format("{:.1f} %", percent);
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"bytes", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} bytes", bytes) : three_digits(value) + " " + kUnits[unit];
}

std::string cost_text(double cost) { return three_digits(cost); }

std::string rate_text(double per_second) { return three_digits(per_second) + "/s"; }

std::string plural(std::uint64_t count, const std::string& one, const std::string& many) {
  return count_text(count) + " " + (count == 1 ? one : many);
}

}  // namespace assay
