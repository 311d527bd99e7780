#include "parser/log/parameters.h"

#include <charconv>

#include "parser/base/scan.h"

namespace assay {
namespace {

/// "$12 = ", which must number the value that comes next.
bool take_number(std::string_view& text, std::size_t expected) {
  std::size_t number = 0;
  if (!take(text, "$")) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number != expected) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return take(text, " = ");
}

/// A quoted value; nothing when its end is missing or it was shortened. The server writes the dots of a
/// shortened value before the closing quote (appendStringInfoStringQuoted), so a value that really ends in three
/// dots cannot be told apart.
std::optional<std::string> take_value(std::string_view& text) {
  if (!take(text, "'")) return std::nullopt;
  std::string value;
  for (;;) {
    const auto quote = text.find('\'');
    if (quote == std::string_view::npos) return std::nullopt;
    value += text.substr(0, quote);
    text.remove_prefix(quote + 1);
    if (!take(text, "'")) break;
    value += '\'';
  }
  if (value.ends_with("...")) return std::nullopt;
  return value;
}

}  // namespace

std::optional<ParameterValues> parse_parameters(std::string_view logged) {
  ParameterValues values;
  while (!logged.empty()) {
    if (!values.empty() && !take(logged, ", ")) return std::nullopt;
    if (!take_number(logged, values.size() + 1)) return std::nullopt;
    if (take(logged, "NULL")) {
      values.emplace_back(std::nullopt);
      continue;
    }
    auto value = take_value(logged);
    if (!value) return std::nullopt;
    values.emplace_back(std::move(*value));
  }
  return values;
}

}  // namespace assay
