#include "advisors/exploration.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>

#include "advisors/screening.h"

namespace assay {
namespace {

constexpr int kMostQuestions = 10;        // a value, beside the first two
constexpr int kMostQuestionsIfLight = 3;  // of those that take less than kLight of the judged time
constexpr double kLight = 0.001;
constexpr double kNothing = 0.01;  // ms per second: a class that takes less can give no reason for anything

Configuration minus(const Configuration& all, const Configuration& some) {
  Configuration rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(rest));
  return rest;
}

Configuration common(const Configuration& a, const Configuration& b) {
  Configuration both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

void add_to(Configuration& all, const Configuration& some) {
  for (const std::size_t candidate : some) all = with(std::move(all), candidate);
}

class Explorer {
 public:
  Explorer(std::vector<JudgedClass>& classes, const std::vector<WeighedCandidate>& candidates, WhatIf& whatif,
           const Evaluation& evaluation, std::uint64_t spared)
      : classes_(classes), candidates_(candidates), whatif_(whatif), evaluation_(evaluation), spared_(spared) {
    for (const JudgedClass& query : classes) all_time_ += query.time_ms_per_s;
  }

  void run();

 private:
  /// A value whose designs are being asked for, breadth first.
  struct Probe {
    std::size_t query, value;
    std::deque<Configuration> designs = {};
    std::set<Configuration> seen = {};
    int left = 0;
  };

  std::vector<Probe> probes() const;
  void ask(std::vector<Probe>& probes);
  void look_at(Probe& probe, const Configuration& design, const PlanAnswer& answer, std::vector<Probe>& failed);
  void find_refused(const Probe& probe, const Configuration& design);
  bool gains(const Probe& probe, const PlanNode& plan) const;
  void keep_gaining(std::vector<Probe>& probes) const;
  Configuration served_by_others(const Configuration& uses) const;
  Configuration shared_ones(const std::vector<Probe>& probes) const;

  std::vector<JudgedClass>& classes_;
  const std::vector<WeighedCandidate>& candidates_;
  WhatIf& whatif_;
  const Evaluation& evaluation_;
  std::uint64_t spared_;
  double all_time_ = 0;
  Configuration used_;     // by any plan so far
  Configuration refused_;  // by the model, in any design
};

std::vector<Explorer::Probe> Explorer::probes() const {
  std::vector<Probe> list;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    const JudgedClass& query = classes_[i];
    if (query.relevant.empty() || query.time_ms_per_s < kNothing) continue;
    for (std::size_t v = 0; v < query.values.size(); ++v) {
      if (query.values[v].like == v) list.push_back({.query = i, .value = v});
    }
  }
  return list;
}

bool Explorer::gains(const Probe& probe, const PlanNode& plan) const {
  const JudgedClass& query = classes_[probe.query];
  const double today = evaluation_.time_today(query, probe.value, false);
  // Calibrated time or planned cost: what gains by either is looked at.
  const PlanNode& before = *query.values[probe.value].today;
  return evaluation_.time_with(query, probe.value, plan, false) < (1 - kLeastClassGain) * today ||
         plan.total_cost < (1 - kLeastClassGain) * before.total_cost;
}

// One candidate that cannot be created makes every design that holds it fail: the culprits are found by halving.
void Explorer::find_refused(const Probe& probe, const Configuration& design) {
  if (design.empty()) return;
  const std::size_t position = classes_[probe.query].position;
  const std::size_t value = classes_[probe.query].values[probe.value].value;
  const PlanAnswer* answer = whatif_.ask({{position, value, design}}, spared_).front();
  if (!answer || std::holds_alternative<PlanNode>(*answer)) return;
  if (design.size() == 1) {
    refused_ = with(std::move(refused_), design.front());
    return;
  }
  const auto middle = design.begin() + static_cast<std::ptrdiff_t>(design.size() / 2);
  find_refused(probe, Configuration(design.begin(), middle));
  find_refused(probe, Configuration(middle, design.end()));
}

void Explorer::look_at(Probe& probe, const Configuration& design, const PlanAnswer& answer,
                       std::vector<Probe>& failed) {
  const auto* plan = std::get_if<PlanNode>(&answer);
  if (!plan) {
    Probe& again = failed.emplace_back(probe);
    again.designs = {design};
    return;
  }
  const Configuration uses = whatif_.used_by(*plan);
  note(classes_[probe.query].values[probe.value], *plan, uses);
  if (uses.empty() || !gains(probe, *plan)) return;
  add_to(used_, uses);
  const auto push = [&](Configuration next) {
    if (!next.empty() && probe.seen.insert(next).second) probe.designs.push_back(std::move(next));
  };
  // A plan with two that will never both exist is asked for again without the smaller one.
  if (const Configuration served = served_by_others(uses); !served.empty()) return push(minus(design, served));
  for (const std::size_t candidate : uses) push(without(design, candidate));
}

Configuration Explorer::served_by_others(const Configuration& uses) const {
  Configuration served;
  for (const std::size_t wanted : uses) {
    const bool found = std::any_of(uses.begin(), uses.end(), [&](std::size_t other) {
      return other != wanted && !holds(served, other) &&
             serves_for(candidates_[other].candidate, candidates_[wanted].candidate);
    });
    if (found) served = with(std::move(served), wanted);
  }
  return served;
}

/// One round: the next design of every probe that has one.
void Explorer::ask(std::vector<Probe>& probes) {
  std::vector<Question> questions;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    Probe& probe = probes[i];
    if (probe.designs.empty() || probe.left == 0) continue;
    --probe.left;
    probe.designs.front() = minus(probe.designs.front(), refused_);
    const JudgedClass& query = classes_[probe.query];
    questions.push_back({query.position, query.values[probe.value].value, probe.designs.front()});
    asked.push_back(i);
  }
  const std::vector<const PlanAnswer*> answers = whatif_.ask(questions, spared_);
  std::vector<Probe> failed;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Probe& probe = probes[asked[i]];
    const Configuration design = std::move(probe.designs.front());
    probe.designs.pop_front();
    if (answers[i]) look_at(probe, design, *answers[i], failed);
  }
  for (const Probe& probe : failed) {
    const Configuration design = minus(probe.designs.front(), refused_);
    if (!design.empty() && design == probe.designs.front()) find_refused(probe, design);
    Configuration rest = minus(design, refused_);
    for (Probe& same : probes) {
      if (same.query != probe.query || same.value != probe.value) continue;
      if (!rest.empty() && same.seen.insert(rest).second) same.designs.push_front(rest);
      same.left = std::max(same.left, 1);
    }
  }
}

void Explorer::keep_gaining(std::vector<Probe>& probes) const {
  std::erase_if(probes, [&](const Probe& probe) {
    const auto& known = classes_[probe.query].values[probe.value].known;
    return std::none_of(known.begin(), known.end(),
                        [&](const KnownPlan& plan) { return !plan.uses.empty() && gains(probe, *plan.plan); });
  });
}

/// Of one key, on the tables of the classes that gain: narrow ones serve many.
Configuration Explorer::shared_ones(const std::vector<Probe>& probes) const {
  Configuration shared;
  for (const Probe& probe : probes) {
    for (const std::size_t candidate : classes_[probe.query].relevant) {
      const IndexDefinition& definition = candidates_[candidate].candidate.definition;
      if (definition.keys.size() == 1 && definition.include.empty()) shared = with(std::move(shared), candidate);
    }
  }
  return shared;
}

void Explorer::run() {
  std::vector<Probe> all = probes();
  const auto each = [&](auto design_of, int most) {
    for (Probe& probe : all) {
      Configuration design = minus(design_of(classes_[probe.query]), refused_);
      probe.designs.clear();
      probe.seen.clear();
      probe.left = most;
      if (!design.empty() && probe.seen.insert(design).second) probe.designs.push_back(std::move(design));
    }
  };
  const auto rounds = [&] {
    while (std::any_of(all.begin(), all.end(), [](const Probe& p) { return !p.designs.empty() && p.left > 0; }))
      ask(all);
  };
  each([](const JudgedClass& query) { return query.relevant; }, 1);
  rounds();
  keep_gaining(all);
  const Configuration best = used_;
  each([&](const JudgedClass& query) { return minus(query.relevant, best); }, 1);
  rounds();
  Configuration universe = used_;
  add_to(universe, shared_ones(all));
  each([&](const JudgedClass& query) { return common(query.relevant, universe); }, kMostQuestions);
  for (Probe& probe : all) {
    if (classes_[probe.query].time_ms_per_s < kLight * all_time_) probe.left = kMostQuestionsIfLight;
  }
  rounds();
}

}  // namespace

void explore(std::vector<JudgedClass>& classes, const std::vector<WeighedCandidate>& candidates, WhatIf& whatif,
             const Evaluation& evaluation, std::uint64_t spared) {
  Explorer(classes, candidates, whatif, evaluation, spared).run();
}

}  // namespace assay
