// One program for all targets: the environment variable TARGET names the one that libFuzzer feeds. Without a name that
// is one of theirs it lists them.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/fuzz/targets.h"

namespace {

const assay::fuzz::Target* chosen_target() {
  const char* const name = std::getenv("TARGET");
  for (const auto& target : assay::fuzz::targets()) {
    if (name != nullptr && target.name == name) return &target;
  }
  return nullptr;
}

}  // namespace

/// Before libFuzzer takes an exit for a crash.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  if (chosen_target() != nullptr) return 0;
  for (const auto& target : assay::fuzz::targets()) std::puts(std::string(target.name).c_str());
  std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto& target = *chosen_target();
  try {
    target.run({reinterpret_cast<const char*>(data), size});
  } catch (const assay::fuzz::BrokenPromise& promise) {
    std::fprintf(stderr, "broken: %s\n", promise.what());
    std::abort();
  }
  return 0;
}
