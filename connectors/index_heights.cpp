#include "connectors/index_heights.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

#include "analyzer/plan.h"
#include "connectors/explain.h"
#include "parser/base/error.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

constexpr int kMostAsked = 2000;  // half a millisecond each

bool is_plain(const IndexDefinition& definition) {
  return definition.method == "btree" && definition.predicate.empty() && !definition.keys.empty() &&
         std::none_of(definition.keys.begin(), definition.keys.end(),
                      [](const auto& key) { return key.column.empty(); });
}

/// Metapage and root alone leave no question.
bool is_open_question(const Index& index) {
  return index.height < 0 && index.valid && index.pages > 2 && is_plain(index.definition);
}

std::string look_up(const IndexDefinition& definition) {
  std::string sql =
      "SELECT FROM " + quote_identifier(definition.schema) + "." + quote_identifier(definition.table) + " WHERE ";
  for (std::size_t i = 0; i < definition.keys.size(); ++i) {
    sql += (i == 0 ? "" : " AND ") + quote_identifier(definition.keys[i].column) + " = $" + std::to_string(i + 1);
  }
  return sql;
}

/// btcostestimate: a comparison for each level of a binary search over the rows, 50 for each page of the descent.
std::optional<int> height_of(const PlanNode& plan, const Index& index, double rows, double operator_cost) {
  if (plan.index != index.definition.name || !(operator_cost > 0)) return std::nullopt;
  const double comparisons = rows > 1 ? std::ceil(std::log2(rows)) * operator_cost : 0;
  const double pages = (plan.startup_cost - comparisons) / (50 * operator_cost);
  if (!(std::abs(pages - std::round(pages)) < 0.2) || pages < 0.5 || pages > 20) return std::nullopt;
  return static_cast<int>(std::round(pages)) - 1;
}

/// Undone each time, so that no lock is held longer than its question.
std::optional<int> ask(Session& session, const Index& index, double rows, double operator_cost) {
  session.query("SAVEPOINT assay_height");
  std::optional<int> height;
  try {
    height = height_of(parse_plan(explain_json(session, look_up(index.definition), {})), index, rows, operator_cost);
  } catch (const SqlError&) {  // stays unknown
  }
  session.query("ROLLBACK TO SAVEPOINT assay_height");
  session.query("RELEASE SAVEPOINT assay_height");
  return height;
}

}  // namespace

void ask_heights(Session& session, Catalog& catalog) {
  const auto cost = catalog.settings.find("cpu_operator_cost");
  const double operator_cost = cost == catalog.settings.end() ? 0.0025 : std::strtod(cost->second.c_str(), nullptr);
  int asked = 0;
  for (Index& index : catalog.indexes) {
    const Table* table = catalog.find_table(index.definition.schema, index.definition.table);
    if (!table || !is_open_question(index)) continue;
    if (asked++ == 0) {
      for (const char* setting : {"enable_seqscan = off", "enable_bitmapscan = off", "enable_indexscan = on",
                                  "enable_indexonlyscan = on", "max_parallel_workers_per_gather = 0"}) {
        session.query(std::string("SET LOCAL ") + setting);
      }
    }
    if (asked > kMostAsked) return;
    if (const auto height = ask(session, index, table->rows, operator_cost)) index.height = *height;
  }
}

}  // namespace assay
