// Text of a log, made safe for markdown: it can neither end the code it stands in nor start anything else.
#pragma once

#include <string>
#include <string_view>

namespace assay {

/// A code span on one line. An empty text gives (none).
std::string code_span(std::string_view text);

/// The same for a cell of a table, where `|` must be escaped even in code.
std::string table_code_span(std::string_view text);

/// A sentence of ours that holds names of others: what markdown or HTML would take for markup is escaped.
std::string plain_text(std::string_view text);

/// A fenced code block with its newlines kept and all other control characters escaped; ends with a newline.
std::string code_block(std::string_view text, std::string_view language);

/// Cut to `most` characters (not bytes), the last one an ellipsis.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace assay
