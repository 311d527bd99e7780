// FollowedLogs: the logs that files, folders and patterns name, new ones as they appear, each followed by itself.
//
// A file that a pattern matches under a new name because it was rotated, by a rename or as a copy, is not a new log.
// What it leaves out: more than kMostFiles at a time (those written last are followed).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "parser/log/follower.h"

namespace assay {

class FollowedLogs {
 public:
  static constexpr std::size_t kMostFiles = 256;
  static constexpr Tick kLookAgain{2000};  ///< for new files

  /// `arguments`: plain names, folders (the files right in them) and patterns. `sink` gets the records of all files.
  FollowedLogs(std::vector<std::string> arguments, FollowOptions options, RecordSink sink);

  /// Tells the records that have become complete in all files; returns the bytes read.
  std::size_t poll(Tick now, Diagnostics& diagnostics);

  /// Nothing more is to come.
  void finish();

  void save(StateWriter& state) const;
  /// Before the first poll(). Throws Error when the state is damaged.
  void restore(StateReader& state, Diagnostics& diagnostics);

  FollowAccount account() const;  ///< of all files
  std::uint64_t unread() const;   ///< bytes
  std::size_t files() const { return followers_.size(); }
  std::size_t open_files() const;

 private:
  void look_for_files(bool at_first);
  bool is_known(const std::string& path) const;
  LogFollower& follow(const std::string& path, bool from_start);

  std::vector<std::string> arguments_;
  FollowOptions options_;
  RecordSink sink_;
  std::map<std::string, std::unique_ptr<LogFollower>> followers_;
  std::set<std::string> passed_over_;  // names of rotated files
  bool is_first_ = true;
  Tick looked_{0};
};

}  // namespace assay
