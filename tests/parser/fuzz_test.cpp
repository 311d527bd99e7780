// What fuzzing found stays found: tests/fuzz/found/TARGET-NAME holds the bytes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/targets.h"

namespace assay {

TEST_CASE("what fuzzing has found breaks no promise any more") {
  std::size_t run = 0;
  for (const auto& file : std::filesystem::directory_iterator(std::string(ASSAY_TESTS) + "/fuzz/found")) {
    const std::string name = file.path().filename().string();
    const auto& targets = fuzz::targets();
    const auto target = std::find_if(targets.begin(), targets.end(), [&](const auto& candidate) {
      return name.starts_with(std::string(candidate.name) + "-");
    });
    if (target == targets.end()) continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    INFO(name);
    CHECK_NOTHROW(target->run(bytes));
    ++run;
  }
  CHECK(run > 0);
}

}  // namespace assay
