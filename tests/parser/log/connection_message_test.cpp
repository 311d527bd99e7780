// Connections, disconnections and failed authentications.
#include "parser/log/connection_message.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace assay {
namespace {

std::string authorized(std::string_view message) {
  const auto connection = parse_connection_authorized(message);
  if (!connection) return "not authorized";
  return fmt::format("{}|{}{}", connection->user, connection->database, connection->encrypted ? " encrypted" : "");
}

std::string ended(std::string_view message) {
  const auto end = parse_disconnection(message);
  if (!end) return "not ended";
  return fmt::format("{} us {}|{}|{}", end->session_time.count(), end->user, end->database, end->host);
}

std::string failed(std::string_view message) {
  const auto failure = parse_authentication_failure(message);
  return failure ? fmt::format("{}|{}|{}", failure->reason, failure->user, failure->host) : "no failure";
}

}  // namespace

TEST_CASE("a connection is received from a host") {
  CHECK(parse_connection_received("connection received: host=10.0.0.1 port=5000") == "10.0.0.1");
  CHECK(parse_connection_received("connection received: host=[local]") == "[local]");
  CHECK(parse_connection_received("connection received: host=::1 port=1") == "::1");
  CHECK(parse_connection_received("connection authorized: user=a") == std::nullopt);
}

TEST_CASE("a connection is authorized for a user and a database") {
  CHECK(authorized("connection authorized: user=crm database=shop") == "crm|shop");
  CHECK(authorized("connection authorized: user=crm database=shop application_name=two words") == "crm|shop");
  CHECK(authorized("connection authorized: user=a b database=c d application_name=e SSL enabled (protocol=TLSv1.2, "
                   "cipher=ECDHE-RSA-AES256-GCM-SHA384, bits=256, compression=off)") == "a b|c d encrypted");
  CHECK(authorized("connection authorized: user=a database=b SSL enabled (protocol=TLSv1.3, "
                   "cipher=TLS_AES_256_GCM_SHA384, bits=256)") == "a|b encrypted");
  CHECK(authorized("connection authorized: user=a database=b GSS (authenticated=yes, encrypted=yes, principal=a@B)") ==
        "a|b encrypted");
  CHECK(authorized("replication connection authorized: user=standby application_name=walreceiver") == "standby|");
  CHECK(authorized("connection received: host=[local]") == "not authorized");
}

TEST_CASE("a disconnection tells the session's time") {
  CHECK(ended("disconnection: session time: 0:00:01.636 user=crm_app database=crm host=[local]") ==
        "1636000 us crm_app|crm|[local]");
  CHECK(ended("disconnection: session time: 100:59:59.999 user=a database=b host=10.0.0.1 port=44") ==
        "363599999000 us a|b|10.0.0.1");
  CHECK(ended("disconnection: session time: 0:61:00.000 user=a database=b host=c") == "not ended");
  CHECK(ended("disconnection: session time: x") == "not ended");
  CHECK(ended("disconnection: session time: 99999999999999999:00:00.000 user=a database=b host=c") == "not ended");
}

TEST_CASE("a failed authentication has a reason and a user") {
  CHECK(failed("password authentication failed for user \"web\"") == "password authentication failed|web|");
  CHECK(failed("Peer authentication failed for user \"web\"") == "Peer authentication failed|web|");
  CHECK(failed("LDAP authentication failed for user \"a b\"") == "LDAP authentication failed|a b|");
  CHECK(failed("no pg_hba.conf entry for host \"10.0.0.9\", user \"web\", database \"crm\", SSL off") ==
        "no pg_hba.conf entry|web|10.0.0.9");
  CHECK(failed("no pg_hba.conf entry for replication connection from host \"10.0.0.9\", user \"r\", no encryption") ==
        "no pg_hba.conf entry|r|10.0.0.9");
  CHECK(failed("pg_hba.conf rejects connection for host \"[local]\", user \"web\", database \"crm\", no encryption") ==
        "rejected by pg_hba.conf|web|[local]");
  CHECK(failed("role \"web\" does not exist") == "no such role|web|");
  CHECK(failed("role \"web\" is not permitted to log in") == "role is not permitted to log in|web|");
  CHECK(failed("canceling authentication due to timeout") == "authentication_timeout||");
  CHECK(failed("the database system is starting up") == "no failure");
}

TEST_CASE("no slot was left") {
  CHECK(tells_no_slot("sorry, too many clients already"));
  CHECK(tells_no_slot("remaining connection slots are reserved for non-replication superuser connections"));
  CHECK(tells_no_slot("remaining connection slots are reserved for roles with the SUPERUSER attribute"));
  CHECK(tells_no_slot("too many connections for role \"web\""));
  CHECK(tells_no_slot("too many connections for database \"crm\""));
  CHECK_FALSE(tells_no_slot("terminating connection due to administrator command"));
}

}  // namespace assay
