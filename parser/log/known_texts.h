// KnownTexts: the statements that a log repeats, as its file writes them.
//
// A statement without literals, which is how prepared ones are logged, stands in a log thousands of times, with the
// format's own tabs or escapes in it. Comparing it with what was read before is the least that can be done for it: then
// its end, its text without the escapes, and its shape are known, and no byte of it is looked at twice. What is
// remembered stays where it is as long as the table lives, so that entries may point to it, and equal pointers mean
// equal texts.
//
// What is left out: texts with literals, of which nearly each is new, and what comes when the table is full. They are
// read as if there were no table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "parser/base/scan.h"
#include "parser/sql/shape_cache.h"

namespace assay {

struct KnownText {
  std::string written;  ///< as it stands in the file
  std::string sql;      ///< what it means
  ShapeAndValues told;
  std::uint64_t lines = 1;  ///< that it fills in the file
};

std::uint64_t hash_of(std::string_view text);

/// `Format` tells how a text ends: kEndByte is the byte behind it, and ends(rest) whether the text does end where such
/// a byte stands at the front of `rest`; a place within a text may look like one, as long as it always does.
template <typename Format>
class KnownTexts {
 public:
  static constexpr std::size_t kLongest = 3000;         ///< bytes of one text
  static constexpr std::size_t kMostBytes = 4U << 20U;  ///< of all

  /// The text that `ahead` begins with, and that ends there; nullptr where it is not known.
  const KnownText* find(std::string_view ahead) const {
    if (places_.empty()) return nullptr;
    for (const Slot* slot = places_[place_of(ahead)]; slot != nullptr; slot = slot->next) {
      const std::string& text = slot->text.written;
      if (ahead.starts_with(text) && Format::ends(ahead.substr(text.size()))) return &slot->text;
    }
    return nullptr;
  }

  /// Remembers the text of `size` bytes that `ahead` begins with, if it has no literals.
  void learn(std::string_view ahead, std::size_t size, std::string_view sql, const ShapeAndValues& told) {
    const bool is_worth_it = told.values == 0 || !told.has_skeleton;  // either may well come again
    if (told.shape == 0 || !is_worth_it || size > kLongest || bytes_ + 2 * size > kMostBytes) return;
    if (!Format::ends(ahead.substr(size))) return;
    places_.resize(kPlaces);
    Slot*& place = places_[place_of(ahead)];
    const unsigned alike = place == nullptr ? 1 : place->alike + 1;
    if (alike > kMostAlike) return;
    const std::string_view written = ahead.substr(0, size);
    const auto newlines = static_cast<std::uint64_t>(std::count(written.begin(), written.end(), '\n'));
    slots_.push_back({{std::string(written), std::string(sql), told, newlines + 1}, place, alike});
    place = &slots_.back();
    bytes_ += size + sql.size();
  }

  /// Keeps such a text, whose reader may overwrite it, for …
  void note(std::string_view ahead, std::size_t size) {
    noted_.clear();
    if (size <= kLongest) noted_ = ahead.substr(0, size + kTextEnd);
    noted_size_ = size;
  }

  /// … when it is told what it means. Nothing happens where none was noted.
  void learn_noted(std::string_view sql, const ShapeAndValues& told) {
    if (!noted_.empty()) learn(noted_, noted_size_, sql, told);
    noted_.clear();
  }

  void forget_noted() { noted_.clear(); }

 private:
  static constexpr std::size_t kPlaces = 1U << 12U;
  static constexpr unsigned kMostAlike = 16;  // texts at one place
  static constexpr std::size_t kTextEnd = 2;  // bytes that Format::ends() looks at

  struct Slot {
    KnownText text;
    const Slot* next = nullptr;
    unsigned alike = 1;  // from here on
  };

  /// By the beginning of the text, as far as it surely reaches.
  static std::size_t place_of(std::string_view ahead) {
    constexpr std::size_t kKey = 64;
    const auto front = ahead.substr(0, kKey);
    std::size_t size = find_any<Format::kEndByte>(front, 0);
    while (size < front.size() && !Format::ends(ahead.substr(size))) size = find_any<Format::kEndByte>(front, size + 1);
    return hash_of(front.substr(0, size)) % kPlaces;
  }

  std::vector<Slot*> places_;  // empty before the first is learned
  std::deque<Slot> slots_;
  std::size_t bytes_ = 0;
  std::string noted_;  // and what stands behind it
  std::size_t noted_size_ = 0;
};

}  // namespace assay
