// What sessions do that no single statement shows: N+1 loops, idle in transaction.
#include <algorithm>
#include <vector>

#include "analyzer/session_patterns_builder.h"
#include "cli/markdown.h"

namespace assay {
namespace {

constexpr Microseconds kNoticedGap{100'000};  // shorter ones are the network's and the application's ordinary work

std::vector<const IdleFinding*> noticed(const SessionPatterns& patterns) {
  std::vector<const IdleFinding*> findings;
  for (const IdleFinding& finding : patterns.idle) {
    if (finding.longest >= kNoticedGap) findings.push_back(&finding);
  }
  return findings;
}

}  // namespace

void Markdown::sessions() {
  const SessionPatterns& patterns = workload_.patterns;
  const bool incomplete = patterns.evidence == IdleEvidence::kIncomplete;
  if (patterns.loops.empty() && noticed(patterns).empty() && !incomplete) return;
  heading("sessions", "Sessions");
  loops();
  idle_in_transaction();
}

void Markdown::loops() {
  std::vector<const LoopFinding*> found;
  for (const LoopFinding& loop : workload_.patterns.loops) {
    if (loop.runs > 0) found.push_back(&loop);
  }
  if (!found.empty()) loop_table(found);
  for (const LoopFinding& loop : workload_.patterns.loops) {
    if (loop.same_values_runs == 0) continue;
    say("{} ran {} times in {} with the same values: asking once would do, unless others change the answer "
        "meanwhile.\n\n",
        class_cells(loop.class_id), count_text(loop.same_values_repeats), plural(loop.same_values_runs, "run", "runs"));
  }
}

void Markdown::loop_table(const std::vector<const LoopFinding*>& loops) {
  const auto any = [&](auto holds) { return std::any_of(loops.begin(), loops.end(), holds); };
  const bool values_unknown = any([](const LoopFinding* loop) { return !loop->values_known; });
  say("**N+1 loops.** One statement {} times or more in a session, within a transaction or with no pause above {}, and "
      "never more than {} statements apart{}. *Saved at the most* is the logged time less one execution a run: what "
      "one "
      "statement for all values would save if it took no longer than one of these does. Round trips come on top.\n\n",
      SessionPatternsBuilder::kShortestLoop, duration_text(SessionPatternsBuilder::kLongestPause),
      SessionPatternsBuilder::kLoopBody,
      values_unknown ? "; whether with other values is not known for all of them" : ", with other values");
  say("| runs | repeats a run: median | most | logged time | elapsed | saved at the most | statement | right before it "
      "|\n"
      "|---:|---:|---:|---:|---:|---:|---|---|\n");
  const std::size_t shown = std::min(loops.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const LoopFinding& loop = *loops[i];
    say("| {} | {} | {} | {} | {} | {} | {} | {} |\n", count_text(loop.runs), count_text(loop.median),
        count_text(loop.most), duration_text(loop.time), duration_text(loop.elapsed), duration_text(loop.most_saved),
        class_cells(loop.class_id), loop.before == 0 ? "–" : class_cells(loop.before));
  }
  more(loops.size(), shown, "statements in loops");
  if (any([](const LoopFinding* loop) { return loop->role == TransactionRole::kRead; })) {
    say("Reads: `= ANY ($1)` with all values, or a join with the statement before.\n\n");
  }
  if (any([](const LoopFinding* loop) { return loop->role == TransactionRole::kWrite; })) {
    say("Writes: an INSERT of many rows, `UPDATE … FROM unnest($1, $2)`, or COPY.\n\n");
  }
}

void Markdown::idle_in_transaction() {
  const SessionPatterns& patterns = workload_.patterns;
  if (patterns.evidence == IdleEvidence::kIncomplete) {
    say("**Idle in transaction** cannot be told: statements are missing between BEGIN and COMMIT (a threshold or a "
        "sample), so a gap may have been work. `log_min_duration_statement = 0`, for a while, would tell.\n\n");
    return;
  }
  const auto findings = noticed(patterns);
  if (findings.empty()) return;
  say("**Idle in transaction.** {} were seen from BEGIN to their end: {} long together, the longest {}; {} ({}) of "
      "that "
      "they were idle. After a write, the row locks were held meanwhile. Gaps by the statement before them, where the "
      "longest is {} or more:\n\n",
      plural(patterns.transactions, "transaction", "transactions"), duration_text(patterns.transaction_time),
      duration_text(patterns.longest_transaction), duration_text(patterns.transaction_idle),
      share_text(static_cast<double>(patterns.transaction_idle.count()) /
                 static_cast<double>(std::max<std::int64_t>(patterns.transaction_time.count(), 1))),
      duration_text(kNoticedGap));
  say("| gaps | idle | longest | idle after a write | statement before |\n|---:|---:|---:|---:|---|\n");
  const std::size_t shown = std::min(findings.size(), kEventsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const IdleFinding& finding = *findings[i];
    say("| {} | {} | {} | {} | {} |\n", count_text(finding.gaps), duration_text(finding.total),
        duration_text(finding.longest), duration_text(finding.total_after_write), class_cells(finding.class_id));
  }
  more(findings.size(), shown, "statements");
}

}  // namespace assay
