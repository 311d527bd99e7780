// A private Redis server on a socket in a folder of its own, gone with this object or with the process.
#pragma once

#include <hiredis/hiredis.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "parser/base/error.h"

namespace assay {

class RedisServer {
 public:
  RedisServer() {
    std::string pattern = std::filesystem::temp_directory_path() / "assay-redis-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw Error("no folder for a Redis server");
    folder_ = pattern;
    const std::string socket = folder_ / "redis.sock";
    server_ = fork();
    if (server_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket.c_str(), "--save", "",
             "--appendonly", "no", "--logfile", "redis.log", "--dir", folder_.c_str(), static_cast<char*>(nullptr));
      _exit(127);
    }
    for (int tries = 0; tries < 400 && !is_up(); ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
      context_.reset(redisConnectUnix(socket.c_str()));
    }
    if (!is_up()) throw Error("redis-server does not start: is Debian's package redis-server installed?");
  }
  ~RedisServer() {
    context_.reset();
    kill(server_, SIGKILL);
    waitpid(server_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  /// The answers of one command: an array's elements, or the one value; nothing for nil.
  std::vector<std::optional<std::string>> ask(const std::vector<std::string>& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    const std::unique_ptr<redisReply, Free> reply(static_cast<redisReply*>(
        redisCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
    if (!reply || reply->type == REDIS_REPLY_ERROR) throw Error("Redis: " + words.front() + " failed");
    if (reply->type != REDIS_REPLY_ARRAY) return {value_of(*reply)};
    std::vector<std::optional<std::string>> values;
    for (std::size_t i = 0; i < reply->elements; ++i) values.push_back(value_of(*reply->element[i]));
    return values;
  }

 private:
  struct Free {
    void operator()(redisContext* context) const { redisFree(context); }
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
  };

  bool is_up() const { return context_ && context_->err == 0; }
  static std::optional<std::string> value_of(const redisReply& reply) {
    if (reply.type == REDIS_REPLY_NIL) return std::nullopt;
    if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
    return std::string(reply.str, reply.len);
  }

  std::filesystem::path folder_;
  pid_t server_ = -1;
  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace assay
