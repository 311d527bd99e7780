// Lock waits and deadlocks, added up; a part of ServerEventsBuilder.
//
// A wait is told by up to two messages ("still waiting", then "acquired"), or ends with its statement's error. Who held
// the lock: the server names the process; what that process had done comes from its session's open transaction, best
// a write to the relation waited for, or else from the statement that it was running then, which is logged when it
// ends. Where neither is in the log, the blocker is not known.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "analyzer/server_events.h"
#include "analyzer/session_patterns_builder.h"
#include "parser/log/lock_message.h"
#include "parser/log/record.h"

namespace assay {

struct KnownClass {
  ClassId id = 0;
  std::string_view normalized;
};
using ClassLookup = std::function<KnownClass(ClassIndex)>;

class LockEvents {
 public:
  LockEvents(const SessionPatternsBuilder& sessions, ClassLookup classes)
      : sessions_(sessions), classes_(std::move(classes)) {}

  void add(const LogRecord& record, const LockMessage& lock, ClassId waiter);
  void add_deadlock(const LogRecord& record);

  /// The process ended with an error: so did its wait.
  void give_up(std::int64_t process, ZonedTime when);

  /// Is there a wait whose blocker may be the next statement to end?
  bool awaits_holder() const { return !awaited_.empty(); }
  void executed(std::int64_t process, ClassId id, Timestamp end, Microseconds duration);

  void finish(ServerEvents& events);

 private:
  using Key = std::tuple<ClassId, std::string, std::string, std::string>;
  struct Group {
    LockWaitGroup waits;
    std::map<ClassId, std::uint64_t> blockers;
  };
  struct Wait {
    Key key;
    ZonedTime told;
    Microseconds waited{0};
  };
  struct Awaited {
    std::int64_t process = 0;
    Timestamp at{};
    Key key;
  };

  void begin_wait(const LogRecord& record, const LockMessage& lock, const Key& key);
  void find_blocker(const LogRecord& record, const LockMessage& lock, const Key& key);
  void end_wait(const Key& key, ZonedTime when, Microseconds waited, bool granted);
  void count_blocker(const Key& key, ClassId blocker);

  const SessionPatternsBuilder& sessions_;
  ClassLookup classes_;
  std::map<Key, Group> groups_;
  std::unordered_map<std::int64_t, Wait> waiting_;
  std::vector<Awaited> awaited_;
  std::map<std::vector<ClassId>, DeadlockGroup> deadlocks_;
  std::uint64_t avoided_ = 0, not_obtained_ = 0, dropped_ = 0;
};

}  // namespace assay
