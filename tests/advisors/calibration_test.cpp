#include "advisors/calibration.h"

#include <catch2/catch.hpp>

#include "advisors/fragility.h"

namespace assay {
namespace {

PlanNode node(const std::string& type, double cost, std::vector<PlanNode> children = {}) {
  return {.type = type, .total_cost = cost, .children = std::move(children)};
}

double at(const Work& work, WorkKind kind) { return work[static_cast<std::size_t>(kind)]; }

double sum(const Work& work) { return work[0] + work[1] + work[2] + work[3]; }

/// Plans of which sequential reading is ten times as dear as the planner thinks, reading by an index as it thinks.
std::vector<Observation> observations(std::size_t count, double noise) {
  std::vector<Observation> list;
  for (std::size_t i = 0; i < count; ++i) {
    const double sequential = static_cast<double>(i * 37 % 101) * 100, by_index = static_cast<double>(i * 53 % 89) * 10;
    const double ms = 0.5 + 0.01 * sequential + 0.001 * by_index;
    list.push_back({{sequential, by_index, 0, 0}, ms * (i % 2 == 0 ? 1 + noise : 1 / (1 + noise))});
  }
  return list;
}

}  // namespace

TEST_CASE("calibration: the kinds of work add up to the plan's cost") {
  const PlanNode plan =
      node("Limit", 60, {node("Sort", 120, {node("Nested Loop", 100, {node("Seq Scan", 20), node("Index Scan", 2)})})});
  const Work work = work_of(plan);
  CHECK(sum(work) == Approx(60));
  CHECK(at(work, WorkKind::kSequential) == Approx(10));
  CHECK(at(work, WorkKind::kByIndex) == Approx(40));  // repeated by the loop
  CHECK(at(work, WorkKind::kSort) == Approx(10));
}

TEST_CASE("calibration: prices that the workload was made from are found again") {
  const Calibration exact = Calibration::fit(observations(60, 0));
  REQUIRE(exact.is_fitted());
  CHECK(exact.floor_ms() == Approx(0.5).epsilon(0.05));
  CHECK(exact.prices()[0] == Approx(0.01).epsilon(0.05));
  CHECK(exact.predict(node("Seq Scan", 1000)) == Approx(10.5).epsilon(0.05));
  const Calibration noisy = Calibration::fit(observations(60, 0.3));
  CHECK(noisy.prices()[0] == Approx(0.01).epsilon(0.4));
}

TEST_CASE("calibration: a few wild durations do not move the prices") {
  std::vector<Observation> list = observations(60, 0);
  for (std::size_t i = 0; i < 4; ++i) list[i * 13].ms *= 100;
  CHECK(Calibration::fit(list).prices()[0] == Approx(0.01).epsilon(0.2));
}

TEST_CASE("calibration: with too little, or nothing that fits, the ratio of costs stands") {
  const Calibration few = Calibration::fit(observations(5, 0));
  CHECK_FALSE(few.is_fitted());
  CHECK(few.predict(node("Seq Scan", 1000)) == 1000);
  CHECK(few.told().find("too few") != std::string::npos);
  std::vector<Observation> wild = observations(60, 0);
  for (std::size_t i = 0; i < wild.size(); ++i) wild[i].ms = i % 3 == 0 ? 0.01 : i % 3 == 1 ? 10 : 10'000;
  CHECK_FALSE(Calibration::fit(wild).is_fitted());
}

TEST_CASE("fragility: what a nested loop repeats is repeated tenfold, once however deep it stands") {
  const PlanNode scan = node("Seq Scan", 100);
  CHECK(worst_cost(scan) == 100);
  CHECK(worst_cost(node("Hash Join", 300, {scan, scan})) == 300);
  const PlanNode loop = node("Nested Loop", 130, {node("Index Scan", 10), node("Index Scan", 8)});
  CHECK(worst_cost(loop) == Approx(10 + 10 * 120));
  CHECK(worst_cost(node("Sort", 150, {loop})) == Approx(150 + 9 * 120));
  CHECK(worst_cost(node("Limit", 13, {loop})) == Approx(130));  // read to its end
  CHECK(worst_cost(node("Nested Loop", 180, {loop, node("Index Scan", 5)})) == Approx(10 + 10 * 120 + 10 * 50));
}

TEST_CASE("fragility: what is believed to stop early reads ten times as far, a merge join to the end") {
  PlanNode scan = node("Index Scan", 8000);
  CHECK(worst_cost(node("Limit", 100, {scan})) == 100);  // the first rows are the ones that are asked for
  scan.details = {{"Filter", "(state = 'open')"}};
  CHECK(worst_cost(node("Limit", 100, {scan})) == 1000);
  CHECK(worst_cost(node("Limit", 2000, {scan})) == 8000);
  CHECK(worst_cost(node("Merge Join", 500, {node("Index Scan", 100), node("Index Scan", 99'900)})) == 100'000);
  CHECK(worst_cost(node("Merge Join", 300, {node("Sort", 100), node("Sort", 150)})) == 300);
}

TEST_CASE("fragility: a row that an index scan looks up has its price, also beyond an early stop") {
  PlanNode scan = node("Index Scan", 1000);
  scan.rows = 50'000;
  CHECK(worst_cost(scan, 0.1) == 6000);
  CHECK(worst_cost(node("Merge Join", 100, {scan}), 0.1) == 6000);
  CHECK(worst_cost(node("Index Only Scan", 1000), 0.1) == 1000);
}

TEST_CASE("fragility: a walk over a whole index looks up what its filter throws away, too") {
  // The warehouse's open orders by date: 1,000 of half a million rows, which EXPLAIN does not tell.
  PlanNode walk = node("Index Scan", 17'500);
  walk.rows = 1000;
  walk.details = {{"Filter", "(status = 'open')"}};
  const PlanNode sorted = node("Limit", 1900, {node("Nested Loop", 19'000, {walk, node("Index Scan", 1)})});
  CHECK(worst_cost(sorted, 0.1) == Approx(19'000 + 0.1 * 1'000'000));
  walk.details.emplace_back("Index Cond", "(channel = 'phone')");
  CHECK(worst_cost(node("Limit", 1900, {walk}), 0.1) == Approx(17'500 + 0.1 * 1000));
}

}  // namespace assay
