// Tokenizer: what the three formats have in common. One per worker; it may keep scratch memory, but nothing that
// one block tells another, so blocks can be taken apart in any order.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "parser/log/block.h"
#include "parser/log/reader.h"

namespace assay {

/// How a log is written: what recognition finds, or the user states.
struct LogDialect {
  LogFormat format = LogFormat::kPostgresStderr;
  std::string log_line_prefix;          ///< stderr, and what carries lines of it: syslog, cloudsql, azure
  std::optional<Timestamp> first_time;  ///< syslog without years: when the log begins
  std::string header;                   ///< pg_stat_statements: the line that names the columns
  bool crlf = false;                    ///< every line ends with a carriage return too, which is no part of the text
  std::optional<UtcOffset> zone;
  std::size_t max_record = 64U << 20U;  ///< bytes; longer ones are skipped
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Whether a record starts at the front of `text`, which is the front of a line.
  virtual bool starts_record(std::string_view text) const = 0;

  /// The last place in `text`, behind its front, where a block may end because a record starts there; 0 for none.
  virtual std::size_t last_border(std::string_view text) const;

  /// Bytes behind a border that last_border() may need to see before it is sure of it.
  virtual std::size_t look_ahead() const { return 0; }

  /// How much of `text`, the front of a file, is the rest of a record that the file before began; npos where no record
  /// of its own starts in `text`.
  virtual std::size_t front_rest(std::string_view text) const;

  /// Whether `rest`, the front of the file behind, completes the last record of `text`, which ends a file.
  virtual bool is_completed_by(std::string_view text, std::string_view rest) const;

  /// Fills in the block's entries and its account.
  virtual void tokenize(Block& block) = 0;
};

/// For formats whose records may be spread over lines between other lines.
inline constexpr std::size_t kFarLookAhead = 4U << 20U;

std::unique_ptr<Tokenizer> make_stderr_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_csv_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_json_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_mysql_slow_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_syslog_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_cloudsql_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_azure_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_cloudnativepg_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_stat_statements_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_sql_tokenizer(const LogDialect& dialect);
std::unique_ptr<Tokenizer> make_tokenizer(const LogDialect& dialect);

/// The first place in `text` at or behind `from`, at the front of a line, where a record starts; npos for none.
std::size_t first_record(const Tokenizer& tokenizer, std::string_view text, std::size_t from);

/// Whether a line starts like a record of that format; used by the tokenizers and to recognise the format.
bool starts_csv_record(std::string_view text);
bool starts_json_record(std::string_view text);

/// csvlog's "10.0.0.1:5432" without its port; "[local]" has none.
std::string_view host_without_port(std::string_view remote);

}  // namespace assay
