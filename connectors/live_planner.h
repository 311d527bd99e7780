// Planning on the live server itself, with HypoPG: `--live`.
//
// Every question is one READ ONLY transaction with short time limits, always rolled back: EXPLAIN of an UPDATE locks
// its table until the end, and a held lock can queue others behind it. Only a text that is exactly one SELECT, INSERT,
// UPDATE, DELETE or MERGE is sent, through the extended protocol. Nothing is created on the server: hypothetical
// indexes live in the session's own memory, HypoPG must be installed already, and what the role may not explain is
// unplannable.
//
// HypoPG's indexes lack the cost of the descent (its B-trees claim to have no levels); it is added afterwards, node
// by node, which mends the figure but not a choice that it has bent. Its sizes are a fifth too large and more for
// several columns, and cannot be set from outside: told by remarks(). The shadow planner has neither flaw.
// Leaves out: whatever HypoPG cannot show safely or at all: partial indexes (one on a table under a view can crash the
// server's backend: its issue 116), expressions, GIN, GiST, dropped indexes, partitions. Those are unplannable here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/cost_model.h"
#include "connectors/session.h"

namespace assay {

class LivePlanner : public CostModel {
 public:
  /// Connects to the server of `uri`. Throws Error, with a hint, when that fails or HypoPG is not installed there.
  explicit LivePlanner(std::string uri);

  Evidence evidence() const override { return Evidence::kPlanned; }
  std::vector<std::string> remarks() const override { return remarks_; }
  PlanAnswer plan(const PlannableQuery& query, const PhysicalDesign& design) override;

 private:
  void connect();
  void begin();
  void show(const std::vector<HypotheticalIndex>& indexes);
  PlanNode translated(PlanNode plan) const;

  std::string uri_;
  std::string schema_;  ///< HypoPG's, quoted
  double descent_cost_ = 0;
  std::vector<std::string> remarks_;
  std::optional<Session> session_;
  std::optional<std::vector<HypotheticalIndex>> shown_;            ///< nothing: not known
  std::map<std::string, const HypotheticalIndex*> by_their_name_;  ///< HypoPG's names; into shown_
};

}  // namespace assay
