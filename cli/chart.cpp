#include "cli/chart.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/escape.h"
#include "cli/units.h"

namespace assay {
namespace {

constexpr double kBarWidth = 40;          // characters of the longest bar
constexpr double kTicks = 1.05;           // of the largest value, where Mermaid's axis ends
constexpr std::size_t kDrawnLabels = 24;  // more of them run into each other

// Characters, not bytes: names and units may hold others than ASCII.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t has = width_of(text);
  return std::string(text) + std::string(width > has ? width - has : 0, ' ');
}

double largest(const Chart& chart) {
  double most = 0;
  for (const ChartSeries& series : chart.series) {
    for (const double value : series.values) most = std::max(most, value);
  }
  return most;
}

std::string bar(double value, double most) {
  const auto eighths = std::lround(8 * kBarWidth * std::max(0.0, value) / std::max(most, 1e-9));
  static constexpr const char* kParts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  std::string text;
  for (long i = 0; i < eighths / 8; ++i) text += "█";
  return text + kParts[eighths % 8];
}

std::string to_text(const Chart& chart) {
  std::size_t labels = width_of(chart.label_axis), names = 0;
  for (const std::string& label : chart.labels) labels = std::max(labels, width_of(label));
  for (const ChartSeries& series : chart.series) names = std::max(names, width_of(series.name));
  if (chart.series.size() < 2) names = 0;
  const double most = largest(chart);
  std::string text = chart.title + "\n";
  for (std::size_t i = 0; i < chart.labels.size(); ++i) {
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      text += padded(s == 0 ? chart.labels[i] : "", labels) + "  ";
      if (names > 0) text += padded(chart.series[s].name, names) + "  ";
      text += fmt::format("{:>8}  {}\n", cost_text(chart.series[s].values[i]), bar(chart.series[s].values[i], most));
    }
  }
  return code_block(text, "text");
}

std::string in_quotes(std::string_view text) {
  std::string inside;
  for (const char c : text) inside += c == '"' ? '\'' : c;
  return "\"" + inside + "\"";
}

// Mermaid's own colours are pale, and it draws no legend: the title tells the colours, of which there are two.
constexpr std::string_view kColours =
    R"(%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#2f81f7, #2da44e"}}}}%%)";

std::string to_mermaid(const Chart& chart) {
  std::string title = chart.title, labels, lines;
  if (chart.series.size() == 2) {
    title += fmt::format(" (blue: {}, green: {})", chart.series[0].name, chart.series[1].name);
  }
  const std::size_t every = chart.labels.size() / kDrawnLabels + 1;
  for (std::size_t i = 0; i < chart.labels.size(); ++i) {
    labels += (i > 0 ? ", " : "") + in_quotes(i % every == 0 ? chart.labels[i] : std::string(i, ' '));
  }
  for (const ChartSeries& series : chart.series) {
    lines += fmt::format("    {} [{:.4g}]\n", chart.kind == Chart::Kind::kBars ? "bar" : "line",
                         fmt::join(series.values, ", "));
  }
  return code_block(fmt::format("{}\nxychart-beta\n    title {}\n    x-axis {} [{}]\n    y-axis {} 0 --> {:.4g}\n{}",
                                kColours, in_quotes(title), in_quotes(chart.label_axis), labels,
                                in_quotes(chart.value_axis), std::max(1e-3, kTicks * largest(chart)), lines),
                    "mermaid");
}

std::string to_data(const Chart& chart) {
  nlohmann::ordered_json json = {{"kind", chart.kind == Chart::Kind::kBars ? "bar" : "line"},
                                 {"title", chart.title},
                                 {"label_axis", chart.label_axis},
                                 {"value_axis", chart.value_axis},
                                 {"labels", chart.labels},
                                 {"series", nlohmann::ordered_json::array()}};
  for (const ChartSeries& series : chart.series) {
    json["series"].push_back({{"name", series.name}, {"values", series.values}});
  }
  return code_block(json.dump(), kChartData);
}

}  // namespace

std::string to_block(const Chart& chart, ChartStyle style) {
  switch (style) {
    case ChartStyle::kText:
      return to_text(chart);
    case ChartStyle::kMermaid:
      return to_mermaid(chart);
    case ChartStyle::kData:
      return to_data(chart);
  }
  return "";
}

}  // namespace assay
