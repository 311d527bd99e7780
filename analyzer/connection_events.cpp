#include "analyzer/connection_events.h"

#include <algorithm>

#include "analyzer/bounded_groups.h"
#include "analyzer/workload.h"

namespace assay {
namespace {

constexpr std::size_t kMostOpen = 100'000;  // sessions that are followed

bool is_local(std::string_view host) {
  return host.empty() || host == "[local]" || host == "127.0.0.1" || host == "::1" || host == "localhost";
}

}  // namespace

void ConnectionEvents::see(ZonedTime time) {
  if (!begin_) begin_ = time;
}

bool ConnectionEvents::add(const LogRecord& record) {
  if (const auto host = parse_connection_received(record.message)) {
    add_received(record, *host);
  } else if (const auto connection = parse_connection_authorized(record.message)) {
    add_authorized(record, *connection);
  } else if (const auto end = parse_disconnection(record.message)) {
    add_ended(record, *end);
  } else {
    // Since 14 and since 18: their session is counted when it is authorized.
    return record.message.starts_with("connection authenticated: ") || record.message.starts_with("connection ready: ");
  }
  return true;
}

void ConnectionEvents::add_received(const LogRecord& record, std::string_view host) {
  tally_.received.add(record.time);
  if (received_.size() < kMostOpen) received_[record.process] = kept(host, kLongestEventName);
}

/// The client's host where the record or the connection's first message has it.
std::string ConnectionEvents::host_of(const LogRecord& record) const {
  if (!record.host.empty()) return kept(record.host, kLongestEventName);
  const auto received = received_.find(record.process);
  return received != received_.end() && record.process != 0 ? received->second : std::string();
}

ConnectionGroup* ConnectionEvents::group(std::string_view user, std::string_view database, const std::string& host) {
  return group_of(groups_, {kept(user, kLongestEventName), kept(database, kLongestEventName), host}, dropped_);
}

void ConnectionEvents::add_authorized(const LogRecord& record, const ConnectionAuthorized& connection) {
  tally_.authorized.add(record.time);
  const std::string host = host_of(record);
  if (!connection.encrypted && !is_local(host)) ++tally_.unencrypted;
  if (ConnectionGroup* known = group(connection.user, connection.database, host)) ++known->connections;
  const auto minute = std::chrono::floor<std::chrono::minutes>(record.time.utc).time_since_epoch().count();
  in_minute_ = minute == minute_ ? in_minute_ + 1 : 1;
  minute_ = minute;
  tally_.most_a_minute = std::max(tally_.most_a_minute, in_minute_);
  if (record.process == 0 || open_.size() >= kMostOpen) return;
  if (!open_.insert(record.process).second) return;  // its number is used again: one went, one came
  most_open_ = std::max(most_open_, ++now_open_);
}

void ConnectionEvents::add_ended(const LogRecord& record, const Disconnection& end) {
  tally_.ended.add(record.time);
  tally_.short_lived += end.session_time < ConnectionTally::kShortSession ? 1 : 0;
  tally_.longest_session = std::max(tally_.longest_session, end.session_time);
  session_times_.add(end.session_time);
  // The message has the host itself; csvlog without log_connections has no other one.
  const std::string host = end.host.empty() ? host_of(record) : kept(end.host, kLongestEventName);
  if (ConnectionGroup* known = group(end.user, end.database, host)) {
    ++known->disconnections;
    accumulate(known->session_time, end.session_time);
  }
  received_.erase(record.process);
  if (open_.erase(record.process) > 0) {
    --now_open_;
  } else if (begin_ && record.time.utc - end.session_time <= begin_->utc) {
    ++open_before_;
    --now_open_;
  }
}

void ConnectionEvents::add_fatal(const LogRecord& record) {
  if (tells_no_slot(record.message)) ++tally_.refused_no_slot;
  if (const auto failure = parse_authentication_failure(record.message)) {
    const std::string host = failure->host.empty() ? host_of(record) : kept(failure->host, kLongestEventName);
    const std::string user = kept(failure->user.empty() ? record.user : failure->user, kLongestEventName);
    Occurrences* seen =
        group_of(failures_, {std::string(failure->reason.substr(0, kLongestMessage)), user, host}, dropped_);
    if (seen != nullptr) seen->add(record.time);
  }
  // It ends the session, whether its disconnection is logged or not.
  if (open_.erase(record.process) > 0) --now_open_;
  received_.erase(record.process);
}

void ConnectionEvents::finish(ServerEvents& events) {
  tally_.median_session = std::min(session_times_.percentile(0.5), tally_.longest_session);
  // Without the beginnings, nothing tells how many overlapped.
  if (tally_.authorized.count > 0) {
    tally_.most_open =
        static_cast<std::uint64_t>(std::max<std::int64_t>(most_open_ + static_cast<std::int64_t>(open_before_), 0));
  }
  for (auto& [key, known] : groups_) {
    tally_.groups.push_back(known);
    std::tie(tally_.groups.back().user, tally_.groups.back().database, tally_.groups.back().host) = key;
  }
  std::stable_sort(tally_.groups.begin(), tally_.groups.end(), [](const auto& a, const auto& b) {
    return std::max(a.connections, a.disconnections) > std::max(b.connections, b.disconnections);
  });
  for (const auto& [key, seen] : failures_) {
    tally_.failures.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), seen});
  }
  std::stable_sort(tally_.failures.begin(), tally_.failures.end(),
                   [](const auto& a, const auto& b) { return a.seen.count > b.seen.count; });
  events.connections = std::move(tally_);
  events.dropped += dropped_;
}

}  // namespace assay
