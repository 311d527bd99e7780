// A real PostgreSQL server with data, for the tests that hold the shadow planner against it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/private_cluster.h"
#include "connectors/session.h"

namespace assay {

class RealServer {
 public:
  explicit RealServer(std::map<std::string, std::string> settings = {})
      : cluster_({0, std::move(settings)}), session_(cluster_.conninfo("postgres")) {}

  /// Runs statements one after another.
  void run(const std::vector<std::string>& statements) {
    for (const std::string& sql : statements) session_.query(sql);
  }

  /// The first column of all rows.
  std::vector<std::string> column(std::string_view sql) {
    std::vector<std::string> values;
    for (const SqlRow& row : session_.query(sql)) values.push_back(row[0].value_or("NULL"));
    return values;
  }

  std::string value(std::string_view sql) { return column(sql).at(0); }

  Session& session() { return session_; }
  const PrivateCluster& cluster() const { return cluster_; }

 private:
  PrivateCluster cluster_;
  Session session_;
};

}  // namespace assay
