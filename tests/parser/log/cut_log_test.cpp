// A log that a rotation or a split cut in two, at any byte, tells what the whole one tells.
#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <tuple>

#include "parser/log/reader.h"
#include "tests/unpacked.h"

namespace assay {
namespace {

struct Sums {
  std::uint64_t calls = 0, errors = 0;
  std::int64_t total_us = 0;
  bool operator==(const Sums&) const = default;
};
using Classes = std::map<std::tuple<std::string, std::uint64_t>, Sums>;

struct Told {
  Classes classes;
  std::uint64_t lines = 0, loss = 0;
};

/// The two files of a cut, which are written anew for each.
class CutLog {
 public:
  explicit CutLog(std::string log) : log_(std::move(log)) {
    const auto base = std::filesystem::temp_directory_path() / "assay-cut-XXXXXX";
    std::string name = base.string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~CutLog() { std::filesystem::remove_all(folder_); }
  CutLog(const CutLog&) = delete;
  CutLog& operator=(const CutLog&) = delete;

  const std::string& log() const { return log_; }

  Told whole() const {
    Told told;
    read(write("whole", log_), {}, told);
    return told;
  }

  Told cut_at(std::size_t cut) const {
    const std::string first = write("first", log_.substr(0, cut)), second = write("second", log_.substr(cut));
    Told told;
    ReadOptions options;
    options.rest = front_rest(second, {});
    if (read(first, options, told).took_rest) options.taken_rest = options.rest.size();
    options.rest.clear();
    read(second, options, told);
    return told;
  }

 private:
  std::string write(const char* name, const std::string& content) const {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  static InputAccount read(const std::string& path, const ReadOptions& options, Told& told) {
    Diagnostics diagnostics;
    const auto add = [&](const LogRecord& record) {
      const bool is_work = record.kind == RecordKind::kExecution || record.kind == RecordKind::kUnfinished;
      if (!is_work && record.kind != RecordKind::kError) return;
      Sums& sums = told.classes[{std::string(record.database), record.shape}];
      sums.calls += record.kind == RecordKind::kExecution ? 1 : 0;
      sums.errors += record.kind == RecordKind::kError ? 1 : 0;
      sums.total_us += record.duration.count();
    };
    const InputAccount account = read_log(path, options, add, diagnostics);
    std::uint64_t skipped = 0;
    for (const auto& lines : account.skipped) {
      skipped += lines.count;
      told.loss += lines.is_loss ? lines.count : 0;
    }
    CHECK(account.lines == account.record_lines + account.continuation_lines + skipped);
    told.lines += account.lines;
    return account;
  }

  std::string log_;
  std::filesystem::path folder_;
};

/// Cuts anywhere in the middle, and every byte of the record of several lines behind `from`.
std::vector<std::size_t> cuts_of(const std::string& log, std::size_t random_ones, const std::string& from) {
  std::mt19937 random(7);
  std::vector<std::size_t> cuts;
  for (std::size_t i = 0; i < random_ones; ++i) cuts.push_back(log.size() / 10 + random() % (log.size() * 8 / 10));
  if (from.empty()) return cuts;
  const std::size_t at = log.find(from, log.size() / 10);
  REQUIRE(at < log.size() * 9 / 10);
  for (std::size_t cut = log.rfind('\n', at) - 5; cut < at + 300; ++cut) cuts.push_back(cut);
  return cuts;
}

void check_cuts(const std::string& log, std::size_t random_ones, const std::string& from) {
  const CutLog file(log);
  const Told whole = file.whole();
  REQUIRE(!whole.classes.empty());
  for (const std::size_t cut : cuts_of(log, random_ones, from)) {
    const Told cut_in_two = file.cut_at(cut);
    INFO("cut at " << cut << ": " << log.substr(cut - 100, 100) << "<<CUT>>" << log.substr(cut, 100));
    CHECK(cut_in_two.classes == whole.classes);
    CHECK(cut_in_two.lines == whole.lines);
    CHECK(cut_in_two.loss == whole.loss);
  }
}

/// The first 150 kB, in whole lines that a record follows.
std::string front_of(const std::string& log, const char* record) {
  return log.substr(0, log.rfind(record, std::min<std::size_t>(150'000, log.size() - 1)) + 1);
}

}  // namespace

TEST_CASE("a stderr log cut in two at any byte tells what the whole one does", "[cut]") {
  check_cuts(test::unpacked("events/recorded/events.log.zst"), 200, "STATEMENT:  ");
  check_cuts(front_of(test::unpacked("crm/recorded/crm.log.zst"), "\n2026"), 100, "DETAIL:  ");
}

TEST_CASE("a csvlog cut in two at any byte tells what the whole one does", "[cut]") {
  check_cuts(test::unpacked("events/recorded/events.csv.zst"), 200, "\"\"");
  check_cuts(front_of(test::unpacked("crm/recorded/crm.csv.zst"), "\n2026"), 100, ",\"parameters: ");
}

TEST_CASE("a jsonlog cut in two at any byte tells what the whole one does", "[cut]") {
  check_cuts(test::unpacked("events/recorded/events.jsonlog.zst"), 200, "\\\"");
  check_cuts(front_of(test::unpacked("crm/recorded/crm.jsonlog.zst"), "\n{"), 100, "\"detail\"");
}

TEST_CASE("a slow query log cut in two at any byte tells what the whole one does", "[cut]") {
  check_cuts(test::unpacked("mariadb/recorded/sampled.log"), 200, "O\\'Reilly");
  check_cuts(test::unpacked("mariadb/recorded/plain.log.zst"), 100, {});
}

}  // namespace assay
