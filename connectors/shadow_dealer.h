// Deals out questions to sessions that plan at the same time.
//
// Two questions that mark the same index wait for each other inside the server; so a session gets the first question
// left whose indexes no other session is marking. Answers stand in the questions' order, whoever gave them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/cost_model.h"
#include "connectors/shadow_session.h"

namespace assay {

struct DealtQuestion {
  const PlannableQuery* query = nullptr;
  IndexMarks marks;
};

/// One answer a question, in their order; nothing where the session was lost before it could answer: it has then
/// dealt with no further one. One session is asked in this thread, each further one in a thread of its own.
std::vector<std::optional<PlanAnswer>> deal_out(std::vector<ShadowSession>& sessions,
                                                const std::vector<DealtQuestion>& questions);

}  // namespace assay
