// The settings recommended for pgpool-II, read and heeded by a real one in front of a real server.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "advisors/cache/cache_recipe.h"
#include "parser/base/error.h"
#include "tests/connectors/real_server.h"

namespace assay {
namespace {

constexpr const char* kProgram = "/usr/sbin/pgpool";

/// On a socket in a folder of its own, gone with this object.
class Pgpool {
 public:
  Pgpool(const RealServer& server, const std::string& settings) {
    std::string pattern = std::filesystem::temp_directory_path() / "assay-pgpool-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw Error("no folder for pgpool-II");
    folder_ = pattern;
    const std::string backend = server.cluster().conninfo("postgres");
    std::ofstream(folder_ / "pgpool.conf")
        << "listen_addresses = ''\npcp_listen_addresses = ''\nport = 9998\npcp_port = 9899\nsocket_dir = '" << pattern
        << "'\npcp_socket_dir = '" << pattern << "'\npid_file_name = '" << pattern << "/pid'\nlogdir = '" << pattern
        << "'\nmemqcache_oiddir = '" << pattern
        << "/oids'\nmemqcache_total_size = 2MB\nmemqcache_max_num_cache = 1000\n"
        << "backend_hostname0 = '" << value_of(backend, "host") << "'\nbackend_port0 = " << value_of(backend, "port")
        << "\nbackend_clustering_mode = 'raw'\nnum_init_children = 2\nenable_pool_hba = off\nsr_check_period = 0\n"
        << settings;
    for (const char* name : {"hba", "pcp"}) std::ofstream(folder_ / name) << "";
    program_ = fork();
    if (program_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGINT);
      if (freopen((folder_ / "log").c_str(), "w", stderr) == nullptr) _exit(126);
      if (chdir(folder_.c_str()) != 0) _exit(126);
      execl(kProgram, kProgram, "-n", "-f", "pgpool.conf", "-a", "hba", "-F", "pcp", static_cast<char*>(nullptr));
      _exit(127);
    }
    conninfo_ = "host=" + pattern + " port=9998 dbname=postgres user=" + value_of(backend, "user");
    for (int tries = 0; tries < 200; ++tries) {
      if (value("SELECT 1") == "1") return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    throw Error("pgpool-II does not start: " + log());
  }
  ~Pgpool() {
    kill(program_, SIGINT);
    waitpid(program_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Pgpool(const Pgpool&) = delete;
  Pgpool& operator=(const Pgpool&) = delete;

  std::string log() const {
    std::ifstream file(folder_ / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// By psql, since pgpool's own SHOW is of the simple protocol alone; columns are parted by bars. `sql` has no double
  /// quote.
  std::string value(const std::string& sql) {
    const std::string command = "psql -X -A -t -q -c \"" + sql + "\" '" + conninfo_ + "' 2>/dev/null";
    std::string answer;
    if (FILE* pipe = popen(command.c_str(), "r")) {
      for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) answer += static_cast<char>(c);
      pclose(pipe);
    }
    return answer.substr(0, answer.find('\n'));
  }
  long hits() { return std::strtol(value("SHOW POOL_CACHE").c_str(), nullptr, 10); }

  /// Whether the second of two equal questions is answered from the cache.
  bool keeps(const std::string& sql) {
    value(sql);
    const long before = hits();
    value(sql);
    return hits() > before;
  }

 private:
  /// Of a connection string: host='…' port=….
  static std::string value_of(const std::string& conninfo, const std::string& name) {
    const std::size_t at = conninfo.find(name + "=");
    if (at == std::string::npos) return name == "port" ? "5432" : "";
    std::string value = conninfo.substr(at + name.size() + 1);
    if (value.starts_with('\'')) return value.substr(1, value.find('\'', 1) - 1);
    return value.substr(0, value.find(' '));
  }

  std::filesystem::path folder_;
  pid_t program_ = -1;
  std::string conninfo_;
};

}  // namespace

TEST_CASE("pgpool-II reads its recommended settings, and keeps what they say", "[cache][pgpool]") {
  if (!std::filesystem::exists(kProgram)) {
    WARN("not run: Debian's package pgpool2 is not installed");
    return;
  }
  RealServer server;
  server.run({"CREATE TABLE items (id int, name text)", "CREATE TABLE other (id int)",
              "CREATE TABLE \"Odd,Name\" (id int)", "CREATE VIEW seen AS SELECT id FROM items",
              "INSERT INTO items VALUES (1, 'a')", "INSERT INTO other VALUES (1)",
              "CREATE TABLE moments (at timestamptz)", "INSERT INTO moments VALUES (now())"});
  CacheQuery cache;
  cache.tables = {"public.items", "public.seen", "public.Odd,Name", "public.moments"};
  cache.chosen.ttl_us = 60'000'000;
  const CacheRecipe recipe = pgpool_recipe({&cache}, {"public.items", "public.other"});
  CHECK(recipe.text.find("# Left out, since the lists cannot hold these names") != std::string::npos);
  CHECK(recipe.text.find("Odd,Name") > recipe.text.find("# Left out"));
  Pgpool pgpool(server, recipe.text);
  CHECK(pgpool.log().find("unrecognized") == std::string::npos);
  CHECK(pgpool.value("PGPOOL SHOW memory_cache_enabled") == "on");
  CHECK(pgpool.value("PGPOOL SHOW memqcache_expire") == "1min");
  CHECK(pgpool.value("PGPOOL SHOW memqcache_auto_cache_invalidation") == "on");
  CHECK(pgpool.value("PGPOOL SHOW cache_safe_memqcache_table_list") ==
        "items,moments,public.items,public.moments,public.seen,seen");
  CHECK(pgpool.value("PGPOOL SHOW cache_unsafe_memqcache_table_list") == "other,public.other");
  CHECK(pgpool.keeps("SELECT name FROM items WHERE id = 1"));
  CHECK(pgpool.keeps("SELECT name FROM public.items WHERE id = 1"));
  CHECK(pgpool.keeps("SELECT id FROM seen"));
  CHECK_FALSE(pgpool.keeps("SELECT id FROM other"));
  CHECK(pgpool.keeps("SELECT at FROM moments"));  // whose text is the first session's: the recipe says so
  pgpool.value("UPDATE items SET name = 'b' WHERE id = 1");
  CHECK(pgpool.value("SELECT name FROM items WHERE id = 1") == "b");
}

}  // namespace assay
