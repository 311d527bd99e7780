// Recognises what carries PostgreSQL's messages other than its own three formats, and finds in it the lines of stderr
// that log_line_prefix is detected from.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parser/log/reader.h"

namespace assay {

/// The cloud whose JSON the sample is; nothing for other JSON, jsonlog included.
std::optional<LogFormat> recognise_cloud(std::string_view sample);

/// Whether the sample is SQL: it begins with the word that begins a statement.
bool is_sql_text(std::string_view sample);

/// Whether the format carries lines of stderr.
bool carries_stderr(LogFormat format);

/// The lines of stderr that the sample carries, each on a line of its own.
std::string carried_lines(LogFormat format, std::string_view sample);

/// Where syslog leaves out the year: the first line's time, in the last year that is not after the file's date (or
/// today, where it is no file). Nothing where the year is told.
std::optional<Timestamp> deduced_first_time(const std::string& path, std::string_view sample, UtcOffset zone);

}  // namespace assay
