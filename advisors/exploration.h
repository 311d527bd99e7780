// Which plans the candidates could lead to: a few questions a class, instead of one a candidate.
//
// 1. All candidates at once: what the plan uses is the best that they can do, and a class that gains nothing from all
//    of them gains nothing from any ("DB2 advisor", Valentin et al., ICDE 2000).
// 2. All but those that any class used: the runners-up.
// 3. For each class, among these and the candidates of one key (which many classes can share), each used index is
//    taken away in turn, until nothing is gained: the atomic configurations, cheapest first (Papadomanolakis, Dash,
//    Ailamaki, VLDB 2007). Two indexes that only pay together stand in one of them.
// A class that takes hardly any time gets fewer questions. All questions of a round go to the model together.
#pragma once

#include <vector>

#include "advisors/evaluation.h"

namespace assay {

/// In any case a class must become cheaper by this share.
inline constexpr double kLeastClassGain = 0.1;

/// Fills in JudgedValue::known. `spared` what-if calls are kept back for what comes after.
void explore(std::vector<JudgedClass>& classes, const std::vector<WeighedCandidate>& candidates, WhatIf& whatif,
             const Evaluation& evaluation, std::uint64_t spared);

}  // namespace assay
