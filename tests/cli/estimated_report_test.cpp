#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/cli/command.h"

namespace assay {
namespace {

/// Hides the server programs of this machine while it lives.
class NoServerPrograms {
 public:
  NoServerPrograms() { setenv("ASSAY_SERVER_PROGRAMS", folder_.path("none").c_str(), 1); }
  ~NoServerPrograms() { unsetenv("ASSAY_SERVER_PROGRAMS"); }

 private:
  test::Folder folder_;
};

std::vector<std::string> report_of_the_crm(const std::string& format) {
  const std::string samples = std::string(ASSAY_SAMPLES) + "/crm/recorded";
  return {"report", samples + "/crm.log.zst", "--catalog", samples + "/crm.snapshot", "--format", format};
}

}  // namespace

TEST_CASE("without a PostgreSQL server the built-in model weighs the candidates, and says so", "[estimated]") {
  const NoServerPrograms hidden;
  const test::Outcome outcome = test::assay(report_of_the_crm("json"));
  CHECK(outcome.status == 0);
  CHECK(outcome.err.find("costs are estimated by the built-in model, not planned") != std::string::npos);
  const auto json = nlohmann::json::parse(outcome.out);
  REQUIRE(json["recommendations"].size() > 5);
  for (const auto& recommendation : json["recommendations"]) CHECK(recommendation["evidence"] == "estimated");
  CHECK(json["recommendations"][0]["ddl"][0].get<std::string>().find("CREATE INDEX") == 0);

  const test::Outcome text = test::assay(report_of_the_crm("markdown"));
  CHECK(text.out.find("estimated by Assay's built-in model") != std::string::npos);
  CHECK(text.out.find("planned by PostgreSQL's own planner") == std::string::npos);
  CHECK(text.out == test::assay(report_of_the_crm("markdown")).out);
}

}  // namespace assay
