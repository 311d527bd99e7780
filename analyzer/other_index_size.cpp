#include "analyzer/other_index_size.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "analyzer/gin_size.h"

namespace assay {
namespace {

constexpr double kPage = 8192;
constexpr double kGuessedWidth = 16;

double aligned(double size) { return std::ceil(size / 8) * 8; }

const ColumnStatistics* statistics_of(const Table& table, const IndexKey& key) {
  const Column* column = key.column.empty() ? nullptr : find_column(table, key.column);
  return column && !column->statistics.empty() ? &column->statistics.front() : nullptr;
}

double width_of(const Table& table, const IndexKey& key) {
  const ColumnStatistics* statistics = statistics_of(table, key);
  return statistics ? std::max(1, statistics->average_width) : kGuessedWidth;
}

/// Rows that have a value, and how many different ones.
struct Values {
  double rows = 0, distinct = 0;
};

Values values_of(const Table& table, const IndexKey& key, double rows) {
  const ColumnStatistics* statistics = statistics_of(table, key);
  if (!statistics) return {rows, rows};
  const double distinct = statistics->distinct >= 0 ? statistics->distinct : -statistics->distinct * rows;
  const double present = rows * (1 - std::clamp(statistics->null_fraction, 0.0, 1.0));
  if (!std::isfinite(distinct) || distinct < 1) return {present, std::max(1.0, present)};
  return {present, std::clamp(distinct, 1.0, std::max(1.0, present))};
}

/// _hash_spareindex and _hash_get_totalbuckets: powers of two up to 512, from there on in quarters between them.
double hash_buckets(double wanted) {
  if (wanted <= 2) return 2;
  const double above = std::exp2(std::ceil(std::log2(wanted)));
  if (above <= 512) return above;
  const double below = above / 2, quarter = below / 4;
  return below + std::ceil((wanted - below) / quarter) * quarter;
}

/// Overflow pages of a bucket that holds a Poisson-distributed number of values of `rows_each` rows.
double overflow_pages(double values, double rows_each) {
  constexpr double kItemsAPage = 407;  // (8192 - 24 - 16) / 20
  double probability = std::exp(-values), pages = 0;
  const double most = values + 10 * std::sqrt(values) + 10;
  for (double count = 0; count <= most && probability >= 0; ++count) {
    if (count > 0) probability *= values / count;
    const double beyond = count * rows_each - kItemsAPage;
    if (beyond > 0) pages += probability * std::ceil(beyond / kItemsAPage);
  }
  return pages;
}

std::int64_t hash_pages(const IndexDefinition& definition, const Table& table, double rows) {
  constexpr double kItem = 20;  // a tuple of 8 and a hash of 4 bytes, aligned, and its line pointer
  const double per_bucket = std::floor(kPage * storage_number(definition, "fillfactor", 75) / 100 / kItem);
  const Values values = values_of(table, definition.keys.front(), rows);
  const double buckets = hash_buckets(std::floor(rows / per_bucket));
  const double each = values.rows / values.distinct;
  const double mean = values.distinct / buckets;
  const double overflow = mean > 500 ? 0 : buckets * overflow_pages(mean, each);  // far below a page's room
  return static_cast<std::int64_t>(1 + buckets + 1 + std::floor(overflow));       // metapage, a bitmap page
}

std::int64_t brin_pages(const IndexDefinition& definition, const Table& table) {
  constexpr double kRevmapItems = 1360, kRoom = kPage - 24 - 8;
  const double range = std::max(1.0, storage_number(definition, "pages_per_range", 128));
  const double ranges = std::max(1.0, std::ceil(static_cast<double>(table.pages) / range));
  double tuple = 8;
  for (const IndexKey& key : definition.keys) tuple += 2 * width_of(table, key);  // least and largest
  const double per_page = std::max(1.0, std::floor(kRoom / (aligned(tuple) + 4)));
  return static_cast<std::int64_t>(1 + std::ceil(ranges / kRevmapItems) + std::ceil(ranges / per_page));
}

std::int64_t gist_pages(const IndexDefinition& definition, const Table& table, double rows) {
  constexpr double kFilled = 0.65, kRoom = kPage - 24 - 16;  // as pages are after splitting
  double tuple = 8;
  for (const IndexKey& key : definition.keys) {
    const bool trigrams = key.operator_class.find("trgm") != std::string::npos;
    tuple += trigrams ? 5 + 3 * (width_of(table, key) + 1) : width_of(table, key);
  }
  const double per_page = std::max(2.0, std::floor(kRoom * kFilled / (aligned(tuple) + 4)));
  double pages = 0, level = rows;
  do {
    level = std::ceil(level / per_page);
    pages += level;
  } while (level > 1);
  return static_cast<std::int64_t>(std::max(1.0, pages));
}

}  // namespace

double storage_number(const IndexDefinition& definition, const std::string& name, double otherwise) {
  const auto found = definition.storage.find(name);
  if (found == definition.storage.end()) return otherwise;
  double number = otherwise;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return std::isfinite(number) ? std::clamp(number, 1.0, 131072.0) : otherwise;
}

std::int64_t other_index_pages(const IndexDefinition& definition, const Table& table, double rows) {
  if (definition.keys.empty()) return 1;
  if (definition.method == "hash") return hash_pages(definition, table, rows);
  if (definition.method == "brin") return brin_pages(definition, table);
  if (definition.method == "gin") return gin_pages(definition, table, rows);
  return gist_pages(definition, table, rows);
}

}  // namespace assay
