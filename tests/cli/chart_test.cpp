// A chart as text, as Mermaid's source and as data.
#include "cli/chart.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace assay;

namespace {

Chart chart() {
  return {.kind = Chart::Kind::kLines,
          .title = "Load",
          .label_axis = "sessions",
          .value_axis = "a second",
          .labels = {"1", "10"},
          .series = {{"today", {5, 10}}, {"after", {10, 20}}}};
}

}  // namespace

TEST_CASE("as text: a bar a value, the longest one forty characters") {
  const std::string text = to_block(chart(), ChartStyle::kText);
  CHECK(text ==
        "```text\nLoad\n"
        "1         today      5.00  ██████████\n"
        "          after      10.0  ████████████████████\n"
        "10        today      10.0  ████████████████████\n"
        "          after      20.0  ████████████████████████████████████████\n```\n");
}

TEST_CASE("as text: eighths of a character, and no name where there is one series") {
  Chart one = chart();
  one.series = {{"today", {1, 40.0 / 40 * 8}}};
  CHECK(
      to_block(one, ChartStyle::kText) ==
      "```text\nLoad\n1             1.00  █████\n10            8.00  ████████████████████████████████████████\n```\n");
}

TEST_CASE("as Mermaid: both axes, the colours in the title") {
  const std::string text = to_block(chart(), ChartStyle::kMermaid);
  CHECK(text.starts_with("```mermaid\n%%{init:"));
  CHECK(text.find("title \"Load (blue: today, green: after)\"\n    x-axis \"sessions\" [\"1\", \"10\"]\n    y-axis \"a "
                  "second\" 0 --> 21\n    line [5, 10]\n    line [10, 20]\n```\n") != std::string::npos);
}

TEST_CASE("as Mermaid: a quotation mark cannot end a text") {
  Chart quoted = chart();
  quoted.title = "a\"b";
  CHECK(to_block(quoted, ChartStyle::kMermaid).find("title \"a'b (") != std::string::npos);
}

TEST_CASE("as data: what was put in") {
  const std::string text = to_block(chart(), ChartStyle::kData);
  const auto json = nlohmann::json::parse(text.substr(text.find('\n'), text.rfind("```") - text.find('\n')));
  CHECK(text.starts_with("```assay-chart\n"));
  CHECK(json["labels"] == nlohmann::json{"1", "10"});
  CHECK(json["series"][1]["values"] == nlohmann::json{10, 20});
}
