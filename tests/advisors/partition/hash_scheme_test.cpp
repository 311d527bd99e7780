// HASH: proposed for what nearly all statements ask one value of, and seldom worth it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "advisors/partition/migration.h"
#include "advisors/partition/schemes.h"
#include "advisors/partition/two_levels.h"
#include "analyzer/catalog_from_ddl.h"

namespace assay {
namespace {

struct Asked {
  double share = 1;  ///< of the table's time, by equality
  double values = 50'000;
  double common = 0.001;  ///< share of the most common one
  double updates_per_s = 0;
};

struct World {
  Catalog catalog;
  TableSignals signals;
};

World world_of(const Asked& asked) {
  Diagnostics diagnostics;
  World world{catalog_from_ddl("CREATE TABLE carts (id bigint PRIMARY KEY, owner bigint NOT NULL, at date NOT NULL);",
                               "x", diagnostics),
              {}};
  TableSignals& signals = world.signals;
  signals.table = world.catalog.find_table("public", "carts");
  signals.time_ms_per_s = 100;
  signals.calls_per_s = 50;
  signals.keys.push_back({.column = find_column(*signals.table, "owner"),
                          .equality_ms_per_s = 100 * asked.share,
                          .updates_per_s = asked.updates_per_s,
                          .distinct = asked.values,
                          .most_common_share = asked.common});
  return world;
}

std::size_t proposed(const Asked& asked) {
  const World world = world_of(asked);
  SchemeProposals proposals;
  propose_hash(world.signals, proposals);
  return proposals.schemes.size();
}

PartitionScheme by_day(int days) {
  PartitionScheme scheme{.partitioning = {"public", "carts", PartitionStrategy::kRange, "at", {}}, .interval = "1 day"};
  for (int day = 0; day < days; ++day) {
    const auto text = [](int d) { return "2026-01-" + std::string(d < 9 ? "0" : "") + std::to_string(d + 1); };
    scheme.partitioning.partitions.push_back(
        {.name = "p" + std::to_string(day), .from = text(day), .to = text(day + 1)});
  }
  return scheme;
}

}  // namespace

TEST_CASE("HASH is proposed where nearly all time asks for one of many values, evenly spread", "[partition]") {
  CHECK(proposed({}) == 1);
  CHECK(proposed({.share = 0.81}) == 1);
  CHECK(proposed({.share = 0.79}) == 0);
  CHECK(proposed({.values = 999}) == 0);
  CHECK(proposed({.common = 0.06}) == 0);
  CHECK(proposed({.updates_per_s = 10}) == 0);
}

TEST_CASE("a HASH has each remainder of its modulus once, and the migration divides by the same", "[partition]") {
  const World world = world_of({});
  SchemeProposals proposals;
  propose_hash(world.signals, proposals);
  const PartitionScheme& scheme = proposals.schemes.at(0).scheme;
  CHECK(scheme.partitioning.strategy == PartitionStrategy::kHash);
  CHECK(scheme.partitioning.column == "owner");
  std::set<int> remainders;
  std::set<std::string> names;
  for (const HypotheticalPartition& part : scheme.partitioning.partitions) {
    remainders.insert(part.remainder);
    names.insert(part.name);
  }
  CHECK(remainders.size() == scheme.partitioning.partitions.size());
  CHECK(names.size() == remainders.size());
  CHECK(*remainders.begin() == 0);
  CHECK(*remainders.rbegin() == static_cast<int>(remainders.size()) - 1);

  const MigrationPlan plan = migration_of(scheme, world.catalog);
  REQUIRE(plan.ways.size() == 1);
  CHECK(recommended_way(plan)->kind == MigrationKind::kBackfill);
  const std::string script = script_of(plan.ways[0]);
  CHECK(script.find("PARTITION BY HASH (owner);") != std::string::npos);
  CHECK(script.find("FOR VALUES WITH (MODULUS 16, REMAINDER 15);") != std::string::npos);
  CHECK(plan.ways[0].partitions.size() == 16);
}

TEST_CASE("two levels are told with their price and without a gain", "[partition]") {
  const World world = world_of({});
  PartitionScheme by_owner{.partitioning = {"public", "carts", PartitionStrategy::kHash, "owner", {}}};
  const auto both = two_levels(by_day(20), by_owner, world.signals, world.catalog);
  REQUIRE(both);
  CHECK(both->scheme.sub_hash_modulus == 8);
  CHECK(both->obstacles.empty());
  CHECK(told(*both) ==
        "Two levels: RANGE on at by 1 day, and each partition by HASH on owner into 8. Either level alone pays on its "
        "twin; both together were not planned, so there is no figure. Its price: the primary key (id) must take in at: "
        "that id alone is unique, the database will no longer see to; partitions must be made ahead (pg_partman, or a "
        "job): a row beyond the last one is refused; the primary key must take in owner as well; a statement that "
        "names neither at nor owner opens 160 tables, one that names owner alone 20; each interval takes 8 new tables, "
        "and pg_partman 4.7 does not make the second level.");
  PartitionScheme by_time = by_owner;
  by_time.partitioning.column = "at";
  CHECK_FALSE(two_levels(by_day(20), by_time, world.signals, world.catalog));
}

TEST_CASE("what runs in one go leaves out what is for later, and goes back in the opposite order", "[partition]") {
  const World world = world_of({});
  const MigrationPlan plan = migration_of(by_day(20), world.catalog);
  for (const MigrationWay& way : plan.ways) {
    REQUIRE(way.steps.back().at_last);
    const auto all = statements_of(way), back = way_back_of(way);
    for (const std::string& later : way.steps.back().sql) {
      if (later.starts_with("DROP")) CHECK(std::find(all.begin(), all.end(), later) == all.end());
    }
    CHECK(back.back() == "DROP TABLE public.carts_partitioned;");
    const std::string script = script_of(way);
    CHECK(script.find("\nDROP TABLE public.carts_legacy;") == std::string::npos);
  }
  const MigrationWay& way = *recommended_way(plan);
  CHECK(way.kind == MigrationKind::kBackfill);
  const Catalog after = catalog_after(way, by_day(20), world.catalog);
  CHECK(after.find_table("public", "carts")->kind == 'p');
  CHECK(std::count_if(after.tables.begin(), after.tables.end(), [](const Table& table) {
          return !table.parents.empty();
        }) == static_cast<std::ptrdiff_t>(way.partitions.size()));
}

}  // namespace assay
