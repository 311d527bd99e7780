#include "parser/log/prefix_omissions.h"

#include <algorithm>

#include "parser/log/prefix.h"

namespace assay {
namespace {

struct Told {
  std::string_view escapes;  ///< any of them tells it
  std::string_view what;
};
constexpr Told kTold[] = {
    {"mtn", "time (%m)"},   {"pc", "process (%p)"},    {"c", "session (%c)"}, {"u", "user (%u)"},
    {"d", "database (%d)"}, {"a", "application (%a)"}, {"hr", "host (%h)"},   {"e", "SQLSTATE (%e)"},
};

}  // namespace

std::vector<std::string> prefix_omissions(std::string_view log_line_prefix) {
  const PrefixPattern prefix(log_line_prefix);
  std::vector<std::string> missing;
  for (const auto& [escapes, what] : kTold) {
    if (std::none_of(escapes.begin(), escapes.end(), [&](char escape) { return prefix.has(escape); })) {
      missing.emplace_back(what);
    }
  }
  return missing;
}

}  // namespace assay
