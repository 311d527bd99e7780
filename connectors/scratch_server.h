// A server to try things out on: databases that are made for one run and gone behind it.
//
// Nothing is ever done in a database that this object did not make: its names are its own (a prefix and 128 random
// bits), and only those are connected to, changed and dropped. They are dropped by the destructor, whatever has
// happened, a stop by a signal included; what SIGKILL or a crash of the machine leaves behind keeps its telling name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connectors/replay_connection.h"

namespace assay {

class ScratchServer {
 public:
  static constexpr std::string_view kPrefix = "assay_verify_";

  /// Connects to the database that `uri` names, which is only used to create others from. Throws Error.
  ScratchServer(std::string uri, const StopFlag& stop);
  ~ScratchServer();
  ScratchServer(const ScratchServer&) = delete;
  ScratchServer& operator=(const ScratchServer&) = delete;

  /// A copy of another database of the server, with its settings; its name. Throws Error: someone is connected to that
  /// one, the role may not, no disk space.
  std::string copy(const std::string& database);

  /// A new database from a dump: plain SQL by psql, an archive by pg_restore. A dump is code, which runs as the role of
  /// the URI. Throws Error: it leads out of its database (\connect, \!, CREATE DATABASE …), or fails.
  std::string restore(const std::filesystem::path& dump);

  /// Gone, if it is one of ours.
  void drop(const std::string& database);

  /// Connects to one of ours. Throws Error.
  ReplayConnection connect(const std::string& database) const;

  /// Databases there with our prefix that are not ours: of another run, or left behind by one that was killed.
  std::vector<std::string> others() const;

  const std::string& uri() const { return uri_; }

 private:
  std::string create(const std::string& source);
  void copy_settings(const std::string& from, const std::string& to);
  void run_program(const std::vector<std::string>& command) const;

  std::string uri_;
  const StopFlag& stop_;
  mutable ReplayConnection admin_;
  std::vector<std::string> ours_;
};

/// Why a plain dump must not be run: where it would leave the database that it is restored into. Empty when it may.
std::string dump_leads_out(std::string_view script);

}  // namespace assay
