// Where the records of an input come from: a log, or what of it was saved. One saved workload may hold many inputs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/input_glance.h"
#include "cli/options.h"
#include "connectors/saved_workload.h"

namespace assay {

struct InputSource {
  std::string path;                            ///< of the log, also where it was saved
  std::shared_ptr<const SavedWorkload> saved;  ///< nothing for a log
  std::size_t input = 0;                       ///< in it
};

struct InputsInOrder {
  std::vector<InputGlance> glances;  ///< in the order of reading; `number` is that of its source
  std::vector<InputSource> sources;
  bool all_opened = true;  ///< false: a saved workload could not be; that was printed

  const InputSource& source_of(std::size_t index) const { return sources[glances[index].number]; }
  bool all_redacted() const;
  bool others_left_out() const;  ///< of some saved workload, those of other users or applications
};

bool is_sums(std::optional<LogFormat> format);

/// Opens the saved workloads, looks at the beginnings of the others, and puts them in order.
InputsInOrder look_at(const std::vector<std::string>& paths, const ReportOptions& options);

/// The server's settings as the options state them, or else as they were stated when the workloads were saved. Throws
/// UsageError where those differ.
LoggingSettings logging_of(const InputsInOrder& inputs, const ReportOptions& options);

/// Tells the records of an input. `filtered` gets the number of those that are not there since a filter left them out
/// when they were saved. Throws Error.
InputAccount read_source(const InputSource& source, const ReadOptions& options, const SavedWorkload::Sink& sink,
                         std::uint64_t& filtered, Diagnostics& diagnostics);

}  // namespace assay
