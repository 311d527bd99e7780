#include "advisors/candidates.h"

#include <algorithm>
#include <map>
#include <set>

#include "advisors/merging.h"
#include "advisors/rules/foreign_key.h"
#include "advisors/rules/rules.h"
#include "advisors/screening.h"
#include "analyzer/partitioned_tables.h"

namespace assay {
namespace {

constexpr std::size_t kMostReasons = 4;

// IS NULL is an equality to a B-tree, but a key for it narrows only where nulls are rare. Soft deletes
// (deleted_at IS NULL, true of nearly every row) are the usual case, and a key in front of all others would be wasted
// on them.
void take_rare_nulls_for_equalities(TableAccess& access, const TableFacts& facts) {
  constexpr double kRare = 0.2;
  for (const std::string& column : access.null) {
    const double nulls = facts.share_of_nulls(column).value_or(0);
    if (nulls > 0 && nulls <= kRare) access.equal.push_back(column);
  }
  for (auto& branches : access.disjunctions) {
    for (TableAccess& branch : branches)
      std::erase_if(branch.null, [&](const std::string& column) {
        const double nulls = facts.share_of_nulls(column).value_or(0);
        return nulls <= 0 || nulls > kRare;
      });
  }
}

/// Conditions whose value is the same in all sampled executions: a partial index for another value is of no use.
/// One or two executions prove nothing.
class StableConstants {
 public:
  explicit StableConstants(const ClassMeaning& meaning) : meaning_(meaning) {}

  bool is_stable(const ConstantCondition& condition) {
    if (condition.kind != PredicateKind::kEqual) return true;  // IS NULL is part of the shape
    read();
    return executions_ >= kProof && std::all_of(others_.begin(), others_.end(), [&](const Statement& other) {
             return other.predicates.size() == meaning_.statement->predicates.size() &&
                    other.predicates[condition.predicate].value == condition.value;
           });
  }

 private:
  static constexpr double kProof = 3;

  void read() {
    if (is_read_) return;
    is_read_ = true;
    for (const WeightedQuery& query : meaning_.plannable) {
      executions_ += query.weight;
      if (auto statement = parse_statement(query.query.sql).statement) others_.push_back(std::move(*statement));
    }
  }

  const ClassMeaning& meaning_;
  bool is_read_ = false;
  double executions_ = 0;
  std::vector<Statement> others_;
};

// a = 1 AND a > 0, ORDER BY b, b: the first key of a column is the one that works.
void drop_repeated_keys(ProposedIndex& proposal) {
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

std::vector<ProposedIndex> proposals_for(const TableAccess& access, const TableFacts& facts) {
  std::vector<ProposedIndex> proposals;
  for (const CandidateRule rule : candidate_rules()) {
    for (ProposedIndex& proposal : rule(access, facts)) proposals.push_back(std::move(proposal));
  }
  for (ProposedIndex& partial : partial_rule(access, facts)) proposals.push_back(std::move(partial));
  for (ProposedIndex& covering : covering_rule(access, facts, proposals)) proposals.push_back(std::move(covering));
  return proposals;
}

/// A B-tree reads both ways: behind the equalities, (a DESC, b) is the same index as (a, b DESC).
std::string identity_of(IndexDefinition index, std::size_t equality_keys) {
  const bool turned = equality_keys < index.keys.size() && index.keys[equality_keys].descending;
  for (std::size_t i = equality_keys; turned && i < index.keys.size(); ++i) {
    index.keys[i].descending = !index.keys[i].descending;
    index.keys[i].nulls_first = !index.keys[i].nulls_first;
  }
  return describe(index);
}

// As PostgreSQL does when its choice is taken: the same name with a number behind it. Unlike PostgreSQL's, it is free
// in every schema, since EXPLAIN names an index without its schema.
class IndexNames {
 public:
  explicit IndexNames(const Catalog* catalog) {
    if (!catalog) return;
    for (const Table& table : catalog->tables) {
      names_.insert(table.name);
      if (!table.parents.empty()) partitions_.insert(table.name);
    }
    for (const Index& index : catalog->indexes) names_.insert(index.definition.name);
  }

  void add(const std::string& name) { names_.insert(name); }

  std::string take(IndexDefinition definition) {
    // The conventional name on a partition is that of a part of the whole table's index.
    if (partitions_.contains(definition.table)) definition.table += "_only";
    std::string name = conventional_index_name(definition);
    for (int i = 1; !names_.insert(name).second; ++i) name = conventional_index_name(definition, i);
    return name;
  }

 private:
  std::set<std::string> partitions_;
  std::set<std::string> names_;
};

class Generator {
 public:
  explicit Generator(const Catalog* catalog) : catalog_(catalog), names_(catalog) {}

  void add_class(const ClassMeaning& meaning, std::size_t position);
  Candidates finish() { return std::move(result_); }

 private:
  bool add(const RelationUse& relation, const TableFacts& facts, ProposedIndex proposal, std::size_t position);
  bool is_worth_asking(const RelationUse& relation, const TableFacts& facts, const ProposedIndex& proposal);
  bool exists(const Table& table, const ProposedIndex& proposal) const;
  bool exists_on_leaves(const Table& table, const ProposedIndex& proposal);
  Candidate* find_or_add(IndexDefinition definition, std::size_t equality_keys);

  const Catalog* catalog_;
  Candidates result_;
  std::map<std::string, std::size_t> known_;  // by identity_of()
  IndexNames names_;
  std::map<const Table*, std::vector<const Table*>> leaves_;
};

void Generator::add_class(const ClassMeaning& meaning, std::size_t position) {
  StableConstants constants(meaning);
  std::size_t room = kMostOfAClass;
  for (TableAccess& access : table_accesses(*meaning.statement)) {
    const RelationUse& relation = meaning.statement->relations[static_cast<std::size_t>(access.relation)];
    const Table* table = catalog_ ? catalog_->find_table(relation.schema, relation.name) : nullptr;
    const TableFacts facts(catalog_, table);
    take_rare_nulls_for_equalities(access, facts);
    std::erase_if(access.constants,
                  [&](const ConstantCondition& condition) { return !constants.is_stable(condition); });
    for (ProposedIndex& proposal : proposals_for(access, facts)) {
      if (room > 0 && add(relation, facts, std::move(proposal), position)) --room;
    }
  }
  if (!catalog_) return;
  for (ForeignKeyProposal& proposal : foreign_key_proposals(*meaning.statement, *catalog_)) {
    const RelationUse referring{.schema = proposal.table->schema, .name = proposal.table->name};
    add(referring, TableFacts(catalog_, proposal.table), std::move(proposal.index), position);
  }
}

bool Generator::is_worth_asking(const RelationUse& relation, const TableFacts& facts, const ProposedIndex& proposal) {
  if (proposal.keys.empty()) return false;
  if (!catalog_) {
    return relation.schema != "pg_catalog" && relation.schema != "information_schema" &&
           !relation.name.starts_with("pg_") && proposal.keys.front().column != "id";
  }
  const Table* table = facts.table();
  if (!table || (table->kind != 'r' && table->kind != 'm' && table->kind != 'p')) return false;
  if (!proposal.extension.empty() && !facts.has_extension(proposal.extension).value_or(false)) return false;
  const bool suitable = std::all_of(proposal.keys.begin(), proposal.keys.end(), [&](const IndexKey& key) {
    const Column* column = find_column(*table, key.column);
    return key.column.empty() || (column && (proposal.method != "btree" || suits_btree(*column)));
  });
  return suitable && !exists(*table, proposal) && !exists_on_leaves(*table, proposal);
}

/// An index on each partition is as good as one of the whole.
bool Generator::exists_on_leaves(const Table& table, const ProposedIndex& proposal) {
  if (table.kind != 'p') return false;
  const auto [found, is_new] = leaves_.try_emplace(&table);
  if (is_new) found->second = leaves_of(*catalog_, table);
  const std::vector<const Table*>& leaves = found->second;
  return !leaves.empty() &&
         std::all_of(leaves.begin(), leaves.end(), [&](const Table* leaf) { return exists(*leaf, proposal); });
}

bool Generator::exists(const Table& table, const ProposedIndex& proposal) const {
  IndexDefinition wanted;
  wanted.method = proposal.method;
  wanted.keys = proposal.keys;
  wanted.include = proposal.include;
  wanted.predicate = proposal.predicate;
  // A full index that has the predicate's column for an equality key before the others is as good as a partial one.
  std::vector<IndexKey> with_predicate = ascending_keys({proposal.predicate_column});
  with_predicate.insert(with_predicate.end(), proposal.keys.begin(), proposal.keys.end());
  const auto existing = catalog_->indexes_of(table);
  return std::any_of(existing.begin(), existing.end(), [&](const Index* index) {
    const bool full_does = !proposal.predicate.empty() && proposal.include.empty() &&
                           serves(*index, with_predicate, proposal.equality_keys + 1);
    return full_does || serves(*index, wanted, proposal.equality_keys) ||
           finds_one_row(*index, proposal.keys, proposal.equality_keys);
  });
}

/// True when it is a candidate of that class now.
bool Generator::add(const RelationUse& relation, const TableFacts& facts, ProposedIndex proposal,
                    std::size_t position) {
  drop_repeated_keys(proposal);
  if (!is_worth_asking(relation, facts, proposal)) return false;
  IndexDefinition definition;
  definition.schema = facts.table() ? facts.table()->schema : (relation.schema.empty() ? "public" : relation.schema);
  definition.table = relation.name;
  definition.method = proposal.method;
  definition.keys = std::move(proposal.keys);
  definition.include = std::move(proposal.include);
  definition.predicate = std::move(proposal.predicate);
  Candidate* candidate = find_or_add(std::move(definition), proposal.equality_keys);
  if (candidate == nullptr) return false;
  candidate->equality_keys = std::min(candidate->equality_keys, proposal.equality_keys);
  candidate->stops_at_limit |= proposal.stops_at_limit;
  candidate->needs_extension = facts.has_extension(proposal.extension).value_or(false) ? "" : proposal.extension;
  auto& reasons = candidate->reasons;
  if (reasons.size() < kMostReasons && std::find(reasons.begin(), reasons.end(), proposal.reason) == reasons.end()) {
    reasons.push_back(std::move(proposal.reason));
  }
  if (!candidate->classes.empty() && candidate->classes.back() == position) return false;
  candidate->classes.push_back(position);
  return true;
}

/// Null when there is no room for a new one.
Candidate* Generator::find_or_add(IndexDefinition definition, std::size_t equality_keys) {
  const auto [known, is_new] = known_.try_emplace(identity_of(definition, equality_keys), result_.list.size());
  if (is_new && result_.list.size() >= kMostCandidates) {
    known_.erase(known);
    result_.capped = true;
    return nullptr;
  }
  if (is_new) {
    definition.name = names_.take(definition);
    result_.list.push_back({.definition = std::move(definition), .equality_keys = equality_keys});
  }
  return &result_.list[known->second];
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

std::vector<Candidate> merged_candidates(const std::vector<const Candidate*>& candidates, const Catalog& catalog) {
  IndexNames names(&catalog);
  for (const Candidate* candidate : candidates) names.add(candidate->definition.name);
  std::vector<Candidate> result;
  for (MergedCandidate& merged : merges_of(candidates)) {
    merged.definition.name = names.take(merged.definition);
    result.push_back({.definition = std::move(merged.definition),
                      .equality_keys = merged.equality_keys,
                      .stops_at_limit = merged.stops_at_limit,
                      .reasons = {std::move(merged.reason)},
                      .classes = std::move(merged.classes)});
  }
  return result;
}

}  // namespace assay
