#include "advisors/partition/twin_proof.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "parser/sql/lexer.h"

namespace assay {
namespace {

using Names = std::unordered_set<std::string>;

Names names_of(const HypotheticalPartitioning& partitioning) {
  Names names;
  for (const HypotheticalPartition& partition : partitioning.partitions) names.insert(partition.name);
  return names;
}

void collect(const PlanNode& plan, const Names& partitions, std::set<std::string>& found) {
  if (partitions.contains(plan.relation)) found.insert(plan.relation);
  for (const PlanNode& child : plan.children) collect(child, partitions, found);
}

/// Has the text parameters for which there are no values?
bool is_generic(const PlannableQuery& query) {
  if (!query.parameters.empty()) return false;
  Lexer lexer(query.sql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    if (token.kind == TokenKind::kParameter) return true;
  }
  return false;
}

bool inserts_only(const Statement& statement) { return statement.kind == StatementKind::kInsert; }

class Prover {
 public:
  Prover(const DesignView& design, const ProofContext& context) : design_(design), context_(context) {
    if (!design.partitionings.empty()) partitions_ = names_of(*design.partitionings.front());
  }

  void add(const JudgedClass& query, const std::vector<const PlanAnswer*>& answers, std::size_t first);
  TwinProof finish();

 private:
  void count_partitions(const PlanNode& plan, PartitionedClass& result) const;

  const DesignView& design_;
  const ProofContext& context_;
  Names partitions_;
  TwinProof proof_;
};

void Prover::count_partitions(const PlanNode& plan, PartitionedClass& result) const {
  std::set<std::string> found;
  collect(plan, partitions_, found);
  result.fewest_scanned = result.values == 0 ? found.size() : std::min(result.fewest_scanned, found.size());
  result.most_scanned = std::max(result.most_scanned, found.size());
}

void Prover::add(const JudgedClass& query, const std::vector<const PlanAnswer*>& answers, std::size_t first) {
  PartitionedClass result{.position = query.position, .calls_per_s = query.calls_per_s};
  double weights = 0, scanned = 0;
  for (std::size_t v = 0; v < query.values.size(); ++v) {
    const auto* plan = answers[first + v] ? std::get_if<PlanNode>(answers[first + v]) : nullptr;
    const JudgedValue& value = query.values[v];
    const PlannableQuery& asked = context_.meanings[query.position].plannable[value.value].query;
    if (!plan) {
      const std::string why = answers[first + v] ? std::get<Unplannable>(*answers[first + v]).reason : "not asked";
      proof_.refused.emplace_back(query.position, why);
      return;
    }
    const double today = context_.evaluation.time_today(query, v, false);
    double then = context_.evaluation.time_with(query, v, *plan, false);
    double cost = plan->total_cost;
    if (!partitions_.empty() && is_generic(asked)) {
      result.is_generic = true;
      then = std::max(then, today);
    }
    std::set<std::string> found;
    collect(*plan, partitions_, found);
    count_partitions(*plan, result);
    ++result.values;
    result.cost_before += value.weight * value.today->total_cost;
    result.cost_after += value.weight * cost;
    scanned += value.weight * static_cast<double>(found.size());
    weights += value.weight;
    result.before_ms_per_s += today;
    result.after_ms_per_s += then;
  }
  if (weights <= 0) return;
  result.cost_before /= weights;
  result.cost_after /= weights;
  const bool opens = !partitions_.empty() && !inserts_only(*context_.meanings[query.position].statement);
  if (opens) {
    result.planning_ms = std::max(0.0, scanned / weights - 1) * kOpeningMsPerPartition;
    proof_.planning_ms_per_s += query.calls_per_s * result.planning_ms;
    result.after_ms_per_s += query.calls_per_s * result.planning_ms;
  }
  proof_.before_ms_per_s += result.before_ms_per_s;
  proof_.after_ms_per_s += result.after_ms_per_s;
  proof_.classes.push_back(result);
}

TwinProof Prover::finish() {
  std::stable_sort(
      proof_.classes.begin(), proof_.classes.end(),
      [](const PartitionedClass& a, const PartitionedClass& b) { return a.before_ms_per_s > b.before_ms_per_s; });
  return std::move(proof_);
}

}  // namespace

TwinProof prove(const TableSignals& signals, const DesignView& design, const ProofContext& context) {
  std::vector<CachedQuestion> questions;
  std::vector<std::size_t> firsts;
  for (const std::size_t i : signals.classes) {
    const JudgedClass& query = context.classes[i];
    firsts.push_back(questions.size());
    for (const JudgedValue& value : query.values) {
      questions.push_back({&context.meanings[query.position].plannable[value.value].query, design});
    }
  }
  const std::vector<const PlanAnswer*> answers = context.model.plan_all(questions);
  Prover prover(design, context);
  for (std::size_t i = 0; i < signals.classes.size(); ++i) {
    prover.add(context.classes[signals.classes[i]], answers, firsts[i]);
  }
  return prover.finish();
}

std::size_t partitions_scanned(const PlanNode& plan, const HypotheticalPartitioning& partitioning) {
  std::set<std::string> found;
  collect(plan, names_of(partitioning), found);
  return found.size();
}

}  // namespace assay
