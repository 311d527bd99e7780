#include "parser/sql/shape_cache.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr std::size_t kSlots = 1U << 14U;  // a power of two; 256 kB

}  // namespace

ShapeCache::ShapeCache() : slots_(kSlots) {}

ShapeAndValues ShapeCache::of(std::string_view sql) {
  const Skeleton skeleton = scanner_.scan(sql);
  if (!skeleton.known) return {shape_hash(sql), XXH3_64bits(sql.data(), sql.size())};
  Slot& slot = slots_[skeleton.text & (kSlots - 1)];
  if (slot.skeleton != skeleton.text || slot.shape == 0) slot = {skeleton.text, shape_hash(sql)};
  return {slot.shape, skeleton.values};
}

}  // namespace assay
