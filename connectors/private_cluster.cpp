#include "connectors/private_cluster.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "connectors/cluster_template.h"
#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolderPrefix = "assay-cluster-";
constexpr std::chrono::seconds kStartTimeout{60};
constexpr std::size_t kLongestSocketFolder = 90;  // sun_path holds 108 bytes, the socket's name included

/// Each line read is the server's process, or empty when there is none at the moment.
constexpr const char* kWatcherScript = R"(trap '' INT TERM HUP
server=
while read -r line; do server=$line; done
if [ -n "$server" ]; then
  kill -QUIT "$server"
  tries=0
  while kill -0 "$server" && [ $tries -lt 1000 ]; do sleep 0.01; tries=$((tries + 1)); done
  [ $tries -lt 1000 ] || kill -KILL "$server"
fi 2>/dev/null
for try in 1 2 3 4 5; do rm -rf -- "$1" && break; sleep 0.2; done
)";

/// Nothing that happens there outlives the process, so nothing is made durable, and nothing runs by itself.
const std::map<std::string, std::string>& throw_away_settings() {
  static const std::map<std::string, std::string> settings{
      {"autovacuum", "off"},
      {"dynamic_shared_memory_type", "mmap"},  // in the folder, and removed with it
      {"fsync", "off"},
      {"full_page_writes", "off"},
      {"jit", "off"},  // decided after planning: no cost changes, and no plan waits for a compiler
      {"listen_addresses", ""},
      {"log_line_prefix", ""},  // the log is quoted in messages
      {"log_min_error_statement", "panic"},
      {"log_min_messages", "fatal"},
      {"logging_collector", "off"},
      {"max_connections", "16"},
      {"max_wal_senders", "0"},
      {"shared_buffers", "16MB"},
      {"synchronous_commit", "off"},
      {"temp_file_limit", "256MB"},
      {"unix_socket_permissions", "0700"},
      {"wal_level", "replica"},  // minimal reads a new index's pages into memory, where the shadow's would not be seen
  };
  return settings;
}

/// Another account can make and remove files in `folder`, and reach it.
bool open_to_others(fs::path folder) {
  std::error_code failure;
  const auto allows = [&](fs::perms right) {
    return (fs::status(folder, failure).permissions() & right) != fs::perms::none;
  };
  if (!allows(fs::perms::others_write)) return false;
  for (; folder.has_relative_path(); folder = folder.parent_path()) {
    if (!allows(fs::perms::others_exec)) return false;
  }
  return true;
}

/// $TMPDIR, unless a socket's path would not fit or the server's account could not use it; else /tmp.
fs::path temporary_folder(bool other_account) {
  const char* wanted = std::getenv("TMPDIR");
  if (!wanted || wanted[0] != '/' || std::strlen(wanted) > kLongestSocketFolder - kFolderPrefix.size() - 7) {
    return "/tmp";
  }
  return other_account && !open_to_others(wanted) ? "/tmp" : fs::path(wanted);
}

/// A descriptor that holds the lock on `folder`; -1 when another process does, or it is gone.
int lock_folder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return -1;
  struct stat state {};
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 && stat(folder.c_str(), &state) == 0) return descriptor;
  close(descriptor);
  return -1;
}

/// Ends the server of a folder whose holder is dead, and waits for its end, since it writes into the folder until then.
/// The working directory proves that the process is that server.
void end_orphaned_server(const fs::path& folder) {
  std::ifstream file(folder / "data" / "postmaster.pid");
  pid_t server = 0;
  if (!(file >> server) || server <= 1) return;
  const auto is_there = [&] {
    std::error_code failure;
    return fs::read_symlink(fs::path("/proc") / std::to_string(server) / "cwd", failure) == folder / "data";
  };
  constexpr int kPatience = 500;  // times 10 ms
  for (int waited = 0; is_there() && waited <= kPatience; ++waited) {
    if (waited == 0 || waited == kPatience) kill(server, waited == 0 ? SIGQUIT : SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void remove_stale_folders(const fs::path& parent, uid_t owner) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    struct stat state {};
    if (!entry.path().filename().string().starts_with(kFolderPrefix)) continue;
    if (lstat(entry.path().c_str(), &state) != 0 || !S_ISDIR(state.st_mode) || state.st_uid != owner) continue;
    const int lock = lock_folder(entry.path());
    if (lock < 0) continue;
    end_orphaned_server(entry.path());
    fs::remove_all(entry.path(), ignored);
    close(lock);
  }
}

/// A value of a libpq connection string.
std::string conninfo_value(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

}  // namespace

PrivateCluster::PrivateCluster(ClusterOptions options)
    : options_(std::move(options)),
      programs_(find_server_programs(options_.preferred_major)),
      account_(server_account()) {
  try {
    make_folder();
    start_watcher();
    make_empty_cluster(programs_, account_, kSuperuser, data_folder(), folder_ / "log");
    start();
  } catch (...) {
    remove();
    throw;
  }
}

PrivateCluster::~PrivateCluster() { remove(); }

void PrivateCluster::remove() noexcept {
  if (server_ > 0) {
    kill(server_, SIGQUIT);
    wait_for_child(server_);
    tell_watcher("");
  }
  if (watcher_socket_ >= 0) close(watcher_socket_);
  if (watcher_ > 0) wait_for_child(watcher_);
  if (folder_lock_ < 0) return;
  std::error_code ignored;
  fs::remove_all(folder_, ignored);  // in case that the watcher is dead
  close(folder_lock_);
}

std::string PrivateCluster::conninfo(std::string_view database, std::string_view role) const {
  return "host=" + conninfo_value(folder_.string()) + " port=5432 dbname=" + conninfo_value(database) +
         " user=" + conninfo_value(role) + " client_encoding=UTF8 application_name=assay";
}

std::string PrivateCluster::log() const {
  std::ifstream file(folder_ / "log");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void PrivateCluster::make_folder() {
  const fs::path parent = temporary_folder(account_.has_value());
  remove_stale_folders(parent, account_ ? account_->user : geteuid());
  for (int tries = 0; folder_lock_ < 0 && tries < 10; ++tries) {  // another start may take ours for a stale one
    std::string name = (parent / kFolderPrefix).string() + "XXXXXX";
    if (!mkdtemp(name.data())) break;
    folder_ = name;
    folder_lock_ = lock_folder(folder_);
  }
  if (folder_lock_ < 0) {
    throw Error("cannot make a folder in " + parent.string() + ": " + std::strerror(errno),
                "TMPDIR must name a folder that can be written");
  }
  if (account_ && chown(folder_.c_str(), account_->user, account_->group) != 0) {
    throw Error("cannot give " + folder_.string() + " to the server's user: " + std::strerror(errno));
  }
}

void PrivateCluster::start_watcher() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw Error(std::string("cannot make a socket: ") + std::strerror(errno));
  }
  watcher_socket_ = ends[0];
  const ChildCommand command{
      {"/bin/sh", "-c", kWatcherScript, "assay-watcher", folder_.string()}, "/dev/null", "/", ends[1]};
  watcher_ = start_child(command, account_);
  close(ends[1]);
}

void PrivateCluster::tell_watcher(const std::string& line) const {
  const std::string text = line + "\n";
  send(watcher_socket_, text.data(), text.size(), MSG_NOSIGNAL);  // without a watcher, the destructor cleans up
}

void PrivateCluster::start() {
  ChildCommand command;
  command.arguments = {(programs_.folder / "postgres").string(), "-D", data_folder().string(), "-c",
                       "unix_socket_directories=\"" + folder_.string() + "\""};
  std::map<std::string, std::string> settings = options_.settings;
  settings.insert(throw_away_settings().begin(), throw_away_settings().end());
  for (const auto& [name, value] : settings) {
    command.arguments.insert(command.arguments.end(), {"-c", name + "=" + value});
  }
  command.output = folder_ / "log";
  command.folder = folder_;
  server_ = start_child(command, account_);
  tell_watcher(std::to_string(server_));
  wait_until_ready();
}

void PrivateCluster::stop() {
  kill(server_, SIGINT);  // "fast": ends the sessions, writes everything
  wait_for_child(std::exchange(server_, -1));
  tell_watcher("");
}

/// The server writes its state into the eighth line of postmaster.pid (src/include/utils/pidfile.h).
void PrivateCluster::wait_until_ready() {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (std::chrono::steady_clock::now() < deadline) {
    std::ifstream file(data_folder() / "postmaster.pid");
    std::string line;
    for (int number = 0; number < 8 && std::getline(file, line); ++number) {
    }
    if (file && line.starts_with("ready")) return;
    if (waitpid(server_, nullptr, WNOHANG) == server_) {
      server_ = -1;
      tell_watcher("");
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw Error("the private PostgreSQL server did not start: " + last_lines(folder_ / "log", 3),
              "the folder of temporary files (TMPDIR) needs room and memory must not be short");
}

}  // namespace assay
