// How a table's rows and statistics are shared out over hypothetical partitions.
//
// Everything that compares values of the key runs as the role without rights: comparing and reading values may be a
// user's code. The superuser copies rows of pg_statistic alone.
#pragma once

#include <string>
#include <vector>

#include "analyzer/physical_design.h"
#include "connectors/session.h"

namespace assay {

/// The partition key as the shadow knows it.
struct PartitionKey {
  std::string table;  ///< oid
  std::string twin;   ///< oid of the partitioned table; empty as long as there is none
  std::string type;   ///< as format_type() prints it, a domain's base
  std::string type_oid;
};

/// Throws SqlError when there is no such table or column.
PartitionKey find_partition_key(Session& admin, const HypotheticalPartitioning& partitioning);

/// The bound of a partition in CREATE TABLE … PARTITION OF: "FOR VALUES FROM (…) TO (…)", "DEFAULT".
std::string bound_sql(const HypotheticalPartitioning& partitioning, const HypotheticalPartition& partition);

/// Share of the table's rows that fall into each partition, in their order; in all 1 where any do.
std::vector<double> partition_shares(Session& planner, const HypotheticalPartitioning& partitioning,
                                     const PartitionKey& key);

/// Gives relation `to` the statistics of relation `from` for columns of the same names, counts of distinct values
/// bounded by `rows`.
void copy_statistics(Session& admin, const std::string& from, const std::string& to, bool inherited, double rows);

/// Cuts the key's statistics of the partition with oid `relation` at its bounds.
void cut_key_statistics(Session& admin, Session& planner, const HypotheticalPartitioning& partitioning,
                        const HypotheticalPartition& partition, const PartitionKey& key, const std::string& relation,
                        double share);

}  // namespace assay
