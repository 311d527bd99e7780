// HugePageAllocator: memory for tables of megabytes that are written from front to back, in pages of 2 MB where the
// system gives such. Each page that is touched first costs a fault, and of small ones a table of a gigabyte has
// 262,144.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace assay {

template <typename T>
struct HugePageAllocator {
  using value_type = T;

  HugePageAllocator() = default;
  template <typename U>
  explicit HugePageAllocator(const HugePageAllocator<U>&) {}

  /// Mapped, so that what is given back leaves the process. Throws std::bad_alloc.
  T* allocate(std::size_t count) {
    void* const memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    madvise(memory, count * sizeof(T), MADV_HUGEPAGE);  // a wish: without it pages are small
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) { munmap(memory, count * sizeof(T)); }

  bool operator==(const HugePageAllocator&) const { return true; }
};

}  // namespace assay
