// Numbers and texts in bytes, and back: LEB128, signed numbers by zigzag. Whoever reads bytes that are damaged gets an
// exception, and never a byte beyond the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

/// Why a saved workload cannot be read.
struct SavedDamage {
  std::string what;
};

class SavedBytesWriter {
 public:
  void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) byte(static_cast<std::uint8_t>(value | 0x80U));
    byte(static_cast<std::uint8_t>(value));
  }
  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
  }
  /// Eight bytes, for what is as good as random.
  void word(std::uint64_t value) {
    for (unsigned i = 0; i < 8; ++i) byte(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void text(std::string_view text) {
    number(text.size());
    bytes_ += text;
  }

  std::size_t size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

class SavedBytesReader {
 public:
  explicit SavedBytesReader(std::string_view bytes = {}) : rest_(bytes) {}

  bool is_at_end() const { return rest_.empty(); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t part = byte();
      value |= (part & 0x7FU) << shift;
      if (part < 0x80) return value;
    }
    throw SavedDamage{"a number is too long"};
  }
  std::uint64_t number(std::uint64_t most) {
    const std::uint64_t value = number();
    if (value > most) throw SavedDamage{"a number is out of range"};
    return value;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1));
  }
  std::int64_t signed_number(std::int64_t least, std::int64_t most) {
    const std::int64_t value = signed_number();
    if (value < least || value > most) throw SavedDamage{"a number is out of range"};
    return value;
  }
  std::uint64_t word() {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{byte()} << (8 * i);
    return value;
  }
  std::string_view text() { return take(number()); }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) throw SavedDamage{"a column ends too early"};
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
};

}  // namespace assay
