// A file that is written beside its place and then renamed: under its name there is always a whole one, the old or the
// new.
#pragma once

#include <filesystem>
#include <string>

namespace assay {

class ReplacedFile {
 public:
  /// An empty, hidden file in the folder of `place` that only this user can read; removed unless it is put in place.
  /// Throws std::system_error, also where `place` is something else than a regular file.
  explicit ReplacedFile(std::filesystem::path place);
  ~ReplacedFile();
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// On the disk, and then under its name. Throws std::system_error.
  void put_in_place();

 private:
  std::filesystem::path place_, path_;
};

}  // namespace assay
