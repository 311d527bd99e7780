#include "connectors/shadow_indexes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "connectors/shadow_files.h"
#include "connectors/shadow_schema.h"
#include "connectors/sql_value.h"
#include "parser/base/error.h"

namespace assay {
namespace {

/// The relation and, where it is partitioned, everything below it.
constexpr const char* kFamily = R"(
SELECT $1::oid UNION SELECT relid FROM pg_partition_tree($1::oid::regclass))";

constexpr const char* kIndexFamily = R"(
SELECT f.oid, c.relkind, i.indrelid, pg_relation_filepath(c.oid), m.amname
FROM (SELECT x.oid FROM pg_class x JOIN pg_namespace n ON n.oid = x.relnamespace
      WHERE n.nspname = $1 AND x.relname = $2) AS root(oid)
CROSS JOIN LATERAL (SELECT root.oid UNION SELECT relid FROM pg_partition_tree(root.oid::regclass)) AS f(oid)
JOIN pg_class c ON c.oid = f.oid JOIN pg_am m ON m.oid = c.relam JOIN pg_index i ON i.indexrelid = f.oid)";

std::set<std::string> difference(const std::set<std::string>& all, const std::set<std::string>& without) {
  std::set<std::string> rest;
  std::set_difference(all.begin(), all.end(), without.begin(), without.end(), std::inserter(rest, rest.end()));
  return rest;
}

/// For its lifetime the tables are what they are: empty. A session that has not seen a table yet finds the first
/// segment empty and looks no further.
class EmptyTables {
 public:
  explicit EmptyTables(const std::vector<const ShadowRelation*>& tables) : tables_(tables) {
    for (const ShadowRelation* table : tables_) truncate_first_segment(table->file);
  }
  ~EmptyTables() {
    for (const ShadowRelation* table : tables_) restore_first_segment(table->file, table->pages);
  }
  EmptyTables(const EmptyTables&) = delete;
  EmptyTables& operator=(const EmptyTables&) = delete;

 private:
  const std::vector<const ShadowRelation*>& tables_;
};

/// One UPDATE, so that every session sees the change whole: it invalidates their relation caches.
void set_valid(Session& admin, const std::set<std::string>& oids, bool valid) {
  if (oids.empty()) return;
  std::string list;
  for (const std::string& oid : oids) list += (list.empty() ? "{" : ",") + oid;
  admin.query("UPDATE pg_index SET indisvalid = $2::bool WHERE indexrelid = ANY ($1::oid[])",
              {list + "}", valid ? "t" : "f"});
}

/// The table's files and, where it is partitioned, those of everything below it.
std::vector<const ShadowRelation*> files_of_table(Session& admin, const IndexDefinition& definition,
                                                  const ShadowRelations& relations) {
  const auto root = relations.find({definition.schema, definition.table});
  if (root == relations.end()) {
    throw SqlError("the shadow has no table " + definition.schema + "." + definition.table, "42P01");
  }
  std::set<std::string> oids;
  for (const SqlRow& row : admin.query(kFamily, {root->second.oid})) oids.insert(as_text(row[0]));
  std::vector<const ShadowRelation*> files;
  for (const auto& [name, relation] : relations) {
    if (!relation.file.empty() && oids.contains(relation.oid)) files.push_back(&relation);
  }
  return files;
}

}  // namespace

ShadowIndexes::ShadowIndexes(const PrivateCluster& cluster, std::vector<std::string> search_path)
    : cluster_(cluster), search_path_(std::move(search_path)) {}

std::optional<std::string> ShadowIndexes::apply(Session& admin, const PhysicalDesign& design,
                                                const ShadowRelations& relations) {
  std::set<std::string> wanted, unwanted;
  for (const HypotheticalIndex& index : design.created_indexes) {
    const Created& created = find_or_create(admin, index, relations);
    if (created.failure) return created.failure;
    wanted.insert(created.oids.begin(), created.oids.end());
  }
  for (const Created& created : created_) unwanted.insert(created.oids.begin(), created.oids.end());
  for (const IndexName& name : design.dropped_indexes) {
    const auto found = relations.find({name.schema, name.name});
    if (found == relations.end()) continue;
    for (const SqlRow& row : admin.query(kFamily, {found->second.oid})) unwanted.insert(as_text(row[0]));
  }
  const std::set<std::string> invalid = difference(unwanted, wanted);
  set_valid(admin, difference(invalid, invalid_), false);
  set_valid(admin, difference(invalid_, invalid), true);
  invalid_ = invalid;
  return std::nullopt;
}

void ShadowIndexes::refresh(Session& admin) {
  invalid_.clear();
  for (const SqlRow& row : admin.query("SELECT indexrelid FROM pg_index WHERE NOT indisvalid")) {
    invalid_.insert(as_text(row[0]));
  }
}

ShadowIndexes::Created& ShadowIndexes::find_or_create(Session& admin, const HypotheticalIndex& index,
                                                      const ShadowRelations& relations) {
  const auto root = relations.find({index.definition.schema, index.definition.table});
  const std::string table = root == relations.end() ? "" : root->second.oid;
  const auto found = std::find_if(created_.begin(), created_.end(),
                                  [&](const Created& c) { return c.index == index && c.table == table; });
  if (found != created_.end()) return *found;
  drop_namesake(admin, index, table);
  Created& created = created_.emplace_back(Created{index, table, {}, "it could not be created"});
  create(admin, created, relations);
  return created;
}

/// Another candidate of the same name is of an earlier question: a design cannot hold both.
void ShadowIndexes::drop_namesake(Session& admin, const HypotheticalIndex& index, const std::string& table) {
  const auto same_name = [&](const Created& created) {
    return created.index.definition.schema == index.definition.schema &&
           created.index.definition.name == index.definition.name && created.table == table;
  };
  for (const Created& created : created_) {
    if (!same_name(created) || created.failure) continue;
    for (const std::string& oid : created.oids) invalid_.erase(oid);
    admin.query("DROP INDEX " + quote_identifier(index.definition.schema) + "." +
                quote_identifier(index.definition.name));
  }
  std::erase_if(created_, same_name);
}

void ShadowIndexes::create(Session& admin, Created& created, const ShadowRelations& relations) {
  const IndexDefinition& definition = created.index.definition;
  try {
    const std::vector<const ShadowRelation*> tables = files_of_table(admin, definition, relations);
    build(admin, definition, tables);
    show_sizes(admin, created, tables);
    created.failure.reset();
  } catch (const SqlError& refusal) {
    created.failure = std::string("the index ") + definition.name + " cannot be created: " + refusal.what();
  }
}

/// CREATE INDEX reads the whole table, and counts its rows, so the table's figures are set again afterwards.
void ShadowIndexes::build(Session& admin, const IndexDefinition& definition,
                          const std::vector<const ShadowRelation*>& tables) {
  std::optional<SqlError> refusal;
  {
    const EmptyTables empty(tables);
    Session builder = open_planner_session(cluster_, search_path_);
    try {
      builder.query(create_index_sql(definition, false));
    } catch (const SqlError& error) {
      refusal = error;
    }
  }
  for (const ShadowRelation* table : tables) set_figures(admin, *table);
  if (refusal) throw *refusal;
}

/// An index of a partitioned table has no pages of its own: its partitions' indexes share them as the tables do.
void ShadowIndexes::show_sizes(Session& admin, Created& created, const std::vector<const ShadowRelation*>& tables) {
  double all_pages = 0;
  for (const ShadowRelation* table : tables) all_pages += static_cast<double>(table->pages);
  const IndexDefinition& definition = created.index.definition;
  for (const SqlRow& row : admin.query(kIndexFamily, {definition.schema, definition.name})) {
    created.oids.push_back(as_text(row[0]));
    if (!row[3]) continue;
    const auto table = std::find_if(tables.begin(), tables.end(), [&](const auto* t) { return t->oid == row[2]; });
    const double pages = table == tables.end() ? 0 : static_cast<double>((*table)->pages);
    const double share = all_pages > 0 ? pages / all_pages : 1;
    ShadowRelation index;
    index.oid = as_text(row[0]);
    index.kind = 'i';
    index.file = cluster_.data_folder() / *row[3];
    index.pages = static_cast<std::int64_t>(static_cast<double>(created.index.pages) * share);
    index.rows = created.index.rows * share;
    if (row[4] == "btree") index.btree_height = created.index.height;
    inflate(index, cluster_.account());
    set_figures(admin, index);
  }
}

}  // namespace assay
