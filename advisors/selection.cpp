#include "advisors/selection.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>


namespace assay {
namespace {

constexpr std::int64_t kPageBytes = 8192;

std::int64_t bytes_of(const WeighedCandidate& candidate) { return candidate.index.pages * kPageBytes; }

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
      : classes_(classes), candidates_(candidates), evaluation_(evaluation), per_byte_(per_byte),
        room_(budget.value_or(std::numeric_limits<std::int64_t>::max())), costs_(classes.size()) {
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
  };

  Gain gain_of(std::size_t candidate) const;
  std::optional<Choice> best_next() const;
  void adopt(const Choice& choice);
  void drop_superseded();
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
  std::vector<Choice> choices_;
  double total_gain_ = 0;
};

Greedy::Gain Greedy::gain_of(std::size_t candidate) const {
  Gain gain{.net_ms_per_s = -candidates_[candidate].writes.price_ms_per_s};
  const Configuration trial = with(chosen_, candidate);
  for (const std::size_t query : interested_[candidate]) {
    const double cost = cost_under(classes_[query], trial, candidates_, evaluation_);
    if (std::isinf(cost)) return {.net_ms_per_s = -cost};  // the model refuses this set: never chosen
    gain.net_ms_per_s += time_under(query, costs_[query]) - time_under(query, cost);
    if (costs_[query] > 0) gain.best_class_share = std::max(gain.best_class_share, 1 - cost / costs_[query]);
  }
  return gain;
}

std::optional<Choice> Greedy::best_next() const {
  std::optional<Choice> best;
  double best_worth = 0;
  for (std::size_t candidate = 0; candidate < candidates_.size(); ++candidate) {
    const std::int64_t bytes = bytes_of(candidates_[candidate]);
    if (bytes > room_ || std::binary_search(chosen_.begin(), chosen_.end(), candidate)) continue;
    const Gain gain = gain_of(candidate);
    if (gain.net_ms_per_s < kLeastGain || gain.best_class_share < kLeastClassGain) continue;
    const double worth = per_byte_ ? gain.net_ms_per_s / static_cast<double>(bytes) : gain.net_ms_per_s;
    if (worth > best_worth) {
      best_worth = worth;
      best = Choice{candidate, gain.net_ms_per_s};
    }
  }
  return best;
}

void Greedy::adopt(const Choice& choice) {
  chosen_ = with(std::move(chosen_), choice.candidate);
  choices_.push_back(choice);
  room_ -= bytes_of(candidates_[choice.candidate]);
  for (const std::size_t query : interested_[choice.candidate]) {
    costs_[query] = cost_under(classes_[query], chosen_, candidates_, evaluation_);
  }
}

// A choice can be overtaken by later ones: (a) by (a, b).
void Greedy::drop_superseded() {
  for (std::size_t i = choices_.size(); i-- > 0;) {
    const std::size_t candidate = choices_[i].candidate;
    const Configuration rest = without(chosen_, candidate);
    double loss = -candidates_[candidate].writes.price_ms_per_s;
    for (const std::size_t query : interested_[candidate]) {
      loss += time_under(query, cost_under(classes_[query], rest, candidates_, evaluation_)) -
              time_under(query, costs_[query]);
    }
    if (loss >= kLeastGain) continue;
    chosen_ = rest;
    room_ += bytes_of(candidates_[candidate]);
    for (const std::size_t query : interested_[candidate]) {
      costs_[query] = cost_under(classes_[query], chosen_, candidates_, evaluation_);
    }
    choices_.erase(choices_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// Gains are told one after the other, best first, so that they add up to the whole.
void Greedy::recount() {
  const Configuration adopted = chosen_;
  chosen_.clear();
  choices_.clear();
  for (std::size_t i = 0; i < classes_.size(); ++i) costs_[i] = classes_[i].cost_before;
  while (choices_.size() < adopted.size()) {
    std::optional<Choice> best;
    for (const std::size_t candidate : adopted) {
      if (std::binary_search(chosen_.begin(), chosen_.end(), candidate)) continue;
      const double gain = gain_of(candidate).net_ms_per_s;
      if (!best || gain > best->gain_ms_per_s) best = Choice{candidate, gain};
    }
    adopt(*best);
    total_gain_ += best->gain_ms_per_s;
  }
}

std::vector<Choice> Greedy::run() {
  while (const auto best = best_next()) adopt(*best);
  drop_superseded();
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
