#include "parser/sql/ddl.h"

#include <pg_query.h>

#include <algorithm>
#include <utility>

#include "parser/sql/ddl_reader.h"
#include "parser/sql/script.h"

namespace assay {
namespace {

constexpr std::size_t kMaxDiagnostics = 1000;  // of one script: a hostile one may have millions of bad statements
constexpr std::size_t kExcerpt = 200;          // bytes kept on either side of the caret

/// Byte in `sql` of the character `position`, counted from 1, as pg_utf_mblen() counts characters.
std::size_t byte_of_character(std::string_view sql, int position) {
  std::size_t byte = 0;
  for (; position > 1 && byte < sql.size(); --position) {
    const auto lead = static_cast<unsigned char>(sql[byte]);
    byte += lead >= 0xf0 && lead < 0xf8 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc0 && lead < 0xe0 ? 2 : 1;
  }
  return std::min(byte, sql.size());
}

/// Where libpg_query stumbles over `sql`; 0 where it must not be asked.
std::size_t error_byte(std::string_view sql) {
  if (!unfit_for_parser(sql).empty()) return 0;
  const PgQueryProtobufParseResult parsed = pg_query_parse_protobuf(std::string(sql).c_str());
  const std::size_t byte = parsed.error == nullptr ? 0 : byte_of_character(sql, parsed.error->cursorpos);
  pg_query_free_protobuf_parse_result(parsed);
  return byte;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, Diagnostics& diagnostics)
      : text_(text), file_(file), diagnostics_(diagnostics) {}

  std::vector<DdlStatement> read();

 private:
  void read_statement(const ScriptPart& part);
  void tell_command(const ScriptPart& part);
  void tell_copy_data(const ScriptPart& part);
  void tell_bad(const ScriptPart& part, const std::string& problem);
  Diagnostic at(const ScriptPart& part, std::size_t byte) const;
  void tell(Diagnostic diagnostic);

  std::string_view text_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  std::size_t told_ = 0;
  std::vector<DdlStatement> statements_;
};

/// A place `byte` bytes into the part, with the line around it.
Diagnostic Reader::at(const ScriptPart& part, std::size_t byte) const {
  const std::size_t offset = static_cast<std::size_t>(part.text.data() - text_.data()) + byte;
  const std::size_t reach = std::min(offset, kExcerpt);
  const std::string_view before = text_.substr(offset - reach, reach), behind = text_.substr(offset, kExcerpt);
  const std::size_t begin = offset - reach + before.rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t end = offset + std::min(behind.find_first_of("\r\n"), behind.size());
  Diagnostic diagnostic;
  diagnostic.file = file_;
  diagnostic.line = part.line + std::count(part.text.begin(), part.text.begin() + byte, '\n');
  diagnostic.excerpt = text_.substr(begin, end - begin);
  diagnostic.column = offset - begin + 1;
  return diagnostic;
}

void Reader::tell(Diagnostic diagnostic) {
  if (told_ == kMaxDiagnostics) {
    diagnostic = Diagnostic{file_, 0, Severity::kWarning, "too many problems: the others are not told", "", 0, ""};
  }
  if (told_++ <= kMaxDiagnostics) diagnostics_.push_back(std::move(diagnostic));
}

void Reader::tell_command(const ScriptPart& part) {
  const Token name = Lexer(part.text.substr(1)).next();
  if (is_word(name.text, "restrict") || is_word(name.text, "unrestrict")) return;  // pg_dump's own fence
  Diagnostic diagnostic = at(part, 0);
  diagnostic.severity = Severity::kNote;
  diagnostic.message = "psql's command is left out";
  diagnostic.hint = "dump one database at a time, with pg_dump --schema-only";
  tell(std::move(diagnostic));
}

void Reader::tell_copy_data(const ScriptPart& part) {
  if (part.text.empty()) return;
  const auto lines = std::count(part.text.begin(), part.text.end(), '\n') + (part.text.back() == '\n' ? 0 : 1);
  Diagnostic diagnostic;
  diagnostic.file = file_;
  diagnostic.line = part.line;
  diagnostic.severity = Severity::kNote;
  diagnostic.message = "data of COPY left out: " + std::to_string(lines) + (lines == 1 ? " line" : " lines");
  diagnostic.hint = "pg_dump --schema-only writes none";
  tell(std::move(diagnostic));
}

void Reader::tell_bad(const ScriptPart& part, const std::string& problem) {
  Diagnostic diagnostic = at(part, error_byte(part.text));
  diagnostic.message = "statement left out: " + problem;
  diagnostic.hint = "the rest of the file is read; what this statement creates is unknown to the advice";
  tell(std::move(diagnostic));
}

void Reader::read_statement(const ScriptPart& part) {
  const ParsedSyntax parsed = parse_syntax(part.text);
  if (parsed.tree == nullptr) return tell_bad(part, parsed.problem);
  if (parsed.tree->n_stmts != 1 || parsed.tree->stmts[0]->stmt == nullptr) {
    return tell_bad(part, "it is not exactly one statement");
  }
  DdlStatement& statement = statements_.emplace_back();
  statement.sql = part.text;
  statement.line = part.line;
  read_ddl(*parsed.tree->stmts[0]->stmt, statement);
}

std::vector<DdlStatement> Reader::read() {
  Script script(text_);
  for (ScriptPart part = script.next(); part.kind != ScriptPartKind::kEnd; part = script.next()) {
    switch (part.kind) {
      case ScriptPartKind::kCommand:
        tell_command(part);
        break;
      case ScriptPartKind::kCopyData:
        tell_copy_data(part);
        break;
      default:
        read_statement(part);
    }
  }
  return std::move(statements_);
}

}  // namespace

std::vector<DdlStatement> parse_ddl(std::string_view script, const std::string& file, Diagnostics& diagnostics) {
  return Reader(script, file, diagnostics).read();
}

}  // namespace assay
