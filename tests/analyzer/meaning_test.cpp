// Which values of a class are planned.
#include "analyzer/meaning.h"

#include <catch2/catch.hpp>

#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

/// One class whose executions bear these values of $1, each 1 ms long but for the value "slow".
ClassMeaning meaning_of(const std::vector<std::string>& values) {
  WorkloadBuilder builder({});
  int second = 0;
  for (const std::string& value : values) {
    const std::string parameters = "$1 = '" + value + "'";
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(std::chrono::seconds(++second)), {}},
                 .duration = Microseconds{value == "slow" ? 9'000'000 : 1000},
                 .sql = "SELECT 1 FROM t WHERE a = $1",
                 .parameters = parameters,
                 .shape = shape_hash("SELECT 1 FROM t WHERE a = $1")});
  }
  return understand(builder.finish({}), nullptr).at(0);
}

std::vector<std::string> values_of(const ClassMeaning& meaning) {
  std::vector<std::string> values;
  for (const WeightedQuery& query : meaning.plannable) values.push_back(query.query.parameters.at(0).value_or("NULL"));
  return values;
}

}  // namespace

TEST_CASE("the most frequent values are planned first, and the slowest execution's are always among them") {
  std::vector<std::string> values;
  for (int i = 0; i < 4000; ++i) values.push_back("typical " + std::to_string(i % 3));
  values.insert(values.begin() + 1500, "slow");
  const ClassMeaning meaning = meaning_of(values);
  REQUIRE(meaning.plannable.size() >= 3);
  CHECK(meaning.plannable.size() <= kMostPlanned);
  CHECK(values_of(meaning).back() == "slow");
  CHECK(meaning.plannable.back().weight < meaning.plannable.front().weight / 100);
}

TEST_CASE("a class with one value is planned once") {
  CHECK(values_of(meaning_of({"slow", "slow", "slow"})) == std::vector<std::string>{"slow"});
}

}  // namespace assay
