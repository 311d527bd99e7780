#include "parser/log/connection_message.h"

#include <algorithm>

#include "parser/log/message_scan.h"

namespace assay {
namespace {

/// The text before the first of `marks`. A name may hold a mark; nothing in the message tells the two apart.
std::string_view before(std::string_view text, std::initializer_list<std::string_view> marks) {
  std::size_t end = text.size();
  for (const auto mark : marks) end = std::min(end, text.find(mark));
  return text.substr(0, end);
}

/// `field` of "user=a database=b …"; empty where it is not told.
std::string_view value_of(std::string_view text, std::string_view field) {
  const auto at = text.find(field);
  if (at == std::string_view::npos) return {};
  return before(text.substr(at + field.size()),
                {" database=", " application_name=", " host=", " port=", " SSL enabled (", " GSS ("});
}

/// The name behind `mark`, up to the next quote.
std::string_view quoted_after(std::string_view text, std::string_view mark) {
  MessageScan scan(text);
  if (!scan.until(mark)) return {};
  return before(scan.rest(), {"\""});
}

/// "0:00:01.636": hours without bound.
std::optional<Microseconds> session_time(std::string_view text) {
  MessageScan scan(text);
  const auto hours = scan.number();
  if (!hours || *hours > 100'000'000 || !scan.take(":")) return std::nullopt;
  const auto minutes = scan.number();
  if (!minutes || *minutes > 59 || !scan.take(":")) return std::nullopt;
  const auto seconds = scan.time(kOneSecond);
  if (!seconds) return std::nullopt;
  return *seconds + std::chrono::hours(static_cast<std::int64_t>(*hours)) +
         std::chrono::minutes(static_cast<std::int64_t>(*minutes));
}

}  // namespace

std::optional<std::string_view> parse_connection_received(std::string_view message) {
  MessageScan scan(first_line(message));
  if (!scan.take("connection received: host=")) return std::nullopt;
  return before(scan.rest(), {" port="});
}

std::optional<ConnectionAuthorized> parse_connection_authorized(std::string_view message) {
  MessageScan scan(first_line(message));
  scan.take("replication ");
  if (!scan.take("connection authorized: ")) return std::nullopt;
  const auto text = scan.rest();
  ConnectionAuthorized connection;
  connection.user = value_of(text, "user=");
  connection.database = value_of(text, " database=");
  connection.encrypted =
      text.find(" SSL enabled (") != std::string_view::npos || text.find("encrypted=yes") != std::string_view::npos;
  return connection;
}

std::optional<Disconnection> parse_disconnection(std::string_view message) {
  MessageScan scan(first_line(message));
  if (!scan.take("disconnection: session time: ")) return std::nullopt;
  const auto time = session_time(scan.rest());
  if (!time) return std::nullopt;
  const auto text = scan.rest();
  return Disconnection{*time, value_of(text, " user="), value_of(text, " database="), value_of(text, " host=")};
}

std::optional<AuthenticationFailure> parse_authentication_failure(std::string_view message) {
  const auto line = first_line(message);
  const auto failed = line.find(" authentication failed for user \"");
  if (failed != std::string_view::npos) {
    constexpr std::string_view kWords = " authentication failed";
    return AuthenticationFailure{line.substr(0, failed + kWords.size()), quoted_after(line, " for user \""), {}};
  }
  const auto told = [&](std::string_view reason) {
    return AuthenticationFailure{reason, quoted_after(line, "user \""), quoted_after(line, "host \"")};
  };
  if (line.starts_with("no pg_hba.conf entry")) return told("no pg_hba.conf entry");
  if (line.starts_with("pg_hba.conf rejects")) return told("rejected by pg_hba.conf");
  const auto user = quoted_after(line, "role \"");
  if (line.starts_with("role \"") && line.ends_with("\" does not exist")) {
    return AuthenticationFailure{"no such role", user, {}};
  }
  if (line.starts_with("role \"") && line.ends_with("\" is not permitted to log in")) {
    return AuthenticationFailure{"role is not permitted to log in", user, {}};
  }
  if (line.starts_with("canceling authentication due to timeout")) {
    return AuthenticationFailure{"authentication_timeout", {}, {}};
  }
  return std::nullopt;
}

bool tells_no_slot(std::string_view message) {
  return message.starts_with("sorry, too many clients already") ||
         message.starts_with("remaining connection slots are reserved") ||
         message.starts_with("too many connections for ") ||
         message.starts_with("number of requested standby connections exceeds");
}

}  // namespace assay
