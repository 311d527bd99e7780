// Takes the values out of records: what is left tells which statements ran, when and for how long, but not for whom.
//
// Literals become parameters ($1), so that a statement keeps its shape and can still be planned; LIKE patterns keep
// their wildcards. Comments and logged parameters go, and plans, whose conditions hold values. Of messages those stay
// whose wording is the server's own, with what they quote masked unless it is the name of an object.
// What stays: names of objects, users, applications and hosts, and 64-bit hashes of values, which tell that two
// executions had the same ones (who knows a value can recognise its hash).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "parser/log/record.h"

namespace assay {

/// `SELECT * FROM t WHERE a = $1 AND b LIKE 'x%'`, without comments.
std::string redacted_statement(std::string_view sql, SqlDialect dialect);

/// Masks what is quoted in a message of the server, but for names: `invalid input syntax for type integer: "…"`.
std::string redacted_message(std::string_view message);

class Redactor {
 public:
  /// Views of what comes back are valid until the next call, and as long as those of `record`.
  const LogRecord& redact(const LogRecord& record);

 private:
  std::string_view statement_of(const LogRecord& record);
  void redact_texts(const LogRecord& record);

  std::unordered_map<std::uint64_t, std::string> statements_;  // by text
  std::size_t bytes_ = 0;
  std::string statement_, message_, detail_, context_;
  LogRecord redacted_;
};

}  // namespace assay
