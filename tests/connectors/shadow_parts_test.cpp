#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "connectors/shadow_files.h"
#include "connectors/shadow_statistics.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

std::string count(std::string_view array) {
  const auto elements = count_elements(array);
  return elements ? std::to_string(*elements) : "refused";
}

}  // namespace

TEST_CASE("elements of an array are counted as PostgreSQL prints them, and odd arrays refused") {
  CHECK(count("{}") == "0");
  CHECK(count("{a}") == "1");
  CHECK(count("{a,b,\"c,d\"}") == "3");
  CHECK(count(R"({"a\"b,","\\",c})") == "3");
  CHECK(count(R"({"{1,2}","NULL"})") == "2");
  CHECK(count("{a\\,b}") == "1");
  for (const char* odd : {"", "{", "a", "{{1},{2}}", "[0:1]={1,2}", "{NULL}", "{1,NULL}", "{1},{2}"}) {
    INFO(odd);
    CHECK(count(odd) == "refused");
  }
}

TEST_CASE("files are as long as they are told, in segments of 1 GB, without taking room") {
  std::string name = "/tmp/assay-test-XXXXXX";
  const fs::path folder = mkdtemp(name.data());
  const fs::path file = folder / "1234";
  constexpr std::uintmax_t kGigabyte = 1u << 30;
  set_length(file, 2 * 131072 + 5, std::nullopt);
  CHECK(fs::file_size(file) == kGigabyte);
  CHECK(fs::file_size(folder / "1234.1") == kGigabyte);
  CHECK(fs::file_size(folder / "1234.2") == 5 * 8192);
  truncate_first_segment(file);
  CHECK(fs::file_size(file) == 0);
  restore_first_segment(file, 2 * 131072 + 5);
  CHECK(fs::file_size(file) == kGigabyte);
  set_length(file, -3, std::nullopt);
  CHECK(fs::file_size(file) == 0);
  fs::remove_all(folder);
}

}  // namespace assay
