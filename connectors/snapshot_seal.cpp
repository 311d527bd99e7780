#include "connectors/snapshot_seal.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "parser/base/error.h"

namespace assay {
namespace {

constexpr std::string_view kMark = "assay checksum: ";
constexpr std::uintmax_t kSealSize = kMark.size() + 16;

/// The seal of the first `size` bytes; nothing when they cannot be read.
std::optional<std::string> seal_of(const std::filesystem::path& path, std::uintmax_t size) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(state.get());
  std::string block(1 << 20, '\0');
  while (size > 0) {
    const std::size_t part = static_cast<std::size_t>(std::min<std::uintmax_t>(size, block.size()));
    if (!file.read(block.data(), static_cast<std::streamsize>(part))) return std::nullopt;
    XXH3_64bits_update(state.get(), block.data(), part);
    size -= part;
  }
  return fmt::format("{}{:016x}", kMark, XXH3_64bits_digest(state.get()));
}

/// SQLite's header: the page size at byte 16 (1 stands for 65536), the number of pages at 28, high bytes first.
std::uintmax_t size_of_pages(const std::filesystem::path& path) {
  std::array<char, 32> header{};
  std::ifstream(path, std::ios::binary).read(header.data(), header.size());
  const auto number = [&](std::size_t from, std::size_t bytes) {
    std::uintmax_t value = 0;
    for (std::size_t i = from; i < from + bytes; ++i) value = value << 8 | static_cast<unsigned char>(header[i]);
    return value;
  };
  const std::uintmax_t page = number(16, 2);
  return (page == 1 ? 65536 : page) * number(28, 4);
}

}  // namespace

void seal(const std::filesystem::path& path) {
  std::error_code failure;
  const std::uintmax_t size = size_of_pages(path);
  std::filesystem::resize_file(path, size, failure);
  const auto text = seal_of(path, size);
  if (!failure && text && std::ofstream(path, std::ios::binary | std::ios::app).write(text->data(), kSealSize)) return;
  throw Error("cannot write the checksum of " + path.string(), "is the disk full?");
}

bool is_whole(const std::filesystem::path& path) {
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (failure || size < kSealSize) return false;
  std::string found(kSealSize, '\0');
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(size - kSealSize));
  return file.read(found.data(), kSealSize) && found == seal_of(path, size - kSealSize);
}

}  // namespace assay
