// Saved workloads: what inputs told, record by record, in one small SQLite file that is an INPUT again.
//
// What is saved is the stream of records that the readers hand to the workload, not the workload: an open transaction,
// a loop under way, what a bounded list dropped, which input tells the same run as another, all of that depends on what
// comes before and after. So a saved workload goes the way that its log went, and the report of 24 saved hours is the
// report of the 24 logs, to the byte. What no workload would keep is left out: the texts of executions that are no
// samples, and plans that a slower one of their class overrules. Saving again what was read from saved workloads
// merges them, by the same rule.
//
// The file is columns of numbers, each compressed by zstd (saved_records.h), with a checksum at its end. It is written
// beside its place and renamed: what is there under that name is always whole. What this leaves out: a record that a
// rotation cut in two between two inputs that were saved apart; each half counts as it does when that file is read
// alone.
//
// To save what no log tells (a replay), build the LogRecords that go into the WorkloadBuilder and give each to add()
// too:
//   SavedWorkloadWriter writer(path, {});
//   writer.begin_input({.path = "replay of crm.log"});
//   for (…) { builder.add(record); writer.add(record, Told::kWhole); }
//   writer.finish_input(account);   // path, format ("jsonlog" …), records, executions; lines may be 0
//   writer.save();
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "analyzer/censoring.h"
#include "analyzer/input_glance.h"
#include "analyzer/workload_builder.h"
#include "parser/log/reader.h"

namespace assay {

/// Of the whole file.
struct SavedWorkloadNotes {
  WorkloadFilter filter;    ///< records that do not pass are counted, and not saved
  LoggingSettings logging;  ///< of the server, as the user stated them
  bool redacted = false;    ///< the records hold no values
  bool others_left_out = false;  ///< those of other users or applications, as the filter says or one before did
};

class SavedWorkloadWriter {
 public:
  /// Throws Error: `path` is no place for a file. Nothing is there before save().
  SavedWorkloadWriter(std::filesystem::path path, SavedWorkloadNotes notes);
  ~SavedWorkloadWriter();
  SavedWorkloadWriter(const SavedWorkloadWriter&) = delete;
  SavedWorkloadWriter& operator=(const SavedWorkloadWriter&) = delete;

  /// The input that the next records are of. Of one that could not be looked at (a pipe) the first records are noted,
  /// so that it is recognised later.
  void begin_input(const InputGlance& glance);

  /// As the input told it: before counting once, and before weighing.
  void add(const LogRecord& record, Told told);

  /// Records that were left out before they got here.
  void count_filtered(std::uint64_t records);

  /// The account as reading the input gave it, before counting once.
  void finish_input(const InputAccount& account);

  /// The input failed: nothing of it is saved.
  void drop_input();

  /// Puts the file in its place, whole; or throws Error and leaves what was there.
  void save();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class SavedWorkload {
 public:
  /// Throws Error: a file that is damaged, or of a newer version.
  explicit SavedWorkload(std::filesystem::path path);
  ~SavedWorkload();
  SavedWorkload(const SavedWorkload&) = delete;
  SavedWorkload& operator=(const SavedWorkload&) = delete;

  const LoggingSettings& logging() const;
  bool is_redacted() const;
  bool others_left_out() const;

  /// The inputs, as they were looked at when they were read.
  const std::vector<InputGlance>& inputs() const;

  struct Input {
    InputAccount account;
    std::uint64_t filtered = 0;
  };
  using Sink = std::function<void(const LogRecord&, Told)>;

  /// Tells the records of an input, in their order. Throws Error where the file is damaged.
  Input read(std::size_t input, const Sink& sink) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// By content: has the regular file at `path` the mark of a saved workload?
bool is_saved_workload(const std::filesystem::path& path);

}  // namespace assay
