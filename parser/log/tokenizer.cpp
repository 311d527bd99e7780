#include "parser/log/tokenizer.h"

namespace assay {

std::size_t Tokenizer::last_border(std::string_view text) const {
  for (auto newline = text.rfind('\n'); newline != std::string_view::npos; newline = text.rfind('\n', newline - 1)) {
    if (newline + 1 < text.size() && starts_record(text.substr(newline + 1))) return newline + 1;
    if (newline == 0) break;
  }
  return 0;
}

std::size_t Tokenizer::front_rest(std::string_view text) const { return first_record(*this, text, 0); }

bool Tokenizer::is_completed_by(std::string_view text, std::string_view) const { return !text.ends_with('\n'); }

std::size_t first_record(const Tokenizer& tokenizer, std::string_view text, std::size_t from) {
  while (from < text.size() && !tokenizer.starts_record(text.substr(from))) from = line_end(text, from) + 1;
  return from < text.size() ? from : std::string_view::npos;
}

std::string_view host_without_port(std::string_view remote) {
  const auto colon = remote.rfind(':');
  if (colon == std::string_view::npos || remote.find_first_not_of("0123456789", colon + 1) != std::string_view::npos)
    return remote;
  return remote.substr(0, colon);
}

std::unique_ptr<Tokenizer> make_tokenizer(const LogDialect& dialect) {
  switch (dialect.format) {
    case LogFormat::kPostgresStderr:
      return make_stderr_tokenizer(dialect);
    case LogFormat::kPostgresCsv:
      return make_csv_tokenizer(dialect);
    case LogFormat::kPostgresJson:
      return make_json_tokenizer(dialect);
    case LogFormat::kMysqlSlow:
      return make_mysql_slow_tokenizer(dialect);
    case LogFormat::kPostgresSyslog:
      return make_syslog_tokenizer(dialect);
    case LogFormat::kCloudSql:
      return make_cloudsql_tokenizer(dialect);
    case LogFormat::kAzure:
      return make_azure_tokenizer(dialect);
    case LogFormat::kCloudNativePg:
      return make_cloudnativepg_tokenizer(dialect);
    case LogFormat::kStatStatements:
      return make_stat_statements_tokenizer(dialect);
    case LogFormat::kSqlText:
      return make_sql_tokenizer(dialect);
    default:
      return nullptr;
  }
}

}  // namespace assay
