#include "connectors/shadow_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPageSize = 8192;
constexpr std::int64_t kSegmentPages = 131072;  // RELSEG_SIZE: 1 GB

class File {
 public:
  File(const fs::path& path, int flags)
      : path_(path), descriptor_(open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) fail("open");
  }
  ~File() { close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void set_pages(std::int64_t pages) {
    if (ftruncate(descriptor_, pages * static_cast<std::int64_t>(kPageSize)) != 0) fail("resize");
  }
  void give_to(const Account& owner) {
    if (fchown(descriptor_, owner.user, owner.group) != 0) fail("change the owner of");
  }
  template <typename Bytes>
  void write_at(const Bytes& bytes, std::size_t offset) {
    if (pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)) !=
        static_cast<ssize_t>(bytes.size())) {
      fail("write");
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error("cannot " + what + " " + path_.string() + ": " + std::strerror(errno),
                "TMPDIR must name a folder whose file system allows large, sparse files");
  }

  fs::path path_;
  int descriptor_;
};

using Page = std::array<char, kPageSize>;

template <typename Number>
void put(Page& page, std::size_t offset, Number value) {
  std::memcpy(page.data() + offset, &value, sizeof value);
}

constexpr std::uint16_t kHeaderSize = 24;
constexpr std::uint16_t kSpecial = 8176;                  ///< where a B-tree page's opaque area starts, 16 bytes
constexpr std::uint16_t kLeaf = 1, kRoot = 2, kMeta = 8;  // BTP_LEAF, BTP_ROOT, BTP_META

/// PageInit and _bt_pageinit: no tuples, no siblings.
Page empty_page(std::uint32_t level, std::uint16_t flags) {
  Page page{};
  put<std::uint16_t>(page, 12, kHeaderSize);    // pd_lower
  put<std::uint16_t>(page, 14, kSpecial);       // pd_upper
  put<std::uint16_t>(page, 16, kSpecial);       // pd_special
  put<std::uint16_t>(page, 18, kPageSize | 4);  // pd_pagesize_version
  put(page, kSpecial + 8, level);
  put(page, kSpecial + 12, flags);
  return page;
}

/// _bt_initmetapage: the root is page 1.
Page metapage(std::uint32_t height) {
  Page page = empty_page(0, kMeta);
  const std::array<std::uint32_t, 6> meta{0x053162, 4, 1, height, 1, height};  // magic, version, (fast) root and level
  std::memcpy(page.data() + kHeaderSize, meta.data(), sizeof meta);
  put(page, 56, -1.0);     // btm_last_cleanup_num_heap_tuples
  put<char>(page, 64, 1);  // btm_allequalimage
  put<std::uint16_t>(page, 12, kHeaderSize + 48);
  return page;
}

/// ItemIdData: offset, LP_NORMAL, length.
std::uint32_t line_pointer(std::uint32_t offset, std::uint32_t length) { return offset | 1U << 15 | length << 17; }

/// Tuples from the end of the page on, line pointers from its beginning.
Page leaf_page(std::uint16_t flags, const std::vector<std::string>& tuples) {
  Page page = empty_page(0, flags);
  std::uint16_t lower = kHeaderSize, upper = kSpecial;
  for (const std::string& tuple : tuples) {
    const auto size = static_cast<std::uint16_t>(tuple.size());
    upper = static_cast<std::uint16_t>(upper - size);
    std::memcpy(page.data() + upper, tuple.data(), size);
    put(page, lower, line_pointer(upper, size));
    lower = static_cast<std::uint16_t>(lower + 4);
  }
  put(page, 12, lower);
  put(page, 14, upper);
  return page;
}

/// An inner page with one downlink: the key "minus infinity", which is a tuple without attributes.
Page inner_page(std::uint32_t level, std::uint32_t child, std::uint16_t flags) {
  constexpr std::uint16_t kTuple = kSpecial - 8;
  constexpr std::uint16_t kAltTid = 0x2000;  // INDEX_ALT_TID_MASK: the offset holds the number of attributes, 0
  Page page = empty_page(level, flags);
  put<std::uint16_t>(page, 12, kHeaderSize + 4);
  put<std::uint16_t>(page, 14, kTuple);
  put(page, kHeaderSize, line_pointer(kTuple, 8));
  put<std::uint16_t>(page, kTuple, static_cast<std::uint16_t>(child >> 16));
  put<std::uint16_t>(page, kTuple + 2, static_cast<std::uint16_t>(child & 0xFFFF));
  put<std::uint16_t>(page, kTuple + 4, 0);
  put<std::uint16_t>(page, kTuple + 6, kAltTid | 8);
  return page;
}

fs::path segment(const fs::path& file, std::int64_t number) {
  return number == 0 ? file : fs::path(file.string() + "." + std::to_string(number));
}

}  // namespace

void set_length(const fs::path& file, std::int64_t pages, const std::optional<Account>& owner) {
  pages = std::clamp<std::int64_t>(pages, 0, kMostPages);
  for (std::int64_t number = 0; number == 0 || pages > 0; ++number) {
    File part(segment(file, number), O_WRONLY | O_CREAT);
    part.set_pages(std::min(pages, kSegmentPages));
    if (owner && number > 0) part.give_to(*owner);
    pages -= std::min(pages, kSegmentPages);
  }
}

void truncate_first_segment(const fs::path& file) { File(file, O_WRONLY).set_pages(0); }

void restore_first_segment(const fs::path& file, std::int64_t pages) noexcept {
  std::error_code ignored;
  fs::resize_file(file, static_cast<std::uintmax_t>(std::clamp<std::int64_t>(pages, 0, kSegmentPages)) * kPageSize,
                  ignored);
}

void write_btree(const fs::path& file, int height, const std::vector<std::string>& tuples) {
  File tree(file, O_WRONLY);
  tree.write_at(metapage(static_cast<std::uint32_t>(height)), 0);
  for (int depth = 0; depth <= height; ++depth) {
    const auto level = static_cast<std::uint32_t>(height - depth);
    const auto flags = static_cast<std::uint16_t>((depth == 0 ? kRoot : 0) | (level == 0 ? kLeaf : 0));
    const auto block = static_cast<std::uint32_t>(depth + 1);
    tree.write_at(level == 0 ? leaf_page(flags, tuples) : inner_page(level, block + 1, flags), block * kPageSize);
  }
}

/// visibilitymap.c: two bits a page behind the header, the lower one for all-visible.
void write_visibility_map(const fs::path& file, const std::optional<Account>& owner) {
  Page page{};
  put<std::uint16_t>(page, 12, kHeaderSize);    // pd_lower
  put<std::uint16_t>(page, 14, kPageSize);      // pd_upper
  put<std::uint16_t>(page, 16, kPageSize);      // pd_special
  put<std::uint16_t>(page, 18, kPageSize | 4);  // pd_pagesize_version
  put<char>(page, kHeaderSize, 1);
  File map(file.string() + "_vm", O_WRONLY | O_CREAT);
  map.write_at(page, 0);
  if (owner) map.give_to(*owner);
}

}  // namespace assay
