#include "advisors/cache/function_volatility.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace assay {
namespace {

constexpr std::string_view kCatalog = "pg_catalog.";

template <std::size_t kSize>
bool is_among(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <std::size_t kSize>
bool starts_like(const std::array<std::string_view, kSize>& prefixes, std::string_view name) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

constexpr std::array<std::string_view, 10> kClock = {
    "now",       "current_date",          "current_time",        "current_timestamp", "localtime", "localtimestamp",
    "timeofday", "transaction_timestamp", "statement_timestamp", "clock_timestamp"};

constexpr std::array<std::string_view, 10> kRandom = {
    "random",           "random_normal",      "gen_random_uuid",  "gen_random_bytes", "gen_salt",
    "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "uuidv4",           "uuidv7"};

constexpr std::array<std::string_view, 28> kSession = {"current_user",
                                                       "session_user",
                                                       "user",
                                                       "current_role",
                                                       "system_user",
                                                       "current_catalog",
                                                       "current_schema",
                                                       "current_schemas",
                                                       "current_setting",
                                                       "current_database",
                                                       "current_query",
                                                       "pg_backend_pid",
                                                       "inet_client_addr",
                                                       "inet_client_port",
                                                       "inet_server_addr",
                                                       "inet_server_port",
                                                       "getpgusername",
                                                       "row_security_active",
                                                       "pg_client_encoding",
                                                       "pg_my_temp_schema",
                                                       "pg_is_other_temp_schema",
                                                       "currval",
                                                       "lastval",
                                                       "pg_trigger_depth",
                                                       "pg_has_role",
                                                       "pg_listening_channels",
                                                       "pg_prepared_statement",
                                                       "pg_cursor"};
constexpr std::array<std::string_view, 4> kSessionPrefixes = {"has_", "txid_current", "pg_current_xact",
                                                              "pg_current_snapshot"};

constexpr std::array<std::string_view, 14> kSideEffects = {"nextval",
                                                           "setval",
                                                           "setseed",
                                                           "set_config",
                                                           "pg_notify",
                                                           "pg_cancel_backend",
                                                           "pg_terminate_backend",
                                                           "loread",
                                                           "lowrite",
                                                           "dblink",
                                                           "dblink_exec",
                                                           "pg_export_snapshot",
                                                           "pg_logical_emit_message",
                                                           "pg_reload_conf"};
constexpr std::array<std::string_view, 5> kSideEffectPrefixes = {"pg_sleep", "pg_advisory_", "pg_try_advisory_", "lo_",
                                                                 "dblink_"};

constexpr std::array<std::string_view, 33> kRendering = {"concat",
                                                         "concat_ws",
                                                         "format",
                                                         "quote_literal",
                                                         "quote_nullable",
                                                         "array_to_string",
                                                         "array_to_json",
                                                         "row_to_json",
                                                         "to_json",
                                                         "to_jsonb",
                                                         "json_agg",
                                                         "jsonb_agg",
                                                         "json_object_agg",
                                                         "jsonb_object_agg",
                                                         "json_build_array",
                                                         "json_build_object",
                                                         "jsonb_build_array",
                                                         "jsonb_build_object",
                                                         "json_populate_record",
                                                         "json_populate_recordset",
                                                         "jsonb_populate_record",
                                                         "jsonb_populate_recordset",
                                                         "json_to_record",
                                                         "json_to_recordset",
                                                         "jsonb_to_record",
                                                         "jsonb_to_recordset",
                                                         "xmlelement",
                                                         "xmlforest",
                                                         "text",
                                                         "varchar",
                                                         "date",
                                                         "time",
                                                         "numeric"};

constexpr std::array<std::string_view, 12> kZone = {"date_trunc",      "date_part", "extract",     "timezone",
                                                    "overlaps",        "timetz",    "timestamptz", "timestamp",
                                                    "generate_series", "age",       "isfinite",    "date_bin"};

constexpr std::array<std::string_view, 17> kSettings = {"to_char",
                                                        "to_date",
                                                        "to_number",
                                                        "to_timestamp",
                                                        "make_timestamptz",
                                                        "money",
                                                        "to_tsvector",
                                                        "to_tsquery",
                                                        "plainto_tsquery",
                                                        "phraseto_tsquery",
                                                        "websearch_to_tsquery",
                                                        "json_to_tsvector",
                                                        "jsonb_to_tsvector",
                                                        "ts_headline",
                                                        "convert_from",
                                                        "convert_to",
                                                        "convert"};

bool is_pure(std::string_view name, int arguments) {
  const auto& list = immutable_functions();
  return std::binary_search(list.begin(), list.end(), std::string_view(fmt::format("{}/{}", name, arguments)));
}

std::vector<std::string_view> sorted_list() {
  std::vector<std::string_view> list = {
#include "advisors/cache/immutable_functions.inc"
  };
  std::sort(list.begin(), list.end());
  return list;
}

}  // namespace

const std::vector<std::string_view>& immutable_functions() {
  static const std::vector<std::string_view> list = sorted_list();
  return list;
}

Dependence dependence_of_builtin(std::string_view name, int arguments) {
  if (name.starts_with(kCatalog)) name.remove_prefix(kCatalog.size());
  if (is_among(kClock, name) || (name == "age" && arguments == 1)) return Dependence::kClock;
  if (is_among(kRandom, name)) return Dependence::kRandom;
  if (is_among(kSession, name) || starts_like(kSessionPrefixes, name)) return Dependence::kSession;
  if (is_among(kSideEffects, name) || starts_like(kSideEffectPrefixes, name)) return Dependence::kSideEffects;
  if (is_pure(name, arguments)) return Dependence::kNothing;
  if (is_among(kRendering, name)) return Dependence::kRendering;
  if (is_among(kZone, name)) return Dependence::kZone;
  if (is_among(kSettings, name)) return Dependence::kSettings;
  return Dependence::kUnknown;
}

OperatorDependence dependence_of_operator(std::string_view name) {
  constexpr std::array<std::string_view, 6> kComparisons = {"=", "<>", "<", "<=", ">", ">="};
  // pg_operator's names of which every overload is immutable, whatever the operands.
  constexpr std::array<std::string_view, 58> kPure = {
      "!!",  "!~", "!~*", "!~~", "!~~*", "#",  "##",   "#-",  "#>",  "#>>",  "%",   "&",   "&&", "&<",  "&<|",
      "&>",  "*",  "->",  "->>", "-|-",  "/",  "<->",  "<<",  "<<=", "<<|",  "<@",  "<^",  ">>", ">>=", ">^",
      "?",   "?#", "?&",  "?-",  "?-|",  "?|", "?||",  "@",   "@-@", "@>",   "@?",  "@@@", "^",  "^@",  "|",
      "|&>", "|/", "|>>", "||/", "~",    "~*", "~<=~", "~<~", "~=",  "~>=~", "~>~", "~~",  "~~*"};
  if (name.starts_with(kCatalog)) name.remove_prefix(kCatalog.size());
  if (name == "!=") name = "<>";
  if (is_among(kComparisons, name)) return OperatorDependence::kComparison;
  if (name == "+" || name == "-") return OperatorDependence::kArithmetic;
  if (name == "||") return OperatorDependence::kRendering;
  if (name == "@@") return OperatorDependence::kTextSearch;
  return is_among(kPure, name) ? OperatorDependence::kNothing : OperatorDependence::kUnknown;
}

}  // namespace assay
