// What a call of one of PostgreSQL's own functions depends on, beside its arguments.
//
// A function is pure only where every overload with so many arguments is immutable: which one is meant is not known
// without types. That list is a server's own (immutable_functions.sql). The others are sorted by what they depend on,
// since the cure differs; a name that is on no list is unknown, and an unknown function may do anything.
// What this leaves out: functions of the database's own (schema_facts.h).
#pragma once

#include <string_view>
#include <vector>

namespace assay {

enum class Dependence {
  kNothing,      ///< its arguments alone
  kRendering,    ///< the session's settings, where a value is turned into text: concat, json_agg, array_to_string
  kZone,         ///< the session's TimeZone, where a date or a timestamptz is among its arguments: date_trunc, extract
  kSettings,     ///< the session's settings, whatever its arguments: to_char, to_tsvector without a configuration
  kClock,        ///< now(), current_date
  kRandom,       ///< random(), gen_random_uuid()
  kSession,      ///< who asks, from where, in which transaction: current_user, current_setting, currval
  kSideEffects,  ///< it does something: nextval, pg_sleep, advisory locks, set_config
  kUnknown,
};

/// `name` as written, with or without pg_catalog; `arguments` of the call, 0 for current_date and kin.
Dependence dependence_of_builtin(std::string_view name, int arguments);

/// Of PostgreSQL's own operators, for operands of any type. Unknown ones (of extensions, of one's own) may do anything.
enum class OperatorDependence { kNothing, kComparison, kArithmetic, kRendering, kTextSearch, kUnknown };
OperatorDependence dependence_of_operator(std::string_view name);

/// "name/arguments" of all that are pure, sorted by bytes: for the test that holds the list against a server.
const std::vector<std::string_view>& immutable_functions();

}  // namespace assay
