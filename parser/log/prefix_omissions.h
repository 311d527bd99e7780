// What a log_line_prefix leaves out of the stderr format, of that which csvlog and jsonlog always tell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// In PostgreSQL's notation: "database (%d)".
std::vector<std::string> prefix_omissions(std::string_view log_line_prefix);

}  // namespace assay
