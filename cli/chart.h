// A chart as a value, and the three ways to show it: as text that any terminal shows, as Mermaid's source, which GitHub
// and GitLab draw, and as data for the script in the HTML report. Whoever makes a chart knows none of them.
//
// Leaves out: texts of a log. Labels and names are the tool's own words, figures, times and ids.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class ChartStyle { kText, kMermaid, kData };

struct ChartSeries {
  std::string name;
  std::vector<double> values;  ///< one for each label
};

struct Chart {
  enum class Kind { kBars, kLines } kind = Kind::kBars;
  std::string title;
  std::string label_axis;  ///< what the labels are
  std::string value_axis;  ///< what the values are, with their unit
  std::vector<std::string> labels;
  std::vector<ChartSeries> series;
};

/// The language of a code block that holds a chart's data, which the HTML report draws.
inline constexpr std::string_view kChartData = "assay-chart";

/// A fenced block, with a newline at its end. Values must be finite; labels hold no control characters.
std::string to_block(const Chart& chart, ChartStyle style);

}  // namespace assay
