// What `assay check` found, as text in the compiler's form, JSON, SARIF 2.1.0, and GitHub's annotations.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advisors/check/check.h"

namespace assay {

struct PlacedFinding {
  Finding finding;
  std::string path;        ///< empty: it is about no statement
  std::uint64_t line = 0;  ///< counted from 1; 0: not known
  std::string excerpt;     ///< that line of the statement
  std::uint64_t column = 0;
};

struct CheckOutcome {
  std::vector<PlacedFinding> findings;
  std::size_t classes = 0, planned = 0;
  std::size_t accepted_by_comment = 0;
  std::vector<std::string> unjudged;  ///< sentences: what could not be looked at, and why
};

std::string check_to_text(const CheckOutcome& outcome);
std::string check_to_json(const CheckOutcome& outcome);
std::string check_to_sarif(const CheckOutcome& outcome);
std::string check_to_github(const CheckOutcome& outcome);

}  // namespace assay
