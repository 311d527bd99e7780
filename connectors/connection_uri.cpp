// Looking for a password in a connection URI, as libpq's conninfo_uri_parse would find it, and beyond: a password
// that holds an unescaped '/' or '@' must not slip through either.
#include <algorithm>
#include <cctype>

#include "connectors/postgres.h"

namespace assay {
namespace {

bool names_password(std::string_view keyword) {
  return keyword == "password" || keyword == "sslpassword" || keyword == "passwd";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    decoded += escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return decoded;
}

bool query_holds_password(std::string_view query) {
  while (!query.empty()) {
    const std::string_view option = query.substr(0, query.find('&'));
    const std::size_t equals = option.find('=');
    if (equals != std::string_view::npos && equals + 1 < option.size() &&
        names_password(percent_decoded(option.substr(0, equals)))) {
      return true;
    }
    query.remove_prefix(std::min(query.size(), option.size() + 1));
  }
  return false;
}

bool uri_holds_password(std::string_view rest) {
  const std::size_t question = rest.find('?');
  const std::string_view authority = rest.substr(0, question);
  const std::string_view user = authority.substr(0, authority.rfind('@'));
  const std::size_t colon = user.find(':');
  if (user.size() < authority.size() && colon != std::string_view::npos && colon + 1 < user.size()) return true;
  return question != std::string_view::npos && query_holds_password(rest.substr(question + 1));
}

/// keyword = value or 'quoted \' value', as conninfo_parse reads them.
bool conninfo_holds_password(std::string_view text) {
  std::size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
  };
  while (skip_blanks(), at < text.size()) {
    const std::size_t start = at;
    while (at < text.size() && text[at] != '=' && !std::isspace(static_cast<unsigned char>(text[at]))) ++at;
    const std::string_view keyword = text.substr(start, at - start);
    skip_blanks();
    if (at >= text.size() || text[at] != '=') continue;
    ++at;
    skip_blanks();
    if (names_password(keyword) && at < text.size()) return true;
    const bool quoted = at < text.size() && text[at] == '\'';
    if (quoted) ++at;
    const auto ends = [&](char c) { return quoted ? c == '\'' : std::isspace(static_cast<unsigned char>(c)) != 0; };
    for (; at < text.size() && !ends(text[at]); ++at) {
      if (text[at] == '\\') ++at;
    }
    if (quoted) ++at;
  }
  return false;
}

}  // namespace

bool holds_password(std::string_view uri) {
  for (std::string_view scheme : {"postgresql://", "postgres://"}) {
    if (uri.starts_with(scheme)) return uri_holds_password(uri.substr(scheme.size()));
  }
  return conninfo_holds_password(uri);
}

}  // namespace assay
