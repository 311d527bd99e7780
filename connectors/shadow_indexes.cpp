#include "connectors/shadow_indexes.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "connectors/shadow_ends.h"
#include "connectors/shadow_files.h"
#include "connectors/shadow_schema.h"
#include "connectors/sql_value.h"
#include "parser/base/error.h"

namespace assay {
namespace {

/// The relation and, where it is partitioned, everything below it.
constexpr const char* kFamily = R"(
SELECT $1::oid UNION SELECT relid FROM pg_partition_tree($1::oid::regclass) ORDER BY 1)";

constexpr const char* kIndexFamily = R"(
SELECT place - 1, f.oid, i.indrelid, pg_relation_filepath(c.oid), m.amname, c.relname
FROM (SELECT x.oid, place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted(schema, name, place)
      JOIN pg_namespace n ON n.nspname = wanted.schema
      JOIN pg_class x ON x.relnamespace = n.oid AND x.relname = wanted.name) AS root(oid, place)
CROSS JOIN LATERAL (SELECT root.oid UNION SELECT relid FROM pg_partition_tree(root.oid::regclass)) AS f(oid)
JOIN pg_class c ON c.oid = f.oid JOIN pg_am m ON m.oid = c.relam JOIN pg_index i ON i.indexrelid = f.oid
ORDER BY place, f.oid)";

/// Indexes of partitions, each with the name of the whole.
constexpr const char* kParts = R"(
SELECT c.relname, r.relname FROM pg_class c JOIN pg_class r ON r.oid = pg_partition_root(c.oid)
WHERE c.relkind = 'i' AND c.relispartition)";

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

/// As array_in takes it.
std::string array_of(const std::vector<std::string>& elements) {
  std::string text;
  for (const std::string& element : elements) {
    text += text.empty() ? "{\"" : ",\"";
    for (const char c : element) text += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
    text += '"';
  }
  return text.empty() ? "{}" : text + "}";
}

/// Each has a metapage of its own.
std::int64_t part_of(std::int64_t pages, std::size_t parts, double share) {
  if (parts <= 1) return pages;
  const auto own = static_cast<std::int64_t>(parts);
  return 1 + std::llround(static_cast<double>(std::max<std::int64_t>(0, pages - own)) * share);
}

/// Levels above the leaves of a B-tree of so many pages, where one of `whole` pages has `height`.
int height_of_part(std::int64_t pages, std::int64_t whole, int height) {
  constexpr double kUsualFanOut = 284;  // of one bigint key
  if (pages == whole || height <= 0) return height;
  const auto leaves = static_cast<double>(std::max<std::int64_t>(whole - 1, 2));
  double fan = std::max(kUsualFanOut, std::pow(leaves, 1.0 / height));
  if (height > 1) fan = std::min(fan, std::pow(leaves, 1.0 / (height - 1)));
  int levels = 0;
  for (double level = static_cast<double>(pages) - 1; level > 1 && levels < height; level = std::ceil(level / fan)) {
    ++levels;
  }
  return levels;
}

std::string full_name(const IndexDefinition& definition) {
  return quote_identifier(definition.schema) + "." + quote_identifier(definition.name);
}

/// CREATE INDEX folds constants, and a constant may be a call of a function of the schema's.
bool runs_functions(const IndexDefinition& definition) {
  return !definition.predicate.empty() || std::any_of(definition.keys.begin(), definition.keys.end(),
                                                      [](const auto& key) { return key.column.empty(); });
}

}  // namespace

ShadowIndexes::ShadowIndexes(const PrivateCluster& cluster, std::vector<std::string> search_path)
    : cluster_(cluster), search_path_(std::move(search_path)) {}

void ShadowIndexes::create(Session& admin, const std::vector<const HypotheticalIndex*>& indexes,
                           const ShadowRelations& relations) {
  for (; !unfinished_.empty(); unfinished_.pop_back()) admin.query("DROP INDEX IF EXISTS " + unfinished_.back());
  std::vector<Created*> missing;
  std::set<std::string> oids;
  for (const HypotheticalIndex* index : indexes) {
    const auto table = relations.find({index->definition.schema, index->definition.table});
    const std::string oid = table == relations.end() ? "" : table->second.oid;
    Created& created = created_[{oid, index->definition.name}];
    if (created.index == *index) continue;
    drop(admin, created);  // another candidate of that name, of an earlier question
    created = {*index, {}, std::nullopt};
    if (oid.empty()) {
      created.failure = "the index " + index->definition.name + " cannot be created: the shadow has no table " +
                        index->definition.schema + "." + index->definition.table;
      continue;
    }
    const std::vector<std::string>& family = family_of(admin, oid);
    oids.insert(family.begin(), family.end());
    missing.push_back(&created);
  }
  if (missing.empty()) return;
  Tables tables;
  for (const auto& [name, relation] : relations) {
    if (!relation.file.empty() && oids.contains(relation.oid)) tables.push_back(&relation);
  }
  try {
    build(tables, missing);
    show_sizes(admin, missing, tables);
  } catch (...) {  // the others are made anew when they are asked for again
    for (const Created* created : missing) unfinished_.push_back(full_name(created->index.definition));
    std::erase_if(created_, [&](const auto& entry) {
      return !entry.second.failure && std::find(missing.begin(), missing.end(), &entry.second) != missing.end();
    });
    throw;
  }
}

void ShadowIndexes::drop(Session& admin, const Created& created) {
  if (!created.oids.empty()) admin.query("DROP INDEX " + full_name(created.index.definition));
}

/// CREATE INDEX reads the whole table: it must find it empty.
void ShadowIndexes::build(const Tables& tables, const std::vector<Created*>& missing) {
  const EmptyTables empty(tables);
  for (Created* created : missing) build(*created);
}

/// What a function of the schema's has done to the session does not outlive it.
void ShadowIndexes::build(Created& created) {
  const IndexDefinition& definition = created.index.definition;
  const bool alone = runs_functions(definition);
  if (alone || !builder_) builder_ = open_planner_session(cluster_, search_path_);
  try {
    builder_->query(create_index_sql(definition, false));
  } catch (const SqlError& refusal) {
    created.failure = "the index " + definition.name + " cannot be created: " + refusal.what();
  } catch (const Error& lost) {
    created.failure = "the index " + definition.name + " cannot be created: " + lost.what();
    throw;
  }
  if (alone) builder_.reset();
}

void ShadowIndexes::show_sizes(Session& admin, const std::vector<Created*>& built, const Tables& tables) {
  std::vector<std::string> schemas, names;
  std::vector<Created*> existing;
  for (Created* created : built) {
    if (created->failure) continue;
    existing.push_back(created);
    schemas.push_back(created->index.definition.schema);
    names.push_back(created->index.definition.name);
  }
  std::vector<std::string> oids;
  std::vector<SqlRows> families(existing.size());
  for (SqlRow& row : admin.query(kIndexFamily, {array_of(schemas), array_of(names)})) {
    const auto position = as_number<std::size_t>(row[0]);
    existing[position]->oids.push_back(as_text(row[1]));
    oids.push_back(as_text(row[1]));
    wholes_[as_text(row[5])] = names[position];  // its own, or the whole's
    families[position].push_back(std::move(row));
  }
  std::vector<ShadowRelation> files;
  for (std::size_t i = 0; i < existing.size(); ++i) share_out(existing[i]->index, families[i], tables, files);
  if (oids.empty()) return;
  auto ends = find_ends(admin, oids);
  for (ShadowRelation& file : files) {
    file.ends = std::move(ends[file.oid]);
    inflate(file, cluster_.account());
  }
  admin.query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = ANY ($1::oid[])", {array_of(oids)});
  Tables figures = tables;  // CREATE INDEX has counted the rows of its table
  for (const ShadowRelation& file : files) figures.push_back(&file);
  set_figures(admin, figures);
}

/// An index of a partitioned table has no pages of its own: its partitions' indexes share them as the tables do.
void ShadowIndexes::share_out(const HypotheticalIndex& whole, const SqlRows& family, const Tables& tables,
                              std::vector<ShadowRelation>& files) const {
  const auto pages_below = [&](const SqlRow& row) {
    const auto table = std::find_if(tables.begin(), tables.end(), [&](const auto* t) { return t->oid == row[2]; });
    if (!row[3] || table == tables.end()) return 0.0;
    return (*table)->rows > 0 ? (*table)->rows : static_cast<double>((*table)->pages);
  };
  double all_pages = 0;
  std::size_t parts = 0;
  for (const SqlRow& row : family) {
    all_pages += pages_below(row);
    parts += row[3] ? 1 : 0;
  }
  for (const SqlRow& row : family) {
    if (!row[3]) continue;
    const double share = all_pages > 0 ? pages_below(row) / all_pages : 1;
    ShadowRelation& index = files.emplace_back();
    index.oid = as_text(row[1]);
    index.kind = 'i';
    index.file = cluster_.data_folder() / *row[3];
    index.pages = part_of(whole.pages, parts, share);
    index.rows = whole.rows * share;
    if (row[4] == "btree") index.btree_height = height_of_part(index.pages, whole.pages, whole.height);
  }
}

const std::vector<std::string>& ShadowIndexes::family_of(Session& admin, const std::string& oid) {
  std::vector<std::string>& family = families_[oid];
  if (family.empty()) {
    for (const SqlRow& row : admin.query(kFamily, {oid})) family.push_back(as_text(row[0]));
  }
  return family;
}

void ShadowIndexes::name_wholes(Session& admin, PlanNode& plan) {
  if (!knows_parts_) {
    for (const SqlRow& row : admin.query(kParts)) wholes_.try_emplace(as_text(row[0]), as_text(row[1]));
    knows_parts_ = true;
  }
  const auto whole = wholes_.find(plan.index);
  if (whole != wholes_.end()) plan.index = whole->second;
  for (PlanNode& child : plan.children) name_wholes(admin, child);
}

std::variant<IndexMarks, std::string> ShadowIndexes::marks(Session& admin, const PhysicalDesign& design,
                                                           const ShadowRelations& relations) {
  IndexMarks marks;
  for (const HypotheticalIndex& index : design.created_indexes) {
    const auto table = relations.find({index.definition.schema, index.definition.table});
    const Created& created = created_.at({table == relations.end() ? "" : table->second.oid, index.definition.name});
    if (created.failure) return *created.failure;
    marks.shown.insert(marks.shown.end(), created.oids.begin(), created.oids.end());
  }
  for (const IndexName& name : design.dropped_indexes) {
    const auto found = relations.find({name.schema, name.name});
    if (found == relations.end()) continue;
    const std::vector<std::string>& family = family_of(admin, found->second.oid);
    marks.hidden.insert(marks.hidden.end(), family.begin(), family.end());
  }
  return marks;
}

}  // namespace assay
