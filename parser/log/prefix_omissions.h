// What a log_line_prefix leaves out of lines of stderr, of that which csvlog and jsonlog always tell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// In PostgreSQL's notation: "database (%d)". `format` is what carries the lines, which tells some of it itself.
std::vector<std::string> prefix_omissions(std::string_view log_line_prefix, std::string_view format);

}  // namespace assay
