// A glance at the beginning of an input before it is read: when it starts, and which records it starts with. From
// that follows the order of reading, and later (counted_once.h) which inputs tell the same run.
//
// What it leaves out: standard input and pipes, which can be read only once, and logs without times. They are read
// as they come.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "parser/log/reader.h"

namespace assay {

/// What makes a record known again in another input: never its time and process alone, since many short statements
/// share a millisecond.
struct RecordMark {
  std::int64_t time_us = 0;  ///< since 1970, UTC
  std::int64_t process = 0;
  std::uint64_t content =
      0;  ///< hash of the duration (µs) and the statement's shape; of the message where there is none
  bool is_execution = false;  ///< has a duration, or work, of its own
};

RecordMark mark_of(const LogRecord& record);

/// How much of a mark all inputs tell. A log_line_prefix may have seconds only (%t), or no process.
struct MarkResolution {
  bool milliseconds = true;
  bool process = true;
};

std::uint64_t key_of(const RecordMark& mark, MarkResolution resolution);

struct InputGlance {
  std::string path;
  bool is_file = false;  ///< a regular one, which can be read twice
  std::uint64_t bytes = 0;
  std::optional<LogFormat> format;
  std::size_t number = 0;        ///< the caller's own
  std::vector<RecordMark> head;  ///< the first records, in the order of the file; empty where nothing can be seen

  std::int64_t first_us = 0, head_end_us = 0;  ///< least and greatest time of the head

  bool is_known() const { return !head.empty(); }
};

/// Of a regular file. Whatever is wrong with it is left to the reading.
InputGlance glance_at(const std::string& path, const ReadOptions& options);

MarkResolution common_resolution(const std::vector<InputGlance>& inputs);

/// How often another input tells a key; nothing where it was not kept.
using CountOf = std::function<std::optional<std::uint64_t>(std::uint64_t key)>;

/// Whether the head's records between `from_us` and `to_us` are those of another input: at least half of their keys are
/// told there as often as here. Executions decide, where there are any. Short statements of two servers may share a key
/// by chance, but not its count.
bool tells_the_same(const InputGlance& glance, std::int64_t from_us, std::int64_t to_us, MarkResolution resolution,
                    const CountOf& count_of);

/// In the order to read them: what cannot be seen first, as it was given; then by time. Where two formats tell the same
/// run, all inputs of the one that tells less come last: counted_once.h leaves out what was told before.
void sort_for_reading(std::vector<InputGlance>& inputs, MarkResolution resolution);

/// The input that may go on where the one at `index` ends: the next one of its format in its folder, if that does not
/// start long before this one's head ends. Expects them in the order of reading; nothing where there is none.
const InputGlance* next_piece(const std::vector<InputGlance>& inputs, std::size_t index);

}  // namespace assay
