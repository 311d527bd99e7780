#include "connectors/shadow_partitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "connectors/shadow_partition_statistics.h"
#include "connectors/shadow_schema.h"
#include "connectors/sql_value.h"
#include "parser/sql/ddl.h"

namespace assay {
namespace {

constexpr const char* kStrategies[] = {"RANGE", "LIST", "HASH"};
constexpr std::size_t kMostPartitions = 1000;

constexpr const char* kIndexes = R"(
SELECT i.indexrelid, c.relname, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::oid AND i.indisvalid ORDER BY c.relname)";

/// What the twin's schema holds, each with the name that its root bears.
constexpr const char* kTwinRelations = R"(
SELECT c.oid, c.relname, c.relkind, pg_relation_filepath(c.oid), m.amname, r.relname, t.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid)
LEFT JOIN pg_class r ON r.oid = pg_partition_root(c.oid)
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'i', 'I'))";

constexpr const char* kParentIndexes = R"(
SELECT c.relname, r.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class r ON r.oid = pg_partition_root(c.oid) WHERE n.nspname = $1 AND c.relkind = 'i')";

void rename_indexes(PlanNode& plan, const std::map<std::string, std::string>& names) {
  const auto found = names.find(plan.index);
  if (found != names.end()) plan.index = found->second;
  for (PlanNode& child : plan.children) rename_indexes(child, names);
}

std::string twin_schema(const std::string& number) { return "assay_twin_" + number; }
std::string aside_schema(const std::string& number) { return "assay_aside_" + number; }

/// Levels of a B-tree of so many pages, where one of `whole` pages has `height`.
int height_of_part(std::int64_t pages, std::int64_t whole, int height) {
  constexpr double kUsualFanOut = 284;  // of one bigint key
  double fan = kUsualFanOut;
  if (height > 0) {
    const auto leaves = static_cast<double>(std::max<std::int64_t>(whole, 3));
    fan = std::max(fan, std::pow(leaves, 1.0 / height));
    if (height > 1) fan = std::min(fan, std::pow(leaves, 1.0 / (height - 1)));
  }
  int levels = 0;
  for (double level = static_cast<double>(pages) - 1; level > 1 && levels < height; level = std::ceil(level / fan)) {
    ++levels;
  }
  return levels;
}

std::int64_t part_of(std::int64_t pages, double share) {
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(pages) * share));
}

/// Every B-tree has a metapage and, above a single leaf, a root.
std::int64_t part_of_btree(std::int64_t pages, double share) {
  constexpr std::int64_t kOwn = 2;
  return pages <= kOwn ? pages : part_of(pages - kOwn, share) + kOwn;
}

}  // namespace

ShadowPartitions::ShadowPartitions(const PrivateCluster& cluster, std::vector<std::string> search_path,
                                   ShadowRelations relations)
    : cluster_(cluster), search_path_(std::move(search_path)), base_(std::move(relations)), current_(base_) {}

std::optional<std::string> ShadowPartitions::apply(Session& admin,
                                                   const std::vector<HypotheticalPartitioning>& wanted) {
  if (wanted.empty() && in_place_.empty()) return std::nullopt;
  std::vector<std::size_t> positions;
  for (const HypotheticalPartitioning& partitioning : wanted) {
    const std::size_t position = find_or_create(admin, partitioning);
    if (twins_[position].failure) return twins_[position].failure;
    positions.push_back(position);
  }
  std::sort(positions.begin(), positions.end());
  if (positions == in_place_) return std::nullopt;
  put_back(admin);
  for (const std::size_t position : positions) {
    swap(admin, twins_[position], true);
    in_place_.push_back(position);
    for (const auto& [name, relation] : twins_[position].relations) current_[name] = relation;
  }
  return std::nullopt;
}

void ShadowPartitions::put_back(Session& admin) {
  while (!in_place_.empty()) {
    swap(admin, twins_[in_place_.back()], false);
    in_place_.pop_back();
  }
  current_ = base_;
}

void ShadowPartitions::name_indexes(Session& admin, const std::vector<PlanNode*>& plans) const {
  std::map<std::string, std::string> names;
  for (const std::size_t position : in_place_) {
    for (const SqlRow& row : admin.query(kParentIndexes, {twin_schema(twins_[position].number)})) {
      names[as_text(row[0])] = as_text(row[1]);
    }
  }
  if (names.empty()) return;
  for (PlanNode* plan : plans) rename_indexes(*plan, names);
}

/// Twins are made while the tables stand in their own places.
std::size_t ShadowPartitions::find_or_create(Session& admin, const HypotheticalPartitioning& wanted) {
  const auto found =
      std::find_if(twins_.begin(), twins_.end(), [&](const Twin& twin) { return twin.partitioning == wanted; });
  if (found != twins_.end()) return static_cast<std::size_t>(found - twins_.begin());
  put_back(admin);
  twins_.push_back({wanted, std::to_string(twins_.size() + 1), {}, "it could not be created"});
  create(admin, twins_.back());
  return twins_.size() - 1;
}

void ShadowPartitions::create(Session& admin, Twin& twin) {
  const HypotheticalPartitioning& what = twin.partitioning;
  try {
    if (what.partitions.empty() || what.partitions.size() > kMostPartitions) {
      throw SqlError(fmt::format("it has {} partitions; 1 to {} are planned", what.partitions.size(), kMostPartitions),
                     "54000");
    }
    Session builder = open_planner_session(cluster_, search_path_);
    build(admin, builder, twin);
    twin.failure.reset();
  } catch (const SqlError& refusal) {
    twin.failure = "the table " + what.table + " cannot be partitioned: " + refusal.what();
  }
}

void ShadowPartitions::build(Session& admin, Session& builder, Twin& twin) {
  const HypotheticalPartitioning& what = twin.partitioning;
  PartitionKey key = find_partition_key(admin, what);
  for (const std::string& schema : {twin_schema(twin.number), aside_schema(twin.number)}) {
    admin.query(fmt::format("CREATE SCHEMA {} AUTHORIZATION {}", schema, kPlannerRole));
  }
  const std::string root = twin_schema(twin.number) + "." + quote_identifier(what.table);
  builder.query(
      fmt::format("CREATE TABLE {} (LIKE {}.{} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS) "
                  "PARTITION BY {} ({})",
                  root, quote_identifier(what.schema), quote_identifier(what.table),
                  kStrategies[static_cast<int>(what.strategy)], quote_identifier(what.column)));
  key.twin = as_text(admin.query("SELECT $1::text::regclass::oid", {root}).at(0)[0]);
  for (const HypotheticalPartition& partition : what.partitions) {
    builder.query("CREATE TABLE " + twin_schema(twin.number) + "." + quote_identifier(partition.name) +
                  " PARTITION OF " + root + " " + bound_sql(what, partition));
  }
  for (const SqlRow& row : admin.query(kIndexes, {key.table})) {
    if (!base_.contains({what.schema, as_text(row[1])})) continue;  // another design's
    Diagnostics ignored;
    const std::vector<DdlStatement> parsed = parse_ddl(as_text(row[2]), "twin", ignored);
    if (parsed.size() != 1) continue;
    IndexDefinition index = parsed[0].index;
    const auto is_key = [&](const IndexKey& k) { return k.column == what.column; };
    if (index.unique && std::none_of(index.keys.begin(), index.keys.end(), is_key)) {
      index.keys.emplace_back().column = what.column;
    }
    index.schema = twin_schema(twin.number);
    builder.query(create_index_sql(index, false));
  }
  const std::vector<double> shares = partition_shares(builder, what, key);
  show_figures(admin, twin, shares);

  for (std::size_t i = 0; i < shares.size(); ++i) {
    const auto found = twin.relations.find({twin_schema(twin.number), what.partitions[i].name});
    if (found == twin.relations.end()) continue;
    cut_key_statistics(admin, builder, what, what.partitions[i], key, found->second.oid, shares[i]);
  }
}

/// Rows, pages, heights and statistics of the partitions and their indexes, by their shares.
void ShadowPartitions::show_figures(Session& admin, Twin& twin, const std::vector<double>& shares) {
  const HypotheticalPartitioning& what = twin.partitioning;
  for (const SqlRow& row : admin.query(kTwinRelations, {twin_schema(twin.number)})) {
    ShadowRelation relation;
    relation.oid = as_text(row[0]);
    relation.kind = row[2]->at(0);
    if (row[3]) relation.file = cluster_.data_folder() / *row[3];
    const auto original = base_.find({what.schema, row[5] ? *row[5] : as_text(row[1])});
    if (original == base_.end()) continue;
    const ShadowRelation& whole = original->second;
    const auto partition = std::find_if(what.partitions.begin(), what.partitions.end(),
                                        [&](const HypotheticalPartition& p) { return p.name == as_text(row[6]); });
    const double share =
        partition == what.partitions.end() ? 1 : shares[static_cast<std::size_t>(partition - what.partitions.begin())];
    relation.rows = whole.rows < 0 ? -1 : std::floor(whole.rows * share + 0.5);
    if (!relation.file.empty()) {
      relation.pages = row[4] == "btree" ? part_of_btree(whole.pages, share) : part_of(whole.pages, share);
      relation.all_visible_pages = std::min(relation.pages, part_of(whole.all_visible_pages, share));
      if (row[4] == "btree") {
        relation.btree_height = height_of_part(relation.pages, whole.pages, std::max(0, whole.btree_height));
      }
      inflate(relation, cluster_.account());
    }
    set_figures(admin, relation);
    const bool is_root = relation.kind == 'p' || relation.kind == 'I';
    copy_statistics(admin, whole.oid, relation.oid, is_root, relation.rows);
    twin.relations[{is_root ? what.schema : twin_schema(twin.number), as_text(row[1])}] = relation;
  }
}

void ShadowPartitions::swap(Session& admin, const Twin& twin, bool in) {
  const std::string schema = quote_identifier(twin.partitioning.schema);
  const std::string table = quote_identifier(twin.partitioning.table);
  const std::string aside = aside_schema(twin.number), made = twin_schema(twin.number);
  const auto move = [&](const std::string& from, const std::string& to) {
    admin.query(fmt::format("ALTER TABLE {}.{} SET SCHEMA {}", from, table, to));
  };
  admin.query("BEGIN");
  try {
    move(schema, in ? aside : made);
    move(in ? made : aside, schema);
    admin.query("COMMIT");
  } catch (const SqlError&) {
    roll_back(admin);
    throw;
  }
}

}  // namespace assay
