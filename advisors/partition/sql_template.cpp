#include "advisors/partition/sql_template.h"

#include <algorithm>

#include "parser/sql/index_definition.h"

namespace assay {

std::string filled(std::string_view text, const std::map<std::string, std::string, std::less<>>& values) {
  std::string result;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    result += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const auto value = close == std::string_view::npos ? values.end() : values.find(text.substr(1, close - 1));
    if (value == values.end()) {
      result += '{';
      text.remove_prefix(1);
    } else {
      result += value->second;
      text.remove_prefix(close + 1);
    }
  }
  return result;
}

std::string do_block(const std::string& body) {
  std::string tag = "$migration$";
  for (int number = 1; body.find(tag.substr(0, tag.size() - 1)) != std::string::npos; ++number) {
    tag = "$migration" + std::to_string(number) + "$";
  }
  return "DO " + tag + body + tag + ";";
}

std::string qualified(const std::string& schema, const std::string& name) {
  return quote_identifier(schema) + "." + quote_identifier(name);
}

std::string regclass_literal(const std::string& schema, const std::string& name) {
  return quote_literal(qualified(schema, name)) + "::regclass";
}

std::string fitted_name(std::string_view name, std::string_view suffix) {
  constexpr std::size_t kMaxName = 63;  // bytes: NAMEDATALEN - 1
  std::size_t size = std::min(name.size(), kMaxName - std::min(kMaxName, suffix.size()));
  if (size < name.size()) {
    while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xc0U) == 0x80U) --size;
  }
  return std::string(name.substr(0, size)) + std::string(suffix);
}

}  // namespace assay
