#include "advisors/drop_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "advisors/coverage.h"
#include "advisors/fragility.h"
#include "advisors/index_steps.h"
#include "advisors/judged_classes.h"
#include "advisors/screening.h"

namespace assay {
namespace {

constexpr double kMostTimesLarger = 4;
constexpr double kRowsWorthAnIndex = 1000;

bool is_protected(const Index& index) { return index.definition.unique || index.primary || !index.constraint.empty(); }

bool same_table(const IndexDefinition& a, const IndexDefinition& b) {
  return a.table == b.table && a.schema == b.schema;
}

bool same_structure(const IndexDefinition& a, const IndexDefinition& b) {
  return same_table(a, b) && a.method == b.method && a.keys == b.keys && a.include == b.include &&
         a.predicate == b.predicate;
}

/// A B-tree on plain columns that the other begins with.
bool is_prefix(const IndexDefinition& small, const Index& large) {
  return same_table(small, large.definition) && small.method == "btree" && small.predicate.empty() &&
         small.include.empty() && small.keys.size() < large.definition.keys.size() && serves(large, small.keys, 0);
}

bool begins_with_column_of(const IndexDefinition& index, const ForeignKey& key) {
  return same_table(index, IndexDefinition{.schema = key.schema, .table = key.table}) && index.predicate.empty() &&
         !index.keys.empty() &&
         std::find(key.columns.begin(), key.columns.end(), index.keys.front().column) != key.columns.end();
}

class DropAdvisor {
 public:
  DropAdvisor(const DropContext& context, WhatIf& whatif) : context_(context), whatif_(whatif) {
    const Catalog& catalog = context.catalog;
    if (catalog.statistics_reset && catalog.taken_at) {
      const auto age = catalog.taken_at->utc - catalog.statistics_reset->utc;
      days_ = static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(age).count()) / 86400;
    }
    for (const JudgedClass& query : context.classes) note_used(query);
  }

  DropAdvice run();

 private:
  void note_used(const JudgedClass& query);
  std::optional<DropIndex> reason_to_drop(const Index& index);
  std::optional<DropIndex> replaced(const Index& index) const;
  bool supports_foreign_key(const Index& index) const;
  bool is_of_partition(const Index& index) const;
  bool makes_slower(const Index& index);
  Recommendation recommend(const Index& index, DropIndex change) const;

  const DropContext& context_;
  WhatIf& whatif_;
  std::optional<double> days_;
  std::set<std::string> used_;  // by a plan of today or of the final design
  std::set<const Index*> dropped_;
  DropAdvice result_;
};

void DropAdvisor::note_used(const JudgedClass& query) {
  for (const JudgedValue& value : query.values) {
    for (const PlanNode* plan : {value.today, value.final}) {
      if (!plan) continue;
      for (std::string& name : used_indexes(*plan)) used_.insert(std::move(name));
    }
  }
}

// One of a single partition: a part of the whole table's index cannot be dropped alone, and one of its own serves that
// partition for a reason.
bool DropAdvisor::is_of_partition(const Index& index) const {
  const Table* table = context_.catalog.find_table(index.definition.schema, index.definition.table);
  return !table || !table->parents.empty();
}

// The last one by which the rows that refer to a deleted one are found. Unique ones serve the other side, and stay.
bool DropAdvisor::supports_foreign_key(const Index& index) const {
  const auto& keys = context_.catalog.foreign_keys;
  return std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) {
    if (!begins_with_column_of(index.definition, key)) return false;
    const auto& all = context_.catalog.indexes;
    return std::none_of(all.begin(), all.end(), [&](const Index& other) {
      return &other != &index && !dropped_.contains(&other) && other.valid &&
             begins_with_column_of(other.definition, key);
    });
  });
}

std::optional<DropIndex> DropAdvisor::replaced(const Index& index) const {
  const auto change = [&](DropReason why, const std::string& instead, const std::string& after = "") {
    return DropIndex{.index = index.definition, .why = why, .instead = instead, .after = after};
  };
  for (const Index& other : context_.catalog.indexes) {
    if (&other == &index || !other.valid || dropped_.contains(&other)) continue;
    if (same_structure(index.definition, other.definition))
      return change(DropReason::kDuplicate, other.definition.name);
  }
  for (const Index& other : context_.catalog.indexes) {
    if (&other == &index || !other.valid || dropped_.contains(&other)) continue;
    const bool bearable =
        index.pages <= 0 || static_cast<double>(other.pages) <= kMostTimesLarger * static_cast<double>(index.pages);
    if (bearable && is_prefix(index.definition, other)) return change(DropReason::kPrefix, other.definition.name);
  }
  for (const Recommendation& item : context_.recommended) {
    const auto* created = std::get_if<CreateIndex>(&item.change);
    if (!created || !is_prefix(index.definition, Index{.definition = created->index})) continue;
    return change(DropReason::kSuperseded, created->index.name, item.id);
  }
  return std::nullopt;
}

// Planned with the chosen design and without this one: for the classes whose plans hold it.
bool DropAdvisor::makes_slower(const Index& index) {
  std::vector<Question> questions;
  std::vector<double> costs;
  for (const JudgedClass& query : context_.classes) {
    for (const JudgedValue& value : query.values) {
      const PlanNode& plan = value.final ? *value.final : *value.today;
      const std::vector<std::string> used = used_indexes(plan);
      if (std::find(used.begin(), used.end(), index.definition.name) == used.end()) continue;
      questions.push_back({query.position,
                           value.value,
                           value.final ? context_.chosen : Configuration{},
                           false,
                           {{index.definition.schema, index.definition.name}}});
      costs.push_back(plan.total_cost);
    }
  }
  const auto answers = whatif_.ask(questions);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto* plan = answers[i] ? std::get_if<PlanNode>(answers[i]) : nullptr;
    if (!plan || plan->total_cost > kRegression * costs[i]) return true;
  }
  return false;
}

std::optional<DropIndex> DropAdvisor::reason_to_drop(const Index& index) {
  if (is_protected(index) || is_of_partition(index)) return std::nullopt;
  // Of a partitioned table: the parts that are attached already are used all the same.
  const bool is_whole = context_.catalog.find_table(index.definition.schema, index.definition.table)->kind == 'p';
  if (!index.valid && is_whole) return std::nullopt;
  if (!index.valid) return DropIndex{.index = index.definition, .why = DropReason::kInvalid};
  if (auto change = replaced(index)) {
    const bool last = change->why != DropReason::kSuperseded && supports_foreign_key(index);
    if (!last && !makes_slower(index)) return change;
    return std::nullopt;
  }
  if (index.scans != 0 || used_.contains(index.definition.name) || supports_foreign_key(index)) return std::nullopt;
  if (!days_ || *days_ < kLeastStatisticsDays) {
    ++result_.unused_but_young;
    return std::nullopt;
  }
  return DropIndex{.index = index.definition, .why = DropReason::kUnused};
}

std::string told(const DropIndex& change) {
  switch (change.why) {
    case DropReason::kDuplicate:
      return "the same as " + change.instead;
    case DropReason::kPrefix:
      return change.instead + " begins with its keys";
    case DropReason::kSuperseded:
      return change.instead + ", which " + change.after + " creates, begins with its keys";
    case DropReason::kInvalid:
      return "invalid: no plan can use it, and writers keep it";
    case DropReason::kUnused:
      break;
  }
  return fmt::format("not scanned in {:.0f} days of statistics, and in no plan of the log's statements",
                     change.statistics_days.value_or(0));
}

Recommendation DropAdvisor::recommend(const Index& index, DropIndex change) const {
  change.scans = index.scans;
  change.statistics_days = days_;
  change.writes = write_load(index.definition, 1, context_.workload, context_.meanings, context_.database,
                             context_.catalog, context_.rows);
  const IndexSteps steps = drop_steps(index, context_.catalog);
  Recommendation item{.database = context_.database, .table = index.definition.schema + '.' + index.definition.table};
  item.size_bytes = index.pages * 8192;
  item.evidence = whatif_.model().model().evidence();
  item.ddl = steps.ddl;
  item.rollback = steps.rollback;
  item.gain_ms_per_s = change.writes.price_ms_per_s;
  item.reasons = {told(change)};
  item.change = std::move(change);
  return item;
}

DropAdvice DropAdvisor::run() {
  for (const Index& index : context_.catalog.indexes) {
    auto change = reason_to_drop(index);
    if (!change) continue;
    dropped_.insert(&index);
    result_.drops.push_back(recommend(index, std::move(*change)));
  }
  std::stable_sort(result_.drops.begin(), result_.drops.end(),
                   [](const auto& a, const auto& b) { return a.gain_ms_per_s > b.gain_ms_per_s; });
  int number = 0;
  for (Recommendation& item : result_.drops) item.id = fmt::format("D{}", ++number);
  return std::move(result_);
}

}  // namespace

DropAdvice advise_drops(const DropContext& context, WhatIf& whatif) { return DropAdvisor(context, whatif).run(); }

std::vector<BareForeignKey> bare_foreign_keys(const DropContext& context) {
  std::vector<BareForeignKey> bare;
  for (const ForeignKey& key : context.catalog.foreign_keys) {
    const Table* table = context.catalog.find_table(key.schema, key.table);
    if (!table || table->rows < kRowsWorthAnIndex || has_index(key, context.catalog)) continue;
    const bool coming = std::any_of(context.recommended.begin(), context.recommended.end(), [&](const auto& item) {
      const auto* created = std::get_if<CreateIndex>(&item.change);
      return created && begins_with_column_of(created->index, key);
    });
    if (coming) continue;
    BareForeignKey found{.table = key.schema + '.' + key.table,
                         .referenced_table = key.referenced_schema + '.' + key.referenced_table,
                         .columns = key.columns,
                         .rows = table->rows};
    const Table* referenced = context.catalog.find_table(key.referenced_schema, key.referenced_table);
    for (const JudgedClass& query : context.classes) {
      const Statement& statement = *context.meanings[query.position].statement;
      const bool deletes = statement.kind == StatementKind::kDelete &&
                           std::any_of(statement.relations.begin(), statement.relations.end(), [&](const auto& use) {
                             return use.written && context.catalog.find_table(use.schema, use.name) == referenced;
                           });
      if (deletes) found.deletes_per_s += query.calls_per_s * rows_written(query);
    }
    IndexDefinition index{.schema = key.schema, .table = key.table};
    for (const std::string& column : key.columns) index.keys.push_back({.column = column});
    index.name = conventional_index_name(index);
    const IndexSteps steps = create_steps(index, &context.catalog);
    for (const std::string& statement : steps.ddl) found.ddl += (found.ddl.empty() ? "" : "\n") + statement;
    bare.push_back(std::move(found));
  }
  std::stable_sort(bare.begin(), bare.end(), [](const auto& a, const auto& b) {
    return a.deletes_per_s != b.deletes_per_s ? a.deletes_per_s > b.deletes_per_s : a.rows > b.rows;
  });
  return bare;
}

}  // namespace assay
