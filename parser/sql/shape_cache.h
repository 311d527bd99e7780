// Shapes of many statements, most of which differ from an earlier one in their literals alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parser/sql/skeleton.h"

namespace assay {

struct ShapeAndValues {
  std::uint64_t shape = 0;   ///< shape_hash() of the text
  std::uint64_t values = 0;  ///< hash of the text's literals; of the whole text where it has no skeleton
  bool has_skeleton = true;
};

/// Gives what shape_hash() gives, and remembers it in tables of fixed size: texts without literals, which prepared
/// statements repeat, as they are (3,000 bytes each at the most), all by skeleton. One a thread.
class ShapeCache {
 public:
  ShapeCache();

  ShapeAndValues of(std::string_view sql);

 private:
  struct Slot {
    std::uint64_t skeleton = 0, shape = 0;
  };
  struct Text {
    std::string sql;
    ShapeAndValues result;
  };
  // In either table a newcomer replaces who was there.
  std::vector<Slot> slots_;  // by the low bits of the skeleton
  std::vector<Text> texts_;  // by length and ends
  SkeletonScanner scanner_;
};

}  // namespace assay
