#include "cli/messages.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace assay {
namespace {

bool is_coloured = false;

// The colours that compilers use. Each word is painted once, behind the place, which may hold any text.
void paint(std::string& text, std::size_t from, std::string_view word, std::string_view colour) {
  const std::size_t at = text.find(word, from);
  if (at != std::string::npos) text.replace(at, word.size(), fmt::format("\x1b[1;{}m{}\x1b[0m", colour, word));
}

}  // namespace

void set_color(bool wanted) { is_coloured = wanted; }

bool wants_color() {
  const char* forbidden = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) && !(forbidden && *forbidden) && terminal && std::string_view(terminal) != "dumb";
}

void print(const Diagnostic& diagnostic) {
  std::string text = to_string(diagnostic);
  if (is_coloured) {
    const std::size_t from = printable(diagnostic.file).size();
    if (!diagnostic.hint.empty()) paint(text, text.rfind("\nhint: "), "hint:", "36");
    paint(text, from, diagnostic.severity == Severity::kError ? "error:" : "warning:",
          diagnostic.severity == Severity::kError ? "31" : "35");
  }
  fmt::print(stderr, "{}", text);
}

void warn(const std::string& message, const std::string& hint) {
  print(Diagnostic{.file = "assay", .severity = Severity::kWarning, .message = message, .hint = hint});
}

void print_error(std::string_view message, std::string_view hint) {
  print(Diagnostic{
      .file = "assay", .severity = Severity::kError, .message = std::string(message), .hint = std::string(hint)});
}

void print_error(const Error& error) { print_error(error.what(), error.hint()); }

Progress::Progress(const std::string& what, bool wanted)
    : what_(printable(what)), shown_(wanted && ::isatty(STDERR_FILENO)) {}

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
