// What is fuzzed, one function a target: each takes any bytes and throws where a promise is broken. libFuzzer feeds
// them (./dev fuzz), and the tests feed them damaged samples and what fuzzing has found (found/).
#pragma once

#include <stdexcept>
#include <string_view>
#include <vector>

#include "parser/log/reader.h"

namespace assay::fuzz {

struct BrokenPromise : std::logic_error {
  using std::logic_error::logic_error;
};

/// Reading never fails on a log, balances its account, also cut in two, and tells the same records for any size of
/// block.
void read_as(LogFormat format, std::string_view log);

/// The table of skeletons gives the shapes that the lexer gives, and other literals of the same kind change neither a
/// shape nor, where libpg_query can parse both texts, the fingerprint.
void normalise(std::string_view sql);

/// Every text is parsed or refused; what is taken for explainable is one statement.
void understand(std::string_view sql);

struct Target {
  std::string_view name;
  void (*run)(std::string_view);
};
const std::vector<Target>& targets();

}  // namespace assay::fuzz
