#include "connectors/extended_statistics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace assay {
namespace {

constexpr std::uint32_t kDistinctMagic = 0xA352BFA4, kDependenciesMagic = 0xB4549A2C, kMcvMagic = 0xE1A651C2;
constexpr std::uint32_t kBasic = 1;                // STATS_*_TYPE_BASIC
constexpr int kMostDimensions = 8;                 // STATS_MAX_DIMENSIONS
constexpr std::uint32_t kMostItems = 10000;        // STATS_MCVLIST_MAX_ITEMS
constexpr std::uint32_t kMostCombinations = 4096;  // more than 8 columns have, as sets or as dependencies

/// Numbers from the front of bytes; `good` turns false, for good, where they end too early.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  template <typename Number>
  Number next() {
    Number number{};
    const std::string_view part = take(sizeof number);
    if (good_) std::memcpy(&number, part.data(), sizeof number);
    return number;
  }
  std::string_view take(std::size_t size) {
    good_ = good_ && size <= bytes_.size();
    if (!good_) return {};
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }
  bool good() const { return good_; }
  bool at_end() const { return good_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

template <typename Number>
void put(std::string& bytes, Number number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

bool is_share(double value) { return std::isfinite(value) && value >= 0 && value <= 1; }

/// An attribute's number, or an expression's below zero.
bool is_attribute(std::int16_t number) { return number != 0 && number >= -kMostDimensions && number <= 1600; }

struct Head {
  std::uint32_t magic, type, items;
};

Head head_of(Bytes& bytes) {
  const auto magic = bytes.next<std::uint32_t>(), type = bytes.next<std::uint32_t>();
  return {magic, type, bytes.next<std::uint32_t>()};
}

bool are_attributes(Bytes& bytes, int count) {
  if (count < 2 || count > kMostDimensions) return false;
  bool sound = true;
  for (int i = 0; i < count; ++i) sound = is_attribute(bytes.next<std::int16_t>()) && sound;
  return sound && bytes.good();
}

/// One column of an MCV list: DimensionInfo.
struct Dimension {
  std::int32_t values, bytes, aligned_bytes, length;
  std::uint32_t by_value;  ///< a bool and three bytes that mean nothing
};

std::size_t aligned(std::size_t size) { return (size + 7) / 8 * 8; }

constexpr std::array<std::uint32_t, 5> kVaryingTypes{17, 25, 1042, 1043,
                                                     1700};  // bytea, text, bpchar, varchar, numeric
constexpr std::array<std::uint32_t, 17> kFixedTypes{16,  18,   20,   21,   23,   26,   700,  701, 790,
                                                    829, 1082, 1083, 1114, 1184, 1186, 1266, 2950};
constexpr std::uint32_t kNumeric = 1700;

bool contains(const auto& types, std::uint32_t type) {
  return type != 0 && std::find(types.begin(), types.end(), type) != types.end();
}

/// The distinct values of one dimension, which the server copies into room of `aligned_bytes`.
bool are_values(Bytes& bytes, const Dimension& dimension, const StatisticsColumn& column) {
  const auto count = static_cast<std::size_t>(dimension.values);
  const auto length = static_cast<std::size_t>(column.length);
  std::size_t size = 0, room = 0;
  if (column.length > 0) {
    size = count * length;
    room = column.by_value ? 0 : count * aligned(length);
    bytes.take(size);
  } else {
    for (std::size_t i = 0; i < count && bytes.good(); ++i) {
      const auto part = bytes.next<std::uint32_t>();
      if (part > (1U << 24) || (column.type == kNumeric && part < 2)) return false;
      bytes.take(part);
      size += sizeof part + part;
      room += aligned(4 + part);
    }
  }
  return bytes.good() && static_cast<std::size_t>(dimension.bytes) == size &&
         static_cast<std::size_t>(dimension.aligned_bytes) == room;
}

bool is_item(Bytes& bytes, const std::vector<Dimension>& dimensions) {
  std::array<bool, kMostDimensions> is_null{};
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const auto flag = bytes.next<std::uint8_t>();
    if (flag > 1) return false;
    is_null[i] = flag == 1;
  }
  if (!is_share(bytes.next<double>()) || !is_share(bytes.next<double>())) return false;
  bool sound = true;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const auto index = bytes.next<std::uint16_t>();
    sound = sound && (is_null[i] || index < dimensions[i].values);
  }
  return sound && bytes.good();
}

bool fits(const Dimension& dimension, const StatisticsColumn& column, std::uint32_t type, std::uint32_t items) {
  const bool known = column.length > 0 ? contains(kFixedTypes, type) : contains(kVaryingTypes, type);
  return known && type == column.type && dimension.length == column.length &&
         (dimension.by_value & 0xFF) == (column.by_value ? 1U : 0U) && dimension.values >= 0 &&
         dimension.values <= static_cast<std::int32_t>(items) && dimension.bytes >= 0 && dimension.aligned_bytes >= 0;
}

/// The attribute numbers up to `end`, which is then taken too: "1, -2".
std::vector<std::int16_t> numbers_until(std::string_view& text, std::string_view end) {
  std::vector<std::int16_t> numbers;
  while (true) {
    std::int16_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return {};
    numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    if (text.starts_with(end)) {
      text.remove_prefix(end.size());
      return numbers;
    }
    if (!text.starts_with(", ")) return {};
    text.remove_prefix(2);
  }
}

/// '{"KEY": NUMBER, …}': `add_key` takes a key with its closing '": '.
template <typename AddKey>
std::optional<std::string> from_text(std::string_view text, std::uint32_t magic, AddKey key_of) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string items;
  std::uint32_t count = 0;
  while (!text.empty()) {
    if (count++ > 0) {
      if (!text.starts_with(", ")) return std::nullopt;
      text.remove_prefix(2);
    }
    if (!text.starts_with('"')) return std::nullopt;
    text.remove_prefix(1);
    const std::string key = key_of(text);
    double number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (key.empty() || error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    put(items, number);
    items += key;
  }
  if (count == 0) return std::nullopt;
  std::string bytes;
  for (const std::uint32_t number : {magic, kBasic, count}) put(bytes, number);
  return bytes + items;
}

}  // namespace

std::optional<std::string> distinct_from_text(std::string_view text) {
  auto bytes = from_text(text, kDistinctMagic, [](std::string_view& rest) {
    std::string key;
    const std::vector<std::int16_t> columns = numbers_until(rest, "\": ");
    if (!columns.empty()) put(key, static_cast<std::int32_t>(columns.size()));
    for (const std::int16_t column : columns) put(key, column);
    return key;
  });
  return bytes && is_sound_distinct(*bytes) ? bytes : std::nullopt;
}

std::optional<std::string> dependencies_from_text(std::string_view text) {
  auto bytes = from_text(text, kDependenciesMagic, [](std::string_view& rest) {
    std::string key;
    std::vector<std::int16_t> columns = numbers_until(rest, " => ");
    const std::vector<std::int16_t> dependent = numbers_until(rest, "\": ");
    if (columns.empty() || dependent.size() != 1) return key;
    columns.push_back(dependent[0]);
    put(key, static_cast<std::int16_t>(columns.size()));
    for (const std::int16_t column : columns) put(key, column);
    return key;
  });
  return bytes && is_sound_dependencies(*bytes) ? bytes : std::nullopt;
}

bool is_sound_distinct(std::string_view text) {
  Bytes bytes(text);
  const Head head = head_of(bytes);
  if (head.magic != kDistinctMagic || head.type != kBasic || head.items == 0 || head.items > kMostCombinations) {
    return false;
  }
  for (std::uint32_t i = 0; i < head.items; ++i) {
    const auto distinct = bytes.next<double>();
    if (!std::isfinite(distinct) || distinct < 0 || !are_attributes(bytes, bytes.next<std::int32_t>())) return false;
  }
  return bytes.at_end();
}

bool is_sound_dependencies(std::string_view text) {
  Bytes bytes(text);
  const Head head = head_of(bytes);
  if (head.magic != kDependenciesMagic || head.type != kBasic || head.items == 0 || head.items > kMostCombinations) {
    return false;
  }
  for (std::uint32_t i = 0; i < head.items; ++i) {
    if (!is_share(bytes.next<double>()) || !are_attributes(bytes, bytes.next<std::int16_t>())) return false;
  }
  return bytes.at_end();
}

bool is_sound_mcv_list(std::string_view text, const std::vector<StatisticsColumn>& columns) {
  Bytes bytes(text);
  const Head head = head_of(bytes);
  const auto count = bytes.next<std::int16_t>();
  if (head.magic != kMcvMagic || head.type != kBasic || head.items == 0 || head.items > kMostItems || count < 2 ||
      count > kMostDimensions || static_cast<std::size_t>(count) != columns.size()) {
    return false;
  }
  std::vector<std::uint32_t> types(columns.size());
  for (std::uint32_t& type : types) type = bytes.next<std::uint32_t>();
  std::vector<Dimension> dimensions;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    dimensions.push_back(bytes.next<Dimension>());
    if (!fits(dimensions[i], columns[i], types[i], head.items)) return false;
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!are_values(bytes, dimensions[i], columns[i])) return false;
  }
  for (std::uint32_t i = 0; i < head.items; ++i) {
    if (!is_item(bytes, dimensions)) return false;
  }
  return bytes.at_end();
}

/// Items are a double, a count of the width of `Count`, and as many numbers.
template <typename Count>
std::optional<std::string> renumbered(std::string bytes, const std::map<int, int>& numbers) {
  std::size_t at = 12 + sizeof(double);
  while (at < bytes.size()) {
    Count count = 0;
    std::memcpy(&count, bytes.data() + at, sizeof count);
    at += sizeof count;
    for (Count i = 0; i < count; ++i, at += sizeof(std::int16_t)) {
      std::int16_t number = 0;
      std::memcpy(&number, bytes.data() + at, sizeof number);
      if (number < 0) continue;  // an expression
      const auto found = numbers.find(number);
      if (found == numbers.end()) return std::nullopt;
      number = static_cast<std::int16_t>(found->second);
      std::memcpy(bytes.data() + at, &number, sizeof number);
    }
    at += sizeof(double);
  }
  return bytes;
}

std::optional<std::string> renumbered_distinct(std::string bytes, const std::map<int, int>& numbers) {
  return is_sound_distinct(bytes) ? renumbered<std::int32_t>(std::move(bytes), numbers) : std::nullopt;
}

std::optional<std::string> renumbered_dependencies(std::string bytes, const std::map<int, int>& numbers) {
  return is_sound_dependencies(bytes) ? renumbered<std::int16_t>(std::move(bytes), numbers) : std::nullopt;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    digits += {kDigits[byte / 16], kDigits[byte % 16]};
  }
  return digits;
}

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned char byte = 0;
    const char* end = digits.data() + i + 2;
    if (std::from_chars(digits.data() + i, end, byte, 16).ptr != end) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace assay
