// SessionModel: the measured demand as the networks take it. Chains of sessions for the exact solution, scripts for the
// simulation, both with the same means; and the demand of short classes freed of what the log's clock does to it.
#pragma once

#include <cstdint>
#include <vector>

#include "advisors/forecast/closed_network.h"
#include "advisors/forecast/simulation.h"
#include "analyzer/service_demand.h"

namespace assay {

/// One group of sessions: whole sessions, with the think time that keeps the group's rate.
struct ModelGroup {
  double sessions = 1;
  double think = 0;                                   ///< ms a statement
  double rate = 0;                                    ///< as logged, statements a ms
  std::vector<std::pair<std::uint32_t, double>> mix;  ///< class, its share of the group's statements
};

/// `demand` may have been changed since it was measured.
std::vector<ModelGroup> model_groups(const ServiceDemand& demand);

/// Demand of each class, ms; a statement's hidden part; what is no work.
struct ModelDemand {
  std::vector<double> demand, wait;  ///< by class
  double hidden = 0;                 ///< of the processor, after each statement
};
ModelDemand model_demand(const ServiceDemand& demand);

/// Chains whose cycle is one statement.
std::vector<Chain> chains_of(const std::vector<ModelGroup>& groups, const ModelDemand& demand);

inline constexpr std::size_t kScriptedStatements = 60'000;

/// What was logged in the part of the span whose rate is nearest to the mean, at most kScriptedStatements or so.
struct TypicalPart {
  std::int64_t from = 0, to = 0;     ///< µs since the timeline's origin
  std::vector<double> swept_demand;  ///< by class: mean of the sweep over the whole span, ms
};
TypicalPart typical_part(const MeasuredDemand& measured);

/// A script of that part for each of the groups' sessions, think times scaled to the groups'.
std::vector<SessionScript> scripts_from(const MeasuredDemand& measured, const std::vector<ModelGroup>& groups,
                                        const TypicalPart& part);
std::vector<SessionScript> scripts_from(const MeasuredDemand& measured, const std::vector<ModelGroup>& groups);

/// Simulates the sessions, cuts the stamps as the log does, measures again, and corrects each class's demand by what
/// came out wrong: the parametric bootstrap's correction of a bias (Efron, Tibshirani: An Introduction to the
/// Bootstrap, 1993, chapter 10). It matters where statements are shorter than a stamp is wide.
void correct_for_stamps(MeasuredDemand& measured);

}  // namespace assay
