// May the results of a query class be kept? Deny by default; each denial with its reason, and with a cure where there
// is one.
//
// Only a plain SELECT from known tables is, whose functions, operators and casts depend on their arguments alone. What
// depends on the session or on the clock is cacheable *if*: its hindrance says on what condition. Views are looked
// through, at any depth: what hides in one counts as if it stood in the statement. Without a catalog nothing is
// cacheable without an if.
// What this leaves out: whether it pays (cache_advisor.h), and who writes the tables (table_writers.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "advisors/cache/schema_facts.h"
#include "advisors/cache/session_habits.h"
#include "analyzer/meaning.h"

namespace assay {

enum class CacheVerdict { kCacheable, kIf, kNot };

/// "cacheable", "cacheable_if", "not_cacheable".
std::string_view to_string(CacheVerdict verdict);

struct Hindrance {
  std::string reason;  ///< "now() tells the time"
  std::string cure;    ///< "pass it as a parameter, …"; empty for none
};

/// The one condition under which most results of applications stand, as long as their drivers read moments and no
/// texts.
inline constexpr std::string_view kSendsMoments = "a timestamptz is sent as the session's TimeZone has it";

struct Cacheability {
  CacheVerdict verdict = CacheVerdict::kCacheable;
  std::vector<Hindrance> hindrances;  ///< those that decide: of a class that is not cacheable the denials only
  bool key_by_user = false;           ///< the key must hold who asks
  bool key_by_settings = false;       ///< … TimeZone, DateStyle and kin, unless all sessions share them
  bool is_as_logged = true;           ///< false: only a rewritten statement would be cacheable, which no trace shows
  TableNames tables;                  ///< that the result depends on, views and partitions looked through
};

Cacheability judge_cacheability(const ClassMeaning& meaning, const SchemaFacts& schema, const SessionHabits& habits);

}  // namespace assay
