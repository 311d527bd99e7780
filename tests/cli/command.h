// Runs the assay binary as a user would, and what it said.
#pragma once

#include <string>
#include <vector>

namespace assay::test {

struct Outcome {
  int status = -1;  ///< exit status; -1 when it was ended by a signal
  std::string out, err;
};

/// `assay` with these arguments, `input` on its standard input.
Outcome assay(const std::vector<std::string>& arguments, const std::string& input = {});

/// As a user who may not read other users' files, even when the tests run as root.
Outcome assay_as_stranger(const std::vector<std::string>& arguments);

/// A folder for one test, removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// Writes a file in it; returns its path.
  std::string write(const std::string& name, const std::string& content) const;
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::vector<std::string> files() const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

bool says(const std::string& text, const std::string& part);

}  // namespace assay::test
