#include "parser/sql/shape_cache.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr std::size_t kSlots = 1U << 14U;  // a power of two; 256 kB

constexpr std::size_t kTexts = 1U << 10U;
constexpr std::size_t kLongestText = 3000;

/// Where a text is looked for: what tells statements apart most cheaply is where they end.
std::size_t place_of(std::string_view sql) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio (Knuth, vol. 3, 6.4)
  std::uint64_t end = 0, middle = 0;
  if (sql.size() >= 2 * sizeof end) {
    std::memcpy(&end, sql.data() + sql.size() - sizeof end, sizeof end);
    std::memcpy(&middle, sql.data() + sql.size() / 2, sizeof middle);
  }
  return ((end ^ (middle * 31) ^ sql.size()) * kMultiplier) >> 54U;
}
static_assert(kTexts == std::size_t{1} << (64 - 54));

}  // namespace

ShapeCache::ShapeCache() : slots_(kSlots), texts_(kTexts) {}

ShapeAndValues ShapeCache::of(std::string_view sql) {
  Text& text = texts_[place_of(sql)];
  if (text.result.shape != 0 && text.sql == sql) return text.result;
  const Skeleton skeleton = scanner_.scan(sql);
  if (!skeleton.known) return {shape_hash(sql), XXH3_64bits(sql.data(), sql.size()), false};
  Slot& slot = slots_[skeleton.text & (kSlots - 1)];
  if (slot.skeleton != skeleton.text || slot.shape == 0) slot = {skeleton.text, shape_hash(sql)};
  if (skeleton.values == 0 && sql.size() <= kLongestText) {
    text.sql = sql;
    text.result = {slot.shape, 0};
  }
  return {slot.shape, skeleton.values};
}

}  // namespace assay
