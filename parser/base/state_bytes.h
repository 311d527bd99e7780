// State that outlives the process, as bytes: numbers and texts behind each other, read back in the same order.
//
// What is read back may have been cut off or changed, so a reader checks every length; it never reads behind the end.
// Leaves out: names, types and versions; who writes a state puts a version in front.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "parser/base/error.h"

namespace assay {

class StateWriter {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>(value | 0x80U);
    bytes_ += static_cast<char>(value);
  }
  /// Small ones, of either sign, take few bytes.
  void integer(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void real(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    number(__builtin_bswap64(bits));  // what is round ends with zeros, which then take no bytes
  }
  void flag(bool value) { number(value ? 1 : 0); }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}

  /// All throw Error where the state ends before its time.
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) fail();
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    fail();
  }
  std::int64_t integer() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
  }
  double real() {
    const std::uint64_t bits = __builtin_bswap64(number());
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  bool flag() { return number() != 0; }
  std::string text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) fail();
    std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
  }
  /// How many elements follow, of at least one byte each.
  std::size_t count() {
    const std::uint64_t value = number();
    if (value > rest_.size()) fail();
    return static_cast<std::size_t>(value);
  }

  bool is_at_end() const { return rest_.empty(); }

 private:
  [[noreturn]] static void fail() { throw Error("the saved state is damaged", "remove the state file to begin anew"); }

  std::string_view rest_;
};

}  // namespace assay
