#include "analyzer/other_index_size.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

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

/// The last of pg_stats.elem_count_histogram is the mean number of different elements a row.
double mean_elements(const ColumnStatistics& statistics) {
  if (!statistics.element_count_histogram) return 0;
  const std::string& text = *statistics.element_count_histogram;
  const std::size_t comma = text.rfind(',');
  double mean = 0;
  if (comma != std::string::npos) std::from_chars(text.data() + comma + 1, text.data() + text.size(), mean);
  return std::isfinite(mean) ? std::clamp(mean, 0.0, 1e6) : 0;
}

/// Elements a row, how many different ones there are, and the bytes of one.
struct Elements {
  double per_row = 0, distinct = 0, width = 0;
};

Elements elements_of(const IndexKey& key, const Table& table, double rows) {
  const double width = width_of(table, key);
  const ColumnStatistics* statistics = statistics_of(table, key);
  const double counted = statistics ? mean_elements(*statistics) : 0;
  const double value_width = std::max(4.0, width / std::max(1.0, counted) - 2);
  if (key.operator_class.find("trgm") != std::string::npos) {
    // Two blanks before and one behind each word; some thousands occur in any language.
    return {width + 1, std::min(rows * width, 20000.0), 8};
  }
  if (counted > 0) {  // those too rare to be listed are at least as many again as the listed ones
    const std::string& listed = statistics->most_common_elements ? *statistics->most_common_elements : "";
    const auto common = static_cast<double>(std::count(listed.begin(), listed.end(), ',') + 1);
    return {counted, std::min(rows * counted, common < 900 ? common : rows * counted / 10), value_width};
  }
  constexpr double kBytesAnElement = 10;  // jsonb: keys are few, values many
  const double per_row = std::max(1.0, width / kBytesAnElement);
  return {per_row, std::max(1.0, values_of(table, key, rows).distinct), kBytesAnElement};
}

/// Row pointers are stored as differences in seven bits a byte (src/backend/access/gin/ginpostinglist.c).
std::int64_t gin_pages(const IndexDefinition& definition, const Table& table, double rows) {
  constexpr double kSplit = 0.7;  // entry pages split in halves
  double bytes = 0;
  for (const IndexKey& key : definition.keys) {
    const Elements elements = elements_of(key, table, rows);
    const double each = std::max(1.0, rows * elements.per_row / std::max(1.0, elements.distinct));
    const double gap = std::max(1.0, static_cast<double>(table.pages) * 2048 / each);
    const double pointer = std::clamp(std::ceil(std::log2(gap) / 7), 1.0, 6.0);
    bytes += elements.distinct * (aligned(8 + elements.width) + 4) / kSplit + elements.distinct * each * pointer;
  }
  return static_cast<std::int64_t>(2 + std::ceil(bytes / (kPage - 24 - 16)));
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
