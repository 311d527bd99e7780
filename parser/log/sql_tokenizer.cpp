// A file of SQL statements: each is an execution without a time.
//
// Statements are told apart by the lexer (parser/sql/script.h), so that a semicolon in a string, a dollar quote, a
// comment or a body ends none. Placeholders of libraries (?, :name, %s, {{name}}) are tokens like others. Comments and
// blank lines count as continuation lines; psql's own commands and the data of a COPY are skipped.
#include "parser/log/tokenizer.h"
#include "parser/sql/script.h"
#include "parser/sql/shape_cache.h"

namespace assay {
namespace {

class SqlTokenizer : public Tokenizer {
 public:
  bool starts_record(std::string_view text) const override;
  std::size_t last_border(std::string_view text) const override;
  std::size_t look_ahead() const override { return kFarLookAhead; }
  void tokenize(Block& block) override;

 private:
  void add(Block& block, const ScriptPart& part);

  ShapeCache shapes_;
};

/// Where reading may go on after a record that was too long: behind the data of a COPY.
bool SqlTokenizer::starts_record(std::string_view text) const { return text.starts_with("\\.\n"); }

/// The last line at whose front no statement is open.
std::size_t SqlTokenizer::last_border(std::string_view text) const {
  std::size_t border = 0;
  Script script(text);
  for (ScriptPart part = script.next(); part.kind != ScriptPartKind::kEnd && part.closed; part = script.next()) {
    const auto behind = static_cast<std::size_t>(part.text.data() + part.text.size() - text.data());
    const auto newline = text.find('\n', behind);
    if (newline == std::string_view::npos || part.data_follows) continue;
    const auto rest = text.substr(behind, newline - behind);
    if (rest.find_first_not_of(";\\. \t\r") == std::string_view::npos) border = newline + 1;
  }
  return border < text.size() ? border : 0;
}

void SqlTokenizer::add(Block& block, const ScriptPart& part) {
  const std::uint64_t line = part.line - 1;
  const bool shares_line = !block.entries.empty() && block.entries.back().line == line;
  if (part.kind == ScriptPartKind::kCopyData) {
    block.skips.add(SkipReason::kCopyData, line, count_lines(part.text) + (part.closed ? 1 : 0), part.text);
  } else if (part.kind == ScriptPartKind::kCommand && !shares_line) {
    block.skips.add(part.text == "\\." ? SkipReason::kCopyData : SkipReason::kPsqlCommand, line, 1, part.text);
  } else if (part.kind == ScriptPartKind::kStatement) {
    LogEntry& entry = block.entries.emplace_back();
    entry.kind = MessageKind::kStatement;
    entry.line = line;
    entry.severity = "LOG";
    entry.sql = part.text;
    const auto told = shapes_.of(part.text);
    entry.shape = told.shape;
    entry.values = told.values;
  }
}

void SqlTokenizer::tokenize(Block& block) {
  Script script(block.text());
  for (ScriptPart part = script.next(); part.kind != ScriptPartKind::kEnd; part = script.next()) add(block, part);
  block.lines = count_lines(block.text());
  block.continuation_lines = block.lines - block.record_lines() - block.skips.lines();
}

}  // namespace

std::unique_ptr<Tokenizer> make_sql_tokenizer(const LogDialect&) { return std::make_unique<SqlTokenizer>(); }

}  // namespace assay
