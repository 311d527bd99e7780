// A streaming replica of a private server, on loopback: made by pg_basebackup, gone with this object.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "connectors/private_cluster.h"
#include "connectors/session.h"
#include "parser/base/error.h"

namespace assay {

/// Nobody listens there at the moment.
inline int free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bind(probe, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  close(probe);
  return ntohs(address.sin_port);
}

/// Tries until it is so, for a minute at the most.
inline bool comes_true(const std::function<bool()>& what) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < deadline) {
    try {
      if (what()) return true;
    } catch (const std::exception&) {  // not up yet, or going down
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

/// Settings of a private server that others replicate, reachable on loopback.
inline std::map<std::string, std::string> primary_settings(int port) {
  return {{"listen_addresses", "127.0.0.1"},
          {"port", std::to_string(port)},
          {"max_wal_senders", "4"},
          {"hot_standby", "on"},
          {"full_page_writes", "on"}};
}

class StandbyServer {
 public:
  StandbyServer(const PrivateCluster& primary, int primary_port, int port) : account_(primary.account()) {
    std::string pattern = "/tmp/assay-standby-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw Error("no folder for a standby");
    folder_ = pattern;
    if (account_ && chown(folder_.c_str(), account_->user, account_->group) != 0) throw Error("cannot give it away");
    const std::string programs = primary.programs().folder;
    const int copied =
        wait_for_child(start_child({{programs + "/pg_basebackup", "-h", "127.0.0.1", "-p", std::to_string(primary_port),
                                     "-U", std::string(PrivateCluster::kSuperuser), "-D", (folder_ / "data").string(),
                                     "-R", "-X", "stream", "-c", "fast", "--no-sync"},
                                    folder_ / "log",
                                    folder_},
                                   account_));
    if (copied != 0) throw Error("pg_basebackup failed");
    ChildCommand start{{programs + "/postgres", "-D", (folder_ / "data").string()}, folder_ / "log", folder_};
    auto settings = primary_settings(port);
    settings.insert({{"unix_socket_directories", ""},
                     {"fsync", "off"},
                     {"max_connections", "16"},
                     {"shared_buffers", "16MB"},
                     {"dynamic_shared_memory_type", "mmap"}});
    for (const auto& [name, value] : settings)
      start.arguments.insert(start.arguments.end(), {"-c", name + "=" + value});
    server_ = start_child(start, account_);
  }
  ~StandbyServer() {
    if (server_ > 0) {
      kill(server_, SIGQUIT);
      wait_for_child(server_);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  StandbyServer(const StandbyServer&) = delete;
  StandbyServer& operator=(const StandbyServer&) = delete;

 private:
  std::optional<Account> account_;
  std::filesystem::path folder_;
  pid_t server_ = -1;
};

}  // namespace assay
