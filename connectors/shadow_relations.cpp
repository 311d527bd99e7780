#include "connectors/shadow_relations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analyzer/index_size.h"
#include "connectors/shadow_files.h"
#include "connectors/sql_value.h"

namespace assay {
namespace {

constexpr double kMostRows = 1e15;
/// 64 TB: above the largest databases known, below what would flood a file system with segments of 1 GB.
constexpr std::int64_t kMostPagesInAll = std::int64_t{1} << 33;
constexpr int kTallestBtree = 20;

constexpr const char* kRelations = R"(
SELECT n.nspname, c.relname, c.oid, c.relkind, pg_relation_filepath(c.oid), m.amname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am m ON m.oid = c.relam
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')";

/// Bounds hostile figures, and remembers that it had to.
class Bounds {
 public:
  std::int64_t pages(std::int64_t pages) {
    const std::int64_t most = std::min(kMostPages, kMostPagesInAll - total_);
    const std::int64_t bounded = std::clamp<std::int64_t>(pages, 0, most);
    total_ += bounded;
    changed_ += bounded != pages;
    return bounded;
  }
  double rows(double rows) {
    const double bounded = std::isfinite(rows) ? std::clamp(rows, -1.0, kMostRows) : -1;
    changed_ += !(bounded == rows);
    return bounded < 0 ? -1 : bounded;
  }
  int height(int height) {
    const int bounded = std::clamp(height, 0, kTallestBtree);
    changed_ += bounded != height;
    return bounded;
  }
  int changed() const { return changed_; }

 private:
  std::int64_t total_ = 0;
  int changed_ = 0;
};

void take_figures(const Catalog& catalog, Bounds& bounds, ShadowRelations& relations) {
  for (const Table& table : catalog.tables) {
    const auto found = relations.find({table.schema, table.name});
    if (found == relations.end()) continue;
    found->second.pages = found->second.file.empty() ? 0 : bounds.pages(table.pages);
    found->second.rows = bounds.rows(table.rows);
    found->second.all_visible_pages = std::clamp<std::int64_t>(table.all_visible_pages, 0, found->second.pages);
  }
  for (const Index& index : catalog.indexes) {
    const auto found = relations.find({index.definition.schema, index.definition.name});
    const Table* table = catalog.find_table(index.definition.schema, index.definition.table);
    if (found == relations.end() || found->second.file.empty() || !table) continue;
    ShadowRelation& relation = found->second;
    relation.rows = bounds.rows(index.rows);
    if (relation.btree_height >= 0) {
      relation.btree_height =
          bounds.height(index.height >= 0 ? index.height : btree_height(index.definition, *table, index.pages));
    }
    relation.pages = bounds.pages(index.pages);
  }
}

}  // namespace

ShadowRelations find_relations(Session& admin, const PrivateCluster& cluster, const Catalog& catalog,
                               std::vector<std::string>& remarks) {
  ShadowRelations relations;
  for (const SqlRow& row : admin.query(kRelations)) {
    ShadowRelation& relation = relations[{as_text(row[0]), as_text(row[1])}];
    relation.oid = as_text(row[2]);
    relation.kind = row[3]->at(0);
    if (row[4]) relation.file = cluster.data_folder() / *row[4];
    if (relation.kind == 'i' && row[5] == "btree") relation.btree_height = 0;
  }
  Bounds bounds;
  take_figures(catalog, bounds, relations);
  if (bounds.changed() > 0) {
    remarks.push_back(
        fmt::format("{} sizes or row counts of the catalog are impossible and were bounded.", bounds.changed()));
  }
  return relations;
}

void set_figures(Session& admin, const ShadowRelation& relation) { set_figures(admin, {&relation}); }

void set_figures(Session& admin, const std::vector<const ShadowRelation*>& relations) {
  std::string oids, pages, rows, visible;
  for (const ShadowRelation* relation : relations) {
    const char* comma = oids.empty() ? "{" : ",";
    oids += comma + relation->oid;
    pages += fmt::format("{}{}", comma, static_cast<std::int32_t>(relation->pages));  // block numbers, bit for bit
    rows += fmt::format("{}{}", comma, relation->rows);
    visible += fmt::format("{}{}", comma, static_cast<std::int32_t>(relation->all_visible_pages));
  }
  if (relations.empty()) return;
  admin.query(
      "UPDATE pg_class SET relpages = pages, reltuples = rows, relallvisible = visible "
      "FROM unnest($1::oid[], $2::int4[], $3::real[], $4::int4[]) AS f(relation, pages, rows, visible) "
      "WHERE oid = relation",
      {oids + "}", pages + "}", rows + "}", visible + "}"});
}

void inflate(const ShadowRelation& relation, const std::optional<Account>& owner) {
  if (relation.file.empty()) return;
  std::int64_t pages = relation.pages;
  if (relation.btree_height >= 0) {
    write_btree(relation.file, relation.btree_height, relation.ends);
    pages = std::max<std::int64_t>(pages, relation.btree_height + 2);
  }
  if (relation.pages > 0 && relation.kind != 'i') write_visibility_map(relation.file, owner);
  set_length(relation.file, pages, owner);
}

}  // namespace assay
