// What the HTML report carries within itself, put into the program by the build (resources.cpp.in).
#pragma once

#include <string_view>

namespace assay {

extern const std::string_view kReportStyle;   ///< report.css
extern const std::string_view kReportScript;  ///< report.js
extern const std::string_view kChartScript;   ///< Chart.js, MIT licence, as Debian packages it

}  // namespace assay
