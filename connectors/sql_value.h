// What a column of a result means in C++.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "connectors/session.h"

namespace assay {

/// The text; empty for NULL.
inline std::string as_text(const SqlValue& value) { return value.value_or(""); }

/// A "char"; `otherwise` for what is not exactly one.
inline char as_letter(const SqlValue& value, char otherwise) {
  return value && value->size() == 1 ? value->front() : otherwise;
}

inline bool as_bool(const SqlValue& value) { return value == "t"; }

/// The number as PostgreSQL prints it; `otherwise` for NULL and for what is no number.
template <typename Number>
Number as_number(const SqlValue& value, Number otherwise = 0) {
  if (!value) return otherwise;
  Number number{};
  const char* end = value->data() + value->size();
  return std::from_chars(value->data(), end, number).ptr == end && !value->empty() ? number : otherwise;
}

}  // namespace assay
