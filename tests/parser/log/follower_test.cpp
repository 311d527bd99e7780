#include "parser/log/follower.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "parser/log/followed_logs.h"
#include "tests/parser/log/log_text.h"

namespace assay::test {
namespace {

namespace fs = std::filesystem;

/// A folder of logs, and a clock that goes on when it is told to.
class Watched {
 public:
  Watched() {
    static int number = 0;
    folder_ = fs::temp_directory_path() / ("assay-follow-" + std::to_string(getpid()) + "-" + std::to_string(number++));
    fs::create_directories(folder_);
  }
  ~Watched() { fs::remove_all(folder_); }

  std::string path(const std::string& name = "pg.log") const { return (folder_ / name).string(); }
  void append(std::string_view text, const std::string& name = "pg.log") const {
    std::ofstream(path(name), std::ios::app | std::ios::binary) << text;
  }
  void rename(const std::string& from, const std::string& to) const { fs::rename(path(from), path(to)); }
  void truncate(const std::string& name = "pg.log") const { fs::resize_file(path(name), 0); }

  void start(bool from_start = true, std::size_t chunk = 4096, const std::string& argument = "pg.log") {
    FollowOptions options;
    options.from_start = from_start;
    options.chunk = chunk;
    options.max_record = 64U << 10U;
    logs_ = std::make_unique<FollowedLogs>(std::vector{path(argument)}, options,
                                           [this](const LogRecord& record) { records_.push_back(told(record)); });
    argument_ = argument;
  }
  /// A look; then a second passes, or more.
  void look(Tick passing = Tick{10}) {
    logs_->poll(now_, diagnostics_);
    now_ += passing;
  }
  void quiet() {
    for (int i = 0; i < 4; ++i) look(Tick{1100});
  }
  std::string saved() const {
    StateWriter state;
    logs_->save(state);
    return state.bytes();
  }
  /// As after the end of the process: what was not saved is gone.
  void restart(const std::string& state, std::vector<std::string> records_then) {
    start(true, 4096, argument_);
    StateReader reader(state);
    logs_->restore(reader, diagnostics_);
    CHECK(reader.is_at_end());
    records_ = std::move(records_then);
  }
  const std::vector<std::string>& records() const { return records_; }
  const FollowedLogs& logs() const { return *logs_; }
  FollowedLogs& logs() { return *logs_; }
  const Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  fs::path folder_;
  std::string argument_;
  std::unique_ptr<FollowedLogs> logs_;
  std::vector<std::string> records_;
  Diagnostics diagnostics_;
  Tick now_{1000};
};

/// A run with everything that is put together from several lines: details, errors, parse, bind, execute, durations.
std::vector<Event> busy_run(int rounds) {
  std::vector<Event> events;
  for (int i = 0; i < rounds; ++i) {
    const std::string number = std::to_string(i);
    events.push_back(log(1, "duration: 1.5 ms  statement: SELECT " + number));
    events.push_back(log(2, "duration: 0.5 ms  parse S_1: SELECT a\nFROM t\nWHERE b = $1"));
    events.push_back(error(3, "relation \"x\" does not exist", "SELECT * FROM x WHERE y = " + number));
    events.push_back(
        log(2, "duration: 0.25 ms  bind S_1: SELECT a\nFROM t\nWHERE b = $1", "parameters: $1 = '" + number + "'"));
    events.push_back(log(4, "statement: UPDATE t SET b = " + number));
    events.push_back(
        log(2, "duration: 9.5 ms  execute S_1: SELECT a\nFROM t\nWHERE b = $1", "parameters: $1 = '" + number + "'"));
    events.push_back(log(4, "duration: 3.125 ms"));
  }
  return events;
}

std::vector<std::string> formats_of(const std::vector<Event>& events) {
  return {as_stderr(events), as_csv(events), as_json(events)};
}

std::vector<std::string> records_of(const std::string& text) { return read_text(text).records; }

}  // namespace

TEST_CASE("A log that is followed tells what a whole one tells, however it is written") {
  for (const std::string& text : formats_of(busy_run(40))) {
    for (const std::size_t piece : {7U, 100U, 1000U, 100'000U}) {
      Watched watched;
      watched.append("");
      watched.start();
      for (std::size_t at = 0; at < text.size(); at += piece) {
        watched.append(std::string_view(text).substr(at, piece));
        watched.look();
      }
      watched.quiet();
      watched.logs().finish();
      CHECK(watched.records() == records_of(text));
      const FollowAccount account = watched.logs().account();
      CHECK(account.bytes == text.size());
      CHECK(account.lines == account.record_lines + account.continuation_lines + account.skipped_lines);
    }
  }
}

TEST_CASE("The last record of a log waits for a quiet second, and half a line for its other half") {
  for (const std::string& text : formats_of({log(1, "duration: 1 ms  statement: SELECT 1\n, 2")})) {
    Watched watched;
    watched.append(text.substr(0, text.size() - 2));
    watched.start();
    watched.quiet();
    CHECK(watched.records().empty());
    watched.append(text.substr(text.size() - 2));
    watched.quiet();
    CHECK(watched.records() == std::vector<std::string>{"web@crm 1.000ms SELECT 1\n, 2"});
  }
}

TEST_CASE("A log that is there at first is followed from its end") {
  const std::string text = as_stderr(busy_run(3));
  Watched watched;
  watched.append(text);
  watched.start(false);
  watched.quiet();
  CHECK(watched.records().empty());
  watched.append(as_stderr({log(9, "duration: 1 ms  statement: SELECT 'new'")}));
  watched.quiet();
  CHECK(watched.records() == std::vector<std::string>{"web@crm 1.000ms SELECT 'new'"});
}

TEST_CASE("Rotated by a rename, both files are read to their ends") {
  for (const std::string& text : formats_of(busy_run(10))) {
    const std::size_t middle = text.find('\n', text.size() / 2) + 1;
    // At the front of a record, where a server turns to another file; else the second file begins within one.
    std::size_t cut = middle;
    while (cut < text.size() &&
           records_of(text.substr(0, cut)).size() + records_of(text.substr(cut)).size() != records_of(text).size())
      cut = text.find('\n', cut) + 1;
    Watched watched;
    watched.start();
    watched.look();
    watched.append(text.substr(0, cut - 20));
    watched.look();
    watched.rename("pg.log", "pg.log.1");
    watched.append(text.substr(cut - 20, 20), "pg.log.1");  // the server still has it open
    watched.append(text.substr(cut));
    watched.quiet();
    watched.logs().finish();
    CHECK(watched.records() == records_of(text));
    CHECK(watched.logs().account().rotations == 1);
  }
}

TEST_CASE("Truncated, a log is read from its front again") {
  for (const std::string& text : formats_of(busy_run(5))) {
    Watched watched;
    watched.append(text);
    watched.start();
    watched.quiet();
    watched.truncate();
    watched.look();
    watched.append(text);  // as long as before: its size alone tells nothing
    watched.quiet();
    watched.logs().finish();
    CHECK(watched.records().size() == 2 * records_of(text).size());
    CHECK(watched.logs().account().truncations == 1);
  }
}

TEST_CASE("Ended and started again anywhere, every record is told once") {
  for (const std::string& text : formats_of(busy_run(12))) {
    const auto expected = records_of(text);
    for (std::size_t end = 50; end < text.size(); end += 333) {
      Watched watched;
      watched.append("");
      watched.start();
      for (std::size_t at = 0; at < end; at += 200) {
        watched.append(text.substr(at, std::min<std::size_t>(200, end - at)));
        watched.look();
      }
      const std::string state = watched.saved();
      const auto counted = watched.records();
      watched.append(text.substr(end));
      watched.look();  // told, but not saved
      watched.restart(state, counted);
      watched.quiet();
      watched.logs().finish();
      REQUIRE(watched.records() == expected);
      const FollowAccount account = watched.logs().account();
      CHECK(account.lines == account.record_lines + account.continuation_lines + account.skipped_lines);
    }
  }
}

TEST_CASE("Rotated twice while nobody watched, nothing is lost") {
  const auto piece = [](const std::string& name) {
    return as_stderr(
        {log(1, "duration: 1 ms  statement: SELECT '" + name + "'"), log(1, "duration: 1 ms  statement: SELECT 2")});
  };
  Watched watched;
  watched.append(piece("a"));
  watched.start();
  watched.quiet();
  const std::string state = watched.saved();
  const auto counted = watched.records();
  watched.append(piece("b"));
  watched.rename("pg.log", "pg.log.2");
  watched.append(piece("c"), "pg.log.1");
  fs::last_write_time(watched.path("pg.log.2"), fs::last_write_time(watched.path("pg.log.1")) - std::chrono::hours(2));
  fs::last_write_time(watched.path("pg.log.1"), fs::last_write_time(watched.path("pg.log.1")) - std::chrono::hours(1));
  watched.append(piece("d"));
  watched.restart(state, counted);
  for (int i = 0; i < 3; ++i) watched.quiet();
  std::vector<std::string> expected;
  for (const char* name : {"a", "b", "c", "d"}) {
    expected.push_back(std::string("web@crm 1.000ms SELECT '") + name + "'");
    expected.push_back("web@crm 1.000ms SELECT 2");
  }
  CHECK(watched.records() == expected);
}

TEST_CASE("Copied and truncated while nobody watched, the rest is read from the copy") {
  const std::string text = as_stderr(busy_run(8));
  const std::size_t half = text.size() / 2;
  Watched watched;
  watched.append(text.substr(0, half));
  watched.start();
  watched.look();
  const std::string state = watched.saved();
  const auto counted = watched.records();
  watched.append(text.substr(half));
  fs::copy_file(watched.path(), watched.path("pg.log.1"));
  watched.truncate();
  watched.append(as_stderr({log(1, "duration: 7 ms  statement: SELECT 'after'")}));
  watched.restart(state, counted);
  for (int i = 0; i < 3; ++i) watched.quiet();
  watched.logs().finish();
  auto expected = records_of(text);
  expected.push_back("web@crm 7.000ms SELECT 'after'");
  CHECK(watched.records() == expected);
}

TEST_CASE("A pattern follows files that appear, but no rotated ones under their new names") {
  const std::string text = as_stderr(busy_run(10));
  Watched watched;
  watched.append(text, "a.log");
  watched.start(true, 4096, "*.log*");
  watched.quiet();
  CHECK(watched.records() == records_of(text));
  watched.rename("a.log", "a.log.1");
  watched.append(as_stderr({log(1, "duration: 1 ms  statement: SELECT 'next'")}), "a.log");
  fs::copy_file(watched.path("a.log.1"), watched.path("a.log.2"));
  watched.append(as_stderr({log(1, "duration: 1 ms  statement: SELECT 'other'")}), "b.log");
  watched.append("\x1f\x8b\x08garbage", "c.log.gz");
  for (int i = 0; i < 3; ++i) watched.quiet();
  CHECK(watched.records().size() == records_of(text).size() + 2);
}

TEST_CASE("A record that is too long is dropped and counted, and the next one is read") {
  Watched watched;
  watched.append(as_stderr({log(1, "duration: 1 ms  statement: SELECT 1")}));
  watched.start();
  watched.look();
  watched.append(as_stderr({log(1, "duration: 1 ms  statement: SELECT '" + std::string(200'000, 'x') + "'"),
                            log(1, "duration: 1 ms  statement: SELECT 3")}));
  watched.quiet();
  watched.quiet();
  CHECK(watched.records() == std::vector<std::string>{"web@crm 1.000ms SELECT 1", "web@crm 1.000ms SELECT 3"});
  CHECK(watched.logs().account().skipped_lines >= 1);
}

TEST_CASE("A state that was cut off or changed is refused, and does no harm") {
  Watched watched;
  watched.append(as_stderr(busy_run(2)));
  watched.start();
  watched.look();
  const std::string state = watched.saved();
  for (std::size_t size = 0; size < state.size(); ++size) {
    FollowedLogs logs({watched.path()}, {}, [](const LogRecord&) {});
    Diagnostics diagnostics;
    StateReader reader(std::string_view(state).substr(0, size));
    CHECK_THROWS_AS(logs.restore(reader, diagnostics), Error);
  }
}

}  // namespace assay::test
