#include "connectors/extended_statistics.h"

#include <catch2/catch.hpp>

#include "connectors/postgres.h"
#include "connectors/shadow_planner.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

/// 20,000 rows, so that ANALYZE reads them whole. `gone` leaves a gap in the columns' numbers.
std::vector<std::string> correlated_schema() {
  return {
      "CREATE TYPE size AS ENUM ('s', 'm', 'l')",
      "CREATE TABLE cars (gone int, make int, model int, colour text, sold date, price numeric, size size, "
      "period daterange, seats int4range)",
      "ALTER TABLE cars DROP COLUMN gone",
      "INSERT INTO cars SELECT i % 50 / 5, i % 50, 'colour ' || i % 50 / 10, date '2024-01-01' + i % 50, i % 50 / 5 * "
      "100, (ARRAY['s','m','l'])[1 + i % 50 / 20]::size, "
      "CASE WHEN i % 9 = 0 THEN 'empty' WHEN i % 9 = 1 THEN daterange(date '2024-01-01' + i % 700, NULL) "
      "ELSE daterange(date '2024-01-01' + i % 700, date '2024-01-02' + i % 700 + i % 31) END, "
      "int4range(i % 1000, i % 1000 + 1 + i % 77) FROM generate_series(1, 20000) AS i",
      "CREATE STATISTICS makes (ndistinct, dependencies) ON make, model FROM cars",
      "CREATE STATISTICS looks (mcv) ON make, colour, sold, price FROM cars",
      "CREATE STATISTICS sums ON (make + model), lower(colour) FROM cars",
      "CREATE STATISTICS one ON (model * 2) FROM cars",
      "ANALYZE cars",
  };
}

std::vector<std::string> correlated_queries() {
  return {
      "SELECT * FROM cars WHERE make = 3 AND model = 17",
      "SELECT make, model FROM cars GROUP BY make, model",
      "SELECT * FROM cars WHERE make = 3 AND colour = 'colour 1' AND sold < '2024-01-20'",
      "SELECT * FROM cars WHERE make = 3 AND (colour = 'colour 4' OR price = 300)",
      "SELECT * FROM cars WHERE make + model = 20",
      "SELECT * FROM cars WHERE make + model = 20 AND lower(colour) = 'colour 1'",
      "SELECT make + model, lower(colour) FROM cars GROUP BY 1, 2",
      "SELECT * FROM cars WHERE model * 2 > 40",
      "SELECT * FROM cars WHERE period @> date '2024-05-05'",
      "SELECT * FROM cars WHERE period && daterange('2024-05-05', '2024-06-05')",
      "SELECT * FROM cars WHERE period << daterange('2024-05-05', NULL)",
      "SELECT * FROM cars WHERE seats <@ int4range(10, 60)",
      "SELECT * FROM cars WHERE isempty(period) OR period = 'empty'",
  };
}

std::string plan_of(Session& server, const std::string& sql) {
  return to_string(parse_plan(server.query("EXPLAIN (FORMAT JSON) " + sql).at(0)[0].value()));
}

std::string plan_of(ShadowPlanner& shadow, const std::string& sql) {
  const PlanAnswer answer = shadow.plan({sql, {}}, {});
  const auto* plan = std::get_if<PlanNode>(&answer);
  return plan ? to_string(*plan) : "unplannable: " + std::get<Unplannable>(answer).reason;
}

/// Bytes of the server's own, by the statistics object's column: "stxdmcv".
std::string bytes_of(RealServer& server, const std::string& column, const std::string& object) {
  return from_hex(server.value("SELECT encode(" + column +
                               "::bytea, 'hex') FROM pg_statistic_ext_data d JOIN "
                               "pg_statistic_ext x ON x.oid = d.stxoid WHERE stxname = '" +
                               object + "'"))
      .value();
}

}  // namespace

TEST_CASE("extended statistics and those of ranges give the shadow the real server's estimates") {
  RealServer server;
  server.run(correlated_schema());
  Session fresh(server.cluster().conninfo("postgres"));
  const Catalog catalog = read_catalog(fresh);
  ShadowPlanner shadow(catalog);
  CHECK(shadow.remarks().size() == 1);
  for (const std::string& remark : shadow.remarks()) UNSCOPED_INFO(remark);
  for (const std::string& sql : correlated_queries()) {
    INFO(sql);
    CHECK(plan_of(shadow, sql) == plan_of(fresh, sql));
  }

  Catalog without = catalog;  // they matter: without them, the estimates are others
  without.extended_statistics.clear();
  ShadowPlanner poorer(without);
  CHECK(plan_of(poorer, correlated_queries()[0]) != plan_of(fresh, correlated_queries()[0]));
  CHECK(plan_of(poorer, correlated_queries()[2]) != plan_of(fresh, correlated_queries()[2]));
}

TEST_CASE("what extended statistics a role may not read is rebuilt from the view, or said to be missing") {
  RealServer server;
  server.run(correlated_schema());
  server.run({"CREATE ROLE owner LOGIN", "CREATE ROLE guest LOGIN", "ALTER TABLE cars OWNER TO owner",
              "ALTER STATISTICS sums OWNER TO owner", "GRANT SELECT ON cars TO guest"});
  Session all(server.cluster().conninfo("postgres")), owner(server.cluster().conninfo("postgres", "owner")),
      guest(server.cluster().conninfo("postgres", "guest"));
  const Catalog full = read_catalog(all), view = read_catalog(owner);
  const auto statistics = [](const Catalog& catalog, const std::string& name) {
    for (const auto& found : catalog.extended_statistics) {
      if (found.name == name) return found;
    }
    return ExtendedStatistics{};
  };
  CHECK(full.hidden_statistics.empty());
  CHECK(statistics(view, "makes").distinct == statistics(full, "makes").distinct);
  CHECK(statistics(view, "makes").dependencies == statistics(full, "makes").dependencies);
  CHECK(statistics(view, "sums").expressions.size() == 2);
  CHECK(view.hidden_statistics == std::vector<std::string>{"public.looks", "public.sums"});
  ShadowPlanner shadow(view);
  for (const std::size_t query : {0, 1, 4, 7}) {
    CHECK(plan_of(shadow, correlated_queries()[query]) == plan_of(all, correlated_queries()[query]));
  }
  CHECK_THAT(shadow.remarks().back(), Catch::Contains("2 statistics objects whose values"));
  CHECK(read_catalog(guest).hidden_statistics.size() == 4);
}

TEST_CASE("lists over types that differ from server to server are left out, and said to be") {
  RealServer server;
  server.run(correlated_schema());
  server.run({"CREATE STATISTICS sizes (mcv, dependencies) ON make, size FROM cars", "ANALYZE cars"});
  ShadowPlanner shadow(read_catalog(server.session()));
  CHECK(shadow.remarks().back() == "1 statistics object could not be taken over whole; the first: public.sizes.");
}

TEST_CASE("the view's words give the bytes of the server") {
  const auto hex = [](const std::optional<std::string>& bytes) { return bytes ? to_hex(*bytes) : "none"; };
  CHECK(hex(distinct_from_text(R"({"1, 2": 3})")) ==
        "a4bf52a3"
        "01000000"
        "01000000"
        "0000000000000840"
        "02000000"
        "01000200");
  CHECK(hex(dependencies_from_text(R"({"1, -2 => 3": 0.500000})")) ==
        "2c9a54b4"
        "01000000"
        "01000000"
        "000000000000e03f"
        "0300"
        "0100"
        "feff"
        "0300");
  for (const char* bad :
       {"", "{}", "x", "{\"1\": 2}", "{\"1, 2\": }", "{\"1, 2\": nan}", "{\"1, 2\": 3,}", "{\"0, 2\": 3}",
        "{\"1, 2\" 3}", "{\"1, 2\": -3}", "{\"1,2\": 3}", "{\"1, 2\": 3", "{\"1 => 2 => 3\": 1}"}) {
    INFO(bad);
    CHECK(hex(distinct_from_text(bad)) == "none");
    CHECK(hex(dependencies_from_text(bad)) == "none");
  }
  CHECK(hex(renumbered_distinct(*distinct_from_text(R"({"1, 2": 3})"), {{1, 7}, {2, 9}})) ==
        hex(distinct_from_text(R"({"7, 9": 3})")));
  CHECK(hex(renumbered_dependencies(*dependencies_from_text(R"({"1 => -1": 1})"), {{1, 2}})) ==
        hex(dependencies_from_text(R"({"2 => -1": 1})")));
  CHECK(hex(renumbered_distinct(*distinct_from_text(R"({"1, 2": 3})"), {{1, 7}})) == "none");
}

TEST_CASE("bytes of extended statistics that would lead a server astray are refused") {
  RealServer server;
  server.run(correlated_schema());
  const std::string distinct = bytes_of(server, "stxdndistinct", "makes"),
                    dependencies = bytes_of(server, "stxddependencies", "makes"),
                    mcv = bytes_of(server, "stxdmcv", "looks");
  const std::vector<StatisticsColumn> columns = {{23, 4, true}, {25, -1, false}, {1082, 4, true}, {1700, -1, false}};
  CHECK(is_sound_distinct(distinct));
  CHECK(is_sound_dependencies(dependencies));
  CHECK(is_sound_mcv_list(mcv, columns));
  CHECK_FALSE(is_sound_mcv_list(mcv, {columns[0], columns[1], columns[2]}));
  CHECK_FALSE(is_sound_mcv_list(mcv, {columns[1], columns[0], columns[2], columns[3]}));
  for (std::size_t size = 0; size < mcv.size(); size += 7) CHECK_FALSE(is_sound_mcv_list(mcv.substr(0, size), columns));
  for (std::size_t size = 0; size < distinct.size(); ++size) CHECK_FALSE(is_sound_distinct(distinct.substr(0, size)));
  CHECK_FALSE(is_sound_mcv_list(mcv + "x", columns));
  const std::size_t head = 14 + 4 * 4 + 4 * 20;  // magic, type, items, dimensions; types; DimensionInfo
  for (std::size_t at = 0; at < head; ++at) {    // whatever stands there says how much room or what is where
    std::string changed = mcv;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    const std::size_t of_dimension = at < 30 ? 0 : (at - 30) % 20;
    INFO(at);
    CHECK(is_sound_mcv_list(changed, columns) == (of_dimension > 16));  // three bytes beside a bool mean nothing
  }
  std::string index = mcv;
  index[mcv.size() - 1] = '\x7f';  // the last item's last index: beyond all values
  CHECK_FALSE(is_sound_mcv_list(index, columns));
}

}  // namespace assay
