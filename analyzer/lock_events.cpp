#include "analyzer/lock_events.h"

#include <algorithm>

#include "analyzer/bounded_groups.h"
#include "analyzer/workload.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr std::size_t kMostWaiting = 10'000;  // processes at a time
constexpr std::size_t kMostAwaited = 64;
constexpr Microseconds kAwaitedFor{600'000'000};  // a statement that runs for longer is not looked for any more

/// Its name where the message has one, or else its object id.
std::string relation_name(const LockMessage& lock) {
  if (!lock.relation.empty()) return kept(lock.relation, kLongestEventName);
  const auto oid = relation_of_target(lock.target);
  return oid ? "OID " + std::to_string(*oid) : std::string();
}

bool mentions(std::string_view text, std::string_view name) {
  return !name.empty() && text.find(name) != std::string_view::npos;
}

}  // namespace

void LockEvents::add(const LogRecord& record, const LockMessage& lock, ClassId waiter) {
  if (lock.event == LockEvent::kDeadlockAvoided) ++avoided_;
  if (lock.event == LockEvent::kNotObtained) ++not_obtained_;
  const Key key{waiter, kept(lock.mode, kLongestEventName), lock_target_kind(lock.target), relation_name(lock)};
  if (lock.event == LockEvent::kStillWaiting) {
    begin_wait(record, lock, key);
  } else if (lock.event == LockEvent::kAcquired) {
    const auto wait = waiting_.find(lock.process);
    // The beginning has the statement, and may have the relation, where the end has not.
    const Key begun = wait != waiting_.end() ? wait->second.key : key;
    if (wait != waiting_.end()) waiting_.erase(wait);
    end_wait(begun, record.time, lock.waited, true);
  }
}

void LockEvents::begin_wait(const LogRecord& record, const LockMessage& lock, const Key& key) {
  const auto known = waiting_.find(lock.process);
  if (known != waiting_.end()) {
    const bool same = known->second.key == key && lock.waited > known->second.waited;
    if (!same) end_wait(known->second.key, known->second.told, known->second.waited, false);
    known->second = {key, record.time, lock.waited};
    if (same) return;
  } else if (waiting_.size() < kMostWaiting) {
    waiting_[lock.process] = {key, record.time, lock.waited};
  } else {
    ++dropped_;
    return;
  }
  find_blocker(record, lock, key);
}

void LockEvents::find_blocker(const LogRecord& record, const LockMessage& lock, const Key& key) {
  if (Group* group = group_of(groups_, key, dropped_)) {
    group->waits.longest_queue = std::max<std::uint64_t>(group->waits.longest_queue, lock.queue.size());
  }
  if (lock.holders.empty()) return count_blocker(key, 0);
  const std::int64_t holder = lock.holders.front();
  const HeldLocks held = sessions_.held_by(holder);
  for (std::size_t i = 0; i < held.count; ++i) {
    const KnownClass known = classes_(held.writes[i]);
    if (mentions(known.normalized, lock.relation)) return count_blocker(key, known.id);
  }
  if (held.count > 0 && lock.relation.empty()) return count_blocker(key, classes_(held.writes[0]).id);
  if (awaited_.size() == kMostAwaited) {
    count_blocker(awaited_.front().key, 0);
    awaited_.erase(awaited_.begin());
  }
  awaited_.push_back({holder, record.time.utc, key});
}

/// The first statement of the holder to end after the message: it ran at that time, or the holder was idle.
void LockEvents::executed(std::int64_t process, ClassId id, Timestamp end, Microseconds duration) {
  std::erase_if(awaited_, [&](const Awaited& awaited) {
    const bool expired = end - awaited.at > kAwaitedFor;
    if (awaited.process != process && !expired) return false;
    const bool ran = awaited.process == process && !expired && end - duration <= awaited.at;
    count_blocker(awaited.key, ran ? id : 0);
    return true;
  });
}

void LockEvents::count_blocker(const Key& key, ClassId blocker) {
  if (Group* group = group_of(groups_, key, dropped_)) ++group->blockers[blocker];
}

void LockEvents::end_wait(const Key& key, ZonedTime when, Microseconds waited, bool granted) {
  Group* group = group_of(groups_, key, dropped_);
  if (group == nullptr) return;
  group->waits.seen.add(when);
  group->waits.granted += granted ? 1 : 0;
  accumulate(group->waits.total, waited);
  group->waits.longest = std::max(group->waits.longest, waited);
}

void LockEvents::give_up(std::int64_t process, ZonedTime when) {
  const auto wait = waiting_.find(process);
  if (wait == waiting_.end()) return;
  const Wait ended = wait->second;
  waiting_.erase(wait);
  const auto since = std::max<Microseconds>(when.utc - ended.told.utc, Microseconds{0});
  end_wait(ended.key, when, ended.waited + since, false);
}

void LockEvents::add_deadlock(const LogRecord& record) {
  const auto edges = parse_deadlock(record.detail);
  std::vector<ClassId> ids;
  for (const DeadlockEdge& edge : edges) {
    ids.push_back(edge.query.empty() ? 0 : class_id(record.database, shape_hash(edge.query)));
  }
  std::sort(ids.begin(), ids.end());
  DeadlockGroup* group = group_of(deadlocks_, ids, dropped_);
  if (group == nullptr) return;
  group->seen.add(record.time);
  if (group->seen.count > 1) return;
  group->relation = kept(relation_of_context(record.context), kLongestEventName);
  for (const DeadlockEdge& edge : edges) {
    group->parties.push_back({edge.query.empty() ? 0 : class_id(record.database, shape_hash(edge.query)),
                              kept(edge.query, kLongestEventQuery), kept(edge.mode, kLongestEventName),
                              kept(edge.target, kLongestEventName)});
  }
}

void LockEvents::finish(ServerEvents& events) {
  for (const Awaited& awaited : awaited_) count_blocker(awaited.key, 0);
  std::map<std::int64_t, Wait> unfinished(waiting_.begin(), waiting_.end());
  for (const auto& [process, wait] : unfinished) end_wait(wait.key, wait.told, wait.waited, false);
  for (auto& [key, group] : groups_) {
    LockWaitGroup& waits = events.lock_waits.emplace_back(std::move(group.waits));
    std::tie(waits.class_id, waits.mode, waits.target, waits.relation) = key;
    for (const auto& [id, count] : group.blockers) waits.blockers.push_back({id, count});
    std::stable_sort(waits.blockers.begin(), waits.blockers.end(),
                     [](const auto& a, const auto& b) { return a.waits > b.waits; });
  }
  std::stable_sort(events.lock_waits.begin(), events.lock_waits.end(),
                   [](const auto& a, const auto& b) { return a.total > b.total; });
  for (auto& [ids, group] : deadlocks_) events.deadlocks.push_back(std::move(group));
  std::stable_sort(events.deadlocks.begin(), events.deadlocks.end(),
                   [](const auto& a, const auto& b) { return a.seen.count > b.seen.count; });
  events.deadlocks_avoided = avoided_;
  events.locks_not_obtained = not_obtained_;
  events.dropped += dropped_;
}

}  // namespace assay
