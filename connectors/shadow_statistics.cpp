#include "connectors/shadow_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "connectors/sql_value.h"

namespace assay {
namespace {

/// What ANALYZE knows of a column's type. Oids are kept as the server's text; empty for none.
struct ColumnType {
  std::string relation, number;  ///< starelid, staattnum
  std::string type;              ///< of the values, a domain's base; empty when they cannot be taken
  std::string equal, less, collation;
  std::string element, element_equal, element_collation;  ///< of most common elements
  std::string range;                                      ///< of a range's or multirange's bounds: the range type
};

/// Schema, relation, column name; for an index, the key's number in place of the name.
using ColumnTypes = std::map<std::tuple<std::string, std::string, std::string>, ColumnType>;

/// `safe` holds the types whose input functions are all C code. The operators are those of the default operator class
/// for B-trees, else for hash, found as GetDefaultOpClass does: the type's own, a polymorphic one, a binary-coercible
/// preferred one. A tsvector's elements are texts (ts_typanalyze.c).
constexpr const char* kColumnTypes = R"(
WITH RECURSIVE base(oid, base) AS (
  SELECT oid, oid FROM pg_type WHERE typtype <> 'd'
  UNION ALL SELECT t.oid, b.base FROM pg_type t JOIN base b ON t.typbasetype = b.oid WHERE t.typtype = 'd'),
safe(oid) AS (
  SELECT oid FROM pg_type WHERE typtype = 'e' OR (typtype = 'b' AND NOT (typcategory = 'A' AND typelem <> 0))
  UNION SELECT t.oid FROM safe s JOIN pg_type t ON t.typtype = 'b' AND t.typcategory = 'A' AND t.typelem = s.oid
     OR t.typtype = 'r' AND EXISTS (SELECT FROM pg_range r WHERE r.rngtypid = t.oid AND r.rngsubtype = s.oid)),
op AS (
  SELECT y.oid AS type, m.amname, c.opcfamily, c.opcintype,
         row_number() OVER (PARTITION BY y.oid ORDER BY m.amname, c.opcintype = y.oid DESC, i.typispreferred DESC) AS rank
  FROM pg_type y JOIN pg_opclass c ON c.opcdefault JOIN pg_type i ON i.oid = c.opcintype
  JOIN pg_am m ON m.oid = c.opcmethod AND m.amname IN ('btree', 'hash')
  WHERE c.opcintype = y.oid OR c.opcintype = 'anyarray'::regtype AND y.typcategory = 'A' AND y.typlen = -1
     OR c.opcintype = 'anyenum'::regtype AND y.typtype = 'e' OR c.opcintype = 'anyrange'::regtype AND y.typtype = 'r'
     OR EXISTS (SELECT FROM pg_cast k WHERE k.castsource = y.oid AND k.casttarget = c.opcintype
                AND k.castmethod = 'b' AND k.castcontext = 'i')),
operators AS (
  SELECT o.type,
         max(a.amopopr) FILTER (WHERE a.amopstrategy = CASE o.amname WHEN 'btree' THEN 3 ELSE 1 END) AS equal,
         max(a.amopopr) FILTER (WHERE a.amopstrategy = 1 AND o.amname = 'btree') AS less
  FROM op o JOIN pg_amop a ON a.amopfamily = o.opcfamily AND a.amoplefttype = o.opcintype
       AND a.amoprighttype = o.opcintype
  WHERE o.rank = 1 GROUP BY o.type)
SELECT n.nspname, c.relname, CASE WHEN c.relkind IN ('i', 'I') THEN a.attnum::text ELSE a.attname END,
       c.oid, a.attnum, s.oid, o.equal, o.less, a.attcollation,
       e.oid, eo.equal, CASE WHEN b.base = 'tsvector'::regtype THEN 100 ELSE a.attcollation END, g.oid
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN base b ON b.oid = a.atttypid JOIN pg_type t ON t.oid = b.base
LEFT JOIN safe s ON s.oid = b.base LEFT JOIN operators o ON o.type = b.base
LEFT JOIN safe e ON e.oid = CASE WHEN b.base = 'tsvector'::regtype THEN 'text'::regtype
                                 WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem END
LEFT JOIN operators eo ON eo.type = e.oid
LEFT JOIN LATERAL (SELECT r.rngtypid FROM pg_range r CROSS JOIN LATERAL to_jsonb(r) AS j
                   WHERE b.base IN (r.rngtypid, (j->>'rngmultitypid')::oid)) AS ranges ON t.typtype IN ('r', 'm')
LEFT JOIN safe g ON g.oid = ranges.rngtypid
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm', 'v', 'i', 'I')
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')";

ColumnTypes read_column_types(Session& admin) {
  ColumnTypes types;
  for (const SqlRow& row : admin.query(kColumnTypes)) {
    types[{as_text(row[0]), as_text(row[1]), as_text(row[2])}] = {
        as_text(row[3]), as_text(row[4]), as_text(row[5]),  as_text(row[6]),  as_text(row[7]),
        as_text(row[8]), as_text(row[9]), as_text(row[10]), as_text(row[11]), as_text(row[12])};
  }
  return types;
}

/// STATISTIC_KIND_* of src/include/catalog/pg_statistic.h.
enum Kind {
  kMostCommon = 1,
  kHistogram = 2,
  kCorrelation = 3,
  kElements = 4,
  kElementCounts = 5,
  kRangeLengths = 6,
  kRangeBounds = 7
};

struct Slot {
  Kind kind;
  std::string operation, collation;
  SqlValue numbers, values;
  std::string value_type;
};

std::size_t length_of(const std::optional<std::string>& array) {
  return array ? count_elements(*array).value_or(0) : 0;
}

/// Digits alone: no NaN, no infinity, no NULL.
bool all_numbers(const std::optional<std::string>& array) {
  return array && array->find_first_not_of("{},.+-e0123456789") == std::string::npos;
}

/// Numbers, and infinity, which is the length of a range without an end.
bool all_lengths(const std::optional<std::string>& array) {
  return array->find_first_not_of("{},.+-e0123456789Infity") == std::string::npos;
}

/// compute_range_stats of rangetypes_typanalyze.c: lengths are float8, compared by its "<" (operator 672); a
/// multirange's bounds are those of ranges.
void add_range_slots(const ColumnStatistics& statistics, const ColumnType& type, std::vector<Slot>& slots) {
  if (type.range.empty()) return;
  if (length_of(statistics.range_bounds_histogram) >= 2) {
    slots.push_back({kRangeBounds, "", "", {}, statistics.range_bounds_histogram, type.range});
  }
  const double empty = statistics.range_empty_fraction.value_or(0);
  if (statistics.range_empty_fraction &&
      (!statistics.range_length_histogram ||
       (length_of(statistics.range_length_histogram) >= 2 && all_lengths(statistics.range_length_histogram)))) {
    slots.push_back({kRangeLengths, "672", "",
                     fmt::format("{{{}}}", std::isfinite(empty) ? std::clamp(empty, 0.0, 1.0) : 0),
                     statistics.range_length_histogram.value_or("{}"), "701"});
  }
}

/// The arrays' lengths must fit one another: the planner reads one by the other's length.
std::vector<Slot> slots_of(const ColumnStatistics& statistics, const ColumnType& type) {
  std::vector<Slot> slots;
  const bool has_values = !type.type.empty() && !type.equal.empty();
  const std::size_t common = length_of(statistics.most_common_values);
  if (has_values && common > 0 && all_numbers(statistics.most_common_frequencies) &&
      common == length_of(statistics.most_common_frequencies)) {
    slots.push_back({kMostCommon, type.equal, type.collation, statistics.most_common_frequencies,
                     statistics.most_common_values, type.type});
  }
  if (has_values && !type.less.empty() && length_of(statistics.histogram_bounds) >= 2) {
    slots.push_back({kHistogram, type.less, type.collation, {}, statistics.histogram_bounds, type.type});
  }
  if (statistics.correlation && !type.less.empty()) {
    const double correlation =
        std::isfinite(*statistics.correlation) ? std::clamp(*statistics.correlation, -1.0, 1.0) : 0;
    slots.push_back({kCorrelation, type.less, type.collation, fmt::format("{{{}}}", correlation), {}, ""});
  }
  const std::size_t elements = length_of(statistics.most_common_elements);
  const std::size_t frequencies = length_of(statistics.most_common_element_frequencies);
  if (!type.element_equal.empty() && elements > 0 && all_numbers(statistics.most_common_element_frequencies) &&
      (frequencies == elements + 2 || frequencies == elements + 3)) {
    slots.push_back({kElements, type.element_equal, type.element_collation, statistics.most_common_element_frequencies,
                     statistics.most_common_elements, type.element});
  }
  if (!type.element_equal.empty() && length_of(statistics.element_count_histogram) >= 3 &&
      all_numbers(statistics.element_count_histogram)) {
    slots.push_back(
        {kElementCounts, type.element_equal, type.element_collation, statistics.element_count_histogram, {}, ""});
  }
  add_range_slots(statistics, type, slots);
  return slots;
}

constexpr std::size_t kSlots = 5;  // STATISTIC_NUM_SLOTS
constexpr std::size_t kHeadColumns = 6, kSlotColumns = 6;
constexpr std::size_t kColumns = kHeadColumns + kSlots * kSlotColumns;

/// Parameters 1 to 6 are the rows' heads, then six a slot: arrays of an element a row. Arrays within these are texts.
std::string insert_statement() {
  std::string columns = "starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct";
  std::string values = "p1, p2, p3, p4, p5, p6";
  std::string arrays = "$1::oid[], $2::int2[], $3::bool[], $4::real[], $5::int4[], $6::real[]";
  std::string names = values;
  for (std::size_t slot = 1; slot <= kSlots; ++slot) {
    const std::size_t p = (slot - 1) * kSlotColumns + kHeadColumns;
    columns += fmt::format(", stakind{0}, staop{0}, stacoll{0}, stanumbers{0}, stavalues{0}", slot);
    values += fmt::format(", p{}, p{}, p{}, p{}::real[], array_in(textout(p{}), p{}, -1)::anyarray", p + 1, p + 2,
                          p + 3, p + 4, p + 5, p + 6);
    arrays += fmt::format(", ${}::int2[], ${}::oid[], ${}::oid[], ${}::text[], ${}::text[], ${}::oid[]", p + 1, p + 2,
                          p + 3, p + 4, p + 5, p + 6);
    for (std::size_t i = p + 1; i <= p + kSlotColumns; ++i) names += fmt::format(", p{}", i);
  }
  return "INSERT INTO pg_statistic (" + columns + ") SELECT " + values + " FROM unnest(" + arrays + ") AS row(" +
         names + ")";
}

std::string bounded(double value, double low, double high) {
  return fmt::format("{}", std::isfinite(value) ? std::clamp(value, low, high) : 0.0);
}

/// Of pg_statistic, in the order of the statement's parameters.
SqlRow row_of(const ColumnStatistics& statistics, const ColumnType& type, const std::vector<Slot>& slots) {
  SqlRow row{type.relation,
             type.number,
             statistics.inherited ? "t" : "f",
             bounded(statistics.null_fraction, 0, 1),
             std::to_string(std::clamp(statistics.average_width, 0, 1 << 30)),
             bounded(statistics.distinct, -1, 1e15)};
  row.reserve(kColumns);
  for (std::size_t i = 0; i < kSlots; ++i) {
    const Slot slot = i < slots.size() ? slots[i] : Slot{};
    const auto oid = [](const std::string& text) { return text.empty() ? "0" : text; };
    row.insert(row.end(), {std::to_string(slot.kind), oid(slot.operation), oid(slot.collation), slot.numbers,
                           slot.values, oid(slot.value_type)});
  }
  return row;
}

/// Appends an element of an array, quoted.
void append(std::string& array, const SqlValue& value) {
  array += array.empty() ? '{' : ',';
  if (!value) {
    array += "NULL";
    return;
  }
  array += '"';
  for (const char c : *value) {
    if (c == '"' || c == '\\') array += '\\';
    array += c;
  }
  array += '"';
}

/// How many slots statistics that are complete would fill.
std::size_t expected_slots(const ColumnStatistics& statistics) {
  return std::size_t{statistics.most_common_values.has_value()} + statistics.histogram_bounds.has_value() +
         statistics.correlation.has_value() + statistics.most_common_elements.has_value() +
         statistics.element_count_histogram.has_value() + statistics.range_bounds_histogram.has_value() +
         statistics.range_empty_fraction.has_value();
}

/// A row that waits to be inserted.
struct Waiting {
  std::string name;
  SqlRow row, bare;  ///< `bare` without a slot
  bool complete = false;
};

bool insert(Session& admin, const std::string& sql, std::span<const Waiting> rows, SqlRow Waiting::*which) {
  std::vector<SqlValue> arrays(kColumns, std::string());
  for (const Waiting& waiting : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) append(*arrays[i], (waiting.*which)[i]);
  }
  for (SqlValue& array : arrays) *array += '}';
  try {
    admin.query(sql, arrays);
    return true;
  } catch (const SqlError&) {  // values that the type does not take, or the same column twice
    return false;
  }
}

}  // namespace

struct StatisticsInjector::State {
  Session& admin;
  ColumnTypes types;
  std::string sql;
  std::vector<Waiting> waiting;
  std::size_t bytes = 0;

  /// A batch that is refused is halved until it is not; `complete` then tells what was.
  void insert_all(std::span<Waiting> rows) {
    if (rows.empty() || insert(admin, sql, rows, &Waiting::row)) return;
    if (rows.size() == 1) {
      rows[0].complete = false;
      insert(admin, sql, rows, &Waiting::bare);
      return;
    }
    insert_all(rows.first(rows.size() / 2));
    insert_all(rows.subspan(rows.size() / 2));
  }
};

StatisticsInjector::StatisticsInjector(Session& admin)
    : state_(std::make_unique<State>(State{admin, read_column_types(admin), insert_statement(), {}, 0})) {}
StatisticsInjector::~StatisticsInjector() = default;

void StatisticsInjector::add(const std::string& schema, const std::string& relation, const std::string& column,
                             const std::vector<ColumnStatistics>& all) {
  constexpr std::size_t kMostRows = 512, kMostBytes = 4 << 20;
  const auto type = state_->types.find({schema, relation, column});
  if (type == state_->types.end()) return;  // the relation is missing, which the schema's remarks tell
  for (const ColumnStatistics& statistics : all) {
    const std::vector<Slot> slots = slots_of(statistics, type->second);
    Waiting waiting{relation + "." + column, row_of(statistics, type->second, slots),
                    row_of(statistics, type->second, {}), slots.size() == expected_slots(statistics)};
    for (const SqlValue& value : waiting.row) state_->bytes += value ? value->size() : 0;
    state_->waiting.push_back(std::move(waiting));
    if (state_->waiting.size() >= kMostRows || state_->bytes >= kMostBytes) flush();
  }
}

void StatisticsInjector::flush() {
  state_->insert_all(state_->waiting);
  for (const Waiting& waiting : state_->waiting) {
    if (!waiting.complete && incomplete_++ == 0) first_ = waiting.name;
  }
  state_->waiting.clear();
  state_->bytes = 0;
}

std::optional<std::size_t> count_elements(std::string_view array) {
  if (array.size() < 2 || array.front() != '{' || array.back() != '}') return std::nullopt;
  array = array.substr(1, array.size() - 2);
  if (array.empty()) return 0;
  std::size_t count = 1, start = 0;
  bool quoted = false;
  const auto is_null = [&](std::size_t end) { return array.substr(start, end - start) == "NULL"; };
  for (std::size_t i = 0; i < array.size(); ++i) {
    const char c = array[i];
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '}')) {
      return std::nullopt;
    } else if (!quoted && c == ',') {
      if (is_null(i)) return std::nullopt;
      start = i + 1;
      ++count;
    }
  }
  return is_null(array.size()) ? std::nullopt : std::optional(count);
}

void inject_statistics(Session& admin, const Catalog& catalog, std::vector<std::string>& remarks) {
  StatisticsInjector injector(admin);
  for (const Table& table : catalog.tables) {
    for (const Column& column : table.columns) injector.add(table.schema, table.name, column.name, column.statistics);
  }
  for (const Index& index : catalog.indexes) {
    for (std::size_t key = 0; key < index.expression_statistics.size(); ++key) {
      injector.add(index.definition.schema, index.definition.name, std::to_string(key + 1),
                   index.expression_statistics[key]);
    }
  }
  injector.flush();
  if (injector.incomplete() > 0) {
    remarks.push_back(fmt::format("The statistics of {} column{} could not be taken over whole; the first: {}.",
                                  injector.incomplete(), injector.incomplete() == 1 ? "" : "s", injector.first()));
  }
}

}  // namespace assay
