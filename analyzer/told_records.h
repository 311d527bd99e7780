// The records that inputs have told so far, as a multiset of their keys in bounded memory.
//
// Exact up to kMost distinct keys (32 MB). Beyond, only keys that a power of two divides are kept, and the others
// go with the last kept one before them: told or not told again is a matter of stretches, not of single records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace assay {

class ToldRecords {
 public:
  static constexpr std::size_t kMost = 1U << 20U;

  /// One record more, of the input that is being read.
  void add(std::uint64_t key);

  /// How often it was told; nothing where it is not kept.
  std::optional<std::uint64_t> count(std::uint64_t key) const;

  /// An input begins that may tell all of it again.
  void start_over(bool told);

  /// Whether this record of that input was told before; each is told again once.
  bool take(std::uint64_t key);

  /// One in so many keys is kept.
  std::uint64_t sampled_one_in() const { return modulus_; }
  bool is_empty() const { return used_ == 0; }
  void clear() { *this = ToldRecords(); }

 private:
  struct Slot {
    std::uint64_t key = 0;  ///< 0: free
    std::uint32_t count = 0, taken = 0;
  };

  bool is_kept(std::uint64_t key) const { return (key & (modulus_ - 1)) == 0; }
  std::size_t place_of(std::uint64_t key) const;
  void grow();

  std::vector<Slot> slots_;  ///< linear probing, at most half full, a power of two of them
  std::size_t used_ = 0;
  std::uint64_t modulus_ = 1;
  bool last_told_ = false;
};

}  // namespace assay
