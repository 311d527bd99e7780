// The whole way, on a real server: run a workload, read its log, snapshot it, follow the advice, and see by the
// server's own count of buffers that it was right.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "connectors/private_cluster.h"
#include "connectors/session.h"
#include "tests/cli/command.h"

namespace assay {
namespace {

constexpr const char* kQuery =
    "SELECT id, amount FROM opportunity WHERE owner_id = $1 ORDER BY created_at DESC LIMIT 10";

void load(Session& session) {
  session.query(
      "CREATE TABLE opportunity (id int PRIMARY KEY, owner_id int, created_at timestamptz, amount numeric, note text)");
  session.query(
      "INSERT INTO opportunity SELECT i, (i * 7919) % 500, timestamptz '2026-01-01' + i * interval '1 minute', i % "
      "1000, "
      "repeat('x', 80) FROM generate_series(1, 60000) i");
  session.query("VACUUM ANALYZE opportunity");
}

struct Execution {
  std::int64_t buffers = 0;
  bool uses_index = false;
};

Execution execute(Session& session, const std::string& index) {
  const SqlRows rows = session.query(
      "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT id, amount FROM opportunity "
      "WHERE owner_id = 77 ORDER BY created_at DESC LIMIT 10");
  const auto plan = nlohmann::json::parse(*rows.at(0).at(0))[0]["Plan"];
  return {plan["Shared Hit Blocks"].get<std::int64_t>() + plan["Shared Read Blocks"].get<std::int64_t>(),
          !index.empty() && plan.dump().find('"' + index + '"') != std::string::npos};
}

}  // namespace

TEST_CASE("a recommended index, once created, is used and saves buffers by the server's own count") {
  const test::Folder folder;
  PrivateCluster server({.settings = {{"log_min_duration_statement", "0"},
                                      {"log_line_prefix", "%m [%p] %q%u@%d/%a "},
                                      {"log_min_messages", "warning"},
                                      {"log_timezone", "UTC"}}});
  Session session(server.conninfo("postgres"));
  load(session);
  const std::size_t loaded = server.log().size();  // the load is not what the table lives with
  for (int i = 0; i < 40; ++i) session.query(kQuery, {std::to_string(i * 13 % 500)});
  const std::string log = folder.write("server.log", server.log().substr(loaded));

  const test::Outcome snapshot =
      test::assay({"snapshot", server.conninfo("postgres"), "-o", folder.path("crm.snapshot")});
  INFO(snapshot.err);
  REQUIRE(snapshot.status == 0);
  const test::Outcome outcome =
      test::assay({"report", log, "--catalog", folder.path("crm.snapshot"), "--format", "json", "-o",
                   folder.path("report.json"), "--ddl", folder.path("indexes.sql")});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  const auto report = nlohmann::json::parse(test::read_file(folder.path("report.json")));
  std::vector<nlohmann::json> indexes;
  for (const auto& recommendation : report["recommendations"]) {
    if (recommendation["kind"] == "create_index") indexes.push_back(recommendation);
  }
  REQUIRE(indexes.size() == 1);
  const nlohmann::json& item = indexes[0];
  const std::string ddl = item["ddl"][0];
  CHECK(ddl ==
        "CREATE INDEX CONCURRENTLY opportunity_owner_id_created_at_idx ON public.opportunity USING btree "
        "(owner_id, created_at DESC);");
  CHECK(item["evidence"] == "planned");

  const Execution before = execute(session, "");
  session.query(ddl);
  const Execution after = execute(session, "opportunity_owner_id_created_at_idx");
  CHECK(after.uses_index);
  CHECK(after.buffers * 10 < before.buffers);

  const SqlRows real = session.query("SELECT pg_relation_size('opportunity_owner_id_created_at_idx')");
  CHECK(item["size_bytes"].get<double>() == Approx(std::stod(*real.at(0).at(0))).epsilon(0.15));

  const std::string rollback = item["rollback"][0];
  session.query(rollback);
  CHECK_FALSE(execute(session, "opportunity_owner_id_created_at_idx").uses_index);
  CHECK(test::read_file(folder.path("indexes.sql")).find(ddl) != std::string::npos);
  CHECK(test::read_file(folder.path("indexes.sql.rollback")).find(rollback) != std::string::npos);
}

TEST_CASE(
    "with --database the catalog comes from the server, which is asked nothing but SELECTs in a read-only "
    "transaction") {
  const test::Folder folder;
  PrivateCluster server({.settings = {{"log_statement", "all"},
                                      {"log_line_prefix", "%m [%p] %q%u@%d/%a "},
                                      {"log_duration", "on"},
                                      {"log_min_messages", "warning"}}});
  Session session(server.conninfo("postgres"));
  load(session);
  const std::size_t loaded = server.log().size();
  for (int i = 0; i < 200; ++i) session.query(kQuery, {std::to_string(i)});
  const std::size_t ours = server.log().size();
  const std::string log = folder.write("server.log", server.log().substr(loaded));
  const test::Outcome outcome = test::assay({"report", log, "--database", server.conninfo("postgres")});
  INFO(outcome.err << outcome.out.substr(0, 4000));
  REQUIRE(outcome.status == 0);
  CHECK(outcome.out.find("opportunity (owner_id, created_at DESC)") != std::string::npos);
  const std::string seen = server.log().substr(ours);
  for (const char* word : {"CREATE", "INSERT INTO", "UPDATE ", "DELETE FROM", "ANALYZE"}) {
    CHECK(seen.find(std::string(": ") + word) == std::string::npos);
  }
  CHECK(seen.find("READ ONLY") != std::string::npos);
}

TEST_CASE("a report leaves a production server nothing but read-only statements, and takes ACCESS SHARE locks alone") {
  const test::Folder folder;
  PrivateCluster server({.settings = {{"log_statement", "all"},
                                      {"log_line_prefix", "%m [%p] %q%u@%d/%a "},
                                      {"log_duration", "on"},
                                      {"log_min_messages", "warning"}}});
  Session session(server.conninfo("postgres"));
  load(session);
  for (int i = 0; i < 200; ++i) session.query(kQuery, {std::to_string(i)});
  session.query("CREATE EXTENSION hypopg");
  const std::string log = folder.write("server.log", server.log());
  // Whoever asked for more than ACCESS SHARE would wait for this lock, and give up.
  session.query("BEGIN");
  session.query("LOCK TABLE opportunity IN EXCLUSIVE MODE");
  const std::size_t start = server.log().size();
  for (const char* live : {"", "--live"}) {
    std::vector<std::string> command = {"report", log, "--database", server.conninfo("postgres"), "--quiet"};
    if (*live) command.push_back(live);
    const test::Outcome outcome = test::assay(command);
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    CHECK(outcome.out.find("opportunity (owner_id, created_at DESC)") != std::string::npos);
  }
  std::istringstream seen(server.log().substr(start));
  int statements = 0, begun = 0, read_only = 0;
  for (std::string line; std::getline(seen, line);) {
    const std::size_t at = std::min(line.find("execute <unnamed>: "), line.find("statement: "));
    if (at == std::string::npos) continue;
    const std::string sent = line.substr(line.find(": ", at) + 2);
    const auto is = [&](const char* words) { return sent.starts_with(words); };
    INFO(sent);
    ++statements;
    CHECK((is("BEGIN") || is("ROLLBACK") || is("COMMIT") || is("SET ") || is("SELECT") || is("WITH ") ||
           is("PREPARE ") || is("EXECUTE ") || is("DEALLOCATE ") || is("EXPLAIN (FORMAT JSON) ") || is("LOCK TABLE ") ||
           is("SAVEPOINT ") || is("RELEASE SAVEPOINT ") || sent.empty()));
    if (is("LOCK TABLE ")) CHECK(sent.ends_with(" IN ACCESS SHARE MODE"));
    begun += is("BEGIN");
    read_only += sent.find("READ ONLY") != std::string::npos;  // pg_dump says it in the next statement
  }
  CHECK(statements > 20);
  CHECK(begun == read_only);
  CHECK(session.query("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")[0][0] == "1");
}

TEST_CASE("a role with pg_monitor alone sees no statistics, and the report says so") {
  const test::Folder folder;
  PrivateCluster server({.settings = {{"log_line_prefix", "%m [%p] %q%u@%d/%a "},
                                      {"log_min_duration_statement", "0"},
                                      {"log_min_messages", "warning"}}});
  Session session(server.conninfo("postgres"));
  load(session);
  session.query("CREATE ROLE watcher LOGIN");
  session.query("GRANT pg_monitor TO watcher");
  for (int i = 0; i < 40; ++i) session.query(kQuery, {std::to_string(i)});
  const std::string log = folder.write("server.log", server.log());
  const std::string uri = server.conninfo("postgres", "watcher"), snapshot = folder.path("watched.snapshot");
  const test::Outcome taken = test::assay({"snapshot", uri, "-o", snapshot});
  INFO(taken.err);
  REQUIRE(taken.status == 0);
  const std::string warning = "the statistics of 1 tables are hidden from this role: public.opportunity";
  CHECK(taken.err.find(warning) != std::string::npos);
  const std::vector<std::vector<std::string>> ways = {{"--catalog", snapshot}, {"--database", uri}};
  for (const std::vector<std::string>& way : ways) {
    const test::Outcome told = test::assay({"report", log, way[0], way[1]});
    INFO(told.err);
    CHECK(told.status == 0);
    CHECK(told.err.find(warning) != std::string::npos);
    CHECK(told.out.find("**The statistics of 1 of 1 tables are hidden**") != std::string::npos);
    CHECK(told.out.find("GRANT `pg_read_all_data` to the role") != std::string::npos);
  }
  session.query("GRANT pg_read_all_data TO watcher");
  const test::Outcome shown = test::assay({"report", log, "--database", uri});
  CHECK(shown.out.find("are hidden") == std::string::npos);
}

TEST_CASE("with --live it is planned on the server where HypoPG is installed, and says what to do where it is not") {
  const test::Folder folder;
  PrivateCluster server({.settings = {{"log_line_prefix", "%m [%p] %q%u@%d/%a "},
                                      {"log_min_duration_statement", "0"},
                                      {"log_min_messages", "warning"}}});
  Session session(server.conninfo("postgres"));
  load(session);
  for (int i = 0; i < 200; ++i) session.query(kQuery, {std::to_string(i)});
  const std::string log = folder.write("server.log", server.log());
  const std::vector<std::string> command = {"report", log, "--database", server.conninfo("postgres"), "--live"};
  const test::Outcome without = test::assay(command);
  CHECK(without.status == 1);
  CHECK(without.out.empty());
  CHECK(without.err.find("HypoPG is not installed in the database postgres") != std::string::npos);
  session.query("CREATE EXTENSION hypopg");
  const test::Outcome with = test::assay(command);
  INFO(with.err);
  CHECK(with.status == 0);
  CHECK(with.out.find("opportunity (owner_id, created_at DESC)") != std::string::npos);
  CHECK(with.out.find("Planned on the live server, PostgreSQL 15, with HypoPG") != std::string::npos);
  CHECK(test::assay({"report", log, "--live"}).status == 2);
  CHECK(session.query("SELECT count(*) FROM pg_indexes WHERE tablename = 'opportunity'")[0][0] == "1");
}

}  // namespace assay
