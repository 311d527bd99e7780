// Asks a CostModel each question once, and not at all where the answer follows from an earlier one.
//
// Two rules (atomic configurations; Papadomanolakis, Dash, Ailamaki: "Efficient use of the query optimizer for
// automated physical design", VLDB 2007):
// - Structures on tables that the query does not read cannot matter to it, and are left out of the question.
// - A plan found under a design is the plan under every design that lacks some of its structures but none that the
//   plan uses: taking away what was not chosen leaves the choice as it was. Indexes that are no longer created, and
//   existing ones that are dropped as well, are both taken away; what is added is always asked for.
// Where a structure changes estimates without being used, neither holds: unique indexes (the planner takes their
// columns for distinct, and removes joins by them) and existing indexes of expressions (they have statistics) must be
// the same in both designs, and so must partitionings and statistics. Of an index of a partitioned table the plan
// names the whole one (plan.h).
// Leaves out: that the planner keeps the first of two paths whose costs are within 1 % (add_path), so that a path not
// chosen may have crowded out another.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/cost_model.h"

namespace assay {

/// A PhysicalDesign whose parts are somebody else's.
struct DesignView {
  std::vector<const HypotheticalIndex*> created = {};
  std::vector<IndexName> dropped = {};
  std::vector<const HypotheticalPartitioning*> partitionings = {};
  std::vector<const HypotheticalStatistics*> statistics = {};
};

struct CachedQuestion {
  const PlannableQuery* query = nullptr;
  DesignView design = {};
};

class CachedCostModel {
 public:
  /// The catalog, which must outlive this object, tells which tables are plain and which indexes change estimates.
  /// Without one, every structure can matter to every query, and nothing is derived across dropped indexes.
  explicit CachedCostModel(CostModel& model, const Catalog* catalog = nullptr);

  /// As CostModel::plan. The answer lives as long as this object.
  const PlanAnswer& plan(const PlannableQuery& query, const DesignView& design);
  const PlanAnswer& plan(const PlannableQuery& query, const std::vector<const HypotheticalIndex*>& created) {
    return plan(query, DesignView{.created = created});
  }

  /// Several at once, in their order: what is not known yet goes to CostModel::plan_all together.
  std::vector<const PlanAnswer*> plan_all(const std::vector<CachedQuestion>& questions);

  const CostModel& model() const { return model_; }
  std::uint64_t calls() const { return calls_; }  ///< what-if calls asked of the model
  std::uint64_t hits() const { return hits_; }    ///< answered from earlier ones

 private:
  using Numbers = std::vector<std::size_t>;  ///< of structures, sorted
  /// Each different structure has a number, a dropped index too.
  struct Structures {
    Numbers created, dropped, others;

    bool operator==(const Structures&) const = default;
  };
  struct Known {
    bool planned = false;
    Structures design;
    Numbers used;                   ///< of the created ones
    std::vector<std::string> read;  ///< existing indexes that the plan uses, sorted
    std::unique_ptr<PlanAnswer> answer;
  };
  struct Query {
    std::optional<std::set<std::string>> tables;  ///< that its plans read; nothing: not known yet
    std::vector<Known> known;
  };
  template <typename Structure>
  struct Numbered {
    Structure structure;
    std::size_t number;
  };

  Query& query_of(const PlannableQuery& query);
  bool is_plain(const std::string& schema, const std::string& table) const;
  const Index* harmless_to_drop(const IndexName& name) const;
  DesignView what_matters(const Query& query, DesignView design) const;
  Structures numbers_of(const DesignView& design);
  std::size_t number_of(const HypotheticalIndex& index);
  const Known* find(const Query& query, const Structures& design, const DesignView& view);
  bool takes_away_unused(const Known& known, const Structures& design, const DesignView& view);
  const PlanAnswer& learn(Query& query, Structures structures, const DesignView& design, PlanAnswer answer);

  CostModel& model_;
  std::unordered_set<std::string> plain_tables_;                                       ///< "schema.table"
  std::unordered_map<std::string, const Index*> harmless_;                             ///< to drop; by "schema.index"
  std::unordered_map<std::string, Query> queries_;                                     ///< by text, values and time
  std::unordered_map<std::string, std::vector<Numbered<HypotheticalIndex>>> indexes_;  ///< by name
  std::vector<Numbered<IndexName>> dropped_;
  std::vector<Numbered<HypotheticalPartitioning>> partitionings_;
  std::vector<Numbered<HypotheticalStatistics>> statistics_;
  std::size_t numbers_ = 0;
  std::uint64_t calls_ = 0, hits_ = 0;
};

}  // namespace assay
