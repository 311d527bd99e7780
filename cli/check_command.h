// assay check: the gate for CI.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisors/check/check.h"
#include "cli/options.h"

namespace assay {

enum class CheckFormat { kText, kJson, kSarif, kGithub };

struct CheckOptions {
  ReportOptions reading;                         ///< inputs, catalog, filters, output
  std::optional<std::string> schema;             ///< a schema dump after the migrations
  std::optional<std::string> baseline;           ///< read
  std::optional<std::string> new_baseline;       ///< written
  std::optional<Level> fail_on = Level::kError;  ///< nothing: never
  CheckFormat format = CheckFormat::kText;
  CheckSettings settings;
};

enum class CheckStatus { kPassed, kIncomplete, kFailed };

/// kIncomplete: an input could not be read; it goes before kFailed. Throws UsageError and Error.
CheckStatus run_check(const CheckOptions& options);

/// "RULE=LEVEL" and "TAG=MILLISECONDS", as on the command line. Throws UsageError.
void set_rule(CheckSettings& settings, std::string_view text);
void set_budget(CheckSettings& settings, std::string_view text);

}  // namespace assay
