#include "advisors/forecast/simulation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <queue>
#include <random>
#include <utility>

namespace assay {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kBatches = 20;
constexpr double kStudent = 1.729;  // 95 % quantile for 19 degrees of freedom

using Job = std::uint32_t;

struct Due {
  double at = 0;
  std::uint64_t number = 0;  // in the order of insertion, so that ties have an order
  Job job = 0;
  bool operator>(const Due& other) const { return at != other.at ? at > other.at : number > other.number; }
};
using Agenda = std::priority_queue<Due, std::vector<Due>, std::greater<>>;

/// m servers, shared alike.
class SharedProcessor {
 public:
  explicit SharedProcessor(std::size_t servers) : servers_(static_cast<double>(std::max<std::size_t>(servers, 1))) {}

  void add(Job job, double demand) {
    jobs_.push({virtual_ + demand, number_++, job});
    asked_ += demand;
  }
  double next_at() const { return jobs_.empty() ? kNever : now_ + (jobs_.top().at - virtual_) / rate(); }
  void advance(double to) {
    virtual_ += (to - now_) * rate();
    work_ += (to - now_) * rate() * static_cast<double>(jobs_.size());
    now_ = to;
  }
  Job finish() {
    const Job job = jobs_.top().job;
    jobs_.pop();
    return job;
  }
  double work() const { return work_; }  ///< ms of servers
  ServerLoad load() const { return {jobs_.size(), std::max(asked_ - work_, 0.0)}; }

 private:
  double rate() const { return jobs_.empty() ? 0 : std::min(1.0, servers_ / static_cast<double>(jobs_.size())); }

  double servers_, now_ = 0, virtual_ = 0, work_ = 0, asked_ = 0;
  std::uint64_t number_ = 0;
  Agenda jobs_;
};

/// Counts what ends, once warm.
class Tally {
 public:
  Tally(const SimulationOptions& options)
      : options_(options),
        warm_up_(options.statements / 10),
        in_batch_(std::max<std::uint64_t>(options.statements / kBatches, 1)) {}

  void add(const SimulatedStatement& statement, double work) {
    if (ended_++ < warm_up_) {
      start_ = batch_start_ = statement.end;
      work_ = work;
      return;
    }
    const double response = statement.end - statement.start;
    if (statement.query >= result_.classes.size()) result_.classes.resize(statement.query + 1);
    ++result_.classes[statement.query].statements;
    result_.classes[statement.query].response += response;
    result_.response += response;
    result_.responses.add(Microseconds(std::llround(response * 1e3)));
    if ((ended_ - warm_up_) % in_batch_ == 0) {
      batches_.push_back(static_cast<double>(in_batch_) / std::max(statement.end - batch_start_, 1e-9));
      batch_start_ = statement.end;
    }
    last_ = statement.end;
    last_work_ = work;
  }
  bool is_warm() const { return ended_ > warm_up_; }
  bool is_full() const { return ended_ >= warm_up_ + options_.statements; }

  SimulationResult finish() {
    const auto counted = static_cast<double>(ended_ > warm_up_ ? ended_ - warm_up_ : 0);
    if (counted == 0 || last_ <= start_) return result_;
    result_.throughput = counted / (last_ - start_);
    result_.utilisation = (last_work_ - work_) / (last_ - start_) / static_cast<double>(options_.servers);
    result_.response /= counted;
    for (SimulatedClass& query : result_.classes) {
      if (query.statements > 0) query.response /= static_cast<double>(query.statements);
    }
    double squares = 0, mean = 0;
    for (const double batch : batches_) mean += batch / static_cast<double>(batches_.size());
    for (const double batch : batches_) squares += (batch - mean) * (batch - mean);
    const auto count = static_cast<double>(batches_.size());
    if (count > 1) result_.throughput_error = kStudent * std::sqrt(squares / (count - 1) / count);
    return std::move(result_);
  }

 private:
  const SimulationOptions& options_;
  std::uint64_t warm_up_, in_batch_, ended_ = 0;
  double start_ = 0, last_ = 0, batch_start_ = 0, work_ = 0, last_work_ = 0;
  std::vector<double> batches_;
  SimulationResult result_;
};

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11U) * 0x1p-53; }

double changed(const ScriptedStatement& statement, const std::vector<DemandChange>& changes) {
  if (statement.query >= changes.size()) return statement.demand;
  return statement.demand * changes[statement.query].factor + changes[statement.query].extra;
}

double cycle_of(const SessionScript& script) {
  double sum = 0;
  for (const ScriptedStatement& statement : script) {
    sum += statement.think + statement.demand + statement.delay + statement.hidden;
  }
  return sum / static_cast<double>(script.size());
}

enum class Phase : std::uint8_t { kThinking, kWorking, kDelayed, kHidden };

/// The primary and its replicas: the processors, and what replicas apply.
class Fleet {
 public:
  Fleet(const SimulationOptions& options, const FleetOptions& fleet, std::size_t sessions)
      : fleet_(fleet),
        sessions_(sessions),
        processors_(fleet.replicas + 1, SharedProcessor(options.servers)),
        waiting_(fleet.replicas, 0),
        is_applying_(fleet.replicas, false) {}

  double next_at() const {
    double first = kNever;
    for (const SharedProcessor& processor : processors_) first = std::min(first, processor.next_at());
    return first;
  }
  void advance(double to) {
    for (SharedProcessor& processor : processors_) processor.advance(to);
  }
  std::size_t place(const ScriptedStatement& statement, double demand) {
    if (!fleet_.dispatch) return 0;
    loads_.clear();
    for (const SharedProcessor& processor : processors_) loads_.push_back(processor.load());
    return std::min(fleet_.dispatch(statement, demand, loads_), processors_.size() - 1);
  }
  void add(std::size_t server, Job job, double demand) { processors_[server].add(job, demand); }

  /// The session whose work is done first; nothing where a replica has applied.
  std::optional<Job> finish() {
    std::size_t first = 0;
    for (std::size_t i = 1; i < processors_.size(); ++i) {
      if (processors_[i].next_at() < processors_[first].next_at()) first = i;
    }
    const Job job = processors_[first].finish();
    if (job < sessions_) return job;
    is_applying_[first - 1] = false;
    apply_more(first - 1);
    return std::nullopt;
  }
  /// What a statement of the primary has written.
  void written(std::uint32_t query, double demand) {
    if (query >= fleet_.apply.size() || fleet_.apply[query] <= 0) return;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      waiting_[i] += demand * fleet_.apply[query];
      apply_more(i);
    }
  }
  std::vector<double> work() const {
    std::vector<double> all;
    for (const SharedProcessor& processor : processors_) all.push_back(processor.work());
    return all;
  }
  double primary_work() const { return processors_.front().work(); }

 private:
  void apply_more(std::size_t replica) {
    if (is_applying_[replica] || waiting_[replica] <= 0) return;
    is_applying_[replica] = true;
    processors_[replica + 1].add(static_cast<Job>(sessions_), std::exchange(waiting_[replica], 0));
  }

  const FleetOptions& fleet_;
  std::size_t sessions_;
  std::vector<SharedProcessor> processors_;
  std::vector<double> waiting_;  // to be applied, ms, by replica
  std::vector<bool> is_applying_;
  std::vector<ServerLoad> loads_;
};

class ClosedSimulation {
 public:
  ClosedSimulation(const std::vector<SessionScript>& scripts, const SimulationOptions& options,
                   const FleetOptions& fleet, const StatementObserver& observe)
      : options_(options),
        observe_(observe),
        sessions_(begin(scripts)),
        fleet_(options, fleet, sessions_.size()),
        tally_(options) {}

  SimulationResult run() {
    while (!sessions_.empty() && !tally_.is_full()) {
      const double delay = delays_.empty() ? kNever : delays_.top().at, work = fleet_.next_at();
      now_ = std::min(delay, work);
      fleet_.advance(now_);
      if (work <= delay) {
        if (const auto job = fleet_.finish()) next_phase(*job);
      } else {
        const Job job = delays_.top().job;
        delays_.pop();
        next_phase(job);
      }
    }
    return with_utilisations(tally_.finish());
  }

 private:
  struct Session {
    const SessionScript* script = nullptr;
    std::size_t position = 0;
    Phase phase = Phase::kThinking;  // that it is in
    double asked = 0;
    std::size_t server = 0;  // of its statement
  };

  std::vector<Session> begin(const std::vector<SessionScript>& scripts) {
    std::vector<const SessionScript*> filled;
    for (const SessionScript& script : scripts) {
      if (!script.empty()) filled.push_back(&script);
    }
    const std::size_t count = options_.sessions > 0 ? options_.sessions : filled.size();
    std::mt19937_64 random(options_.seed);
    std::vector<Session> sessions;
    for (std::size_t i = 0; i < count && !filled.empty(); ++i) {
      const SessionScript& script = *filled[i % filled.size()];
      const std::size_t turns = i < filled.size() ? 0 : random();
      sessions.push_back({.script = &script, .position = turns % script.size()});
      delays_.push({uniform(random) * cycle_of(script), number_++, static_cast<Job>(i)});
    }
    return sessions;
  }

  void next_phase(Job job) {
    Session& session = sessions_[job];
    const ScriptedStatement& statement = (*session.script)[session.position];
    switch (session.phase) {
      case Phase::kThinking: {
        const double demand = changed(statement, options_.changes);
        session.phase = Phase::kWorking;
        session.asked = now_;
        session.server = fleet_.place(statement, demand);
        return fleet_.add(session.server, job, demand);
      }
      case Phase::kWorking:
        session.phase = Phase::kDelayed;
        return wait(job, statement.delay);
      case Phase::kDelayed:
        answer(job, statement);
        session.phase = Phase::kHidden;
        if (statement.hidden > 0) return fleet_.add(session.server, job, statement.hidden);
        [[fallthrough]];
      case Phase::kHidden:
        session.phase = Phase::kThinking;
        session.position = (session.position + 1) % session.script->size();
        return wait(job, (*session.script)[session.position].think);
    }
  }

  void wait(Job job, double ms) { delays_.push({now_ + ms, number_++, job}); }

  void answer(Job job, const ScriptedStatement& statement) {
    const SimulatedStatement told{.start = sessions_[job].asked,
                                  .end = now_,
                                  .session = job,
                                  .query = statement.query,
                                  .demand = changed(statement, options_.changes),
                                  .server = sessions_[job].server};
    if (told.server == 0) fleet_.written(told.query, told.demand);
    tally_.add(told, fleet_.primary_work());
    if (!tally_.is_warm()) {
      warm_at_ = now_;
      warm_work_ = fleet_.work();
    }
    if (observe_) observe_(told);
  }

  SimulationResult with_utilisations(SimulationResult result) const {
    const std::vector<double> work = fleet_.work();
    for (std::size_t i = 0; i < work.size() && now_ > warm_at_; ++i) {
      const double before = warm_work_.empty() ? 0 : warm_work_[i];
      result.utilisations.push_back((work[i] - before) / (now_ - warm_at_) / static_cast<double>(options_.servers));
    }
    return result;
  }

  const SimulationOptions& options_;
  const StatementObserver& observe_;
  double now_ = 0, warm_at_ = 0;
  std::uint64_t number_ = 0;
  Agenda delays_;
  std::vector<Session> sessions_;
  Fleet fleet_;
  Tally tally_;
  std::vector<double> warm_work_;
};

/// One statement after the other, a session's after the next session's.
std::vector<const ScriptedStatement*> in_turn(const std::vector<SessionScript>& scripts) {
  std::vector<const ScriptedStatement*> statements;
  std::size_t longest = 0;
  for (const SessionScript& script : scripts) longest = std::max(longest, script.size());
  for (std::size_t i = 0; i < longest; ++i) {
    for (const SessionScript& script : scripts) {
      if (i < script.size()) statements.push_back(&script[i]);
    }
  }
  return statements;
}

class OpenSimulation {
 public:
  OpenSimulation(const std::vector<SessionScript>& scripts, double rate, const SimulationOptions& options)
      : options_(options),
        statements_(in_turn(scripts)),
        rate_(rate),
        random_(options.seed),
        processor_(options.servers),
        tally_(options) {}

  SimulationResult run() {
    double arrival = statements_.empty() ? kNever : gap();
    while (!statements_.empty() && !tally_.is_full()) {
      const double delay = delays_.empty() ? kNever : delays_.top().at, work = processor_.next_at();
      now_ = std::min({arrival, delay, work});
      processor_.advance(now_);
      if (now_ == arrival) {
        begin();
        arrival += gap();
      } else if (now_ == work) {
        worked(processor_.finish());
      } else {
        const Job job = delays_.top().job;
        delays_.pop();
        answer(job);
      }
    }
    return tally_.finish();
  }

 private:
  struct Active {
    const ScriptedStatement* statement = nullptr;
    double asked = 0;
    bool answered = false;
  };

  double gap() { return -std::log1p(-uniform(random_)) / rate_; }

  void begin() {
    if (free_.empty()) {
      free_.push_back(static_cast<Job>(active_.size()));
      active_.emplace_back();
    }
    const Job job = free_.back();
    free_.pop_back();
    active_[job] = {statements_[next_++ % statements_.size()], now_, false};
    processor_.add(job, changed(*active_[job].statement, options_.changes));
  }

  void worked(Job job) {
    if (active_[job].answered) return free_.push_back(job);
    delays_.push({now_ + active_[job].statement->delay, number_++, job});
  }

  void answer(Job job) {
    Active& active = active_[job];
    tally_.add({.start = active.asked, .end = now_, .query = active.statement->query}, processor_.work());
    active.answered = true;
    if (active.statement->hidden > 0) return processor_.add(job, active.statement->hidden);
    free_.push_back(job);
  }

  const SimulationOptions& options_;
  std::vector<const ScriptedStatement*> statements_;
  double rate_, now_ = 0;
  std::size_t next_ = 0;
  std::uint64_t number_ = 0;
  std::mt19937_64 random_;
  SharedProcessor processor_;
  Agenda delays_;
  std::vector<Active> active_;
  std::vector<Job> free_;
  Tally tally_;
};

}  // namespace

double SimulationResult::percentile(double share) const {
  return static_cast<double>(responses.percentile(share).count()) / 1e3;
}

SimulationResult simulate_closed(const std::vector<SessionScript>& scripts, const SimulationOptions& options,
                                 const StatementObserver& observe) {
  return simulate_fleet(scripts, options, {}, observe);
}

SimulationResult simulate_fleet(const std::vector<SessionScript>& scripts, const SimulationOptions& options,
                                const FleetOptions& fleet, const StatementObserver& observe) {
  return ClosedSimulation(scripts, options, fleet, observe).run();
}

SimulationResult simulate_open(const std::vector<SessionScript>& scripts, double rate,
                               const SimulationOptions& options) {
  return OpenSimulation(scripts, rate, options).run();
}

}  // namespace assay
