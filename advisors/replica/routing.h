// May the executions of a query class go to a read replica (a hot standby)? Deny by default; each denial with its
// reason, and with a cure where there is one.
//
// A plain SELECT may go that writes nothing, locks no rows, calls no volatile function, and reads tables that a standby
// holds and shows alike: no temporary or unlogged ones, no view of what its own server is doing. Views are looked
// through, at any depth. What opens and closes a transaction goes with it, unless it asks for what a standby cannot do
// (SERIALIZABLE, READ WRITE). What is not understood stays. Told too: which tables a class reads and writes, for
// whoever has to know whether a session would miss its own write (safe_share.h).
// What this leaves out: what stands in the way for a single execution: its transaction, and what its session wrote.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "advisors/cache/cacheability.h"
#include "advisors/cache/schema_facts.h"
#include "advisors/cache/session_habits.h"
#include "advisors/cache/table_writers.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

enum class RoutingRole {
  kRead,     ///< may go to a replica
  kPinned,   ///< may not: `denials` say why
  kNeutral,  ///< goes where its transaction goes: BEGIN, COMMIT, SAVEPOINT, SET, SHOW
};

struct ClassRouting {
  RoutingRole role = RoutingRole::kPinned;
  bool is_read = false;            ///< it changes and locks nothing by its words: of the reads that are counted
  std::vector<Hindrance> denials;  ///< of a pinned one, at least one
  TableNames reads;                ///< tables that the result depends on
  bool reads_anything = false;     ///< there is no telling which tables
  TableNames writes;               ///< tables that it changes, with what that sets off
  bool writes_anything = false;    ///< there is no telling which tables
  bool pins_session = false;       ///< what its session does from then on stays too: SERIALIZABLE by default
};

/// What stands behind the names for whoever routes reads, told once a workload.
struct RoutingFacts {
  const SchemaFacts* schema = nullptr;
  SessionHabits habits;
  std::set<std::string> unlogged;        ///< tables, "schema.name" where a catalog tells
  bool serializable_by_default = false;  ///< the server's default_transaction_isolation
};
RoutingFacts routing_facts(const Workload& workload, const SchemaFacts& schema);

/// Reading alone: `writes` and `writes_anything` are left empty.
ClassRouting judge_routing(const QueryClass& query, const ClassMeaning& meaning, const RoutingFacts& facts);

/// Of all classes, in their order; those of other databases are pinned without a reason and write nothing.
std::vector<ClassRouting> judge_routings(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                         const RoutingFacts& facts, const TableWriters& writers,
                                         const std::string& database);

}  // namespace assay
