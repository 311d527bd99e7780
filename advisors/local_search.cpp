#include "advisors/local_search.h"

#include <algorithm>
#include <limits>

namespace assay {
namespace {

constexpr double kNoise = 1e-9;  // ms per second: less is rounding
constexpr int kMostRounds = 20;  // each is an improvement; in practice three suffice

class LocalSearch {
 public:
  explicit LocalSearch(const SelectionProblem& problem)
      : problem_(problem),
        interested_(problem.candidates.size()),
        conflicts_(problem.candidates.size()),
        in_(problem.candidates.size(), 0),
        times_(problem.queries.size()) {
    for (std::size_t q = 0; q < problem.queries.size(); ++q) note_interest(q);
    for (const auto& [a, b] : problem.conflicts) {
      conflicts_[a].push_back(b);
      conflicts_[b].push_back(a);
    }
    find_moves();
  }

  void set(const Configuration& configuration);
  void fill(bool per_byte, const Configuration& barred = {});
  bool improve();
  Configuration chosen() const;
  double value() const { return value_; }

 private:
  void note_interest(std::size_t query);
  void find_moves();
  double time_of(std::size_t query) const;
  std::vector<std::size_t> evicted_by(const Configuration& move) const;
  bool fits(const Configuration& move, const std::vector<std::size_t>& evicted) const;
  void toggle(std::size_t candidate);
  void apply(const Configuration& move, const std::vector<std::size_t>& evicted);
  double saving(const Configuration& move, const std::vector<std::size_t>& evicted);
  bool retry_without(std::size_t candidate);
  bool retry_with(const Configuration& move);
  bool keep_if_better(const Configuration& before, double value);
  std::size_t least_worthy(const Configuration& spared);

  const SelectionProblem& problem_;
  std::vector<std::vector<std::size_t>> interested_, conflicts_;  // by candidate
  std::vector<Configuration> moves_;                              // every candidate, every atom of several
  std::vector<char> in_;
  std::vector<double> times_;
  double value_ = 0;
  std::int64_t bytes_ = 0;
};

void LocalSearch::note_interest(std::size_t query) {
  for (const AtomicConfiguration& atom : problem_.queries[query].atoms) {
    for (const std::size_t candidate : atom.uses) {
      auto& list = interested_[candidate];
      if (list.empty() || list.back() != query) list.push_back(query);
    }
  }
}

void LocalSearch::find_moves() {
  for (std::size_t candidate = 0; candidate < problem_.candidates.size(); ++candidate) {
    if (!interested_[candidate].empty()) moves_.push_back({candidate});
  }
  for (const SelectionQuery& query : problem_.queries) {
    for (const AtomicConfiguration& atom : query.atoms) {
      if (atom.uses.size() > 1) moves_.push_back(atom.uses);
    }
  }
  std::sort(moves_.begin(), moves_.end());
  moves_.erase(std::unique(moves_.begin(), moves_.end()), moves_.end());
}

double LocalSearch::time_of(std::size_t query) const {
  double time = problem_.queries[query].time_today;
  for (const AtomicConfiguration& atom : problem_.queries[query].atoms) {
    if (atom.time >= time) continue;
    const bool exists = std::all_of(atom.uses.begin(), atom.uses.end(), [&](std::size_t c) { return in_[c] != 0; });
    if (exists) time = atom.time;
  }
  return time;
}

void LocalSearch::set(const Configuration& configuration) {
  std::fill(in_.begin(), in_.end(), 0);
  for (const std::size_t candidate : configuration) in_[candidate] = 1;
  for (std::size_t q = 0; q < times_.size(); ++q) times_[q] = time_of(q);
  value_ = objective(problem_, configuration);
  bytes_ = bytes_of(problem_, configuration);
}

std::vector<std::size_t> LocalSearch::evicted_by(const Configuration& move) const {
  std::vector<std::size_t> evicted;
  for (const std::size_t candidate : move) {
    for (const std::size_t other : conflicts_[candidate]) {
      if (in_[other] && std::find(evicted.begin(), evicted.end(), other) == evicted.end()) evicted.push_back(other);
    }
  }
  return evicted;
}

bool LocalSearch::fits(const Configuration& move, const std::vector<std::size_t>& evicted) const {
  std::int64_t bytes = bytes_;
  for (const std::size_t candidate : move) {
    if (!in_[candidate]) bytes += problem_.candidates[candidate].bytes;
    for (const std::size_t other : conflicts_[candidate]) {
      if (holds(move, other)) return false;
    }
  }
  for (const std::size_t candidate : evicted) bytes -= problem_.candidates[candidate].bytes;
  return !problem_.budget_bytes || bytes <= *problem_.budget_bytes;
}

void LocalSearch::toggle(std::size_t candidate) {
  const SelectionCandidate& what = problem_.candidates[candidate];
  const double sign = in_[candidate] ? -1 : 1;
  in_[candidate] = in_[candidate] ? 0 : 1;
  bytes_ += in_[candidate] ? what.bytes : -what.bytes;
  value_ += sign * (what.price + what.charge);
  for (const std::size_t query : interested_[candidate]) {
    const double time = time_of(query);
    value_ += time - times_[query];
    times_[query] = time;
  }
}

void LocalSearch::apply(const Configuration& move, const std::vector<std::size_t>& evicted) {
  for (const std::size_t candidate : evicted) toggle(candidate);
  for (const std::size_t candidate : move) {
    if (!in_[candidate]) toggle(candidate);
  }
}

double LocalSearch::saving(const Configuration& move, const std::vector<std::size_t>& evicted) {
  const double before = value_;
  std::vector<std::size_t> added;
  for (const std::size_t candidate : move) {
    if (!in_[candidate]) added.push_back(candidate);
  }
  apply(move, evicted);
  const double after = value_;
  for (const std::size_t candidate : added) toggle(candidate);
  for (const std::size_t candidate : evicted) toggle(candidate);
  value_ = before;  // rounding would add up
  return before - after;
}

void LocalSearch::fill(bool per_byte, const Configuration& barred) {
  while (true) {
    const Configuration* best = nullptr;
    std::vector<std::size_t> best_evicted;
    double most = 0;
    for (const Configuration& move : moves_) {
      std::int64_t bytes = 0;
      bool blocked = false;
      for (const std::size_t candidate : move) {
        if (!in_[candidate]) bytes += std::max<std::int64_t>(1, problem_.candidates[candidate].bytes);
        blocked |= holds(barred, candidate);
      }
      if (bytes == 0 || blocked) continue;
      const std::vector<std::size_t> evicted = evicted_by(move);
      if (!fits(move, evicted)) continue;
      const double saved = saving(move, evicted);
      if (saved <= kNoise) continue;
      const double worth = per_byte ? saved / static_cast<double>(bytes) : saved;
      if (worth <= most) continue;
      most = worth;
      best = &move;
      best_evicted = evicted;
    }
    if (!best) return;
    apply(*best, best_evicted);
  }
}

bool LocalSearch::keep_if_better(const Configuration& before, double value) {
  if (value_ < value - kNoise) return true;
  set(before);
  return false;
}

bool LocalSearch::retry_without(std::size_t candidate) {
  const Configuration before = chosen();
  const double value = value_;
  toggle(candidate);
  fill(false, {candidate});
  return keep_if_better(before, value);
}

std::size_t LocalSearch::least_worthy(const Configuration& spared) {
  std::size_t worst = in_.size();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t candidate = 0; candidate < in_.size(); ++candidate) {
    if (!in_[candidate] || holds(spared, candidate)) continue;
    const double lost = -saving({}, {candidate});
    const double worth = lost / static_cast<double>(std::max<std::int64_t>(1, problem_.candidates[candidate].bytes));
    if (worth < least) {
      least = worth;
      worst = candidate;
    }
  }
  return worst;
}

bool LocalSearch::retry_with(const Configuration& move) {
  const Configuration before = chosen();
  const double value = value_;
  const std::vector<std::size_t> conflicting = evicted_by(move);
  if (std::any_of(conflicting.begin(), conflicting.end(), [&](std::size_t c) { return holds(move, c); })) return false;
  for (const std::size_t candidate : conflicting) toggle(candidate);
  while (!fits(move, {})) {
    const std::size_t worst = least_worthy(move);
    if (worst == in_.size()) {
      set(before);
      return false;
    }
    toggle(worst);
  }
  apply(move, {});
  fill(false);
  return keep_if_better(before, value);
}

bool LocalSearch::improve() {
  bool better = false;
  for (const std::size_t candidate : chosen()) {
    if (in_[candidate]) better |= retry_without(candidate);
  }
  for (const Configuration& move : moves_) {
    if (std::any_of(move.begin(), move.end(), [&](std::size_t c) { return !in_[c]; })) better |= retry_with(move);
  }
  return better;
}

Configuration LocalSearch::chosen() const {
  Configuration result;
  for (std::size_t candidate = 0; candidate < in_.size(); ++candidate) {
    if (in_[candidate]) result.push_back(candidate);
  }
  return result;
}

}  // namespace

Configuration local_search(const SelectionProblem& problem, const Configuration& start) {
  LocalSearch search(problem);
  Configuration best = start;
  double least = objective(problem, start);
  const auto climb = [&](const Configuration& from, bool per_byte) {
    search.set(from);
    search.fill(per_byte);
    for (int round = 0; round < kMostRounds && search.improve();) ++round;
    const double value = objective(problem, search.chosen());
    if (value < least - kNoise) {
      least = value;
      best = search.chosen();
    }
  };
  climb({}, false);
  if (problem.budget_bytes) climb({}, true);
  if (!start.empty()) climb(start, false);
  return best;
}

}  // namespace assay
