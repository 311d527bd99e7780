#include "advisors/forecast/calibration.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace assay {

TEST_CASE("floor and slope are found again") {
  std::vector<CostedDemand> classes;
  for (const double cost : {1.0, 8.0, 20.0, 90.0, 4000.0, 20'000.0}) classes.push_back({cost, 0.015 + cost * 0.002});
  const DemandCalibration calibration = calibrate(classes);
  CHECK(calibration.floor == Approx(0.015).epsilon(0.15));
  CHECK(calibration.slope == Approx(0.002).epsilon(0.05));
  CHECK(calibration.ratio(20'000, 8) == Approx((0.015 + 0.016) / (0.015 + 40)).epsilon(0.1));
  CHECK(calibration.typical_error() < 1.1);
}

TEST_CASE("one class that the planner misjudges does not move the fit") {
  std::vector<CostedDemand> classes{{500, 900}};
  for (const double cost : {1.0, 8.0, 20.0, 90.0, 4000.0, 20'000.0}) classes.push_back({cost, 0.015 + cost * 0.002});
  const DemandCalibration calibration = calibrate(classes);
  CHECK(calibration.slope == Approx(0.002).epsilon(0.1));
  CHECK(*std::max_element(calibration.residuals.begin(), calibration.residuals.end()) > 5);
}

TEST_CASE("a cost that does not change changes nothing, and none falls below the floor") {
  const DemandCalibration calibration = calibrate({{8, 0.03}, {100, 0.2}, {1000, 2}});
  CHECK(calibration.ratio(100, 100) == 1);
  CHECK(calibration.ratio(1000, 0) * 2 >= calibration.floor * 0.9);
  CHECK(calibration.ratio(1000, 10) < calibration.ratio(1000, 100));
}

TEST_CASE("the floor stays below what a statement is known to need") {
  const std::vector<CostedDemand> alike{{4000, 10}, {4400, 10}, {6000, 10.5}};  // tell a slope of nearly nothing
  CHECK(calibrate(alike).ratio(6000, 10) > 0.5);
  CHECK(calibrate(alike, 0.05).ratio(6000, 10) < 0.02);
}

TEST_CASE("too few classes do not tell the floor: it is assumed, and said so") {
  CHECK(calibrate({{20'000, 30}}).is_assumed);
  CHECK(calibrate({{20'000, 30}}).at(20'000) == Approx(30));
  CHECK(calibrate({}).ratio(100, 10) == 1);
  CHECK_FALSE(calibrate({{8, 0.03}, {100, 0.2}, {1000, 2}}).is_assumed);
}

}  // namespace assay
