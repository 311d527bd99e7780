#include "advisors/replica/replica_recipe.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace assay {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "assay-recipe-XXXXXX";
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

int run(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()); }

bool has(const std::string& program) { return run("command -v " + program) == 0; }

}  // namespace

TEST_CASE("HAProxy's own checker accepts its configuration", "[replica]") {
  if (!has("haproxy")) {
    WARN("haproxy is not installed: its checker was not asked");
    return;
  }
  const Folder folder;
  for (const std::size_t replicas : {1, 3}) {
    ReplicaSetup setup = example_setup(replicas, "shop");
    for (const RoutingPolicy policy : kRoutingPolicies) {
      setup.policy = policy;
      if (policy == RoutingPolicy::kWeighted) setup.weights.assign(replicas + 1, 40);
      CHECK(run("haproxy -c -f " + folder.write("haproxy.cfg", haproxy_configuration(setup))) == 0);
    }
  }
  CHECK(run("haproxy -c -f " + folder.write("broken.cfg", haproxy_configuration(example_setup(1, "shop")) +
                                                              "    no-such-keyword\n")) != 0);
}

TEST_CASE("pgcat's settings are TOML, whatever the database is called", "[replica]") {
  const Folder folder;
  for (const std::string name : {"shop", "a \"b\" \\ c", "x]\n[general]\nport = 1", "größe"}) {
    const std::string file = folder.write("pgcat.toml", pgcat_configuration(example_setup(2, name)));
    folder.write("name", name);
    const std::string check =
        "import tomllib,sys; d=tomllib.load(open(sys.argv[1],'rb')); n=open(sys.argv[2]).read(); "
        "assert list(d)==['pools'] and list(d['pools'])==[n] and d['pools'][n]['shards']['0']['database']==n "
        "and [s[2] for s in d['pools'][n]['shards']['0']['servers']]==['primary','replica','replica']";
    CHECK(run("/usr/bin/python3 -c \"" + check + "\" " + file + " " + folder.write("name", name)) == 0);
  }
}

TEST_CASE("the scripts are ones that a shell reads", "[replica]") {
  const Folder folder;
  for (const bool primary : {true, false}) {
    CHECK(run("sh -n " + folder.write("check", role_check_script(example_setup(1, "shop"), primary))) == 0);
  }
}

TEST_CASE("the application's connection strings ask for the role", "[replica]") {
  const ReplicaSetup setup = example_setup(2, "o'brien");
  CHECK(connection_string(setup, true) ==
        "host=192.0.2.10,192.0.2.11,192.0.2.12 port=5432,5432,5432 dbname='o\\'brien' connect_timeout=3 "
        "target_session_attrs=read-write");
  CHECK(connection_string(setup, false) ==
        "host=192.0.2.11,192.0.2.12,192.0.2.10 port=5432,5432,5432 dbname='o\\'brien' connect_timeout=3 "
        "target_session_attrs=prefer-standby");
}

TEST_CASE("pgpool-II keeps a session that has written on the primary, and knows what writes", "[replica]") {
  ReplicaSetup setup = example_setup(1, "shop");
  setup.writing_functions = {"add_audit", "x'; evil = '"};
  const std::string text = pgpool_configuration(setup);
  CHECK(text.find("disable_load_balance_on_write = 'always'\n") != std::string::npos);
  CHECK(text.find("write_function_list = 'add_audit'\n") != std::string::npos);
  CHECK(text.find("evil") == std::string::npos);
  CHECK(text.find("backend_weight0 = 0\n") != std::string::npos);
}

}  // namespace assay
