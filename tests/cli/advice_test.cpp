// Lines of specification against the real planner, with the sample CRM's statistics: this statement, run often, makes
// Assay recommend that index. None of them stands in the recorded workload in this form.
#include <catch2/catch.hpp>

#include "advisors/index_advisor.h"
#include "analyzer/workload_builder.h"
#include "connectors/shadow_planner.h"
#include "connectors/snapshot.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

class SampleCrm {
 public:
  std::vector<std::string> recommendations_for(const std::string& sql) {
    WorkloadBuilder builder({});
    for (int i = 1; i <= 100; ++i) {
      builder.add({.kind = RecordKind::kExecution,
                   .timed = true,
                   .time = {Timestamp(std::chrono::seconds(i)), {}},
                   .duration = std::chrono::milliseconds{200},
                   .database = catalog_.database,
                   .sql = sql,
                   .shape = shape_hash(sql)});
    }
    const Workload workload = builder.finish({});
    const Advice advice = advise_indexes(workload, understand(workload, &catalog_), &catalog_, &planner_,
                                         {.database = catalog_.database});
    std::vector<std::string> names;
    for (const Recommendation& item : advice.recommendations) names.push_back(title_of(item));
    for (const Unjudged& item : advice.unjudged) names.push_back("unjudged: " + item.reason);
    return names;
  }

 private:
  Catalog catalog_ = load_catalog(std::string(ASSAY_SAMPLES) + "/crm/recorded/crm.snapshot");
  ShadowPlanner planner_{catalog_};
};

}  // namespace

TEST_CASE("recommendations by the real planner on the sample CRM's statistics") {
  SampleCrm crm;
  const auto recommends = [&](const std::string& sql, const std::vector<std::string>& expected) {
    INFO(sql);
    CHECK(crm.recommendations_for(sql) == expected);
  };
  recommends("SELECT id, amount FROM opportunities WHERE owner_id = 42 ORDER BY created_at DESC LIMIT 25",
             {"opportunities (owner_id, created_at DESC) INCLUDE (amount, id)"});
  recommends("SELECT * FROM activities WHERE contact_id = 12345 ORDER BY created_at DESC LIMIT 10",
             {"activities (contact_id, created_at DESC)"});
  recommends("SELECT * FROM opportunity_line_items WHERE opportunity_id = 777",
             {"opportunity_line_items (opportunity_id)"});
  recommends("UPDATE leads SET score = 1 WHERE converted_contact_id = 4711", {"leads (converted_contact_id)"});
  // What exists serves, or no index could.
  recommends("SELECT * FROM accounts WHERE id = 17", {});
  recommends("SELECT * FROM contacts WHERE account_id = 99", {});
  recommends("SELECT count(*) FROM accounts", {});
  recommends("SELECT code FROM countries WHERE name = 'France'", {});
  recommends("SELECT * FROM accounts WHERE name ILIKE '%corp%'", {});
  // What cannot be planned is said, not guessed.
  recommends("SELECT no_such_column FROM accounts", {"unjudged: column \"no_such_column\" does not exist"});
}

}  // namespace assay
