#include "connectors/shadow_ends.h"

#include <cstdint>
#include <utility>

#include "connectors/sql_value.h"

namespace assay {
namespace {

/// Ends in network byte order, as the types' send functions give them. Partial indexes are not looked into.
constexpr const char* kEnds = R"(
WITH histograms AS (
  SELECT i.indexrelid, i.indnatts, (i.indoption[0] & 1) <> 0 AS descending, a.atttypid AS type,
         CASE 2 WHEN stakind1 THEN stavalues1 WHEN stakind2 THEN stavalues2 WHEN stakind3 THEN stavalues3
                WHEN stakind4 THEN stavalues4 WHEN stakind5 THEN stavalues5 END::text::text[] AS bounds
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
  JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  JOIN pg_statistic s ON s.starelid = i.indrelid AND s.staattnum = a.attnum AND NOT s.stainherit
  WHERE i.indpred IS NULL AND i.indkey[0] > 0 AND ($1::oid[] = '{}' OR i.indexrelid = ANY ($1::oid[]))
    AND i.indexrelid >= 16384 AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'date'::regtype,
                                                 'timestamp'::regtype, 'timestamptz'::regtype))
SELECT indexrelid, indnatts, descending, encode(CASE type
    WHEN 'int2'::regtype THEN int2send(e::int2) WHEN 'int4'::regtype THEN int4send(e::int4)
    WHEN 'int8'::regtype THEN int8send(e::int8) WHEN 'date'::regtype THEN date_send(e::date)
    WHEN 'timestamp'::regtype THEN timestamp_send(e::timestamp) ELSE timestamptz_send(e::timestamptz) END, 'hex')
FROM histograms CROSS JOIN LATERAL (VALUES (1, bounds[1]), (2, bounds[cardinality(bounds)])) AS ends(n, e)
WHERE e IS NOT NULL ORDER BY indexrelid, n)";

/// The machine's byte order, which is that of the files; x86 and ARM are little-endian.
std::string reversed_bytes(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = hex.size(); i >= 2; i -= 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i - 2, 2), nullptr, 16));
  }
  return bytes;
}

/// IndexTupleData: row (0, row), size and flags; a bitmap where all attributes but the first are NULL; the value.
std::string index_tuple(const std::string& value, int attributes, std::uint16_t row) {
  constexpr std::uint16_t kHasNulls = 0x8000;  // INDEX_NULL_MASK
  const bool has_nulls = attributes > 1;
  std::string tuple(has_nulls ? 16 : 8, '\0');
  if (has_nulls) tuple[8] = 1;
  tuple += value;
  tuple.resize((tuple.size() + 7) / 8 * 8, '\0');
  const auto size = static_cast<std::uint16_t>(tuple.size() | (has_nulls ? kHasNulls : 0));
  const auto put = [&](std::size_t at, std::uint16_t number) {
    tuple[at] = static_cast<char>(number & 0xFF);
    tuple[at + 1] = static_cast<char>(number >> 8);
  };
  put(4, row);
  put(6, size);
  return tuple;
}

}  // namespace

std::map<std::string, std::vector<std::string>> find_ends(Session& admin, const std::vector<std::string>& oids) {
  std::string wanted = "{";
  for (const std::string& oid : oids) wanted += (wanted.size() > 1 ? "," : "") + oid;
  std::map<std::string, std::vector<std::string>> all;
  for (const SqlRow& row : admin.query(kEnds, {wanted + "}"})) {
    std::vector<std::string>& tuples = all[as_text(row[0])];
    const auto number = static_cast<std::uint16_t>(tuples.size() + 1);
    std::string tuple = index_tuple(reversed_bytes(as_text(row[3])), as_number<int>(row[1]), number);
    tuples.insert(as_bool(row[2]) ? tuples.begin() : tuples.end(), std::move(tuple));
  }
  return all;
}

}  // namespace assay
