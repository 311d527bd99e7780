// A script, such as pg_dump's, taken apart as psql does it: statements, backslash commands, COPY data.
//
// Semicolons in literals, comments and the bodies of SQL-standard functions (BEGIN ATOMIC … END) and of rules end no
// statement. Unlike psql's, a parenthesis that is never closed costs one statement, not the rest of the script.
// A backslash command ends a statement too, as \gexec does. What this leaves out: psql's variables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parser/sql/lexer.h"

namespace assay {

enum class ScriptPartKind {
  kEnd,
  kStatement,
  kCommand,   ///< a line with one of psql's backslash commands
  kCopyData,  ///< the lines behind COPY … FROM stdin, without the closing \.
};

struct ScriptPart {
  ScriptPartKind kind = ScriptPartKind::kEnd;
  std::string_view text;      ///< a part of the script; a statement without its semicolon and the comments around it
  std::uint64_t line = 0;     ///< of its first byte, counted from 1
  bool closed = false;        ///< its end stands in the script: a semicolon, a newline, \.
  bool data_follows = false;  ///< a COPY … FROM stdin
};

class Script {
 public:
  explicit Script(std::string_view text) : text_(text), lexer_(text) {}

  /// Parts in order; kEnd at the end, and from then on.
  ScriptPart next();

 private:
  ScriptPart part(ScriptPartKind kind, std::size_t begin, std::size_t end);
  ScriptPart command(std::size_t begin);
  ScriptPart copy_data();
  ScriptPart statement(Token token);
  std::size_t end_of_line(std::size_t i) const;

  std::string_view text_;
  Lexer lexer_;
  std::size_t counted_ = 0;  ///< lines are counted up to here
  std::uint64_t line_ = 1;
  bool copying_ = false;  ///< the last statement was COPY … FROM stdin
};

}  // namespace assay
