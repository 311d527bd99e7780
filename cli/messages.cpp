#include "cli/messages.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace assay {

void print(const Diagnostic& diagnostic) { fmt::print(stderr, "{}", to_string(diagnostic)); }

void print_error(std::string_view message, std::string_view hint) {
  fmt::print(stderr, "assay: error: {}\n", printable(message));
  if (!hint.empty()) fmt::print(stderr, "hint: {}\n", printable(hint));
}

void print_error(const Error& error) { print_error(error.what(), error.hint()); }

Progress::Progress(const std::string& what, bool wanted) : what_(printable(what)), shown_(wanted && ::isatty(STDERR_FILENO)) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::update(std::uint64_t done, std::uint64_t total, bool unit_is_bytes) {
  constexpr auto kInterval = std::chrono::milliseconds{100};
  const auto now = Clock::now();
  if (!shown_ || now - last_ < kInterval) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(done) / std::max(seconds, 1e-3);
  fmt::print(stderr, "\r\x1b[K{}", what_);
  if (total > 0) {
    const double left = rate > 0 && total > done ? static_cast<double>(total - done) / rate : 0;
    fmt::print(stderr, ": {:.0f} %, {:.0f} s left", 100.0 * static_cast<double>(done) / static_cast<double>(total),
               left);
  }
  if (unit_is_bytes) fmt::print(stderr, ", {:.0f} MB/s", rate / 1e6);
  std::fflush(stderr);
}

}  // namespace assay
