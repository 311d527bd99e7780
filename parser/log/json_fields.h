// The fields of an entry, out of the members of a JSON object.
#pragma once

#include <span>
#include <string_view>

#include "parser/log/entry.h"
#include "parser/log/timestamp.h"

namespace assay {

struct JsonField {
  std::string_view key;
  std::string_view LogEntry::*member;
};

/// Which keys are kept. A key that the object has not leaves its field as it is.
struct JsonFields {
  std::span<const JsonField> texts;
  std::string_view time, process;
};

/// Reads `object`, unescaping in place. False for what is not a whole object, or has a value that cannot be.
bool read_json_fields(std::string_view object, const JsonFields& fields, ZoneClock& clock, LogEntry& entry);

}  // namespace assay
