// A failing environment (file, connection, missing program). Thrown where it happens, in our own words,
// and printed once, in main. Bad input is no error: it is a Diagnostic.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace assay {

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, std::string hint = {})
      : std::runtime_error(message), hint_(std::move(hint)) {}

  /// What to do next, in one line; may be empty.
  const std::string& hint() const { return hint_; }

 private:
  std::string hint_;
};

}  // namespace assay
