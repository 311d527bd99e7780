// What the server says of connections (log_connections, log_disconnections: postmaster.c, PerformAuthentication() in
// postinit.c, log_disconnections() in postgres.c) and of those that it refused. Views into the texts given.
#pragma once

#include <optional>
#include <string_view>

#include "parser/base/time.h"

namespace assay {

/// "connection received: host=10.0.0.1 port=5000": the host.
std::optional<std::string_view> parse_connection_received(std::string_view message);

struct ConnectionAuthorized {
  std::string_view user, database;
  bool encrypted = false;  ///< SSL or GSS
};
std::optional<ConnectionAuthorized> parse_connection_authorized(std::string_view message);

struct Disconnection {
  Microseconds session_time{0};
  std::string_view user, database, host;
};
std::optional<Disconnection> parse_disconnection(std::string_view message);

struct AuthenticationFailure {
  std::string_view reason;      ///< "password authentication failed", "no pg_hba.conf entry"
  std::string_view user, host;  ///< empty where the message does not tell
};
/// Of a FATAL message.
std::optional<AuthenticationFailure> parse_authentication_failure(std::string_view message);

/// "sorry, too many clients already" and its kin, a FATAL message: no slot was left.
bool tells_no_slot(std::string_view message);

}  // namespace assay
