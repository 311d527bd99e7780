// What the readers of other formats and of the whole file need to know of slow query logs of MySQL, MariaDB and Percona
// Server.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "parser/log/block.h"

namespace assay {

/// Whether a line is one that every record of a slow log has, or that the server begins one with.
bool is_slow_log_line(std::string_view line);

/// The server's zone, from the first record of a log that tells both its local time and the instant.
std::optional<UtcOffset> slow_log_zone(std::string_view sample);

/// What a record leaves out because the one before it in the file told it: the database ("use crm;" only when it
/// changes, whoever's connection it was), and in logs of MySQL 5.0 and before, without SET timestamp, the time. To be
/// asked with the blocks in the order of the file, before their entries are used.
///
/// A statement of a connection without a database is taken to be in the one of the statement before, unless the log
/// tells Schema, as MariaDB's and Percona Server's do: MySQL's does not tell the two apart.
class SlowLogInheritance {
 public:
  void fill(Block& block);

  const std::string& database() const { return database_; }
  ZonedTime time() const { return time_; }
  /// Goes on where another one stood.
  void restore(std::string database, ZonedTime time) {
    database_ = std::move(database);
    time_ = time;
  }

 private:
  std::string database_;
  ZonedTime time_;
};

}  // namespace assay
