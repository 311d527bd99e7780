// What the values of a statement are, as far as the session's settings bear on them: of a moment with a time zone, of a
// date, of what is written out in a way that settings choose.
//
// Types are told apart by name, domains by what they stand for. A type that is not known may be any of these.
// What this leaves out: expressions' types; whoever asks takes the types of all columns and casts in question.
#pragma once

#include <string>

#include "advisors/cache/schema_facts.h"

namespace assay {

struct ValueTypes {
  bool zoned = false;     ///< timestamptz, timetz
  bool dated = false;     ///< date, timestamp: an implicit cast to timestamptz heeds the time zone
  bool rendered = false;  ///< its text depends on settings: dates, times, intervals, money, floats, bytea, xml
  bool searched = false;  ///< tsvector: then @@ needs no configuration

  void add(const ValueTypes& other) {
    zoned |= other.zoned;
    dated |= other.dated;
    rendered |= other.rendered;
    searched |= other.searched;
  }
};

/// Whatever there may be.
inline constexpr ValueTypes kAnyValue = {.zoned = true, .dated = true, .rendered = true, .searched = false};

/// `type` as format_type() prints it, or as a cast or a dump says it.
ValueTypes types_of(const std::string& type, const SchemaFacts& schema);

}  // namespace assay
