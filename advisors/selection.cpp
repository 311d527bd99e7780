#include "advisors/selection.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "advisors/screening.h"

namespace assay {
namespace {

Configuration with(Configuration configuration, std::size_t candidate) {
  configuration.insert(std::upper_bound(configuration.begin(), configuration.end(), candidate), candidate);
  return configuration;
}

Configuration without(Configuration configuration, std::size_t candidate) {
  std::erase(configuration, candidate);
  return configuration;
}

class Greedy {
 public:
  Greedy(const std::vector<SelectableClass>& classes, const std::vector<WeighedCandidate>& candidates,
         const Evaluation& evaluation, std::optional<std::int64_t> budget, bool per_byte)
      : classes_(classes),
        candidates_(candidates),
        evaluation_(evaluation),
        per_byte_(per_byte),
        room_(budget.value_or(std::numeric_limits<std::int64_t>::max())),
        costs_(classes.size()) {
    for (std::size_t i = 0; i < classes.size(); ++i) {
      costs_[i] = classes[i].cost_before;
      for (const std::size_t candidate : classes[i].relevant) interested_[candidate].push_back(i);
    }
  }

  std::vector<Choice> run();
  double total_gain() const { return total_gain_; }

 private:
  struct Gain {
    double net_ms_per_s = 0;
    double best_class_share = 0;  // of one class's cost
    double best_call_ms = 0;      // of one execution of one class

    bool is_worth_it() const {
      if (best_class_share < kLeastClassGain) return false;
      return net_ms_per_s >= kClearGain || (net_ms_per_s >= kLeastGain && best_call_ms >= kFeltByUsers);
    }
  };

  Gain gain_of(std::size_t candidate) const;
  bool serves_for(std::size_t larger, std::size_t candidate) const;
  bool is_served_by(const Configuration& configuration, std::size_t candidate) const;
  std::optional<Choice> best_next() const;
  void adopt(const Choice& choice);
  void fill() {
    while (const auto best = best_next()) adopt(*best);
  }
  void drop_superseded();
  bool exchange();
  std::optional<std::size_t> best_replacement(std::size_t candidate) const;
  double saving_by_exchange(std::size_t out, std::size_t in) const;
  void set_configuration(Configuration configuration);
  void recount();
  double time_under(std::size_t query, double cost) const {
    return classes_[query].cost_before > 0 ? classes_[query].time_ms_per_s * cost / classes_[query].cost_before : 0;
  }

  const std::vector<SelectableClass>& classes_;
  const std::vector<WeighedCandidate>& candidates_;
  const Evaluation& evaluation_;
  bool per_byte_;
  std::int64_t room_;
  std::vector<double> costs_;  // of each class, under chosen_
  std::vector<std::vector<std::size_t>> interested_ = std::vector<std::vector<std::size_t>>(candidates_.size());
  Configuration chosen_;
  std::vector<Choice> choices_;  // in the order of adoption, until recount() sorts them out
  double total_gain_ = 0;
};

Greedy::Gain Greedy::gain_of(std::size_t candidate) const {
  Gain gain{.net_ms_per_s = -candidates_[candidate].writes.price_ms_per_s};
  const Configuration trial = with(chosen_, candidate);
  for (const std::size_t query : interested_[candidate]) {
    const double cost = cost_under(classes_[query], trial, candidates_, evaluation_);
    if (std::isinf(cost)) return {.net_ms_per_s = -cost};  // the model refuses this set: never chosen
    const double saved = time_under(query, costs_[query]) - time_under(query, cost);
    gain.net_ms_per_s += saved;
    if (costs_[query] <= 0) continue;
    gain.best_class_share = std::max(gain.best_class_share, 1 - cost / costs_[query]);
    gain.best_call_ms = std::max(gain.best_call_ms, saved / classes_[query].calls_per_s);
  }
  return gain;
}

// Would the index `larger` do for `candidate`? (a, b) does for (a): the planner finds the smaller one cheaper by a few
// pages, but nobody wants to keep both.
bool Greedy::serves_for(std::size_t larger, std::size_t candidate) const {
  const Candidate& wanted = candidates_[candidate].candidate;
  return larger != candidate &&
         serves(Index{.definition = candidates_[larger].candidate.definition}, wanted.definition,
                wanted.equality_keys) &&
         candidates_[larger].candidate.definition.table == wanted.definition.table &&
         candidates_[larger].candidate.definition.schema == wanted.definition.schema;
}

bool Greedy::is_served_by(const Configuration& configuration, std::size_t candidate) const {
  return std::any_of(configuration.begin(), configuration.end(),
                     [&](std::size_t chosen) { return serves_for(chosen, candidate); });
}

std::optional<Choice> Greedy::best_next() const {
  std::optional<Choice> best;
  double best_worth = 0;
  for (std::size_t candidate = 0; candidate < candidates_.size(); ++candidate) {
    const std::int64_t bytes = candidates_[candidate].index.bytes();
    if (bytes > room_ || std::binary_search(chosen_.begin(), chosen_.end(), candidate)) continue;
    if (is_served_by(chosen_, candidate)) continue;
    const Gain gain = gain_of(candidate);
    if (!gain.is_worth_it()) continue;
    const double worth = per_byte_ ? gain.net_ms_per_s / static_cast<double>(bytes) : gain.net_ms_per_s;
    if (worth > best_worth) {
      best_worth = worth;
      best = Choice{candidate, gain.net_ms_per_s};
    }
  }
  return best;
}

void Greedy::adopt(const Choice& choice) {
  Configuration next = with(chosen_, choice.candidate);
  std::erase_if(next, [&](std::size_t chosen) { return serves_for(choice.candidate, chosen); });
  set_configuration(std::move(next));
  choices_.push_back(choice);
}

void Greedy::set_configuration(Configuration configuration) {
  Configuration changed;
  std::set_symmetric_difference(chosen_.begin(), chosen_.end(), configuration.begin(), configuration.end(),
                                std::back_inserter(changed));
  chosen_ = std::move(configuration);
  for (const std::size_t candidate : changed) {
    const bool added = std::binary_search(chosen_.begin(), chosen_.end(), candidate);
    room_ += added ? -candidates_[candidate].index.bytes() : candidates_[candidate].index.bytes();
    for (const std::size_t query : interested_[candidate]) {
      costs_[query] = cost_under(classes_[query], chosen_, candidates_, evaluation_);
    }
  }
}

// A choice can be overtaken by later ones: (a) by (a, b).
void Greedy::drop_superseded() {
  const Configuration adopted = chosen_;
  for (const std::size_t candidate : adopted) {
    const Configuration rest = without(chosen_, candidate);
    double loss = -candidates_[candidate].writes.price_ms_per_s;
    for (const std::size_t query : interested_[candidate]) {
      loss += time_under(query, cost_under(classes_[query], rest, candidates_, evaluation_)) -
              time_under(query, costs_[query]);
    }
    if (loss < kLeastGain) set_configuration(rest);
  }
}

double Greedy::saving_by_exchange(std::size_t out, std::size_t in) const {
  const Configuration trial = with(without(chosen_, out), in);
  double saving = candidates_[out].writes.price_ms_per_s - candidates_[in].writes.price_ms_per_s;
  Configuration queries;
  std::set_union(interested_[out].begin(), interested_[out].end(), interested_[in].begin(), interested_[in].end(),
                 std::back_inserter(queries));
  for (const std::size_t query : queries) {
    const double cost = cost_under(classes_[query], trial, candidates_, evaluation_);
    if (std::isinf(cost)) return -cost;
    saving += time_under(query, costs_[query]) - time_under(query, cost);
  }
  return saving;
}

// The index that does most better than `candidate` in its place; or as well as it, and smaller.
std::optional<std::size_t> Greedy::best_replacement(std::size_t candidate) const {
  const IndexDefinition& old = candidates_[candidate].candidate.definition;
  std::optional<std::size_t> best;
  double most = kLeastGain;
  std::int64_t least_bytes = candidates_[candidate].index.bytes();
  for (std::size_t other = 0; other < candidates_.size(); ++other) {
    const IndexDefinition& definition = candidates_[other].candidate.definition;
    const std::int64_t bytes = candidates_[other].index.bytes();
    if (definition.table != old.table || definition.schema != old.schema) continue;
    if (bytes - candidates_[candidate].index.bytes() > room_ ||
        std::binary_search(chosen_.begin(), chosen_.end(), other)) {
      continue;
    }
    if (is_served_by(without(chosen_, candidate), other)) continue;
    const double saving = saving_by_exchange(candidate, other);
    // Reading in order until a LIMIT bounds the work for every value, the hot ones too, which the sampled ones
    // may not show: it is not given up for a few bytes.
    const bool gives_up_order =
        candidates_[candidate].candidate.stops_at_limit && !candidates_[other].candidate.stops_at_limit;
    const bool as_good_and_smaller =
        most == kLeastGain && saving > -kLeastGain && bytes < least_bytes && !gives_up_order;
    if (saving <= most && !as_good_and_smaller) continue;
    best = other;
    most = std::max(most, saving);
    least_bytes = bytes;
  }
  return best;
}

// What was right for the first step may be second best for the whole: (a, x), which served four classes a little, where
// (a, y) and (x) have since come in.
bool Greedy::exchange() {
  bool changed = false;
  const Configuration adopted = chosen_;
  for (const std::size_t candidate : adopted) {
    if (const auto better = best_replacement(candidate)) {
      set_configuration(with(without(chosen_, candidate), *better));
      changed = true;
    }
  }
  return changed;
}

// Gains are told one after the other, best first, so that they add up to the whole.
void Greedy::recount() {
  const Configuration adopted = chosen_;
  set_configuration({});
  choices_.clear();
  while (choices_.size() < adopted.size()) {
    std::optional<Choice> best;
    for (const std::size_t candidate : adopted) {
      if (std::binary_search(chosen_.begin(), chosen_.end(), candidate)) continue;
      const double gain = gain_of(candidate).net_ms_per_s;
      if (!best || gain > best->gain_ms_per_s) best = Choice{candidate, gain};
    }
    if (!(best->gain_ms_per_s > 0)) break;  // what is left adds nothing to those before it
    adopt(*best);
    total_gain_ += best->gain_ms_per_s;
  }
}

std::vector<Choice> Greedy::run() {
  constexpr int kMostRounds = 4;  // each makes the whole better or smaller; in practice two suffice
  fill();
  drop_superseded();
  for (int round = 0; round < kMostRounds && exchange(); ++round) {
    fill();
    drop_superseded();
  }
  recount();
  return choices_;
}

}  // namespace

double cost_under(const SelectableClass& query, const Configuration& configuration,
                  const std::vector<WeighedCandidate>& candidates, const Evaluation& evaluation) {
  Configuration common;
  std::set_intersection(configuration.begin(), configuration.end(), query.relevant.begin(), query.relevant.end(),
                        std::back_inserter(common));
  if (common.empty()) return query.cost_before;
  std::vector<const HypotheticalIndex*> indexes;
  for (const std::size_t candidate : common) indexes.push_back(&candidates[candidate].index);
  const auto cost = evaluation.cost(query.position, indexes);
  if (const double* known = std::get_if<double>(&cost)) return *known;
  return std::numeric_limits<double>::infinity();
}

std::vector<Choice> select_indexes(const std::vector<SelectableClass>& classes,
                                   const std::vector<WeighedCandidate>& candidates, const Evaluation& evaluation,
                                   std::optional<std::int64_t> budget_bytes) {
  Greedy by_gain(classes, candidates, evaluation, budget_bytes, false);
  std::vector<Choice> choices = by_gain.run();
  if (!budget_bytes) return choices;
  Greedy by_density(classes, candidates, evaluation, budget_bytes, true);
  std::vector<Choice> others = by_density.run();
  return by_density.total_gain() > by_gain.total_gain() ? others : choices;
}

}  // namespace assay
