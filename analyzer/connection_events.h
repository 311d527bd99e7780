// Connections, sessions and failed authentications, added up; a part of ServerEventsBuilder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "analyzer/latency_sketch.h"
#include "analyzer/server_events.h"
#include "parser/log/connection_message.h"
#include "parser/log/record.h"

namespace assay {

class ConnectionEvents {
 public:
  /// The log begins no later than this record; told before any add().
  void see(ZonedTime time);

  /// True where the record tells of a connection or its end.
  bool add(const LogRecord& record);

  /// A FATAL message: of a connection that was refused, and of a session that it ends.
  void add_fatal(const LogRecord& record);

  /// The server crashed: no session is left.
  void close_all() { open_.clear(), now_open_ = 0; }

  void finish(ServerEvents& events);

 private:
  using GroupKey = std::tuple<std::string, std::string, std::string>;

  void add_received(const LogRecord& record, std::string_view host);
  void add_authorized(const LogRecord& record, const ConnectionAuthorized& connection);
  void add_ended(const LogRecord& record, const Disconnection& end);
  std::string host_of(const LogRecord& record) const;
  ConnectionGroup* group(std::string_view user, std::string_view database, const std::string& host);

  ConnectionTally tally_;
  std::map<GroupKey, ConnectionGroup> groups_;
  std::map<std::tuple<std::string, std::string, std::string>, Occurrences> failures_;
  std::unordered_map<std::int64_t, std::string> received_;  ///< process -> host, until its session ends
  std::unordered_set<std::int64_t> open_;                   ///< authorized, not ended
  LatencySketch session_times_;
  std::optional<ZonedTime> begin_;
  std::int64_t minute_ = 0;
  std::uint64_t in_minute_ = 0;
  // Open sessions: those that began in the log less those that ended, at most; and those that were open before it.
  std::int64_t now_open_ = 0, most_open_ = 0;
  std::uint64_t open_before_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace assay
