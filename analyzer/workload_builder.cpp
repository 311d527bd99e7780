#include "analyzer/workload_builder.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "analyzer/client_loads.h"
#include "analyzer/logged_plans.h"
#include "analyzer/server_events_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

// Equal for one execution whichever format told of it, and as good as random otherwise.
std::uint64_t priority_of(const LogRecord& record) {
  const auto time = static_cast<std::uint64_t>(record.time.utc.time_since_epoch().count());
  const auto seed = XXH3_64bits_withSeed(&time, sizeof time, static_cast<std::uint64_t>(record.duration.count()));
  return hash_text(record.parameters, hash_text(record.sql, seed ^ static_cast<std::uint64_t>(record.process)));
}

bool passes(const LogRecord& record, const WorkloadFilter& filter) {
  if (filter.since && filter.since->is_after(record.time)) return false;
  if (filter.until && !filter.until->is_after(record.time)) return false;
  if (filter.database && record.database != *filter.database) return false;
  if (filter.user && record.user != *filter.user) return false;
  if (filter.application && record.application != *filter.application) return false;
  return true;
}

void remember(std::set<std::string>& names, std::string_view name) {
  constexpr std::size_t kMostNames = 32;    // a pool that puts a request's id into the name must not fill the memory
  constexpr std::size_t kLongestName = 63;  // NAMEDATALEN - 1
  if (!name.empty() && names.size() < kMostNames) names.emplace(name.substr(0, kLongestName));
}

// Heaviest first; the id makes the order total.
bool heavier(const QueryClass& a, const QueryClass& b) {
  if (a.total != b.total) return a.total > b.total;
  if (a.calls != b.calls) return a.calls > b.calls;
  return a.id < b.id;
}

}  // namespace

struct WorkloadBuilder::State {
  WorkloadFilter filter;
  Workload workload;
  std::unordered_map<std::uint64_t, std::size_t> class_by_id;
  std::unordered_set<std::uint64_t> sessions;
  std::size_t sample_bytes = 0;
  std::string last_database;
  std::uint64_t last_database_hash = hash_text("", 0);
  std::vector<TransactionRole> roles;  // of the classes
  SessionPatternsBuilder patterns;
  ServerEventsBuilder events{patterns, [this](ClassIndex index) {
                               return KnownClass{workload.classes[index].id, workload.classes[index].normalized};
                             }};
  ClientLoads clients;
  std::unique_ptr<State> of_plans;  // the executions that plans stand for, as long as no duration was logged

  Workload close();
  void count_plan(const LogRecord& record);
  void follow_session(const LogRecord& record, const QueryClass* query);
  void count_record(const LogRecord& record);
  void count_execution(const LogRecord& record);
  void count_unfinished(const LogRecord& record);
  void count_error(const LogRecord& record);
  QueryClass* class_of(const LogRecord& record);
  void sample(QueryClass& query, const LogRecord& record);
  void sample_slowest(QueryClass& query, const LogRecord& record);
  bool may_keep(const LogRecord& record) const;
  ExecutionSample keep(const LogRecord& record, std::uint64_t priority);
  void count_session(const LogRecord& record);
  void extend_span(const LogRecord& record);
};

WorkloadBuilder::WorkloadBuilder(WorkloadFilter filter) : state_(std::make_unique<State>()) {
  state_->filter = std::move(filter);
}

WorkloadBuilder::~WorkloadBuilder() = default;

void WorkloadBuilder::add(const LogRecord& record) {
  if (!passes(record, state_->filter)) {
    ++state_->workload.filtered;
    return;
  }
  state_->count_record(record);
  state_->count_plan(record);
}

Workload WorkloadBuilder::finish(std::vector<InputAccount> inputs) {
  Workload workload = state_->close();
  workload.inputs = std::move(inputs);
  if (state_->of_plans && state_->of_plans->workload.executions > 0) {
    workload = workload_of_plans(state_->of_plans->close(), std::move(workload));
  }
  std::sort(workload.classes.begin(), workload.classes.end(), heavier);
  return workload;
}

Workload WorkloadBuilder::State::close() {
  workload.sessions = sessions.size();
  std::vector<ClassId> ids;
  for (const QueryClass& query : workload.classes) ids.push_back(query.id);
  workload.patterns = patterns.finish(ids);
  workload.events = events.finish();
  workload.clients = clients.finish();
  return std::move(workload);
}

/// Errors count too, so that the workload of the plans is whole.
void WorkloadBuilder::State::count_plan(const LogRecord& record) {
  if (workload.executions > 0 || workload.total.count() > 0) {
    of_plans.reset();
  } else if (record.kind == RecordKind::kPlan || record.kind == RecordKind::kError) {
    if (!of_plans) of_plans = std::make_unique<State>();
    of_plans->count_record(record.kind == RecordKind::kPlan ? execution_of_plan(record) : record);
  }
}

void WorkloadBuilder::State::count_record(const LogRecord& record) {
  if (record.kind != RecordKind::kExecution) {
    const QueryClass* query = class_of(record);
    events.add(record, query ? query->id : 0);
  }
  switch (record.kind) {
    case RecordKind::kPlan:
      if (QueryClass* query = class_of(record)) keep_plan(*query, record);
      return;
    case RecordKind::kExecution:
      return count_execution(record);
    case RecordKind::kUnfinished:
      return count_unfinished(record);
    case RecordKind::kError:
      return count_error(record);
    default:
      return;
  }
}

void WorkloadBuilder::State::count_execution(const LogRecord& record) {
  ++workload.executions;
  if (record.timed) ++workload.timed_executions;
  accumulate(workload.total, record.duration);
  workload.timeline.add(record.time.utc, {.executions = 1, .errors = 0, .total = record.duration});
  extend_span(record);
  count_session(record);
  QueryClass* query = class_of(record);
  clients.add(record);
  follow_session(record, query);
  if (!query) {
    OtherTime& other = record.sql.empty() ? workload.unattributed : workload.overflow;
    ++other.calls;
    accumulate(other.total, record.duration);
    return;
  }
  ++query->calls;
  remember(query->users, record.user);
  remember(query->applications, record.application);
  sample(*query, record);
  if (!record.timed) return;
  const auto us = static_cast<std::uint64_t>(record.duration.count());
  query->shortest = query->timed_calls == 0 ? record.duration : std::min(query->shortest, record.duration);
  sample_slowest(*query, record);
  query->longest = std::max(query->longest, record.duration);
  ++query->timed_calls;
  accumulate(query->total, record.duration);
  query->sum_of_squares += static_cast<UnsignedInt128>(us) * us;
  query->latencies.add(record.duration);
}

void WorkloadBuilder::State::follow_session(const LogRecord& record, const QueryClass* query) {
  events.executed(record, query ? query->id : 0);
  const auto index = query ? static_cast<ClassIndex>(query - workload.classes.data()) : kNoClass;
  patterns.add({.process = record.process,
                .session = record.session.empty() ? 0 : hash_text(record.session, 0),
                .class_index = index,
                .role = query ? roles[index] : TransactionRole::kOther,
                .timed = record.timed,
                .end = record.time.utc,
                .duration = record.duration,
                .values = record.values});
}

void WorkloadBuilder::State::count_unfinished(const LogRecord& record) {
  accumulate(workload.total, record.duration);
  workload.timeline.add(record.time.utc, {.executions = 0, .errors = 0, .total = record.duration});
  if (QueryClass* query = class_of(record)) {
    accumulate(query->total, record.duration);
    accumulate(query->unfinished, record.duration);
  } else {
    accumulate((record.sql.empty() ? workload.unattributed : workload.overflow).total, record.duration);
  }
}

void WorkloadBuilder::State::count_error(const LogRecord& record) {
  ++workload.errors;
  constexpr std::size_t kMostStates = 1000;  // PostgreSQL knows some 260
  if (record.sqlstate.size() == 5 && workload.errors_by_state.size() < kMostStates)
    ++workload.errors_by_state[std::string(record.sqlstate)];
  workload.timeline.add(record.time.utc, {.executions = 0, .errors = 1, .total = {}});
  clients.add(record);
  if (QueryClass* query = class_of(record)) ++query->errors;
}

QueryClass* WorkloadBuilder::State::class_of(const LogRecord& record) {
  if (record.sql.empty()) return nullptr;
  if (record.database != last_database) {
    last_database = record.database;
    last_database_hash = hash_text(record.database, 0);
  }
  const std::uint64_t id = XXH3_64bits_withSeed(&record.shape, sizeof record.shape, last_database_hash);
  const auto found = class_by_id.find(id);
  if (found != class_by_id.end()) return &workload.classes[found->second];
  if (workload.classes.size() >= kMostClasses) return nullptr;
  class_by_id.emplace(id, workload.classes.size());
  QueryClass& created = workload.classes.emplace_back();
  created.id = id;
  created.database = record.database;
  created.normalized = normalize(record.sql.substr(0, kLongestNormalized));
  roles.push_back(role_of(created.normalized));
  return &created;
}

bool WorkloadBuilder::State::may_keep(const LogRecord& record) const {
  const std::size_t bytes = record.sql.size() + record.parameters.size();
  return bytes <= kLongestSample && sample_bytes + bytes <= kSampleBytes;
}

ExecutionSample WorkloadBuilder::State::keep(const LogRecord& record, std::uint64_t priority) {
  sample_bytes += record.sql.size() + record.parameters.size();
  return {std::string(record.sql), std::string(record.parameters), record.duration, record.time, priority};
}

void WorkloadBuilder::State::sample(QueryClass& query, const LogRecord& record) {
  const std::uint64_t priority = priority_of(record);
  auto& samples = query.samples;
  if (samples.size() == kSamples && priority >= samples.back().priority) return;
  if (!may_keep(record)) return;
  const auto place = std::upper_bound(samples.begin(), samples.end(), priority,
                                      [](std::uint64_t value, const auto& sample) { return value < sample.priority; });
  samples.insert(place, keep(record, priority));
  if (samples.size() <= kSamples) return;
  sample_bytes -= samples.back().sql.size() + samples.back().parameters.size();
  samples.pop_back();
}

void WorkloadBuilder::State::sample_slowest(QueryClass& query, const LogRecord& record) {
  if (query.slowest && record.duration <= query.slowest->duration) return;
  if (!may_keep(record)) return;
  if (query.slowest) sample_bytes -= query.slowest->sql.size() + query.slowest->parameters.size();
  query.slowest = keep(record, 0);
}

void WorkloadBuilder::State::count_session(const LogRecord& record) {
  const auto key = static_cast<std::uint64_t>(record.process);
  if (sessions.size() >= kMostSessions && !sessions.contains(key)) {
    workload.sessions_capped = true;
    return;
  }
  sessions.insert(key);
}

void WorkloadBuilder::State::extend_span(const LogRecord& record) {
  const ZonedTime start{record.time.utc - record.duration, record.time.offset};
  if (!workload.first || start.utc < workload.first->utc) workload.first = start;
  if (!workload.last || record.time.utc > workload.last->utc) workload.last = record.time;
}

}  // namespace assay
