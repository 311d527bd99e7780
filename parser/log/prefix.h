// log_line_prefix as a pattern: takes the front of a stderr line apart, up to the message.
//
// The prefix is the administrator's free choice and the texts in it (users, databases, applications) are the
// clients', so a field may hold the very characters that end it. A line counts as labelled only when the whole
// prefix and then a label ("LOG:  ", "DETAIL:  ") match; within that, each text is as short as the rest allows,
// but for a user before an "@", who is as long as the database behind it allows (user@server on Azure).
// Matching tries a bounded number of ways a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/log/entry.h"
#include "parser/log/timestamp.h"

namespace assay {

struct PrefixMatch : Client {
  std::optional<LogTime> time;
  bool epoch = false;  ///< `time` comes from %n: an instant already
  std::int64_t process = 0;
  std::string_view sqlstate;
  std::string_view label;  ///< LOG, ERROR, DETAIL, …
  EntryField field = EntryField::kMessage;
  std::size_t length = 0;  ///< of prefix and label: where the text begins
};

class PrefixPattern {
 public:
  /// Every text is a pattern: like the server, it ignores escapes that it does not know.
  explicit PrefixPattern(std::string_view pattern);

  struct Element {
    char escape = 0;  ///< 'q', a field's letter, or 0 for a literal
    std::string literal;
    std::size_t width = 0;  ///< padding: %-10u
  };

  const std::string& text() const { return text_; }
  const std::vector<Element>& elements() const { return elements_; }

  /// Whether an escape stands in the pattern: has('p').
  bool has(char escape) const;

  /// Nothing when `line` does not begin with the prefix and a label.
  std::optional<PrefixMatch> match(std::string_view line) const;

  /// The line ends within the prefix: the front of a labelled line that was cut off.
  bool is_cut_off(std::string_view line) const;

 private:
  struct Attempt;

  void add_literal(char c);
  bool match_from(std::size_t element, std::size_t at, Attempt& attempt) const;
  bool match_literal(std::size_t element, std::size_t at, Attempt& attempt) const;
  bool match_typed(std::size_t element, std::size_t at, Attempt& attempt) const;
  bool match_text(std::size_t element, std::size_t at, Attempt& attempt) const;
  bool try_text_end(std::size_t element, std::size_t at, std::size_t end, Attempt& attempt) const;
  std::optional<std::size_t> user_end(std::size_t element, std::size_t at, std::string_view line) const;

  std::string text_;
  std::vector<Element> elements_;
};

/// The label at the front of `text` ("LOG:  "), as PostgreSQL writes it in English.
struct Label {
  std::string_view word;
  EntryField field = EntryField::kMessage;
};
const Label* find_label(std::string_view text);
inline constexpr std::string_view kLabelEnd = ":  ";

}  // namespace assay
