// The little JSON that logs hold: one object a line, and the statement in auto_explain's JSON plans.
//
// Not simdjson: a log may hold bytes that are not UTF-8 (SQL_ASCII databases), which that refuses, and the
// texts are to be unescaped in place, so that a line of any length needs no second buffer. Nested values are
// stepped over without recursion.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace assay {

struct JsonMember {
  std::string_view key;    ///< as written
  std::string_view value;  ///< a string without its quotes, or any other value's text
  bool is_string = false;
  bool escaped = false;  ///< a backslash stands in the string
};

/// The members of one object, in its order.
class JsonObject {
 public:
  explicit JsonObject(std::string_view text);

  /// The next member; nothing at the end of the object, and where the text is malformed.
  std::optional<JsonMember> next();

  /// After next() came to its end: whether this was a whole object with nothing behind it.
  bool well_formed() const { return well_formed_; }

  /// After next() came to its end: whether the object was closed, whatever stands behind it.
  bool closed() const { return closed_; }

  /// Where reading stopped.
  std::size_t position() const { return at_; }

 private:
  void skip_blanks();
  bool take(char c);
  bool read_string(std::string_view& text, bool& escaped);
  bool read_value(JsonMember& member);
  bool skip_nested();

  std::string_view text_;
  std::size_t at_ = 0;
  bool first_ = true;
  bool closed_ = false, well_formed_ = false;
};

/// Resolves the escapes of a JSON string in the bytes that it lies in (the result is never longer), which must
/// be writable. Nothing for a malformed escape; the bytes are then partly overwritten. A lone surrogate becomes U+FFFD.
std::optional<std::string_view> unescape_json_in_place(std::string_view text);

}  // namespace assay
