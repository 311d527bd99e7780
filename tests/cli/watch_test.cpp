// assay watch, as a user runs it.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/watch/watch_command.h"
#include "connectors/metrics_server.h"
#include "tests/cli/command.h"

namespace assay::test {
namespace {

/// Of so many minutes; from minute 40 on the orders take five times as long.
std::string log_of(int minutes, int from = 0) {
  std::string text;
  for (int i = from * 120; i < minutes * 120; ++i) {
    const double ms = (2 + 0.1 * (i % 7)) * (i >= 40 * 120 ? 5 : 1);
    text += fmt::format(
        "2026-11-22 {:02}:{:02}:{:02}.{:03} UTC [{}] web@crm/shop LOG:  duration: {:.3f} ms  statement: SELECT * FROM "
        "orders WHERE id = {}\n",
        10 + i / 7200, i / 120 % 60, i / 2 % 60, i % 2 * 500, 100 + i % 4, ms, i);
  }
  return text;
}

std::vector<nlohmann::json> lines_of(const std::string& text, const std::string& key) {
  std::vector<nlohmann::json> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json.contains(key)) found.push_back(json[key]);
  }
  return found;
}

/// The program in the background.
class Running {
 public:
  explicit Running(std::vector<std::string> arguments, const std::string& output) {
    arguments.insert(arguments.begin(), {ASSAY_BINARY, "watch"});
    std::vector<char*> raw;
    for (std::string& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, (output + ".err").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    REQUIRE(posix_spawn(&process_, ASSAY_BINARY, &actions, nullptr, raw.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Running() {
    if (process_ > 0) end(SIGKILL);
  }
  int end(int signal) {
    int status = 0;
    kill(process_, signal);
    waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_ = -1;
};

bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 300; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

std::uint64_t executions_in(const std::string& text) {
  std::uint64_t sum = 0;
  for (const auto& window : lines_of(text, "window")) sum += window["total"]["executions"].get<std::uint64_t>();
  return sum;
}

}  // namespace

TEST_CASE("A watch tells what got slower, since when, how much and why") {
  const Folder folder;
  const auto outcome = assay({"watch", folder.write("pg.log", log_of(50)), "--once", "--format", "json"});
  REQUIRE(outcome.status == 0);
  CHECK(executions_in(outcome.out) == 50 * 120);
  const auto alerts = lines_of(outcome.out, "alert");
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0]["kind"] == "slower");
  CHECK(alerts[0]["cause"] == "more-work");
  CHECK(alerts[0]["since"] == "2026-11-22T10:40:00+00:00");
  CHECK(alerts[0]["query"]["normalized"] == "SELECT * FROM orders WHERE id = ?");
  CHECK(alerts[0]["now"].get<double>() / alerts[0]["before"].get<double>() == Approx(5).epsilon(0.05));
}

TEST_CASE("A watch in text is a line for each window, and one for each alert") {
  const Folder folder;
  const auto outcome = assay({"watch", folder.write("pg.log", log_of(50)), "--once"});
  CHECK(says(outcome.out, "10:49      2.00/s  p50"));
  CHECK(says(outcome.out, "  ! #1 since 10:40: slower: "));
  CHECK(outcome.out.find('\x1b') == std::string::npos);
}

TEST_CASE("Killed in the middle and started again, a watch counts everything once") {
  const Folder folder;
  const std::string log = folder.write("pg.log", log_of(10)), state = folder.path("watch.db");
  const auto told = [&](const std::string& name) { return read_file(folder.path(name)); };
  {
    Running watch({log, "--from-start", "--format", "json", "--state", state}, folder.path("first"));
    REQUIRE(comes_true([&] { return lines_of(told("first"), "window").size() >= 9; }));
    std::ofstream(log, std::ios::app) << log_of(20, 10);
    REQUIRE(comes_true([&] { return lines_of(told("first"), "window").size() >= 19; }));
    watch.end(SIGKILL);
  }
  std::ofstream(log, std::ios::app) << log_of(30, 20);
  const auto rest = assay({"watch", log, "--once", "--format", "json", "--state", state});
  REQUIRE(rest.status == 0);
  CHECK(executions_in(told("first")) + executions_in(rest.out) == 30 * 120);
}

TEST_CASE("SIGTERM ends a watch well") {
  const Folder folder;
  Running watch({folder.write("pg.log", log_of(3)), "--from-start", "--format", "json"}, folder.path("out"));
  REQUIRE(comes_true([&] { return lines_of(read_file(folder.path("out")), "window").size() >= 2; }));
  CHECK(watch.end(SIGTERM) == 0);
}

TEST_CASE("A file that is no state of a watch is left alone") {
  const Folder folder;
  const auto outcome =
      assay({"watch", folder.write("pg.log", log_of(1)), "--once", "--state", folder.write("x", "text")});
  CHECK(outcome.status == 1);
  CHECK(read_file(folder.path("x")) == "text");
}

TEST_CASE("Addresses to listen on are read with or without a host") {
  CHECK(parse_listen("9187") == std::pair<std::string, int>("127.0.0.1", 9187));
  CHECK(parse_listen(":9187") == std::pair<std::string, int>("127.0.0.1", 9187));
  CHECK(parse_listen("[::1]:1") == std::pair<std::string, int>("::1", 1));
  CHECK(parse_listen("db.example:80").first == "db.example");
  for (const char* wrong : {"", "x", "1:2:x", "70000", "host:"}) CHECK_THROWS_AS(parse_listen(wrong), UsageError);
}

TEST_CASE("A watch serves metrics and health, which promtool finds well made") {
  const Folder folder;
  Running watch({folder.write("pg.log", log_of(3)), "--from-start", "--listen", "0"}, folder.path("out"));
  std::string url;
  REQUIRE(comes_true([&] {
    const std::string text = read_file(folder.path("out.err"));
    const auto at = text.find("http://");
    if (at != std::string::npos) url = text.substr(at, text.find('\n', at) - at);
    return !url.empty() && says(read_file(folder.path("out")), "10:01");
  }));
  const std::string fetch =
      "/usr/bin/python3 -c \"import sys, urllib.request as u; "
      "sys.stdout.write(u.urlopen(sys.argv[1]).read().decode())\" ";
  REQUIRE(std::system((fetch + url + " > " + folder.path("metrics")).c_str()) == 0);
  const std::string metrics = read_file(folder.path("metrics"));
  CHECK(says(metrics, "assay_executions_total 240"));
  CHECK(says(metrics, "assay_query_executions_total{database=\"crm\",query=\""));
  CHECK(says(metrics, "assay_alerts_open{kind=\"slower\"} 0"));
  const std::string health = url.substr(0, url.rfind('/')) + "/health";
  CHECK(std::system((fetch + health + " | grep -qx ok").c_str()) == 0);
  if (std::system("command -v promtool > /dev/null") == 0) {
    CHECK(std::system(("promtool check metrics < " + folder.path("metrics")).c_str()) == 0);
  } else {
    WARN("promtool is not installed (Debian's prometheus): the metrics were not checked by it");
  }
}

TEST_CASE("Labels are escaped, so that no log can forge a metric") {
  const std::string text = metrics_text({{"a_total", "Help.", true, {{{{"query", "x\"} 1\nb 2"}}, 3}}}});
  CHECK(says(text, "a_total{query=\"x\\\"} 1\\nb 2\"} 3"));
}

}  // namespace assay::test
