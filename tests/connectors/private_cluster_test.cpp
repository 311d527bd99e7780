#include "connectors/private_cluster.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

#include "connectors/session.h"
#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

/// A folder for this test's clusters and cache alone, open to the account that the server runs as.
class Workplace {
 public:
  Workplace() {
    std::string name = "/tmp/assay-test-XXXXXX";
    folder_ = mkdtemp(name.data());
    fs::permissions(folder_, fs::perms::all | fs::perms::sticky_bit);
    setenv("TMPDIR", folder_.c_str(), 1);
  }
  ~Workplace() {
    unsetenv("TMPDIR");
    fs::remove_all(folder_);
  }

  const fs::path& folder() const { return folder_; }
  bool is_empty() const { return fs::is_empty(folder_); }

 private:
  fs::path folder_;
};

bool becomes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return condition();
}

bool is_alive(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string number, name, state;
  return static_cast<bool>(stat >> number >> name >> state) && state != "Z";
}

/// Starts a cluster in a child process, which then waits for its death by `signal`; returns the server's process.
pid_t end_a_holder_by(int signal) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t holder = fork();
  if (holder == 0) {
    ::signal(signal, SIG_DFL);  // not the test framework's
    const PrivateCluster cluster;
    const pid_t server = cluster.server();
    if (write(ends[1], &server, sizeof server) < 0) _exit(1);
    while (true) pause();
  }
  pid_t server = 0;
  REQUIRE(read(ends[0], &server, sizeof server) == sizeof server);
  close(ends[0]);
  close(ends[1]);
  CHECK(is_alive(server));
  kill(holder, signal);
  waitpid(holder, nullptr, 0);
  return server;
}

}  // namespace

TEST_CASE("a private cluster runs as nobody of weight, is reached by its socket alone, and leaves nothing") {
  const Workplace workplace;
  pid_t server = 0;
  {
    PrivateCluster cluster;
    server = cluster.server();
    struct stat state {};
    REQUIRE(stat(("/proc/" + std::to_string(server)).c_str(), &state) == 0);
    CHECK(state.st_uid != 0);
    CHECK(fs::status(cluster.data_folder().parent_path()).permissions() == fs::perms::owner_all);
    Session session(cluster.conninfo("postgres"));
    CHECK(session.query("SHOW listen_addresses")[0][0] == "");
    session.query("CREATE TABLE t AS SELECT 1 AS a");
    cluster.restart([&] { CHECK_FALSE(is_alive(server)); });
    server = cluster.server();
    CHECK(Session(cluster.conninfo("postgres")).query("SELECT a FROM t")[0][0] == "1");
  }
  CHECK_FALSE(is_alive(server));
  CHECK(workplace.is_empty());
}

TEST_CASE("a cluster is gone with the process that holds it, however that ends") {
  const Workplace workplace;
  const int signal = GENERATE(SIGKILL, SIGINT, SIGTERM, SIGSEGV);
  const pid_t server = end_a_holder_by(signal);
  CHECK(becomes_true([&] { return !is_alive(server) && workplace.is_empty(); }));
}

TEST_CASE("a cluster removes what dead ones have left, and nothing else") {
  const Workplace workplace;
  const fs::path stale = workplace.folder() / "assay-cluster-dead01",
                 held = workplace.folder() / "assay-cluster-live01";
  const fs::path other = workplace.folder() / "other";
  const auto account = server_account();
  for (const fs::path& folder : {stale, held, other}) {
    fs::create_directories(folder / "data");
    if (account) REQUIRE(chown(folder.c_str(), account->user, account->group) == 0);
  }
  const int lock = open(held.c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(flock(lock, LOCK_EX) == 0);
  { const PrivateCluster cluster; }
  close(lock);
  CHECK_FALSE(fs::exists(stale));
  CHECK(fs::exists(held));
  CHECK(fs::exists(other));
}

TEST_CASE("a server that does not start says why, and leaves nothing") {
  const Workplace workplace;
  try {
    const PrivateCluster cluster({0, {{"shared_buffers", "many"}}});
    FAIL("it has started");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) ==
          "the private PostgreSQL server did not start: FATAL:  invalid value for parameter \"shared_buffers\": "
          "\"many\"");
    CHECK_FALSE(error.hint().empty());
  }
  CHECK(workplace.is_empty());
}

TEST_CASE("the empty cluster is kept in the user's cache, which may be missing") {
  const Workplace workplace;
  const fs::path cache = workplace.folder() / "cache";
  setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  for (int start = 0; start < 2; ++start) {
    const PrivateCluster cluster;
    CHECK(Session(cluster.conninfo("postgres")).query("SELECT 1")[0][0] == "1");
    CHECK(std::distance(fs::directory_iterator(cache / "assay"), fs::directory_iterator()) == 1);
  }
  setenv("XDG_CACHE_HOME", "/proc/none", 1);
  const PrivateCluster cluster;
  CHECK(Session(cluster.conninfo("postgres")).query("SELECT 1")[0][0] == "1");
  unsetenv("XDG_CACHE_HOME");
}

}  // namespace assay
