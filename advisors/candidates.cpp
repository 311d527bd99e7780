#include "advisors/candidates.h"

#include <algorithm>
#include <map>
#include <set>

#include "advisors/rules/rules.h"
#include "advisors/screening.h"

namespace assay {
namespace {

constexpr std::size_t kMostReasons = 4;

const ColumnStatistics* statistics_of(const Table* table, std::string_view name) {
  const Column* column = table ? find_column(*table, name) : nullptr;
  return column && !column->statistics.empty() ? &column->statistics.front() : nullptr;
}

// n_distinct below zero is minus a share of the rows (pg_statistic.stadistinct).
double distinct_values(const Table* table, std::string_view name) {
  const ColumnStatistics* statistics = statistics_of(table, name);
  if (!statistics) return 0;
  return statistics->distinct >= 0 ? statistics->distinct : -statistics->distinct * std::max(table->rows, 0.0);
}

// IS NULL is an equality to a B-tree, but a key for it narrows only where nulls are rare. Soft deletes
// (deleted_at IS NULL, true of nearly every row) are the usual case, and a key in front of all others would be wasted
// on them.
void take_rare_nulls_for_equalities(TableAccess& access, const Table* table) {
  constexpr double kRare = 0.2;
  for (const std::string& column : access.null) {
    const ColumnStatistics* statistics = statistics_of(table, column);
    if (statistics && statistics->null_fraction > 0 && statistics->null_fraction <= kRare)
      access.equal.push_back(column);
  }
}

// a = 1 AND a > 0, ORDER BY b, b: the first key of a column is the one that works.
void drop_repeated_keys(ProposedKeys& proposal) {
  std::vector<IndexKey> keys;
  std::size_t equality_keys = 0;
  for (std::size_t i = 0; i < proposal.keys.size(); ++i) {
    const auto same_column = [&](const IndexKey& key) { return key.column == proposal.keys[i].column; };
    if (std::any_of(keys.begin(), keys.end(), same_column)) continue;
    keys.push_back(proposal.keys[i]);
    if (i < proposal.equality_keys) ++equality_keys;
  }
  proposal.keys = std::move(keys);
  proposal.equality_keys = equality_keys;
}

class Generator {
 public:
  explicit Generator(const Catalog* catalog) : catalog_(catalog) {
    if (!catalog) return;
    for (const Table& table : catalog->tables) names_.insert(table.name);
    for (const Index& index : catalog->indexes) names_.insert(index.definition.name);
  }

  void add_class(const ClassMeaning& meaning, std::size_t position);
  Candidates finish() { return std::move(result_); }

 private:
  void add(const RelationUse& relation, const Table* table, ProposedKeys proposal, std::size_t position);
  bool is_worth_asking(const RelationUse& relation, const Table* table, const ProposedKeys& proposal) const;
  std::string free_name(const IndexDefinition& definition);

  const Catalog* catalog_;
  Candidates result_;
  std::map<std::string, std::size_t> known_;  // by description
  std::set<std::string> names_;
};

void Generator::add_class(const ClassMeaning& meaning, std::size_t position) {
  for (TableAccess& access : table_accesses(*meaning.statement)) {
    const RelationUse& relation = meaning.statement->relations[static_cast<std::size_t>(access.relation)];
    const Table* table = catalog_ ? catalog_->find_table(relation.schema, relation.name) : nullptr;
    take_rare_nulls_for_equalities(access, table);
    const Distinctness distinctness = [&](std::string_view column) {
      const bool null = std::find(access.null.begin(), access.null.end(), column) != access.null.end();
      const ColumnStatistics* statistics = statistics_of(table, column);
      return null && statistics && statistics->null_fraction > 0 ? 1 / statistics->null_fraction
                                                                 : distinct_values(table, column);
    };
    for (const CandidateRule rule : candidate_rules()) {
      for (ProposedKeys& proposal : rule(access, distinctness)) add(relation, table, std::move(proposal), position);
    }
  }
}

bool Generator::is_worth_asking(const RelationUse& relation, const Table* table, const ProposedKeys& proposal) const {
  if (proposal.keys.empty()) return false;
  if (!catalog_) {
    return relation.schema != "pg_catalog" && relation.schema != "information_schema" &&
           !relation.name.starts_with("pg_") && proposal.keys.front().column != "id";
  }
  if (!table || (table->kind != 'r' && table->kind != 'm')) return false;
  const bool suitable = std::all_of(proposal.keys.begin(), proposal.keys.end(), [&](const IndexKey& key) {
    const Column* column = find_column(*table, key.column);
    return column && suits_btree(*column);
  });
  if (!suitable) return false;
  const auto existing = catalog_->indexes_of(*table);
  return std::none_of(existing.begin(), existing.end(), [&](const Index* index) {
    return serves(*index, proposal.keys, proposal.equality_keys) ||
           finds_one_row(*index, proposal.keys, proposal.equality_keys);
  });
}

void Generator::add(const RelationUse& relation, const Table* table, ProposedKeys proposal, std::size_t position) {
  drop_repeated_keys(proposal);
  if (!is_worth_asking(relation, table, proposal)) return;
  IndexDefinition definition;
  definition.schema = table ? table->schema : (relation.schema.empty() ? "public" : relation.schema);
  definition.table = relation.name;
  definition.keys = std::move(proposal.keys);
  const auto [known, is_new] = known_.try_emplace(describe(definition), result_.list.size());
  if (is_new && result_.list.size() >= kMostCandidates) {
    known_.erase(known);
    result_.capped = true;
    return;
  }
  if (is_new) {
    definition.name = free_name(definition);
    result_.list.push_back({.definition = std::move(definition), .equality_keys = proposal.equality_keys});
  }
  Candidate& candidate = result_.list[known->second];
  candidate.equality_keys = std::min(candidate.equality_keys, proposal.equality_keys);
  candidate.stops_at_limit |= proposal.stops_at_limit;
  auto& reasons = candidate.reasons;
  if (reasons.size() < kMostReasons && std::find(reasons.begin(), reasons.end(), proposal.reason) == reasons.end()) {
    reasons.push_back(std::move(proposal.reason));
  }
  if (candidate.classes.empty() || candidate.classes.back() != position) candidate.classes.push_back(position);
}

// As PostgreSQL does when its choice is taken: the same name with a number behind it. Unlike PostgreSQL's, it is free
// in every schema, since EXPLAIN names an index without its schema.
std::string Generator::free_name(const IndexDefinition& definition) {
  std::string name = conventional_index_name(definition);
  for (int i = 1; !names_.insert(name).second; ++i) name = conventional_index_name(definition, i);
  return name;
}

}  // namespace

Candidates generate_candidates(const std::vector<ClassMeaning>& meanings, const std::vector<std::size_t>& asking,
                               const Catalog* catalog) {
  Generator generator(catalog);
  for (const std::size_t position : asking) {
    if (meanings[position].statement) generator.add_class(meanings[position], position);
  }
  return generator.finish();
}

}  // namespace assay
