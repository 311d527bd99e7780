// Which part of a key a plan asks for: the bounds that its scans' conditions set.
//
// EXPLAIN prints conditions in one canonical form, with the values of parameters and folded constants in it, whatever
// the statement's text looked like: (at >= '2024-02-01 00:00:00'::timestamp without time zone), or now() less an
// interval. So the bounds are read from there. What it leaves out: values that only a run tells.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyzer/plan.h"
#include "parser/base/time.h"

namespace assay {

/// Seconds since 1970; nothing: without an end.
struct KeyRange {
  std::optional<double> from, to;
};

/// The narrowest bounds that the plan's conditions on `table` set to the column; nothing where they set none. `now` is
/// what now() means.
std::optional<KeyRange> asked_range(const PlanNode& plan, const std::string& table, const std::string& column,
                                    ZonedTime now);

/// Seconds of an interval as PostgreSQL prints it ("1 mon 3 days 04:05:06"), a month being 30 days, a year 365.25.
std::optional<double> interval_seconds(std::string_view text);

}  // namespace assay
