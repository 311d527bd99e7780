// What to paste so that reads go to replicas and writes to whoever is the primary: HAProxy, pgpool-II, pgcat, and the
// application's own two connection strings. Texts for people to review; nothing here is executed.
//
// HAProxy's `option pgsql-check` only asks whether a server answers; a standby does. So each server is asked by a
// script (external-check) whether it is in recovery, and a replica how far behind it is: after a failover the promoted
// server is found within a second or two, and the old primary, should it come back as one, must be kept away by whoever
// promotes (Patroni, repmgr): HAProxy takes whichever calls itself primary.
// Sources: HAProxy 2.6's configuration manual (external-check, nbsrv), libpq's target_session_attrs, pgpool-II 4.3's
// "Load Balancing" (disable_load_balance_on_write, delay_threshold), pgcat's CONFIG.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advisors/replica/dispatch.h"

namespace assay {

struct ServerAddress {
  std::string host;  ///< a number or a name of the reader's own network
  int port = 5432;
};

struct ReplicaSetup {
  std::vector<ServerAddress> servers;  ///< today's primary first
  std::string database;
  std::string balancer = "192.0.2.5";         ///< HAProxy's own address
  int write_port = 5000, read_port = 5001;    ///< of HAProxy
  std::string check_folder = "/etc/haproxy";  ///< where its script lies
  std::string check_path = "/usr/bin:/bin";   ///< where the script finds psql
  std::string check_user = "haproxy_check";   ///< a role without a right but to connect
  std::string check_database = "postgres";
  std::int64_t most_lag_ms = 1000;  ///< a replica farther behind gets no reads
  RoutingPolicy policy = RoutingPolicy::kLeastConnections;
  std::vector<int> weights = {};               ///< of the servers, where the primary takes its part of the reads
  std::vector<std::string> writing_functions;  ///< that the log calls, names without schema
};

/// Addresses for documentation (RFC 5737), to be replaced.
ReplicaSetup example_setup(std::size_t replicas, const std::string& database);

struct ReplicaRecipe {
  std::string product;   ///< "HAProxy: haproxy.cfg"
  std::string language;  ///< of the code block: "ini", "sh", "toml", "text"
  std::string text;
};

std::string haproxy_configuration(const ReplicaSetup& setup);

/// The script `assay-pg-role`, which says by its exit status whether a server has the wanted role. HAProxy calls it
/// with four arguments: its own address and port, the server's address and port.
std::string role_check_script(const ReplicaSetup& setup, bool primary);

std::string pgpool_configuration(const ReplicaSetup& setup);
std::string pgcat_configuration(const ReplicaSetup& setup);

/// libpq's connection string for what writes, or for what only reads.
std::string connection_string(const ReplicaSetup& setup, bool writes);

/// All of them, the application's own first.
std::vector<ReplicaRecipe> replica_recipes(const ReplicaSetup& setup);

}  // namespace assay
