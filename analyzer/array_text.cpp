#include "analyzer/array_text.h"

#include <charconv>
#include <cmath>

namespace assay {
namespace {

/// One element from `at` on, which is left at the comma or brace behind it.
std::optional<std::string> read_element(std::string_view text, std::size_t& at) {
  const bool quoted = at < text.size() && text[at] == '"';
  std::string element;
  if (quoted) ++at;
  for (; at < text.size(); ++at) {
    if (quoted ? text[at] == '"' : (text[at] == ',' || text[at] == '}')) break;
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    element += text[at];
  }
  if (quoted && at < text.size()) ++at;
  if (!quoted && element == "NULL") return std::nullopt;
  return element;
}

}  // namespace

std::vector<std::optional<std::string>> array_elements(std::string_view text) {
  std::vector<std::optional<std::string>> elements;
  if (!text.starts_with('{') || text.starts_with("{}")) return elements;
  for (std::size_t at = 1; at < text.size(); ++at) {
    elements.push_back(read_element(text, at));
    if (at >= text.size() || text[at] != ',') break;
  }
  return elements;
}

std::vector<double> array_numbers(std::string_view text) {
  std::vector<double> numbers;
  for (const auto& element : array_elements(text)) {
    double number = 0;
    if (!element) continue;
    const auto [end, error] = std::from_chars(element->data(), element->data() + element->size(), number);
    if (error == std::errc() && std::isfinite(number)) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace assay
