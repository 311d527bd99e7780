// How CREATE INDEX lays out a B-tree: src/backend/access/nbtree/nbtsort.c (_bt_buildadd fills a page until less than a
// tenth, above the leaves less than three tenths, is free; its last tuple then moves on and leaves a high key) and
// nbtdedup.c (equal keys share one tuple, with 6 bytes a row, of up to a tenth of a page).
#include "analyzer/index_size.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "analyzer/array_text.h"
#include "analyzer/other_index_size.h"

namespace assay {
namespace {

constexpr double kPageRoom = 8192 - 24 - 16;         // without header and opaque area
constexpr double kLeafRoom = kPageRoom - 8;          // line pointers of the high key and the next tuple
constexpr double kInnerRoom = kPageRoom - 8 - 2457;  // 30 % free
constexpr double kLinePointer = 4;
constexpr double kRowPointer = 6;        // ItemPointerData
constexpr double kLargestPosting = 808;  // MAXALIGN_DOWN(819) - 4, rounded down to 8
constexpr double kGuessedWidth = 16;

double aligned(double size, double alignment) { return std::ceil(size / alignment) * alignment; }

struct FixedType {
  std::string_view name;
  double width, alignment;
};

constexpr std::array kFixedTypes{
    FixedType{"boolean", 1, 1},   FixedType{"smallint", 2, 2},  FixedType{"integer", 4, 4},
    FixedType{"bigint", 8, 8},    FixedType{"real", 4, 4},      FixedType{"double precision", 8, 8},
    FixedType{"date", 4, 4},      FixedType{"timestamp", 8, 8}, FixedType{"time", 8, 8},
    FixedType{"interval", 16, 8}, FixedType{"uuid", 16, 1},     FixedType{"oid", 4, 4},
    FixedType{"money", 8, 8}};

/// Types whose equal values may differ in their bytes, which rules deduplication out (no support function 4, or
/// bt_metap's allequalimage is false): by how their names begin or end. Of character(n) it depends on the minor release
/// that built the index (15.18 deduplicates, 15.20 does not); the larger size is taken.
constexpr std::array<std::string_view, 10> kNotDeduplicated{
    "numeric", "real", "double precision", "interval", "jsonb", "range", "citext", "ltree", "character(", "bpchar"};

/// "timestamp(3) with time zone" is a timestamp.
std::string_view base_name(std::string_view type) {
  if (type.starts_with("timestamp")) return "timestamp";
  if (type.starts_with("time")) return "time";
  if (type.starts_with("interval")) return "interval";
  return type;
}

/// One attribute of an index, as its tuples hold it.
struct Attribute {
  double width = kGuessedWidth, alignment = 1;
  bool varies = true;  ///< in length
  bool deduplicates = true;
  double null_fraction = 0;
  double distinct = 0;         ///< not null; 0: unknown, taken for unique
  std::vector<double> common;  ///< frequencies of the most common values
};

Attribute attribute_of(const Column* column, double rows) {
  Attribute attribute;
  if (!column) return attribute;
  const std::string_view type = base_name(column->type);
  const auto fixed =
      std::find_if(kFixedTypes.begin(), kFixedTypes.end(), [&](const auto& t) { return t.name == type; });
  attribute.deduplicates = !type.ends_with("[]") &&
                           std::none_of(kNotDeduplicated.begin(), kNotDeduplicated.end(), [&](std::string_view name) {
                             return type.starts_with(name) || type.ends_with(name);
                           });
  if (fixed != kFixedTypes.end()) {
    attribute.width = fixed->width;
    attribute.alignment = fixed->alignment;
    attribute.varies = false;
  }
  if (column->statistics.empty()) return attribute;
  const ColumnStatistics& statistics = column->statistics.front();
  if (attribute.varies) {
    attribute.width = std::max(1, statistics.average_width);
    attribute.varies = !type.starts_with("character(");
    if (attribute.width > 127) attribute.alignment = 4;  // a length word of four bytes
  }
  attribute.null_fraction = std::clamp(statistics.null_fraction, 0.0, 1.0);
  const double distinct = statistics.distinct >= 0 ? statistics.distinct : -statistics.distinct * rows;
  attribute.distinct = std::isfinite(distinct) ? std::min(distinct, rows) : 0;
  for (const double share : array_numbers(statistics.most_common_frequencies.value_or(""))) {
    attribute.common.push_back(std::clamp(share, 0.0, 1.0));
  }
  return attribute;
}

/// Bytes of a tuple of these values, line pointer left out. One of varying length is on average rounded up by half of
/// what rounding to 8 can add.
double tuple_size(const std::vector<Attribute>& present, bool has_nulls) {
  double size = has_nulls ? 16 : 8;  // IndexTupleData, with nulls a bitmap behind it
  bool varies = false;
  for (const Attribute& attribute : present) {
    size = (attribute.varies ? size : aligned(size, attribute.alignment)) + attribute.width;
    varies = varies || attribute.varies;
  }
  return varies ? size + 3.5 : aligned(size, 8);
}

/// Rows that have the same columns NULL; NULLs are taken to be independent from column to column.
struct NullPattern {
  std::vector<Attribute> present;
  double rows = 0;
  bool has_nulls = false;
};

std::vector<NullPattern> null_patterns(const std::vector<Attribute>& attributes, double rows) {
  constexpr std::size_t kMostPatterns = 256;  // beyond eight columns with NULLs, the rest count as present
  std::vector<NullPattern> patterns = {{{}, rows, false}};
  for (const Attribute& attribute : attributes) {
    std::vector<NullPattern> next;
    const bool splits = attribute.null_fraction > 0 && patterns.size() * 2 <= kMostPatterns;
    for (NullPattern& pattern : patterns) {
      if (splits) next.push_back({pattern.present, pattern.rows * attribute.null_fraction, true});
      if (splits) pattern.rows *= 1 - attribute.null_fraction;
      pattern.present.push_back(attribute);
      next.push_back(std::move(pattern));
    }
    patterns = std::move(next);
  }
  return patterns;
}

/// What the tuples of the leaves need: their number, and their bytes with line pointers.
struct Leaves {
  double tuples = 0, bytes = 0;

  void add(double count, double size) {
    tuples += count;
    bytes += count * (size + kLinePointer);
  }
};

/// `groups` groups of `rows` equal keys each, as posting lists.
void add_posting_lists(Leaves& leaves, double groups, double rows, double key_size) {
  const double most = std::max(2.0, std::floor((kLargestPosting - key_size) / kRowPointer));
  const double full = std::floor(rows / most);
  leaves.add(groups * full, aligned(key_size + kRowPointer * most, 8));
  const double rest = rows - full * most;
  if (rest < 1) {
    leaves.add(groups * rest, key_size);
  } else {  // between whole numbers of rows, some groups have one more
    const double more = rest - std::floor(rest);
    const auto list = [&](double n) { return n < 2 ? key_size : aligned(key_size + kRowPointer * n, 8); };
    leaves.add(groups * (1 - more), list(std::floor(rest)));
    leaves.add(groups * more, list(std::floor(rest) + 1));
  }
}

/// How many of the combinations of the keys' values occur among `rows` rows: the keys are taken to be independent, so
/// those that a random draw would meet.
double groups_of(const std::vector<Attribute>& keys, double rows) {
  double combinations = 1;
  for (const Attribute& key : keys) combinations *= key.distinct > 0 ? key.distinct : std::max(1.0, rows);
  return std::clamp(combinations * -std::expm1(-rows / combinations), 1.0, std::max(1.0, rows));
}

/// The common values of a single key one by one, the others evenly.
void add_values(Leaves& leaves, const Attribute& key, double rows, double not_null, double size) {
  double left = not_null, distinct = key.distinct;
  for (const double frequency : key.common) {
    add_posting_lists(leaves, 1, frequency * rows, size);
    left -= frequency * rows;
    distinct -= 1;
  }
  if (left < 1) return;
  const double groups = key.distinct <= 0 ? left : std::clamp(distinct, 1.0, left);
  add_posting_lists(leaves, groups, left / groups, size);
}

Leaves deduplicated(const std::vector<Attribute>& keys, double rows) {
  Leaves leaves;
  for (const NullPattern& pattern : null_patterns(keys, rows)) {
    if (pattern.rows < 1) continue;
    const double size = tuple_size(pattern.present, pattern.has_nulls);
    if (keys.size() == 1 && !pattern.has_nulls) {
      add_values(leaves, keys[0], rows, pattern.rows, size);
    } else {
      const double groups = groups_of(pattern.present, pattern.rows);
      add_posting_lists(leaves, groups, pattern.rows / groups, size);
    }
  }
  return leaves;
}

Leaves plain(const std::vector<Attribute>& attributes, double rows) {
  Leaves leaves;
  for (const NullPattern& pattern : null_patterns(attributes, rows)) {
    leaves.add(pattern.rows, tuple_size(pattern.present, pattern.has_nulls));
  }
  return leaves;
}

double rows_of(const Table& table) { return std::isfinite(table.rows) ? std::clamp(table.rows, 0.0, 1e15) : 0; }

std::vector<Attribute> keys_of(const IndexDefinition& definition, const Table& table, const PlannedFigures& planned) {
  std::vector<Attribute> keys;
  std::size_t expression = 0;
  for (const IndexKey& key : definition.keys) {
    const Column* column = key.column.empty() ? nullptr : find_column(table, key.column);
    if (key.column.empty() && expression < planned.expressions.size()) column = &planned.expressions[expression++];
    keys.push_back(attribute_of(column, rows_of(table) * planned.row_share));
  }
  return keys;
}

/// Downlinks a page: they hold the key columns without INCLUDE and, where equal keys fill pages, a row's pointer.
double fan_out(const std::vector<Attribute>& keys, double rows) {
  constexpr double kManyEqual = 1000;
  const double pointer = rows / groups_of(keys, rows) > kManyEqual ? 8 : 0;
  return std::max(2.0, std::floor(kInnerRoom / (tuple_size(keys, false) + pointer + kLinePointer)));
}

}  // namespace

HypotheticalIndex sized(IndexDefinition definition, const Table& table, const PlannedFigures& planned) {
  const double rows = std::floor(rows_of(table) * std::clamp(planned.row_share, 0.0, 1.0) + 0.5);
  if (definition.method != "btree") {
    const std::int64_t pages = other_index_pages(definition, table, rows);
    return {std::move(definition), pages, 0, rows};
  }
  const std::vector<Attribute> keys = keys_of(definition, table, planned);
  std::vector<Attribute> all = keys;
  for (const std::string& column : definition.include) all.push_back(attribute_of(find_column(table, column), rows));
  const auto parameter = definition.storage.find("deduplicate_items");
  const bool deduplicates =
      !definition.unique && definition.include.empty() &&
      (parameter == definition.storage.end() || parameter->second != "off") &&
      std::all_of(keys.begin(), keys.end(), [](const Attribute& key) { return key.deduplicates; });
  const Leaves leaves = rows < 1 ? Leaves{} : deduplicates ? deduplicated(keys, rows) : plain(all, rows);

  const double free = std::floor(8192 * (100 - std::min(100.0, storage_number(definition, "fillfactor", 90))) / 100);
  HypotheticalIndex index{std::move(definition), 1, 0, rows};  // an empty one is its metapage
  if (leaves.tuples <= 0) return index;
  const double per_page = std::max(1.0, std::floor((kLeafRoom - free) / (leaves.bytes / leaves.tuples)));
  double level = std::ceil(leaves.tuples / per_page);
  index.pages += static_cast<std::int64_t>(level);
  for (const double fan = fan_out(keys, rows); level > 1; ++index.height) {
    level = std::ceil(level / fan);
    index.pages += static_cast<std::int64_t>(level);
  }
  return index;
}

/// CREATE INDEX leaves 30 % of an inner page free (BTREE_NONLEAF_FILLFACTOR), and so do splits, on average; but the
/// root of a tree that has grown by insertions splits only when it is full. Such a tree is larger than a fresh one.
int btree_height(const IndexDefinition& definition, const Table& table, std::int64_t pages) {
  constexpr double kGrown = 1.08, kInnerFill = 0.7;
  const double fan = fan_out(keys_of(definition, table, {}), rows_of(table));
  const bool has_grown = static_cast<double>(pages) > kGrown * static_cast<double>(sized(definition, table).pages);
  const double root = has_grown ? std::floor(fan / kInnerFill) : fan;
  const double used = static_cast<double>(std::max<std::int64_t>(pages, 2)) - 1;  // without the metapage
  double level = std::floor(used - used / fan + 0.5);
  int height = 0;
  for (; level > root; level = std::ceil(level / fan)) ++height;
  return level > 1 ? height + 1 : height;
}

}  // namespace assay
