#include "advisors/forecast/session_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace assay {
namespace {

constexpr int kCorrections = 2;
constexpr double kMostCorrection = 3;         // a factor
constexpr std::int64_t kLoosely = 2'000'000;  // µs: more than a stamp's width and what SessionTimeline adds to it

/// By class: of the means over a group's mix.
double mean_of(const std::vector<std::pair<std::uint32_t, double>>& mix, const std::vector<double>& values) {
  double sum = 0;
  for (const auto& [query, share] : mix) sum += share * values[query];
  return sum;
}

/// Sessions that come and go are slots that are taken part of the time: a whole number of slots that think a little
/// longer keeps the rate.
ModelGroup group_of(const SessionGroup& group, const ServiceDemand& demand) {
  ModelGroup model{.sessions = std::max(1.0, std::ceil(group.sessions - 0.1)),
                   .rate = static_cast<double>(group.executions) / demand.trace_rate / demand.span};
  double response = 0;
  for (const auto& [query, count] : group.mix) {
    const double share = static_cast<double>(count) / static_cast<double>(group.executions);
    model.mix.emplace_back(query, share);
    response += share * demand.classes[query].response;
  }
  const double cycle = group.sessions > 0 ? (response + group.gap) * model.sessions / group.sessions : response;
  const double empty = std::max(cycle - response - group.gap, 0.0);
  model.think = group.think + empty;
  return model;
}

/// Of the parts of the span, as many as make kScriptedStatements each, the one nearest to the mean.
TypicalPart typical_window(const SessionTimeline& timeline) {
  const std::size_t total = timeline.executions.size();
  const std::size_t parts = std::max<std::size_t>(1, total / kScriptedStatements);
  const std::int64_t width = timeline.span / static_cast<std::int64_t>(parts) + 1;
  std::vector<std::size_t> counts(parts, 0);
  for (const TimedExecution& execution : timeline.executions) {
    const std::int64_t part =
        std::clamp<std::int64_t>(execution.start / width, 0, static_cast<std::int64_t>(parts) - 1);
    ++counts[static_cast<std::size_t>(part)];
  }
  const std::size_t mean = total / parts;
  const auto distance = [&](std::size_t count) { return count > mean ? count - mean : mean - count; };
  const auto best = std::min_element(counts.begin(), counts.end(),
                                     [&](std::size_t a, std::size_t b) { return distance(a) < distance(b); });
  const std::int64_t part = best - counts.begin();
  return {part * width, (part + 1) * width, {}};
}

void scale_thinking(std::vector<SessionScript>& scripts, std::size_t first, double think) {
  double sum = 0, count = 0;
  for (std::size_t i = first; i < scripts.size(); ++i) {
    for (const ScriptedStatement& statement : scripts[i]) sum += statement.think, ++count;
  }
  const double factor = sum > 0 ? think * count / sum : 0;
  for (std::size_t i = first; i < scripts.size(); ++i) {
    for (ScriptedStatement& statement : scripts[i]) {
      statement.think = static_cast<float>(sum > 0 ? statement.think * factor : think);
    }
  }
}

class Scripting {
 public:
  Scripting(const MeasuredDemand& measured, const TypicalPart& part) : measured_(measured), part_(part) {}

  /// The members of a group take the group's slots one after the other.
  void add(const SessionGroup& group, const ModelGroup& model, std::vector<SessionScript>& scripts) const {
    const std::size_t first = scripts.size();
    scripts.resize(first + static_cast<std::size_t>(model.sessions));
    std::size_t slot = 0;
    for (const std::uint32_t member : group.members) {
      SessionScript& script = scripts[first + slot % static_cast<std::size_t>(model.sessions)];
      const std::size_t before = script.size();
      append(measured_.timeline.sessions[member], group, script);
      if (script.size() > before) ++slot;
    }
    scale_thinking(scripts, first, model.think);
  }

 private:
  void append(const SessionSpan& session, const SessionGroup& group, SessionScript& script) const {
    const ServiceDemand& demand = measured_.demand;
    const auto& executions = measured_.timeline.executions;
    // Their ends are in order, but for what a stamp leaves open.
    const auto all = executions.begin() + session.first;
    const auto first = std::partition_point(all, all + session.count, [&](const TimedExecution& execution) {
      return execution.end() < part_.from - kLoosely;
    });
    for (auto i = static_cast<std::uint32_t>(first - executions.begin()); i < session.first + session.count; ++i) {
      const TimedExecution& execution = executions[i];
      if (execution.start < part_.from || execution.start >= part_.to) continue;
      const ClassDemand& query = demand.classes[execution.query];
      const double own = measured_.sweep.executions[i].demand * 1e-3;
      const double mean = part_.swept_demand[execution.query];
      script.push_back({.query = execution.query,
                        .think = static_cast<float>(think_before(execution, group)),
                        .demand = static_cast<float>(mean > 0 ? own * query.demand / mean : query.demand),
                        .delay = static_cast<float>(query.wait),
                        .hidden = static_cast<float>(demand.clients_are_local ? demand.hidden : 0)});
    }
  }

  // Hot sessions think only where they pause for longer than waiting explains.
  double think_before(const TimedExecution& execution, const SessionGroup& group) const {
    if (execution.gap == TimedExecution::kNoGap) return group.gap;
    const double gap = std::max(execution.gap * 1e-3, 0.0);
    return group.is_hot && gap <= ServiceDemand::kSchedulerPeriod ? 0 : gap;
  }

  const MeasuredDemand& measured_;
  const TypicalPart& part_;
};

/// What the log would have told of the simulated sessions, and what they really needed.
struct Rehearsal {
  Trace trace;
  std::vector<double> demand;  // sums by class, ms
};

Rehearsal rehearse(const MeasuredDemand& measured, const TypicalPart& part) {
  const ServiceDemand& demand = measured.demand;
  Rehearsal rehearsal{.demand = std::vector<double>(demand.classes.size(), 0)};
  const auto scripts = scripts_from(measured, model_groups(demand), part);
  const auto count = std::min<std::size_t>(kScriptedStatements, measured.timeline.executions.size());
  simulate_closed(scripts, {.servers = demand.cores, .statements = count}, [&](const SimulatedStatement& statement) {
    const std::int64_t end = std::llround(statement.end * 1e3) / demand.resolution * demand.resolution;
    rehearsal.trace.add({.end = Timestamp(Microseconds(end)),
                         .duration = Microseconds(std::llround((statement.end - statement.start) * 1e3)),
                         .query = statement.query,
                         .session = statement.session},
                        0);
    rehearsal.demand[statement.query] += statement.demand;
  });
  return rehearsal;
}

/// By class: what was needed / what the log makes of it.
std::vector<double> corrections(const MeasuredDemand& measured, const TypicalPart& part) {
  const ServiceDemand& demand = measured.demand;
  const Rehearsal rehearsal = rehearse(measured, part);
  const SessionTimeline timeline = session_timeline(TracePart(rehearsal.trace));
  SweepOptions options{.cores = demand.cores, .hidden = demand.clients_are_local ? demand.hidden * 1e3 : 0};
  for (const TimedExecution& execution : timeline.executions) {
    options.waits.push_back(static_cast<float>(demand.classes[execution.query].wait * 1e3));
  }
  const Sweep again = sweep(timeline, options);
  std::vector<double> found(demand.classes.size(), 0), factors(demand.classes.size(), 1);
  for (std::size_t i = 0; i < timeline.executions.size(); ++i) {
    found[timeline.executions[i].query] += again.executions[i].demand * 1e-3;
  }
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (found[i] > 0) factors[i] = std::clamp(rehearsal.demand[i] / found[i], 1 / kMostCorrection, kMostCorrection);
  }
  return factors;
}

}  // namespace

std::vector<ModelGroup> model_groups(const ServiceDemand& demand) {
  std::vector<ModelGroup> groups;
  for (const SessionGroup& group : demand.groups) groups.push_back(group_of(group, demand));
  return groups;
}

ModelDemand model_demand(const ServiceDemand& demand) {
  ModelDemand model{.hidden = demand.clients_are_local ? demand.hidden : 0};
  for (const ClassDemand& query : demand.classes) {
    model.demand.push_back(query.demand);
    model.wait.push_back(query.wait);
  }
  return model;
}

std::vector<Chain> chains_of(const std::vector<ModelGroup>& groups, const ModelDemand& demand) {
  constexpr double kLeastDemand = 1e-6;  // ms: a chain without any would go around infinitely fast
  std::vector<Chain> chains;
  for (const ModelGroup& group : groups) {
    chains.push_back({.sessions = group.sessions,
                      .delay = group.think + mean_of(group.mix, demand.wait),
                      .demand = std::max(mean_of(group.mix, demand.demand) + demand.hidden, kLeastDemand)});
  }
  return chains;
}

TypicalPart typical_part(const MeasuredDemand& measured) {
  TypicalPart part = typical_window(measured.timeline);
  std::vector<double> sums(measured.demand.classes.size(), 0), counts(sums.size(), 0);
  for (std::size_t i = 0; i < measured.timeline.executions.size(); ++i) {
    const std::uint32_t query = measured.timeline.executions[i].query;
    sums[query] += measured.sweep.executions[i].demand * 1e-3;
    ++counts[query];
  }
  for (std::size_t i = 0; i < counts.size(); ++i) sums[i] /= std::max(counts[i], 1.0);
  part.swept_demand = std::move(sums);
  return part;
}

std::vector<SessionScript> scripts_from(const MeasuredDemand& measured, const std::vector<ModelGroup>& groups) {
  return scripts_from(measured, groups, typical_part(measured));
}

std::vector<SessionScript> scripts_from(const MeasuredDemand& measured, const std::vector<ModelGroup>& groups,
                                        const TypicalPart& part) {
  std::vector<SessionScript> scripts;
  const Scripting scripting(measured, part);
  for (std::size_t i = 0; i < groups.size(); ++i) scripting.add(measured.demand.groups[i], groups[i], scripts);
  return scripts;
}

void correct_for_stamps(MeasuredDemand& measured) {
  if (measured.timeline.resolution == 1 || measured.demand.trace_rate < 1) return;
  std::vector<double> raw;
  for (const ClassDemand& query : measured.demand.classes) raw.push_back(query.demand);
  const TypicalPart part = typical_part(measured);
  for (int i = 0; i < kCorrections; ++i) {
    const auto factors = corrections(measured, part);
    for (std::size_t query = 0; query < raw.size(); ++query) {
      ClassDemand& corrected = measured.demand.classes[query];
      const double before = corrected.demand;
      corrected.demand = std::min(raw[query] * factors[query], corrected.response);
      if (before > 0) corrected.demand_squares *= std::pow(corrected.demand / before, 2);
    }
  }
}

}  // namespace assay
