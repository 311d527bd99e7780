// Recognises how a log is written, from its first few megabytes: format, log_line_prefix, line ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parser/log/tokenizer.h"

namespace assay {

/// Of the beginning of a log; the last line may be cut. What `options` states is taken as it is.
/// Throws Error when no format is recognised, or the server wrote in a language other than English.
LogDialect recognise(const std::string& path, std::string_view sample, const ReadOptions& options);

/// log_line_prefix, in PostgreSQL's notation, of the labelled lines in a stderr log; nothing when there are none,
/// or they do not agree.
std::optional<std::string> detect_prefix(std::string_view sample);

/// The language of the server's messages when it is not English ("German"); empty otherwise.
std::string_view foreign_language(std::string_view sample);

}  // namespace assay
