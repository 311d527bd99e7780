#include "advisors/replica/safe_share.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "analyzer/transaction_follower.h"

namespace assay {
namespace {

constexpr std::int64_t kLongAgo = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kSweepEvery = 100'000;  // events
constexpr std::uint64_t kSweepAgain = 10'000;   // … where there are too many sessions
constexpr std::size_t kMostSessions = 65'536;   // that have a transaction open, or have written of late, at a time

/// How many of the lags are no longer than that time.
std::size_t lags_within(std::int64_t elapsed) {
  const auto* const end = std::upper_bound(kReplicaLags.begin(), kReplicaLags.end(), elapsed);
  return static_cast<std::size_t>(end - kReplicaLags.begin());
}

/// What the replay asks of a class, with its tables as numbers.
struct ClassRole {
  RoutingRole role = RoutingRole::kPinned;
  TransactionEffect effect;
  bool is_read = false, reads_anything = false, writes_anything = false, pins_session = false;
  std::vector<std::uint32_t> reads, writes;

  bool changes_something() const { return writes_anything || !writes.empty(); }
};

std::vector<ClassRole> class_roles(const Workload& workload, const std::vector<ClassRouting>& routings) {
  std::map<std::string, std::uint32_t> numbers;
  const auto numbered = [&](const TableNames& names) {
    std::vector<std::uint32_t> tables;
    for (const std::string& name : names) {
      tables.push_back(numbers.emplace(name, static_cast<std::uint32_t>(numbers.size())).first->second);
    }
    return tables;
  };
  std::vector<ClassRole> roles;
  for (std::size_t i = 0; i < routings.size(); ++i) {
    const ClassRouting& routing = routings[i];
    roles.push_back({.role = routing.role,
                     .effect = transaction_effect(workload.classes[i].normalized),
                     .is_read = routing.is_read,
                     .reads_anything = routing.reads_anything,
                     .writes_anything = routing.writes_anything,
                     .pins_session = routing.pins_session,
                     .reads = numbered(routing.reads),
                     .writes = numbered(routing.writes)});
  }
  return roles;
}

constexpr std::uint32_t kAnyTable = 0xFFFFFFFF;

/// When a session wrote which tables, as far as it matters.
class OwnWrites {
 public:
  void add(std::uint32_t table, std::int64_t end) {
    const auto known = writes_.emplace(table, end).first;
    known->second = std::max(known->second, end);
    last_ = std::max(last_, end);
  }
  /// From the last write that the read depends on to its beginning, µs; a session's statements follow each other,
  /// whatever the cut stamps of the log look like.
  std::int64_t elapsed(const ClassRole& role, std::int64_t begin) const {
    if (writes_.empty()) return kLongAgo;
    std::int64_t when = role.reads_anything ? last_ : end_of(kAnyTable);
    for (const std::uint32_t table : role.reads) when = std::max(when, end_of(table));
    return when == kNever ? kLongAgo : std::max<std::int64_t>(begin - when, 0);
  }
  void forget_before(std::int64_t time) {
    std::erase_if(writes_, [&](const auto& write) { return write.second < time; });
  }
  bool is_empty() const { return writes_.empty(); }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

  std::int64_t end_of(std::uint32_t table) const {
    const auto found = writes_.find(table);
    return found == writes_.end() ? kNever : found->second;
  }

  std::map<std::uint32_t, std::int64_t> writes_;  // by table
  std::int64_t last_ = kNever;
};

/// A transaction, or a statement by itself.
struct Unit {
  bool is_open = false, keeps_snapshot = false, pinned = false;
  bool reads = false;                // without a read, a SET for instance, it stays
  std::int64_t snapshot = kLongAgo;  // when the first statement behind BEGIN began; µs
  std::size_t lags = kReplicaLags.size();
  std::map<std::uint32_t, std::uint64_t> executions;  // of reads and what goes along: class, how many
  std::set<std::uint32_t> written;                    // tables

  void write(const ClassRole& role) {
    written.insert(role.writes.begin(), role.writes.end());
    if (role.writes_anything) written.insert(kAnyTable);
  }
};

struct Connection {
  std::uint16_t client = 0;
  bool pinned = false;
  Unit unit;
  OwnWrites writes;
};

class Replay {
 public:
  Replay(const Workload& workload, const std::vector<ClassRouting>& routings)
      : workload_(workload), roles_(class_roles(workload, routings)) {
    share_.classes.resize(workload.classes.size());
  }

  SafeShare run() {
    workload_.trace.for_each([&](const TraceEvent& event) { add(event); });
    for (auto& [session, connection] : connections_) close(connection);
    share_applications();
    return std::move(share_);
  }

 private:
  void add(const TraceEvent& event) {
    const std::int64_t end = event.end.time_since_epoch().count(), begin = end - event.duration.count();
    if (++events_ - swept_ > kSweepEvery) sweep(end);
    const ClassRole& role = roles_[event.query];
    if (is_full_for(event.session) && events_ - swept_ > kSweepAgain) sweep(end);
    if (is_full_for(event.session)) return add_unfollowed(event);
    Connection& connection = connections_[event.session];
    connection.client = event.client;
    Unit& unit = connection.unit;
    if (role.effect.role == TransactionRole::kBegin) {
      close(connection);
      unit.is_open = true;
    } else if (unit.is_open && unit.snapshot == kLongAgo) {
      unit.snapshot = begin;
    }
    unit.keeps_snapshot |= role.effect.keeps_snapshot;
    take(event.query, role, begin, connection);
    if (role.effect.role == TransactionRole::kEnd) {
      if (!role.effect.takes_back) commit(connection, end);
      close(connection);
    } else if (!unit.is_open) {
      commit(connection, end);
      close(connection);
    }
  }

  bool is_full_for(std::uint32_t session) const {
    return connections_.size() >= kMostSessions && !connections_.contains(session);
  }

  /// Of a session too many: there is no telling what it wrote.
  void add_unfollowed(const TraceEvent& event) {
    if (!roles_[event.query].is_read) return;
    add_to(share_.classes[event.query], 1, 0);
    add_to(share_.reads, 1, 0);
    add_to(clients_[event.client], 1, 0);
  }

  void take(std::uint32_t query, const ClassRole& role, std::int64_t begin, Connection& connection) {
    Unit& unit = connection.unit;
    connection.pinned |= role.pins_session;
    unit.pinned |= role.role == RoutingRole::kPinned || connection.pinned;
    if (role.changes_something()) unit.write(role);
    if (role.is_read || role.role == RoutingRole::kNeutral) ++unit.executions[query];
    if (role.role != RoutingRole::kRead) return;
    unit.reads = true;
    const std::int64_t seen = unit.keeps_snapshot ? std::min(unit.snapshot, begin) : begin;
    unit.lags = std::min(unit.lags, lags_within(connection.writes.elapsed(role, seen)));
  }

  static void commit(Connection& connection, std::int64_t end) {
    for (const std::uint32_t table : connection.unit.written) connection.writes.add(table, end);
  }

  /// Counts the unit, and begins another one.
  void close(Connection& connection) {
    const Unit unit = std::exchange(connection.unit, {});
    const std::size_t lags = unit.pinned || !unit.reads ? 0 : unit.lags;
    for (const auto& [query, count] : unit.executions) {
      add_to(share_.classes[query], count, lags);
      if (!roles_[query].is_read) continue;
      add_to(share_.reads, count, lags);
      add_to(clients_[connection.client], count, lags);
    }
  }

  static void add_to(SafeCount& sum, std::uint64_t count, std::size_t lags) {
    sum.executions += count;
    for (std::size_t i = 0; i < lags; ++i) sum.safe[i] += count;
  }

  /// Connections without a transaction, whose writes are older than any lag, have nothing to be remembered for. Records
  /// of a log come a little out of order, so twice the longest lag is waited for.
  void sweep(std::int64_t now) {
    swept_ = events_;
    for (auto entry = connections_.begin(); entry != connections_.end();) {
      Connection& connection = entry->second;
      connection.writes.forget_before(now - 2 * kReplicaLags.back());
      const bool is_idle = !connection.unit.is_open && !connection.pinned && connection.writes.is_empty();
      entry = is_idle ? connections_.erase(entry) : std::next(entry);
    }
  }

  void share_applications() {
    std::map<std::string, SafeCount> sums;
    for (const auto& [client, count] : clients_) {
      std::string name;
      if (client < workload_.clients.size()) {
        const ClientLoad& load = workload_.clients[client];
        name = load.application.empty() ? load.user : load.application;
      }
      SafeCount& sum = sums[name];
      sum.executions += count.executions;
      for (std::size_t i = 0; i < sum.safe.size(); ++i) sum.safe[i] += count.safe[i];
    }
    for (auto& [name, sum] : sums) share_.applications.push_back({name, sum});
    std::stable_sort(share_.applications.begin(), share_.applications.end(),
                     [](const auto& a, const auto& b) { return a.reads.executions > b.reads.executions; });
  }

  const Workload& workload_;
  const std::vector<ClassRole> roles_;
  std::uint64_t events_ = 0, swept_ = 0;
  std::unordered_map<std::uint32_t, Connection> connections_;  // by session
  std::map<std::uint16_t, SafeCount> clients_;
  SafeShare share_;
};

}  // namespace

std::string why_no_safe_share(const Workload& workload) {
  if (workload.trace.size() == 0 || workload.timed_executions == 0) {
    return "the log does not tell when each execution ended and how long it took";
  }
  if (workload.trace.rate() < 1) {
    return "the trace of executions is a sample, which lacks writes: give --memory more, or a shorter time with "
           "--since and --until";
  }
  if (server_count(workload) > 1) return "the logs are of several servers: report them one by one";
  bool nameless = workload.sessions == 0;
  workload.trace.for_each([&](const TraceEvent& event) { nameless |= event.session == 0; });
  return nameless ? "the log does not tell sessions, and so not who wrote what: put %p or %c into log_line_prefix"
                  : std::string();
}

SafeShare safe_share(const Workload& workload, const std::vector<ClassRouting>& routings) {
  return Replay(workload, routings).run();
}

}  // namespace assay
