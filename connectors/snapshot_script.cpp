#include "connectors/snapshot_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "connectors/catalog_queries.h"
#include "connectors/catalog_rows.h"
#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "assay-snapshot\t3\t";     // then whether it is redacted: t or f
constexpr std::string_view kOldFormat = "assay-snapshot\t2\t";  // which tells no rules, operators and casts
constexpr std::size_t kGlance = 64 << 10;                       // bytes: a .psqlrc may greet before the first line
constexpr std::uintmax_t kLargest = std::uintmax_t{1} << 30;    // bytes; the largest real ones are some tens of MB

constexpr const char* kHead =
    R"(-- A snapshot of a database for assay: its schema, its statistics, its settings. No row of any table is read.
--
--   psql -X -f snapshot.sql -o crm.snapshot.txt crm       and then:  assay report … --catalog crm.snapshot.txt
--
-- One READ ONLY transaction with time limits, of SELECTs from the system catalogs alone. No lock is stronger than
-- ACCESS SHARE, nothing is created, and the transaction is rolled back. psql 11 or later; servers 12 to 18.
-- {}
\set QUIET on
\set ON_ERROR_STOP on
\encoding UTF8
SET application_name = 'assay';

)";

constexpr const char* kFull =
    "Statistics hold values of the tables: common ones, and bounds of histograms (--redact leaves texts out).";
constexpr const char* kRedacted =
    "Redacted: of the statistics' values, only those of columns that are numbers, truth values, dates or times are\n"
    "-- printed. The schema is printed as it is, less checks and defaults with a string literal, and bodies in "
    "PL/pgSQL.";

std::string question(const CatalogQuery& query) {
  const std::string copy = fmt::format("COPY (SELECT '{}', q.* FROM ({}\n) AS q) TO STDOUT;\n", query.name, query.sql);
  if (query.condition.empty()) return fmt::format("-- {}\n{}\n", query.about, copy);
  return fmt::format("-- {}\nSELECT {} AS found \\gset\n\\if :{{?found}}\n{}\\endif\n\n", query.about, query.condition,
                     copy);
}

Error unreadable(const fs::path& path, const std::string& reason) {
  return Error(fmt::format("cannot read the snapshot script's output {}: {}", path.string(), reason),
               "run it again: assay snapshot --print-sql > snapshot.sql; psql -X -f snapshot.sql -o FILE DATABASE");
}

/// The text from its first line on; nothing when it has none.
std::optional<std::string_view> from_first_line(std::string_view text) {
  const std::string_view glance = text.substr(0, kGlance);
  std::size_t at = glance.find(kFormat.substr(0, kFormat.find('\t') + 1));
  while (at != std::string_view::npos && at > 0 && text[at - 1] != '\n') {
    at = glance.find(kFormat.substr(0, kFormat.find('\t') + 1), at + 1);
  }
  return at == std::string_view::npos ? std::nullopt : std::optional(text.substr(at));
}

/// One column as COPY writes it; \N is NULL.
SqlValue unescaped(std::string_view field) {
  if (field == "\\N") return std::nullopt;
  constexpr std::string_view kLetters = "bfnrtv", kMeanings = "\b\f\n\r\t\v";
  std::string value;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      value += field[i];
    } else {
      const std::size_t letter = kLetters.find(field[++i]);
      value += letter == std::string_view::npos ? field[i] : kMeanings[letter];
    }
  }
  return value;
}

SqlRow columns_of(std::string_view line) {
  SqlRow columns;
  while (true) {
    const std::size_t tab = std::min(line.find('\t'), line.size());
    columns.push_back(unescaped(line.substr(0, tab)));
    if (tab == line.size()) return columns;
    line.remove_prefix(tab + 1);
  }
}

/// How wide the rows of each answer are.
std::map<std::string, std::size_t, std::less<>> widths() {
  std::map<std::string, std::size_t, std::less<>> widths;
  for (const auto& queries : {session_queries(), catalog_queries(false)}) {
    for (const CatalogQuery& query : queries) widths[query.name] = query.columns;
  }
  return widths;
}

std::string read_text(const fs::path& path) {
  std::error_code failure;
  if (fs::file_size(path, failure) > kLargest) throw unreadable(path, "it is too large");
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Malformed {
  std::string what;
};

/// Takes the lines behind the first one apart. Throws Malformed.
CatalogRows rows_of(std::string_view lines) {
  CatalogRows rows;
  const auto wide = widths();
  std::string last = "its head";
  for (std::size_t number = 2; !lines.empty(); ++number) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(lines.size(), end + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line == "end") return rows;
    SqlRow columns = columns_of(line);
    const auto question = wide.find(columns[0].value_or(""));
    if (question == wide.end() || columns.size() != question->second + 1) {
      throw Malformed{fmt::format("line {} below its head is no row of a snapshot", number - 1)};
    }
    last = question->first;
    columns.erase(columns.begin());
    rows[last].push_back(std::move(columns));
  }
  throw Malformed{fmt::format("it ends too early, behind {}; psql's messages tell why", last)};
}

}  // namespace

std::string snapshot_script(bool redact) {
  std::string script = fmt::format(kHead, redact ? kRedacted : kFull);
  for (const char* statement : kSnapshotTransaction) script += fmt::format("{};\n", statement);
  script += fmt::format(
      "\n-- The format, and whether it is redacted.\nCOPY (SELECT 'assay-snapshot', 3, {}) TO STDOUT;\n\n", redact);
  for (const CatalogQuery& query : session_queries()) script += question(query);
  script += "-- Names with their schemas, values in forms that do not depend on settings.\n";
  for (const char* statement : kOutputForms) script += fmt::format("{};\n", statement);
  script += "\n";
  for (const CatalogQuery& query : catalog_queries(redact)) script += question(query);
  return script + "COPY (SELECT 'end') TO STDOUT;\nROLLBACK;\n";
}

bool is_script_output(const fs::path& path) {
  std::string start(kGlance, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file.gcount()));
  return from_first_line(start).has_value();
}

Catalog catalog_of_script_output(const fs::path& path) {
  const std::string text = read_text(path);
  const auto from = from_first_line(text);
  if (!from) throw unreadable(path, "it is missing or no such output");
  const std::string_view head = from->substr(0, from->find_first_of("\r\n"));
  const bool is_old = head.starts_with(kOldFormat);
  const std::string_view redacted = head.substr(std::min(head.size(), kFormat.size()));
  if ((!is_old && !head.starts_with(kFormat)) || (redacted != "t" && redacted != "f")) {
    throw unreadable(path, "it is of another version of assay");
  }
  if (text.find('\0') != std::string::npos) throw unreadable(path, "it holds a NUL byte");
  try {
    Catalog catalog =
        catalog_from_rows(rows_of(from->substr(std::min(from->size(), from->find('\n') + 1))), head.ends_with('t'));
    catalog.source = CatalogSource::kSnapshot;
    catalog.knows_rules = !is_old;
    return catalog;
  } catch (const Malformed& problem) {
    throw unreadable(path, problem.what);
  }
}

}  // namespace assay
