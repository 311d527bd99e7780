// The tables of a saved workload. `input` counts from 0. Columns of numbers are blobs, compressed by zstd, whose layout
// saved_records.h tells.
#pragma once

#include <cstdint>

namespace assay {

inline constexpr std::uint32_t kSavedWorkloadApplicationId = 0x4153574C;  // "ASWL"
inline constexpr std::uint32_t kSavedWorkloadVersion = 1;

inline constexpr const char* kSavedWorkloadSchema = R"(
CREATE TABLE workload (assay_version TEXT NOT NULL, redacted INTEGER NOT NULL,
  others_left_out INTEGER NOT NULL) STRICT;
CREATE TABLE logging (name TEXT NOT NULL, value INTEGER NOT NULL) STRICT;
CREATE TABLE inputs (input INTEGER PRIMARY KEY, path TEXT NOT NULL, format TEXT NOT NULL,
  log_line_prefix TEXT NOT NULL, compression TEXT NOT NULL, bytes INTEGER NOT NULL, lines INTEGER NOT NULL,
  record_lines INTEGER NOT NULL, continuation_lines INTEGER NOT NULL, records INTEGER NOT NULL,
  executions INTEGER NOT NULL, inside_procedures INTEGER NOT NULL, took_rest INTEGER NOT NULL,
  cut_short INTEGER NOT NULL, filtered INTEGER NOT NULL,
  is_file INTEGER NOT NULL, file_bytes INTEGER NOT NULL, known_format TEXT NOT NULL, head_size INTEGER NOT NULL,
  head BLOB NOT NULL) STRICT;
CREATE TABLE skipped (input INTEGER NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
  first_line INTEGER NOT NULL, hint TEXT NOT NULL, is_loss INTEGER NOT NULL) STRICT;
CREATE TABLE parts (input INTEGER NOT NULL, part INTEGER NOT NULL, column_number INTEGER NOT NULL,
  size INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (input, part, column_number)) STRICT;
CREATE TABLE samples (input INTEGER NOT NULL, part INTEGER NOT NULL, size INTEGER NOT NULL, content BLOB NOT NULL,
  PRIMARY KEY (input, part)) STRICT;
)";

}  // namespace assay
