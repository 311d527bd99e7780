// How many bytes a result of a class takes in a cache, as far as that can be told.
//
// Rows an execution: counted, where pg_stat_statements tells them; else those that auto_explain logged (log_analyze) of
// the slowest execution with a plan, which are rather too many than too few; else planned; else one, where the
// statement can give no more. Bytes a row: the planner's width, else that of the logged plan, else the statistics'
// widths of the columns. To that comes what a key and its entry take (kEntryBytes). Where neither is known, nothing is
// said.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyzer/cost_model.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

struct ResultSize {
  double bytes = 0;    ///< of an entry, mean
  std::string source;  ///< "rows counted, width planned"
};

/// What the top of a plan in a log tells; text, JSON, XML and YAML.
struct LoggedSize {
  std::optional<double> rows;   ///< actual ones, of all loops
  std::optional<double> width;  ///< bytes a row, planned
};
LoggedSize logged_size(std::string_view plan);

/// Redis: a key of some 60 bytes, its dictEntry, robj, sds headers and expiry come to about that.
inline constexpr double kEntryBytes = 150;

/// `model` and `catalog` may be null.
std::optional<ResultSize> result_size(const QueryClass& query, const ClassMeaning& meaning, const Catalog* catalog,
                                      CostModel* model);

}  // namespace assay
