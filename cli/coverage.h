// How much of an input was understood, and what to say where that is little.
#pragma once

#include <optional>
#include <string>

#include "parser/log/reader.h"

namespace assay {

struct ManySkipped {
  std::string what;  ///< "1,234 of 5,678 lines (21.7 %) were skipped, most of them: blank line"
  std::string hint;  ///< for the most frequent reason
};

/// Where more than 5 % of the lines were skipped.
std::optional<ManySkipped> many_skipped(const InputAccount& input);

}  // namespace assay
