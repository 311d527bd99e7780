#include "parser/sql/like_pattern.h"

#include <array>
#include <cstddef>

namespace assay {
namespace {

/// What stands between the quotes of a literal; one that is cut off goes to its end.
std::string_view content(std::string_view literal) {
  if (literal.starts_with('$')) {
    const std::string_view tag = literal.substr(0, literal.find('$', 1) + 1);
    literal.remove_prefix(tag.size());
    if (literal.ends_with(tag)) literal.remove_suffix(tag.size());
    return literal;
  }
  const std::size_t open = literal.find_first_of("'\"");
  const char quote = literal[open];
  literal.remove_prefix(open + 1);
  if (literal.ends_with(quote)) literal.remove_suffix(1);
  return literal;
}

/// The shape of a pattern, fed character by character.
class Wildcards {
 public:
  void add(bool wildcard) {
    if (wildcard) {
      (core_ ? trailing_ : leading_) = true;
    } else {
      inner_ = inner_ || trailing_;
      trailing_ = false;
      core_ = true;
    }
  }

  std::string_view shape() const {
    if (!core_) return leading_ ? "'%'" : "'?'";
    constexpr std::array<std::string_view, 8> kShapes = {"'?'",   "'?%'",   "'%?'",   "'%?%'",
                                                         "'?*?'", "'?*?%'", "'%?*?'", "'%?*?%'"};
    return kShapes[(inner_ ? 4U : 0U) + (leading_ ? 2U : 0U) + (trailing_ ? 1U : 0U)];
  }

 private:
  bool core_ = false, leading_ = false, inner_ = false, trailing_ = false;
};

}  // namespace

std::string_view like_class(std::string_view literal, SqlDialect dialect) {
  const bool mysql = dialect == SqlDialect::kMysql;
  const bool backslashes = mysql || literal.starts_with('E') || literal.starts_with('e');  // \\ stands for one
  const std::string_view pattern = content(literal);
  Wildcards wildcards;
  bool escaped = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    bool folded = backslashes && pattern[i] == '\\' && i + 1 < pattern.size();
    if (folded && mysql && (pattern[i + 1] == '%' || pattern[i + 1] == '_')) folded = false;  // stays as it is
    if (folded) ++i;
    const char c = pattern[i];
    if (!escaped && c == '\\') {
      escaped = true;
      continue;
    }
    wildcards.add(!escaped && (c == '%' || c == '_'));
    escaped = false;
  }
  return wildcards.shape();
}

}  // namespace assay
