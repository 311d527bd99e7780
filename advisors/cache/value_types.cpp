#include "advisors/cache/value_types.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace assay {
namespace {

template <std::size_t kSize>
bool begins_with_any(std::string_view type, const std::array<std::string_view, kSize>& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    if (!type.starts_with(name)) return false;
    return type.size() == name.size() || type[name.size()] == '(' || type[name.size()] == ' ';
  });
}

/// PostgreSQL's own whose text is the same under all settings.
constexpr auto kPlain =
    std::to_array<std::string_view>({"smallint",       "integer",       "bigint",      "int",
                                     "int2",           "int4",          "int8",        "smallserial",
                                     "serial",         "serial2",       "serial4",     "bigserial",
                                     "serial8",        "numeric",       "decimal",     "dec",
                                     "boolean",        "bool",          "text",        "character",
                                     "char",           "\"char\"",      "bpchar",      "varchar",
                                     "name",           "uuid",          "json",        "jsonb",
                                     "jsonpath",       "inet",          "cidr",        "macaddr",
                                     "macaddr8",       "bit",           "varbit",      "tsquery",
                                     "int4range",      "int8range",     "numrange",    "int4multirange",
                                     "int8multirange", "nummultirange", "oid",         "xid",
                                     "xid8",           "cid",           "tid",         "pg_lsn",
                                     "oidvector",      "int2vector",    "pg_snapshot", "txid_snapshot",
                                     "refcursor",      "nchar",         "national",    "void"});

/// Those of well-known extensions.
constexpr auto kExtensions =
    std::to_array<std::string_view>({"citext", "hstore", "ltree", "lquery", "ltxtquery", "vector", "semver", "isbn",
                                     "halfvec", "sparsevec", "ean13", "bitmap"});

constexpr auto kRendered = std::to_array<std::string_view>(
    {"time", "interval", "money", "real", "double", "float", "float4", "float8", "bytea", "xml", "point", "line",
     "lseg", "box", "path", "polygon", "circle", "geometry", "geography"});

constexpr auto kDated =
    std::to_array<std::string_view>({"timestamp", "date", "daterange", "tsrange", "datemultirange", "tsmultirange"});

std::string without_schema(const std::string& type) {
  const std::size_t dot = type.rfind('.');
  return dot == std::string::npos ? type : type.substr(dot + 1);
}

}  // namespace

ValueTypes types_of(const std::string& written, const SchemaFacts& schema) {
  std::string type = schema.base_type(written);
  while (type.ends_with("[]")) type = schema.base_type(type.substr(0, type.size() - 2));
  if (schema.is_enum(type)) return {};
  if (type.starts_with("pg_catalog.")) type = without_schema(type);
  const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  const bool zoned = (has("with time zone") && type.starts_with("time")) || type == "timestamptz" || type == "timetz" ||
                     type.starts_with("timestamptz(") || type.starts_with("timetz(") || type == "tstzrange" ||
                     type == "tstzmultirange";
  if (zoned) return {.zoned = true, .rendered = true};
  const bool dated = begins_with_any(type, kDated);
  if (dated) return {.dated = true, .rendered = true};
  if (type == "tsvector") return {.searched = true};
  if (type.starts_with("reg") || begins_with_any(type, kRendered) || type.starts_with("time("))
    return {.rendered = true};
  if (begins_with_any(type, kPlain) || begins_with_any(without_schema(type), kExtensions)) return {};
  const std::string last = without_schema(type);
  if (begins_with_any(last, kRendered) && last.starts_with("geo")) return {.rendered = true};
  return kAnyValue;
}

}  // namespace assay
