// What the replica advisor says to paste, on a real primary with a real streaming replica.
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "advisors/replica/replica_recipe.h"
#include "tests/connectors/standby_server.h"

namespace assay {
namespace {

std::string user() { return " user=" + std::string(PrivateCluster::kSuperuser); }

std::string ask(const std::string& conninfo, const std::string& sql) {
  Session session(conninfo + user());
  return session.query(sql).at(0).at(0).value_or("NULL");
}

/// "primary" or "replica", or why there is no answer.
std::string role_behind(const std::string& conninfo) {
  return ask(conninfo, "SELECT CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END");
}

std::string at_port(int port) {
  return "host=127.0.0.1 port=" + std::to_string(port) + " dbname=postgres connect_timeout=3";
}

bool leads_to(const std::string& conninfo, const std::string& role, int server_port) {
  return role_behind(conninfo) == role && ask(conninfo, "SELECT inet_server_port()") == std::to_string(server_port);
}

/// HAProxy with the recipe's configuration and scripts, in a folder of its own.
class Balancer {
 public:
  explicit Balancer(ReplicaSetup setup) {
    std::string pattern = std::filesystem::temp_directory_path() / "assay-haproxy-XXXXXX";
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    setup.check_folder = folder_;
    write("assay-pg-primary", role_check_script(setup, true), 0755);
    write("assay-pg-replica", role_check_script(setup, false), 0755);
    const std::string file = write("haproxy.cfg", haproxy_configuration(setup), 0644);
    process_ = fork();
    if (process_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (std::freopen((folder_ / "log").c_str(), "w", stderr) == nullptr) _exit(126);
      execlp("haproxy", "haproxy", "-db", "-f", file.c_str(), static_cast<char*>(nullptr));
      _exit(127);
    }
  }
  ~Balancer() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;

 private:
  std::string write(const std::string& name, const std::string& text, mode_t mode) const {
    std::ofstream(folder_ / name) << text;
    chmod((folder_ / name).c_str(), mode);
    return folder_ / name;
  }

  std::filesystem::path folder_;
  pid_t process_ = -1;
};

bool has_haproxy() { return std::system("command -v haproxy >/dev/null 2>&1") == 0; }

}  // namespace

TEST_CASE("strings and HAProxy lead writes to the primary and reads to the replica, also after a failover",
          "[replica]") {
  const int primary_port = free_port(), replica_port = free_port();
  const PrivateCluster primary({0, primary_settings(primary_port)});
  Session(at_port(primary_port) + user()).query("CREATE TABLE t (id int)");
  const StandbyServer replica(primary, primary_port, replica_port);
  REQUIRE(comes_true([&] { return leads_to(at_port(replica_port), "replica", replica_port); }));

  ReplicaSetup setup{.servers = {{"127.0.0.1", primary_port}, {"127.0.0.1", replica_port}},
                     .database = "postgres",
                     .balancer = "127.0.0.1",
                     .write_port = free_port(),
                     .read_port = free_port(),
                     .check_path = primary.programs().folder.string() + ":/usr/bin:/bin",
                     .check_user = std::string(PrivateCluster::kSuperuser),
                     .writing_functions = {}};
  const std::string writes = connection_string(setup, true), reads = connection_string(setup, false);
  CHECK(leads_to(writes, "primary", primary_port));
  CHECK(leads_to(reads, "replica", replica_port));

  std::optional<Balancer> balancer;
  if (has_haproxy()) {
    balancer.emplace(setup);
    CHECK(comes_true([&] { return leads_to(at_port(setup.write_port), "primary", primary_port); }));
    CHECK(comes_true([&] { return leads_to(at_port(setup.read_port), "replica", replica_port); }));
    CHECK_THROWS_AS(Session(at_port(setup.read_port) + user()).query("INSERT INTO t VALUES (1)"), SqlError);
    CHECK_NOTHROW(Session(at_port(setup.write_port) + user()).query("INSERT INTO t VALUES (1)"));
    // Replication is asynchronous: a primary that ends before may take the row with it.
    REQUIRE(comes_true([&] { return ask(at_port(replica_port), "SELECT count(*) FROM t") == "1"; }));
  } else {
    WARN("haproxy is not installed: its listeners were not tried");
  }
  REQUIRE(comes_true([&] { return ask(at_port(replica_port), "SELECT current_setting('hot_standby')") == "on"; }));

  kill(primary.server(), SIGINT);
  REQUIRE(comes_true([&] {
    try {
      role_behind(at_port(primary_port));
      return false;
    } catch (const Error&) {
      return true;
    }
  }));
  CHECK_THROWS_AS(role_behind(writes), Error);  // nobody takes writes, and a standby is not taken for one
  CHECK(leads_to(reads, "replica", replica_port));
  Session(at_port(replica_port) + user()).query("SELECT pg_promote()");

  CHECK(comes_true([&] { return leads_to(writes, "primary", replica_port); }));
  CHECK(leads_to(reads, "primary", replica_port));  // there is no standby to prefer
  if (balancer) {
    CHECK(comes_true([&] { return leads_to(at_port(setup.write_port), "primary", replica_port); }));
    CHECK(comes_true([&] { return leads_to(at_port(setup.read_port), "primary", replica_port); }));
    CHECK_NOTHROW(Session(at_port(setup.write_port) + user()).query("INSERT INTO t VALUES (2)"));
    CHECK(ask(at_port(setup.read_port), "SELECT count(*) FROM t") == "2");
  }
}

}  // namespace assay
