#include "connectors/scratch_server.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "connectors/server_programs.h"
#include "parser/base/error.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

const StopFlag kGoOn{false};

std::string databases(RealServer& server) {
  return server.value("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database");
}

struct File {
  explicit File(const std::string& content) {
    std::string name = "/tmp/assay-dump.XXXXXX";
    close(mkstemp(name.data()));
    path = name;
    std::ofstream(path, std::ios::binary) << content;
  }
  ~File() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

std::string message_of(const std::function<void()>& work) {
  try {
    work();
    return "done";
  } catch (const Error& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
}

}  // namespace

TEST_CASE("a scratch database is a copy with its settings, and gone with the server object") {
  RealServer server;
  server.run({"CREATE DATABASE shop", "ALTER DATABASE shop SET search_path = \"a b\", public",
              "ALTER DATABASE shop SET work_mem = '5MB'"});
  const std::string before = databases(server);
  {
    Session shop(server.cluster().conninfo("shop"));
    shop.query("CREATE TABLE t AS SELECT 7 AS a");
  }
  {
    ScratchServer scratch(server.cluster().conninfo("postgres"), kGoOn);
    const std::string copy = scratch.copy("shop"), again = scratch.copy(copy);
    CHECK(copy.starts_with(ScratchServer::kPrefix));
    CHECK(copy.size() == ScratchServer::kPrefix.size() + 32);
    ReplayConnection connection = scratch.connect(again);
    CHECK(connection.value("SELECT a FROM public.t") == "7");
    CHECK(connection.value("SHOW search_path") == "\"a b\", public");
    CHECK(connection.value("SHOW work_mem") == "5MB");
    CHECK(scratch.others().empty());
    CHECK(ScratchServer(server.cluster().conninfo("postgres"), kGoOn).others().size() == 2);
  }
  CHECK(databases(server) == before);
}

TEST_CASE("a scratch server drops no database that it did not make") {
  RealServer server;
  server.run({"CREATE DATABASE assay_verify_mine"});
  ScratchServer scratch(server.cluster().conninfo("postgres"), kGoOn);
  scratch.drop("assay_verify_mine");
  scratch.drop("postgres");
  CHECK(databases(server) == "assay_verify_mine postgres template0 template1");
}

TEST_CASE("a template that is in use or not there is told in words") {
  RealServer server;
  server.run({"CREATE DATABASE shop"});
  ScratchServer scratch(server.cluster().conninfo("postgres"), kGoOn);
  const Session user(server.cluster().conninfo("shop"));
  CHECK_THAT(message_of([&] { scratch.copy("shop"); }),
             Catch::Contains("is being accessed by other users") && Catch::Contains("end the sessions"));
  CHECK_THAT(message_of([&] { scratch.copy("nowhere"); }), Catch::Contains("does not exist"));
}

TEST_CASE("dumps are restored: plain ones statement by statement, archives by pg_restore") {
  RealServer server;
  server.run({"CREATE DATABASE shop"});
  {
    Session shop(server.cluster().conninfo("shop"));
    shop.query("CREATE TABLE t (id int PRIMARY KEY, note text)");
    shop.query("INSERT INTO t SELECT i, E'tab\\t, \\\\. and ''quotes''' || i FROM generate_series(1, 1000) i");
    shop.query("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$");
  }
  const std::string sum = "SELECT count(*) || md5(string_agg(note, ',' ORDER BY id)) FROM t";
  Session shop(server.cluster().conninfo("shop"));
  const std::string expected = *shop.query(sum)[0][0];
  const std::string program = (find_pg_dump(15)->parent_path() / "pg_dump").string();
  ScratchServer scratch(server.cluster().conninfo("postgres"), kGoOn);
  for (const char* format : {"plain", "custom", "tar"}) {
    INFO(format);
    const File dump("");
    const std::string command = program + " --format=" + format + " --file=" + dump.path.string() + " \"" +
                                server.cluster().conninfo("shop") + "\"";
    REQUIRE(std::system(command.c_str()) == 0);
    ReplayConnection connection = scratch.connect(scratch.restore(dump.path));
    CHECK(connection.value(sum) == expected);
    CHECK(connection.value("SELECT f()") == "1");
  }
}

TEST_CASE("a dump that would leave its database is refused before anything is made") {
  RealServer server;
  ScratchServer scratch(server.cluster().conninfo("postgres"), kGoOn);
  const std::string before = databases(server);
  for (const char* script : {"CREATE TABLE t ();\n\\connect postgres\nDROP TABLE x;\n", "SELECT 1 \\! touch /tmp/x\n",
                             "CREATE DATABASE x;\n", "drop database postgres;\n", "ALTER SYSTEM SET fsync = off;\n",
                             "CREATE ROLE boss SUPERUSER;\n", "/* x */ ALTER ROLE assay_admin PASSWORD 'x';\n",
                             "COPY t FROM stdin;\n1\n\\.\n\\c postgres\n"}) {
    INFO(script);
    const File dump(script);
    CHECK_THAT(message_of([&] { scratch.restore(dump.path); }), Catch::Contains("of the dump"));
  }
  CHECK(databases(server) == before);
  CHECK(dump_leads_out("\\restrict abc\nCOPY t FROM stdin;\n\\\\c x\n\\.\n\\unrestrict abc\n").empty());
}

}  // namespace assay
