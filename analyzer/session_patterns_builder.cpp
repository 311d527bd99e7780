#include "analyzer/session_patterns_builder.h"

#include <algorithm>
#include <utility>

#include "analyzer/workload.h"

namespace assay {
namespace {

constexpr std::size_t kPlaces = 2048;  // a power of two: numbers of processes are handed out in sequence
constexpr Microseconds kClockTick{1000};
constexpr Microseconds kClockTurnedBack{1'000'000};

std::size_t place_of(std::int64_t process) { return static_cast<std::size_t>(process) % kPlaces; }

ClassId id_of(const std::vector<ClassId>& ids, ClassIndex index) { return index < ids.size() ? ids[index] : 0; }

}  // namespace

SessionPatternsBuilder::SessionPatternsBuilder() : places_(kPlaces) { static_assert(kPlaces * kWays == kMostSessions); }

SessionPatternsBuilder::Way* SessionPatternsBuilder::find(std::int64_t process) {
  return const_cast<Way*>(std::as_const(*this).find(process));
}

const SessionPatternsBuilder::Way* SessionPatternsBuilder::find(std::int64_t process) const {
  for (const Way& way : places_[place_of(process)]) {
    if (way.process == process) return &way;
  }
  return nullptr;
}

/// Another session under the same number, or a log that begins anew, starts from nothing.
SessionPatternsBuilder::Session& SessionPatternsBuilder::session_of(const SessionStep& step) {
  Way* way = find(step.process);
  if (way == nullptr) {
    auto& ways = places_[place_of(step.process)];
    way = &*std::min_element(ways.begin(), ways.end(), [](const Way& a, const Way& b) { return a.used < b.used; });
    if (way->process == 0) {
      way->session = static_cast<std::uint32_t>(sessions_.size());
      sessions_.emplace_back();
    } else {
      reset(sessions_[way->session]);
    }
    way->process = step.process;
    sessions_[way->session].id = step.session;
  }
  way->used = ++steps_;
  Session& session = sessions_[way->session];
  const bool is_another =
      session.id != step.session || (session.has_end && step.end + kClockTurnedBack < session.last_end);
  if (is_another) {
    reset(session);
    session.id = step.session;
  }
  return session;
}

void SessionPatternsBuilder::reset(Session& session) {
  for (Loop& loop : session.loops) flush(loop);
  session = Session();
}

void SessionPatternsBuilder::add(const SessionStep& step) {
  if (step.process == 0) return;
  Session& session = session_of(step);
  const Timestamp start = step.end - step.duration;
  const bool known = session.has_end && step.timed;
  const Microseconds gap = known ? std::max(start - session.last_end, Microseconds{0}) : Microseconds{0};
  if (session.in_transaction) {
    if (step.role != TransactionRole::kBegin && gap >= kClockTick) count_gap(session, gap);
  } else if (gap > kLongestPause) {
    end_burst(session);
  }
  if (step.timed) {
    any_timed_ = true;
    shortest_ = std::min(shortest_, step.duration);
  }
  if (step.role == TransactionRole::kBegin) {
    begin_transaction(session, step);
  } else if (step.role == TransactionRole::kEnd) {
    end_transaction(session, step.end);
  } else if (step.role != TransactionRole::kOther && step.class_index != kNoClass) {
    follow_loops(session, step);
  }
  session.last_end = step.end;
  session.has_end = step.timed;
  session.last_class = step.class_index;
}

void SessionPatternsBuilder::busy_until(std::int64_t process, Timestamp end) {
  Way* way = find(process);
  if (process == 0 || way == nullptr) return;
  Session& session = sessions_[way->session];
  session.last_end = std::max(session.last_end, end);
}

void SessionPatternsBuilder::leave(std::int64_t process) {
  Way* way = find(process);
  if (process != 0 && way != nullptr) reset(sessions_[way->session]);
}

void SessionPatternsBuilder::terminate(std::int64_t process, Timestamp when) {
  Way* way = find(process);
  if (process == 0 || way == nullptr) return;
  Session& session = sessions_[way->session];
  if (session.in_transaction) {
    if (session.has_end && when - session.last_end >= kClockTick) count_gap(session, when - session.last_end);
    end_transaction(session, when);
  }
  reset(session);
}

void SessionPatternsBuilder::count_gap(Session& session, Microseconds gap) {
  accumulate(session.idle, gap);
  if (session.last_class == kNoClass) return;
  if (idle_.size() <= session.last_class) idle_.resize(session.last_class + std::size_t{1});
  IdleFinding& finding = idle_[session.last_class];
  ++finding.gaps;
  accumulate(finding.total, gap);
  finding.longest = std::max(finding.longest, gap);
  if (session.writes == 0) return;
  ++finding.gaps_after_write;
  accumulate(finding.total_after_write, gap);
}

void SessionPatternsBuilder::begin_transaction(Session& session, const SessionStep& step) {
  end_burst(session);
  ++begun_;
  session.in_transaction = true;
  session.begin = step.end - step.duration;
  session.idle = Microseconds{0};
  session.writes = 0;
}

void SessionPatternsBuilder::end_transaction(Session& session, Timestamp end) {
  end_burst(session);
  if (!session.in_transaction) {
    ++ends_alone_;
    return;
  }
  const Microseconds length = std::max(end - session.begin, Microseconds{0});
  ++result_.transactions;
  accumulate(result_.transaction_time, length);
  accumulate(result_.transaction_idle, session.idle);
  result_.longest_transaction = std::max(result_.longest_transaction, length);
  session.in_transaction = false;
  session.writes = 0;
}

/// No loop reaches over so many steps.
void SessionPatternsBuilder::end_burst(Session& session) {
  session.step += kLoopBody + 1;
  session.last_query = kNoClass;
}

void SessionPatternsBuilder::follow_loops(Session& session, const SessionStep& step) {
  ++session.step;
  Loop& loop = session.loops[step.class_index % kLoops];
  const bool goes_on = loop.class_index == step.class_index && session.step - loop.last_step <= kLoopBody;
  if (!goes_on) {
    flush(loop);
    loop = {.class_index = step.class_index,
            .before = session.last_query,
            .role = step.role,
            .in_transaction = session.in_transaction,
            .start = step.end - step.duration};
  } else if (loop.values != step.values) {
    ++loop.changes;
  }
  ++loop.repeats;
  loop.values_known &= step.values != 0;
  loop.values = step.values;
  loop.last_step = session.step;
  accumulate(loop.time, step.duration);
  loop.end = step.end;
  session.last_query = step.class_index;
  if (step.role != TransactionRole::kWrite || !session.in_transaction) return;
  if (session.writes > 0 && session.wrote[0] == step.class_index) return;
  std::copy_backward(session.wrote.begin(), session.wrote.end() - 1, session.wrote.end());
  session.wrote[0] = step.class_index;
  session.writes = static_cast<std::uint8_t>(std::min<std::size_t>(session.writes + std::size_t{1}, HeldLocks::kMost));
}

void SessionPatternsBuilder::flush(Loop& loop) {
  const Loop ended = std::exchange(loop, Loop());
  if (ended.repeats < kShortestLoop) return;
  LoopTally& tally = loops_[ended.class_index];
  LoopFinding& finding = tally.finding;
  finding.role = ended.role;
  if (ended.values_known && std::uint64_t{ended.changes} * 2 < ended.repeats) {
    ++finding.same_values_runs;
    finding.same_values_repeats += ended.repeats;
    return;
  }
  ++finding.runs;
  if (ended.in_transaction) ++finding.runs_in_transaction;
  finding.repeats += ended.repeats;
  finding.most = std::max<std::uint64_t>(finding.most, ended.repeats);
  accumulate(finding.time, ended.time);
  accumulate(finding.elapsed, std::max(ended.end - ended.start, Microseconds{0}));
  accumulate(finding.most_saved, ended.time - ended.time / ended.repeats);
  finding.values_known &= ended.values_known;
  tally.repeats.add(Microseconds(ended.repeats));
  if (tally.votes == 0) tally.before = ended.before;
  tally.votes = tally.before == ended.before ? tally.votes + 1 : tally.votes - 1;
}

HeldLocks SessionPatternsBuilder::held_by(std::int64_t process) const {
  const Way* way = find(process);
  if (process == 0 || way == nullptr) return {};
  const Session& session = sessions_[way->session];
  return {session.in_transaction, session.wrote, session.in_transaction ? session.writes : std::size_t{0}};
}

SessionPatterns SessionPatternsBuilder::finish(const std::vector<ClassId>& ids) {
  for (Session& session : sessions_) reset(session);
  for (auto& [index, tally] : loops_) {
    LoopFinding& finding = result_.loops.emplace_back(tally.finding);
    finding.class_id = id_of(ids, index);
    finding.before = id_of(ids, tally.before);
    finding.median = static_cast<std::uint64_t>(tally.repeats.percentile(0.5).count());
  }
  const auto heavier = [](const auto& a, Microseconds of_a, const auto& b, Microseconds of_b) {
    return of_a != of_b ? of_a > of_b : a.class_id < b.class_id;
  };
  std::sort(result_.loops.begin(), result_.loops.end(),
            [&](const auto& a, const auto& b) { return heavier(a, a.time, b, b.time); });
  const bool complete = shortest_ < kClockTick && result_.transactions * 5 >= (begun_ + ends_alone_) * 4;
  result_.evidence = begun_ == 0   ? IdleEvidence::kNoTransactions
                     : !any_timed_ ? IdleEvidence::kNoDurations
                     : complete    ? IdleEvidence::kSeen
                                   : IdleEvidence::kIncomplete;
  if (result_.evidence != IdleEvidence::kSeen) return std::move(result_);
  for (ClassIndex index = 0; index < idle_.size(); ++index) {
    if (idle_[index].gaps == 0) continue;
    result_.idle.push_back(idle_[index]);
    result_.idle.back().class_id = id_of(ids, index);
  }
  std::sort(result_.idle.begin(), result_.idle.end(),
            [&](const auto& a, const auto& b) { return heavier(a, a.total, b, b.total); });
  return std::move(result_);
}

}  // namespace assay
