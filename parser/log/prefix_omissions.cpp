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

/// Escapes whose part the carrier has.
std::string_view told_by(std::string_view format) {
  if (format == "syslog") return "mp";
  if (format == "cloudsql") return "m";
  return format == "azure" ? "mpe" : "";
}

}  // namespace

std::vector<std::string> prefix_omissions(std::string_view log_line_prefix, std::string_view format) {
  const PrefixPattern prefix(log_line_prefix);
  std::vector<std::string> missing;
  for (const auto& [escapes, what] : kTold) {
    if (escapes.find_first_of(told_by(format)) != std::string_view::npos) continue;
    if (std::none_of(escapes.begin(), escapes.end(), [&](char escape) { return prefix.has(escape); })) {
      missing.emplace_back(what);
    }
  }
  return missing;
}

}  // namespace assay
