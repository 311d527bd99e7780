// The advisor with the real planner: a table on a private server, its statements, and what is made of them.
#include <algorithm>
#include <catch2/catch.hpp>

#include "advisors/index_advisor.h"
#include "advisors/partition/combined_advice.h"
#include "advisors/partition/partitioned_model.h"
#include "analyzer/workload_builder.h"
#include "connectors/postgres.h"
#include "connectors/shadow_planner.h"
#include "parser/sql/shape.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

struct Load {
  std::string sql;
  std::int64_t ms;
  int calls;
};

Workload workload_of(const std::vector<Load>& loads) {
  WorkloadBuilder builder({});
  std::int64_t second = 1704067200;  // 2024-01-01
  for (const Load& load : loads) {
    for (int i = 0; i < load.calls; ++i) {
      builder.add({.kind = RecordKind::kExecution,
                   .timed = true,
                   .time = {Timestamp(std::chrono::seconds(++second)), {}},
                   .duration = Microseconds{1000 * load.ms},
                   .database = "postgres",
                   .sql = load.sql,
                   .shape = shape_hash(load.sql)});
    }
  }
  return builder.finish({});
}

const std::string kDelete = "DELETE FROM events WHERE at < '2022-03-01'";
const std::string kMonth = "SELECT sum(amount) FROM events WHERE at >= '2023-03-01' AND at < '2023-04-01'";
const std::string kCustomer = "SELECT * FROM events WHERE customer = 77 AND at >= '2023-11-01'";

}  // namespace

TEST_CASE("the real planner proves a partitioning, and plans indexes on the twin", "[partition]") {
  RealServer server(std::map<std::string, std::string>{
      {"max_parallel_workers_per_gather", "0"}, {"effective_cache_size", "1MB"}, {"shared_buffers", "1MB"}});
  server.run(
      {"CREATE TABLE events (id int PRIMARY KEY, customer int NOT NULL, at timestamp NOT NULL, amount real, "
       "note text)",
       "INSERT INTO events SELECT i, abs(hashint4(i)) % 2000, timestamp '2022-01-01' + i * interval '10 minutes', "
       "i % 100, repeat('x', 500) FROM generate_series(1, 105000) AS i",
       "CHECKPOINT", "VACUUM ANALYZE"});
  Session session(server.cluster().conninfo("postgres"));
  const Catalog catalog = read_catalog(session);
  ShadowPlanner shadow(catalog);
  const Workload workload = workload_of({{kDelete, 20'000, 3}, {kMonth, 100, 20}, {kCustomer, 200, 20}});
  const auto meanings = understand(workload, &catalog);
  const IndexAdvisorOptions options{.database = "postgres", .budget_bytes = {}, .calls_limit = {}, .progress = {}};
  const Advice today = advise_indexes(workload, meanings, &catalog, &shadow, options);
  const PartitionAdvice partitions = advise_partitions(workload, meanings, &catalog, &shadow, "postgres", today);

  INFO(partitions.nothing);
  for (const JudgedTable& table : partitions.tables) {
    for (const std::string& reason : table.reasons) UNSCOPED_INFO(reason);
  }
  REQUIRE(partitions.recommendations.size() == 1);
  const auto& table = std::get<PartitionTable>(partitions.recommendations[0].change);
  CHECK(table.scheme.partitioning.column == "at");
  const std::size_t all = table.scheme.partitioning.partitions.size();
  for (const PartitionedClass& query : table.classes) {
    INFO(workload.classes[query.position].normalized);
    CHECK(query.most_scanned < all);  // each statement names the time: what is not asked for is pruned
    CHECK(query.cost_after < query.cost_before);
  }

  IndexAdvisorOptions again = options;
  again.time_factors = &partitions.time_factors;
  PartitionedModel divided(shadow, recommended_partitionings(partitions));
  const Advice both =
      combined_advice(today, advise_indexes(workload, meanings, &catalog, &divided, again), partitions, catalog);
  CHECK(both.selection->objective_before == today.selection->objective_before);
  CHECK(both.selection->objective_after < today.selection->objective_after);
  const auto saved_by = [](const Advice& advice, const std::string& column) {
    double saved = 0;
    for (const Recommendation& item : advice.recommendations) {
      const auto* created = std::get_if<CreateIndex>(&item.change);
      if (created && created->index.keys.front().column == column) saved += item.gain_ms_per_s;
    }
    return saved;
  };
  // What pruning does for the ranges, an index on the time is not credited with again.
  CHECK(saved_by(today, "at") > 2 * saved_by(both, "at"));
  for (const Recommendation& item : both.recommendations) {
    if (!std::holds_alternative<CreateIndex>(item.change)) continue;
    // Made when the table has changed over, on each of its partitions.
    CHECK(item.ddl.at(0).find(" ON ONLY public.events ") != std::string::npos);
    CHECK(item.ddl.size() == 1 + 2 * all);
  }
}

}  // namespace assay
