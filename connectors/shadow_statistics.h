// A catalog's statistics, put into the shadow's pg_statistic.
//
// The view pg_stats is pg_statistic in words; here the words go back into slots, each with the operator and collation
// that ANALYZE would have used for the type (src/backend/commands/analyze.c and the types' own typanalyze functions).
// Statistics are hostile input: arrays must be plain and of matching lengths, and values of a type whose input
// function runs a user's code (domains' checks, inside composite types too) are left out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/catalog.h"
#include "connectors/session.h"

namespace assay {

/// Inserts the statistics of all columns and index expressions that exist in the shadow. `admin` is a superuser's
/// session. What cannot be put in is told in `remarks`.
void inject_statistics(Session& admin, const Catalog& catalog, std::vector<std::string>& remarks);

/// Puts in the statistics of columns, many rows at a time. Knows the relations that existed when it was made.
class StatisticsInjector {
 public:
  /// `admin` is a superuser's session, which must outlive this object.
  explicit StatisticsInjector(Session& admin);
  ~StatisticsInjector();

  /// `column` is a column's name, or the number of an index's key. Passes over what does not exist.
  void add(const std::string& schema, const std::string& relation, const std::string& column,
           const std::vector<ColumnStatistics>& all);

  /// Puts in what is still waiting.
  void flush();

  /// How many could not be put in whole, and the first one; of those that do not wait any more.
  int incomplete() const { return incomplete_; }
  const std::string& first() const { return first_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  int incomplete_ = 0;
  std::string first_;
};

/// Number of elements of a one-dimensional array as PostgreSQL prints it; nothing for NULL elements, nested arrays
/// and what is no array.
std::optional<std::size_t> count_elements(std::string_view array);

}  // namespace assay
