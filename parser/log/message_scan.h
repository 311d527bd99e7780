// A cursor over the server's own words, for the files that take its messages apart. Nothing is copied.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/base/time.h"

namespace assay {

class MessageScan {
 public:
  explicit MessageScan(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }

  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  /// Goes behind the next `mark`; the text before it, or nothing where there is none.
  std::optional<std::string_view> until(std::string_view mark) {
    const auto found = rest_.find(mark);
    if (found == std::string_view::npos) return std::nullopt;
    const auto before = rest_.substr(0, found);
    rest_.remove_prefix(found + mark.size());
    return before;
  }

  /// Up to 18 digits.
  std::optional<std::uint64_t> number();

  /// "1000.123" of a unit of so many microseconds, exact to the microsecond.
  std::optional<Microseconds> time(Microseconds unit);

 private:
  std::string_view rest_;
};

inline constexpr Microseconds kOneMillisecond{1000};
inline constexpr Microseconds kOneSecond{1'000'000};

/// The number behind the first `mark`; nothing where there is none.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view mark);

/// The time in seconds behind the first `mark`; nothing where there is none.
std::optional<Microseconds> seconds_after(std::string_view text, std::string_view mark);

inline std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace assay
