// read_log() with the sizes that its tests make small.
#pragma once

#include <cstddef>
#include <cstdint>

#include "parser/log/reader.h"

namespace assay {

struct ReadLimits {
  std::size_t sample = 4U << 20U;       ///< bytes that the format is recognised from
  std::size_t block = 256U << 10U;       ///< bytes that one worker takes at a time: they stay in its cache
  std::size_t max_record = 64U << 20U;  ///< bytes; longer records are skipped
  std::uint64_t most = UINT64_MAX;      ///< bytes of text that are read; the rest is as if it were not there
};

InputAccount read_log(const std::string& path, const ReadOptions& options, const ReadLimits& limits,
                      const RecordSink& sink, Diagnostics& diagnostics);

}  // namespace assay
