// The skeleton of a statement: its text with every literal taken out, found faster than a lexer finds tokens.
//
// Two texts with one skeleton have one shape (shape.h): what stands between the literals is equal to the byte, and so
// are the kinds of the literals and whatever else of them a shape looks at (where the wildcards of a pattern stand, the
// number of a column behind BY). So a table from skeletons to shapes (shape_cache.h) saves the lexer's work for all
// texts but the first of each kind. The opposite does not hold: blanks, the case of keywords, comments and the length
// of IN lists make other skeletons of one shape, which costs an entry of the table each.
//
// A comment between the first and the last token is a part of it, byte for byte.
//
// What this leaves out: texts with escape strings or dollar quotes, and those over 64 kB. They have no skeleton and
// take the lexer's way; so does MySQL's dialect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace assay {

struct Skeleton {
  std::uint64_t text = 0;    ///< hash (XXH3) of all but the literals
  std::uint64_t values = 0;  ///< hash of the literals; 0 where there are none
  bool known = false;        ///< false: the text has no skeleton
};

/// Holds the scratch memory that a scan writes to, so one a thread.
class SkeletonScanner {
 public:
  SkeletonScanner();

  /// One pass, no allocation, for any bytes.
  Skeleton scan(std::string_view sql);

 private:
  std::unique_ptr<char[]> text_, values_;
};

}  // namespace assay
