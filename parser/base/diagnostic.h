// What is wrong with an input, as a value: where, how bad, why, and what to do next.
// Printed in the compiler's form, with the offending line and a caret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class Severity { kNote, kWarning, kError };

struct Diagnostic {
  std::string file;
  std::uint64_t line = 0;  ///< counted from 1; 0 when the whole file is meant
  Severity severity = Severity::kWarning;
  std::string message;
  std::string excerpt;       ///< the offending line, unescaped; may be empty
  std::uint64_t column = 0;  ///< byte in `excerpt`, counted from 1; 0 for no caret
  std::string hint;
};

using Diagnostics = std::vector<Diagnostic>;

/// "file:line: warning: message", the line, a caret, "hint: …"; ends with a newline. Control characters
/// and bytes that are not UTF-8 come out escaped, and long excerpts are cut around the caret.
std::string to_string(const Diagnostic& diagnostic);

/// `text` made safe for a terminal or one line of a report: control characters as \n, \t, \x1b …,
/// bytes that are not UTF-8 and Unicode's direction overrides as \x.. or \u....
std::string printable(std::string_view text);

}  // namespace assay
