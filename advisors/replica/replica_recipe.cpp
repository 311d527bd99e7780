#include "advisors/replica/replica_recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace assay {
namespace {

/// A value of a libpq connection string.
std::string conninfo_value(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

/// A basic string of TOML.
std::string toml_string(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      text += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text + "\"";
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c >= 0x80; });
}

std::string balance_of(RoutingPolicy policy) {
  return policy == RoutingPolicy::kRoundRobin || policy == RoutingPolicy::kWeighted ? "roundrobin" : "leastconn";
}

/// `weighted`: each with its share of the reads.
std::string servers_of(const ReplicaSetup& setup, bool weighted) {
  std::string text;
  for (std::size_t i = 0; i < setup.servers.size(); ++i) {
    const bool has_weight = weighted && i < setup.weights.size();
    text += fmt::format("    server pg{} {}:{} check{}\n", i + 1, setup.servers[i].host, setup.servers[i].port,
                        has_weight ? fmt::format(" weight {}", setup.weights[i]) : "");
  }
  return text;
}

}  // namespace

ReplicaSetup example_setup(std::size_t replicas, const std::string& database) {
  ReplicaSetup setup{.servers = {}, .database = database, .writing_functions = {}};
  for (std::size_t i = 0; i <= replicas; ++i) setup.servers.push_back({fmt::format("192.0.2.{}", 10 + i), 5432});
  return setup;
}

std::string haproxy_configuration(const ReplicaSetup& setup) {
  return fmt::format(R"(global
    external-check
    insecure-fork-wanted    # the check runs a script

defaults
    mode tcp
    timeout connect 3s
    timeout check 3s
    timeout client 30m
    timeout server 30m
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions

frontend read_write
    bind {balancer}:{write_port}
    default_backend primary

# Without a replica that keeps up, reads go to the primary.
frontend read_only
    bind {balancer}:{read_port}
    use_backend primary if {{ nbsrv(replicas) eq 0 }}
    default_backend replicas

# Whoever takes writes: every server is asked, so a promoted replica is found.
backend primary
    option external-check
    external-check path "{path}"
    external-check command {folder}/assay-pg-primary
{servers}
# Whoever is in recovery, streams, and is less than {lag} ms behind{too}.
backend replicas
    balance {balance}
    option external-check
    external-check path "{path}"
    external-check command {folder}/assay-pg-replica
{readers})",
                     fmt::arg("path", setup.check_path), fmt::arg("balancer", setup.balancer),
                     fmt::arg("write_port", setup.write_port), fmt::arg("read_port", setup.read_port),
                     fmt::arg("folder", setup.check_folder), fmt::arg("servers", servers_of(setup, false)),
                     fmt::arg("readers", servers_of(setup, true)),
                     fmt::arg("too", setup.weights.empty() ? "" : "; and the primary, which has time to spare"),
                     fmt::arg("lag", setup.most_lag_ms), fmt::arg("balance", balance_of(setup.policy)));
}

std::string role_check_script(const ReplicaSetup& setup, bool primary) {
  const std::string takes_writes = "NOT pg_is_in_recovery()";
  const std::string keeps_up = fmt::format(
      "pg_is_in_recovery() AND EXISTS (SELECT FROM pg_stat_wal_receiver) AND "
      "(pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() OR "
      "now() - pg_last_xact_replay_timestamp() < interval '{} ms')",
      setup.most_lag_ms);
  const std::string answers_reads = setup.weights.empty() ? keeps_up : takes_writes + " OR " + keeps_up;
  return fmt::format(R"(#!/bin/sh
# {what}? HAProxy tells the server's address and port as the third and fourth argument.
answer=$(PGCONNECT_TIMEOUT=2 psql -XAtqw -h "$3" -p "$4" -U {user} -d {database} \
  -c "SELECT {condition}") || exit 1
[ "$answer" = t ]
)",
                     fmt::arg("what", primary ? "Does this server take writes" : "May this server answer reads"),
                     fmt::arg("user", setup.check_user), fmt::arg("database", setup.check_database),
                     fmt::arg("condition", primary ? takes_writes : answers_reads));
}

std::string pgpool_configuration(const ReplicaSetup& setup) {
  std::string text = "backend_clustering_mode = 'streaming_replication'\n";
  for (std::size_t i = 0; i < setup.servers.size(); ++i) {
    text += fmt::format("backend_hostname{0} = '{1}'\nbackend_port{0} = {2}\nbackend_weight{0} = {3}\n", i,
                        setup.servers[i].host, setup.servers[i].port,
                        i < setup.weights.size() ? setup.weights[i]
                        : i == 0                 ? 0
                                                 : 1);
  }
  text += fmt::format(
      R"(load_balance_mode = on
statement_level_load_balance = on
# A session that has written reads from the primary until it ends: no lag can show.
disable_load_balance_on_write = 'always'
# Bytes of log of writes: a replica farther behind gets no reads (since 4.4 delay_threshold_by_time = {} says it in ms).
delay_threshold = 1000000
sr_check_period = 1
sr_check_user = '{}'
sr_check_database = '{}'
)",
      setup.most_lag_ms, setup.check_user, setup.check_database);
  std::string functions;
  for (const std::string& name : setup.writing_functions) {
    if (is_plain_name(name)) functions += (functions.empty() ? "" : ",") + name;
  }
  if (!functions.empty()) text += "write_function_list = '" + functions + "'\n";
  return text;
}

std::string pgcat_configuration(const ReplicaSetup& setup) {
  std::string servers;
  for (std::size_t i = 0; i < setup.servers.size(); ++i) {
    servers += fmt::format("  [{}, {}, \"{}\"],\n", toml_string(setup.servers[i].host), setup.servers[i].port,
                           i == 0 ? "primary" : "replica");
  }
  return fmt::format(
      R"(# pgcat does not know what a session has just written: where that matters, SET SERVER ROLE TO 'primary' first.
# It finds no promoted server by itself: change the roles and RELOAD.
[pools.{database}]
pool_mode = "transaction"
load_balancing_mode = "{balancing}"
default_role = "any"
query_parser_enabled = true
query_parser_read_write_splitting = true
primary_reads_enabled = {primary_reads}

[pools.{database}.users.0]
username = "app"
pool_size = 20

[pools.{database}.shards.0]
database = {database}
servers = [
{servers}]
)",
      fmt::arg("database", toml_string(setup.database)), fmt::arg("servers", servers),
      fmt::arg("primary_reads", !setup.weights.empty()),
      fmt::arg("balancing", balance_of(setup.policy) == "leastconn" ? "loc" : "random"));
}

std::string connection_string(const ReplicaSetup& setup, bool writes) {
  std::string hosts, ports;
  for (std::size_t i = 0; i < setup.servers.size(); ++i) {
    // Reads ask the replicas first; the primary is the last one asked.
    const ServerAddress& server = setup.servers[writes ? i : (i + 1) % setup.servers.size()];
    hosts += (i > 0 ? "," : "") + server.host;
    ports += fmt::format("{}{}", i > 0 ? "," : "", server.port);
  }
  return fmt::format("host={} port={} dbname={} connect_timeout=3 target_session_attrs={}", hosts, ports,
                     conninfo_value(setup.database), writes ? "read-write" : "prefer-standby");
}

std::vector<ReplicaRecipe> replica_recipes(const ReplicaSetup& setup) {
  const std::string strings = fmt::format(
      "# writes, and reads behind one's own write\n{}\n"
      "# reads that may lag; from PostgreSQL 16's libpq on add load_balance_hosts=random\n{}\n",
      connection_string(setup, true), connection_string(setup, false));
  return {{"The application's two connection strings (libpq 14 or newer)", "text", strings},
          {"HAProxy: haproxy.cfg", "haproxy", haproxy_configuration(setup)},
          {"HAProxy: " + setup.check_folder + "/assay-pg-primary", "sh", role_check_script(setup, true)},
          {"HAProxy: " + setup.check_folder + "/assay-pg-replica", "sh", role_check_script(setup, false)},
          {"pgpool-II 4.3: pgpool.conf", "ini", pgpool_configuration(setup)},
          {"pgcat: pgcat.toml", "toml", pgcat_configuration(setup)}};
}

}  // namespace assay
