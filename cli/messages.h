// What goes to stderr: diagnostics in the compiler's form, and the progress line.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "parser/base/diagnostic.h"
#include "parser/base/error.h"

namespace assay {

/// Whether the words "error", "warning" and "hint" are coloured; of the process, as its standard error is. Not at first.
void set_color(bool wanted);

/// A terminal, and nothing in the environment against it (https://no-color.org).
bool wants_color();

void print(const Diagnostic& diagnostic);
/// A warning that is about no file.
void warn(const std::string& message, const std::string& hint);
void print_error(const Error& error);
void print_error(std::string_view message, std::string_view hint = {});

/// A line that is overwritten in place, with share, rate and time left; on a terminal only.
class Progress {
 public:
  /// `what` names the work: "reading crm.log".
  Progress(const std::string& what, bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `unit_is_bytes`: the rate is shown in MB/s.
  void update(std::uint64_t done, std::uint64_t total, bool unit_is_bytes);

 private:
  using Clock = std::chrono::steady_clock;

  std::string what_;
  bool shown_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_{};
};

}  // namespace assay
