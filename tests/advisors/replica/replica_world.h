// A log and a schema from which replicas are judged: statements of sessions at given milliseconds.
#pragma once

#include <string>
#include <vector>

#include "advisors/replica/safe_share.h"
#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {

struct LoggedStatement {
  std::string sql;
  std::int64_t end_ms = 0;
  std::int64_t session = 1;  ///< 0: the log does not tell
  std::int64_t duration_us = 0;
  std::string application = "app";
};

struct ReplicaWorld {
  Catalog catalog;
  Workload workload;
  std::vector<ClassMeaning> meanings;
  std::vector<ClassRouting> routings;

  std::size_t position(const std::string& sql) const {
    const ClassId id = class_id("db", shape_hash(sql));
    for (std::size_t i = 0; i < workload.classes.size(); ++i) {
      if (workload.classes[i].id == id) return i;
    }
    throw std::runtime_error("no such class: " + sql);
  }
  const ClassRouting& routing(const std::string& sql) const { return routings[position(sql)]; }
};

inline ReplicaWorld replica_world(const std::string& schema, const std::vector<LoggedStatement>& log,
                                  bool with_catalog = true) {
  Diagnostics diagnostics;
  ReplicaWorld world{.catalog = catalog_from_ddl(schema, "schema.sql", diagnostics)};
  WorkloadBuilder builder({});
  for (const LoggedStatement& one : log) {
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(std::chrono::milliseconds(1'000'000 + one.end_ms)), {}},
                 .duration = Microseconds{one.duration_us},
                 .process = one.session,
                 .database = "db",
                 .application = one.application,
                 .sql = one.sql,
                 .shape = shape_hash(one.sql)});
  }
  world.workload = builder.finish({});
  const Catalog* catalog = with_catalog ? &world.catalog : nullptr;
  world.meanings = understand(world.workload, catalog);
  const SchemaFacts facts(catalog);
  world.routings = judge_routings(world.workload, world.meanings, routing_facts(world.workload, facts),
                                  find_writers(world.workload, world.meanings, facts, {.database = "db"}), "db");
  return world;
}

}  // namespace assay
