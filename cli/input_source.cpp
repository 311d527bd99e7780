#include "cli/input_source.h"

#include <algorithm>
#include <utility>

#include "cli/messages.h"

namespace assay {
namespace {

void add_saved(const std::string& path, const ReportOptions& options, InputsInOrder& inputs) {
  try {
    const auto saved = std::make_shared<const SavedWorkload>(path);
    for (std::size_t i = 0; i < saved->inputs().size(); ++i) {
      InputGlance& glance = inputs.glances.emplace_back(saved->inputs()[i]);
      glance.number = inputs.sources.size();
      inputs.sources.push_back({glance.path, saved, i});
    }
    if (options.quiet) return;
    print(Diagnostic{.file = path,
                     .severity = Severity::kNote,
                     .message = "a saved workload of " + std::to_string(saved->inputs().size()) +
                                (saved->inputs().size() == 1 ? " input" : " inputs")});
  } catch (const Error& problem) {
    inputs.all_opened = false;
    print(Diagnostic{.file = path, .severity = Severity::kError, .message = problem.what(), .hint = problem.hint()});
  }
}

}  // namespace

bool is_sums(std::optional<LogFormat> format) { return format == LogFormat::kStatStatements; }

bool InputsInOrder::all_redacted() const {
  return !sources.empty() && std::all_of(sources.begin(), sources.end(), [](const InputSource& source) {
    return source.saved && source.saved->is_redacted();
  });
}

bool InputsInOrder::others_left_out() const {
  return std::any_of(sources.begin(), sources.end(),
                     [](const InputSource& source) { return source.saved && source.saved->others_left_out(); });
}

InputsInOrder look_at(const std::vector<std::string>& paths, const ReportOptions& options) {
  InputsInOrder inputs;
  // A single log is compared with nothing, but what is saved may be, later.
  const bool is_compared = paths.size() > 1 || options.save;
  for (const std::string& path : paths) {
    if (is_saved_workload(path)) {
      add_saved(path, options, inputs);
      continue;
    }
    InputGlance& glance =
        inputs.glances.emplace_back(is_compared ? glance_at(path, options.read) : InputGlance{.path = path});
    glance.number = inputs.sources.size();
    inputs.sources.push_back({.path = path});
  }
  sort_for_reading(inputs.glances, common_resolution(inputs.glances));
  // Sums come last: whether they count depends on what the logs told.
  std::stable_partition(inputs.glances.begin(), inputs.glances.end(), [](auto& g) { return !is_sums(g.format); });
  return inputs;
}

LoggingSettings logging_of(const InputsInOrder& inputs, const ReportOptions& options) {
  if (!options.logging.is_empty()) return options.logging;
  std::optional<LoggingSettings> found;
  for (const InputSource& source : inputs.sources) {
    const LoggingSettings logging = source.saved ? source.saved->logging() : LoggingSettings();
    if (found && !(*found == logging)) {
      throw UsageError("the inputs were saved with different --log-threshold or --log-sample-rate",
                       "state what holds for all, or report on them one by one");
    }
    found = logging;
  }
  return found.value_or(LoggingSettings());
}

InputAccount read_source(const InputSource& source, const ReadOptions& options, const SavedWorkload::Sink& sink,
                         std::uint64_t& filtered, Diagnostics& diagnostics) {
  if (!source.saved) {
    return read_log(
        source.path, options, [&](const LogRecord& record) { sink(record, Told::kWhole); }, diagnostics);
  }
  SavedWorkload::Input input = source.saved->read(source.input, sink);
  filtered = input.filtered;
  return std::move(input.account);
}

}  // namespace assay
