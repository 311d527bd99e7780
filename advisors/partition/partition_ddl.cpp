#include "advisors/partition/partition_ddl.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/partition/schemes.h"

namespace assay {
namespace {

constexpr const char* kStrategies[] = {"RANGE", "LIST", "HASH"};

std::string qualified(const std::string& schema, const std::string& name) {
  return quote_identifier(schema) + "." + quote_identifier(name);
}

std::string bound(const HypotheticalPartitioning& what, const HypotheticalPartition& partition) {
  if (partition.is_default) return "DEFAULT";
  if (what.strategy == PartitionStrategy::kHash) {
    return fmt::format("FOR VALUES WITH (MODULUS {}, REMAINDER {})", what.partitions.size(), partition.remainder);
  }
  if (what.strategy == PartitionStrategy::kList) {
    std::string values;
    for (const std::string& value : partition.values) values += (values.empty() ? "" : ", ") + quote_literal(value);
    return "FOR VALUES IN (" + values + ")";
  }
  return "FOR VALUES FROM (" + (partition.from ? quote_literal(*partition.from) : "MINVALUE") + ") TO (" +
         (partition.to ? quote_literal(*partition.to) : "MAXVALUE") + ")";
}

void add_indexes(const std::string& parent, const PartitionScheme& scheme, const Table& table, const Catalog& catalog,
                 std::vector<std::string>& ddl) {
  for (const Index* index : catalog.indexes_of(table)) {
    if (!index->valid) continue;
    IndexDefinition definition = index->definition;
    const auto is_key = [&](const IndexKey& key) { return key.column == scheme.partitioning.column; };
    if (definition.unique && std::none_of(definition.keys.begin(), definition.keys.end(), is_key)) {
      definition.keys.emplace_back().column = scheme.partitioning.column;
    }
    if (index->primary) {
      std::string columns;
      for (const IndexKey& key : definition.keys) {
        columns += (columns.empty() ? "" : ", ") + quote_identifier(key.column);
      }
      ddl.push_back(fmt::format("ALTER TABLE {} ADD PRIMARY KEY ({});", qualified(table.schema, parent), columns));
      continue;
    }
    definition.table = parent;
    definition.name.clear();
    ddl.push_back(create_index_sql(definition, false) + ";");
  }
}

}  // namespace

PartitionDdl partition_ddl(const PartitionScheme& scheme, const Catalog& catalog) {
  const HypotheticalPartitioning& what = scheme.partitioning;
  const std::string parent = partition_name(what.table, "_partitioned");
  PartitionDdl result;
  result.ddl.push_back(fmt::format("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES) PARTITION BY {} ({});",
                                   qualified(what.schema, parent), qualified(what.schema, what.table),
                                   kStrategies[static_cast<int>(what.strategy)], quote_identifier(what.column)));
  if (const Table* table = catalog.find_table(what.schema, what.table)) {
    add_indexes(parent, scheme, *table, catalog, result.ddl);
  }
  for (const HypotheticalPartition& partition : what.partitions) {
    result.ddl.push_back(fmt::format("CREATE TABLE {} PARTITION OF {} {};", qualified(what.schema, partition.name),
                                     qualified(what.schema, parent), bound(what, partition)));
  }
  result.rollback.push_back("DROP TABLE " + qualified(what.schema, parent) + ";");
  return result;
}

}  // namespace assay
