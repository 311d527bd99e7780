// The order of joins: every connected set of relations gets its cheapest paths, from small to large
// (standard_join_search, optimizer/path/allpaths.c; join_is_legal, optimizer/path/joinrels.c). Beyond eight relations
// it goes on greedily, the smallest result first.
#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "analyzer/estimated/access_path.h"
#include "analyzer/estimated/join_path.h"
#include "analyzer/estimated/query_block.h"

namespace assay {

/// Paths none of which is worse than another in everything (add_path, optimizer/util/pathnode.c).
class PathSet {
 public:
  void add(Path path);
  void add(PathPtr path);
  const std::vector<PathPtr>& all() const { return paths_; }
  /// nullptr when there is none.
  PathPtr cheapest() const;

 private:
  bool is_surpassed(const Path& path) const;

  std::vector<PathPtr> paths_;
};

struct JoinedRelation {
  RelationSet relations = 0;
  double rows = 1;
  int width = 0;
  PathSet paths, partial;
};

class JoinSearch {
 public:
  /// `wanted`: orders that pay later. `target_operators`: evaluated for each row of the result, where one relation is
  /// all there is.
  JoinSearch(PlannableBlock& block, const ScanContext& context, std::vector<Order> wanted, double target_operators);

  JoinedRelation search();

  /// gather_path and gather_merge: parallel workers' rows come together.
  static Path gathered(const PathPtr& partial, double rows, const PlannerSettings& settings);
  static Path gathered_in_order(const PathPtr& partial, double rows, const PlannerSettings& settings);

 private:
  struct Join {
    const JoinedRelation* outer = nullptr;
    const JoinedRelation* inner = nullptr;
    JoinType type = JoinType::kInner;
    int special = -1;
    bool reversed = false;  ///< a left join whose left side is hashed (a right join)
  };

  void base_relation(int position);
  void add_gathers(JoinedRelation& relation) const;
  std::optional<Join> legal(const JoinedRelation& left, const JoinedRelation& right) const;
  bool connected(RelationSet left, RelationSet right) const;
  void combine(const JoinedRelation& left, const JoinedRelation& right);
  JoinRequest request_of(const Join& join, double rows, int width);
  std::vector<const BoundExpression*> conditions_of(const Join& join, std::vector<const BoundExpression*>& equalities);
  int width_of(RelationSet relations) const;
  double share_of(const BoundExpression& clause, JoinType type, const JoinedRelation& inner) const;
  double rows_of(const Join& join, const std::vector<const BoundExpression*>& conditions) const;
  void add_paths(const Join& join, const JoinRequest& request, JoinedRelation& result);
  void add_merge(const JoinRequest& request, const PathPtr& outer, const PathPtr& inner, JoinedRelation& result) const;
  const std::vector<PathPtr>& probes(int position, RelationSet outer);
  std::vector<const BoundExpression*> join_clauses(int position, RelationSet outer);
  bool is_unique(const JoinedRelation& inner, const std::vector<const BoundExpression*>& equalities) const;
  const BoundExpression* equality_of(const EqualityClass& known, RelationSet left, RelationSet right);
  const BoundExpression* equality(const BoundExpression& left, const BoundExpression& right);
  JoinedRelation greedily(std::vector<RelationSet> parts);
  double foreign_key_share(const std::vector<const BoundExpression*>& equalities, const Join& join,
                           std::vector<const BoundExpression*>& covered) const;

  PlannableBlock& block_;
  const ScanContext& context_;
  const PlannerSettings& settings_;
  std::vector<Order> wanted_;
  double target_operators_ = 0;
  std::map<RelationSet, JoinedRelation> known_;
  std::map<std::pair<int, RelationSet>, std::vector<PathPtr>> probes_;
  std::map<std::pair<const BoundExpression*, const BoundExpression*>, std::unique_ptr<BoundExpression>> equalities_;
  const std::vector<ForeignKeyFacts>* foreign_keys_ = nullptr;
  /// Clauses live as long as the search, so their addresses name them.
  mutable std::map<std::tuple<const BoundExpression*, JoinType, RelationSet>, double> shares_;

 public:
  void use_foreign_keys(const std::vector<ForeignKeyFacts>& keys) { foreign_keys_ = &keys; }
};

}  // namespace assay
