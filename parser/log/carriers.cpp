#include "parser/log/carriers.h"

#include <sys/stat.h>

#include <algorithm>
#include <iterator>

#include "parser/log/block.h"
#include "parser/log/json_text.h"
#include "parser/log/syslog_line.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

std::string_view line_of(std::string_view text, std::size_t at) { return text.substr(at, line_end(text, at) - at); }

/// Where JSON begins: in the first line, or in the second where the first is the rest of one; npos for nowhere.
std::size_t json_begin(std::string_view sample) {
  std::size_t at = 0;
  for (int line = 0; line < 2; ++line) {
    auto text = line_of(sample, at);
    constexpr std::size_t kRuntimeFront = 60;  // "2026-11-22T20:51:55.020123456Z stdout F "
    for (const std::string_view stream : {" stdout ", " stderr "}) {
      const auto found = text.substr(0, kRuntimeFront).find(stream);
      if (found != std::string_view::npos) text.remove_prefix(std::min(found + stream.size() + 2, text.size()));
    }
    const auto first = text.find_first_not_of(" \t\r,[");
    if (first != std::string_view::npos && text[first] == '{') {
      return static_cast<std::size_t>(text.data() - sample.data());
    }
    if (text.starts_with('[') && first == std::string_view::npos) line = -1;  // the array's own line
    at = line_end(sample, at) + 1;
    if (at >= sample.size()) break;
  }
  return std::string_view::npos;
}

/// Position of `key` as a key, which has no escape before its quotes.
std::size_t find_key(std::string_view text, std::string_view key) {
  auto at = text.find(key);
  while (at != std::string_view::npos && at > 0 && text[at - 1] == '\\') at = text.find(key, at + 1);
  return at;
}

/// The front of the string that is the value of the key that ends at `at`: its first line, as written.
std::string_view first_line_of_value(std::string_view sample, std::size_t at) {
  constexpr std::size_t kFarEnough = 4096;
  auto text = sample.substr(at, kFarEnough);
  const auto quote = text.find_first_not_of(" :\t");
  if (quote == std::string_view::npos || text[quote] != '"') return {};
  text.remove_prefix(quote + 1);
  std::size_t end = 0;
  while (end < text.size() && text[end] != '"' && text.substr(end, 2) != "\\n") end += text[end] == '\\' ? 2 : 1;
  return text.substr(0, end);
}

std::string json_lines(std::string_view sample, std::string_view key) {
  std::string lines;
  for (auto rest = sample;;) {
    const auto at = find_key(rest, key);
    if (at == std::string_view::npos) return lines;
    std::string line(first_line_of_value(rest, at + key.size()));
    if (const auto text = unescape_json_in_place(line)) lines.append(*text) += '\n';
    rest.remove_prefix(at + key.size());
  }
}

std::string syslog_lines(std::string_view sample) {
  std::string lines;
  for (std::size_t at = 0; at < sample.size(); at = line_end(sample, at) + 1) {
    const auto line = line_of(sample, at);
    const auto header = parse_syslog_line(line);
    if (!header || header->repeated) continue;
    const auto text = line.substr(header->length);
    lines.append(text.substr(parse_syslog_chunk(text).length)) += '\n';
  }
  return lines;
}

Timestamp date_of(const std::string& path) {
  struct stat status {};
  if (path == "-" || stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::chrono::floor<Microseconds>(std::chrono::system_clock::now());
  }
  return Timestamp(std::chrono::seconds(status.st_mtim.tv_sec));
}

}  // namespace

std::optional<LogFormat> recognise_cloud(std::string_view sample) {
  struct Sign {
    std::string_view key;
    std::optional<LogFormat> format;
  };
  // The first key that stands in the sample decides.
  static constexpr Sign kSigns[] = {
      {"\"textPayload\"", LogFormat::kCloudSql}, {"\"jsonPayload\"", LogFormat::kCloudSql},
      {"\"errorLevel\"", LogFormat::kAzure},     {"\"logger\"", LogFormat::kCloudNativePg},
      {"\"error_severity\"", std::nullopt},
  };
  const auto begin = json_begin(sample);
  if (begin == std::string_view::npos) return std::nullopt;
  std::optional<LogFormat> format;
  std::size_t first = std::string_view::npos;
  for (const auto& sign : kSigns) {
    const auto at = find_key(sample.substr(begin), sign.key);
    if (at >= first) continue;
    first = at;
    format = sign.format;
  }
  return format;
}

bool is_sql_text(std::string_view sample) {
  static constexpr std::string_view kFirstWords[] = {
      "abort",  "alter",    "analyze",  "begin",      "call",     "checkpoint", "close",   "cluster", "comment",
      "commit", "copy",     "create",   "deallocate", "declare",  "delete",     "discard", "do",      "drop",
      "end",    "execute",  "explain",  "fetch",      "grant",    "import",     "insert",  "listen",  "load",
      "lock",   "merge",    "move",     "notify",     "prepare",  "reassign",   "refresh", "reindex", "release",
      "reset",  "revoke",   "rollback", "savepoint",  "security", "select",     "set",     "show",    "start",
      "table",  "truncate", "unlisten", "update",     "vacuum",   "values",     "with",
  };
  Lexer lexer(sample);
  Token token = lexer.next();
  while (token.is("(") || token.is("\\")) {
    if (token.is("\\")) lexer.skip_to(line_end(sample, lexer.position()));
    token = lexer.next();
  }
  if (token.kind != TokenKind::kWord) return false;
  const Token second = lexer.next();  // "Update: …" is no SQL
  return !second.is(":") && !second.is(",") && !second.is(".") &&
         std::any_of(std::begin(kFirstWords), std::end(kFirstWords),
                     [&](std::string_view word) { return is_word(token.text, word); });
}

bool carries_stderr(LogFormat format) {
  return format == LogFormat::kPostgresSyslog || format == LogFormat::kCloudSql || format == LogFormat::kAzure;
}

std::string carried_lines(LogFormat format, std::string_view sample) {
  if (format == LogFormat::kPostgresSyslog) return syslog_lines(sample);
  if (format == LogFormat::kCloudSql) return json_lines(sample, "\"textPayload\"") + json_lines(sample, "\"message\"");
  return json_lines(sample, "\"message\"");
}

std::optional<Timestamp> deduced_first_time(const std::string& path, std::string_view sample, UtcOffset zone) {
  using namespace std::chrono;
  for (std::size_t at = 0; at < sample.size(); at = line_end(sample, at) + 1) {
    const auto header = parse_syslog_line(line_of(sample, at));
    if (!header) continue;
    if (!has_no_year(header->stamp)) return std::nullopt;
    // Up to the day after, since its zone may be east of ours; syslog_time() allows for a day before the first.
    const auto time = syslog_time(header->stamp, date_of(path) + days{1} - days{363}, zone);
    if (time) return time->utc;
  }
  return std::nullopt;
}

}  // namespace assay
