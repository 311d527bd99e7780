#include "analyzer/workload_builder.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "analyzer/client_loads.h"
#include "analyzer/logged_plans.h"
#include "analyzer/server_events_builder.h"
#include "analyzer/session_count.h"
#include "analyzer/summary.h"
#include "analyzer/transaction_follower.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

std::uint64_t hash_words(const std::array<std::uint64_t, 2>& words, std::uint64_t seed) {
  return XXH3_64bits_withSeed(words.data(), sizeof words, seed);
}

bool has_time(const LogRecord& record) { return record.time.utc != Timestamp{}; }

void remember(std::set<std::string>& names, std::string_view name) {
  constexpr std::size_t kMostNames = 32;    // a pool that puts a request's id into the name must not fill the memory
  constexpr std::size_t kLongestName = 63;  // NAMEDATALEN - 1
  if (!name.empty() && names.size() < kMostNames) names.emplace(name.substr(0, kLongestName));
}

// Adds up, and stays at the most where a forged log would overflow.
void add_count(std::uint64_t& sum, std::int64_t value) {
  const auto added = static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
  sum += std::min(added, std::numeric_limits<std::uint64_t>::max() - sum);
}

void count_rows(QueryClass& query, const LogRecord& record) {
  if (record.rows_examined < 0) return;
  if (!query.rows) query.rows.emplace();
  add_count(query.rows->sent, record.rows_sent);
  add_count(query.rows->examined, record.rows_examined);
  accumulate(query.rows->lock_time, record.lock_time);
}

// Heaviest first; the id makes the order total.
bool heavier(const QueryClass& a, const QueryClass& b) {
  const auto total_a = a.estimated_total(), total_b = b.estimated_total();
  if (total_a != total_b) return total_a > total_b;
  const auto calls_a = a.estimated_calls(), calls_b = b.estimated_calls();
  if (calls_a != calls_b) return calls_a > calls_b;
  return a.id < b.id;
}

bool is_sampled(const LogRecord& record) { return record.weight > record.weight_per; }

// The trace follows the classes to their places.
void sort_classes(Workload& workload) {
  std::vector<std::uint32_t> order(workload.classes.size()), position_of(order.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return heavier(workload.classes[a], workload.classes[b]); });
  std::vector<QueryClass> sorted;
  for (const std::uint32_t index : order) {
    position_of[index] = static_cast<std::uint32_t>(sorted.size());
    sorted.push_back(std::move(workload.classes[index]));
  }
  workload.classes = std::move(sorted);
  workload.trace.renumber(position_of);
  workload.writes.renumber(position_of);
}

// The workload's sums, from those of its classes and of the other times.
void estimate(Workload& workload) {
  workload.estimated_executions = workload.executions;
  workload.estimated_total = workload.total;
  double calls_variance = 0, time_variance = 0;
  const auto add = [&](const SampledExecutions& sampled, bool completed) {
    if (completed) workload.estimated_executions += sampled.missing_calls();
    accumulate(workload.estimated_total, sampled.missing_time());
    if (completed) calls_variance += sampled.calls_variance();
    time_variance += sampled.time_variance();
  };
  for (const QueryClass& query : workload.classes) {
    add(query.sampled, true);
    add(query.sampled_unfinished, false);
  }
  add(workload.unattributed.sampled, true);
  add(workload.overflow.sampled, true);
  workload.executions_error = std::sqrt(calls_variance);
  workload.total_error_us = std::sqrt(time_variance);
}

}  // namespace

std::uint64_t sample_priority(const LogRecord& record) {
  const auto time = static_cast<std::uint64_t>(record.time.utc.time_since_epoch().count());
  const auto duration = static_cast<std::uint64_t>(record.duration.count());
  const auto process = static_cast<std::uint64_t>(record.process);
  return hash_words({record.shape, record.values}, hash_words({time, duration}, process));
}

bool passes(const LogRecord& record, const WorkloadFilter& filter) {
  if (filter.since && filter.since->is_after(record.time)) return false;
  if (filter.until && !filter.until->is_after(record.time)) return false;
  if (filter.database && record.database != *filter.database) return false;
  if (filter.user && record.user != *filter.user) return false;
  if (filter.application && record.application != *filter.application) return false;
  return true;
}

struct WorkloadBuilder::State {
  /// What is known of a class and is no part of the workload.
  struct ClassNotes {
    TransactionEffect effect;
    std::bitset<Workload::kMostClients + 1> clients;  // whose names the class has
  };
  struct KnownId {
    std::uint64_t id = 0;
    std::size_t index = 0;
  };

  WorkloadFilter filter;
  Workload workload;
  std::unordered_map<std::uint64_t, std::size_t> class_by_id;
  std::array<KnownId, 1024> recent_classes{};  // by the low bits of the id
  std::int64_t second = 0;                     // whose load is not in the timeline yet
  TimelineBucket in_second;
  SessionCount sessions;
  std::size_t sample_bytes = 0;
  std::vector<ClassNotes> notes;  // of the classes
  SessionPatternsBuilder patterns;
  TransactionFollower transactions;
  std::vector<std::uint32_t> users;  // by number of the client: hash of the user's name, 0 when not known yet
  ServerEventsBuilder events{patterns, [this](ClassIndex index) {
                               return KnownClass{workload.classes[index].id, workload.classes[index].normalized};
                             }};
  ClientLoads clients;
  Told told = Told::kWhole;         // of the record at hand
  std::unique_ptr<State> of_plans;  // the executions that plans stand for, as long as no duration was logged

  Workload close();
  void count_plan(const LogRecord& record);
  void follow_session(const LogRecord& record, const QueryClass* query, std::size_t client);
  void trace(const LogRecord& record, std::uint64_t session, ClassIndex index, std::size_t client);
  std::uint32_t user_of(const LogRecord& record, std::size_t client);
  void count_record(const LogRecord& record);
  void count_load(Timestamp when, const TimelineBucket& load);
  void close_second();
  void count_execution(const LogRecord& record, QueryClass* query);
  void count_unfinished(const LogRecord& record, QueryClass* query);
  void count_error(const LogRecord& record, QueryClass* query);
  void count_summary(const LogRecord& record, QueryClass* query);
  QueryClass* class_of(const LogRecord& record);
  void sample(QueryClass& query, const LogRecord& record);
  void sample_slowest(QueryClass& query, const LogRecord& record);
  bool may_keep(const LogRecord& record) const;
  ExecutionSample keep(const LogRecord& record, std::uint64_t priority);
  void extend_span(const LogRecord& record);
};

WorkloadBuilder::WorkloadBuilder(WorkloadFilter filter, std::size_t trace_bytes) : state_(std::make_unique<State>()) {
  state_->filter = std::move(filter);
  state_->workload.trace = Trace(trace_bytes - trace_bytes / kShareOfWrites);
  state_->workload.writes = CommittedWrites(trace_bytes / kShareOfWrites);
}

WorkloadBuilder::~WorkloadBuilder() = default;

void WorkloadBuilder::add(const LogRecord& record, Told told) {
  if (!passes(record, state_->filter)) {
    ++state_->workload.filtered;
    return;
  }
  state_->told = told;
  state_->count_record(record);
  state_->count_plan(record);
}

void WorkloadBuilder::count_filtered(std::uint64_t records) { state_->workload.filtered += records; }

std::optional<bool> WorkloadBuilder::knows_class_of(const LogRecord& record) const {
  if (record.sql.empty() || !passes(record, state_->filter)) return std::nullopt;
  const auto& known = state_->class_by_id;
  if (known.contains(class_id(record.database, record.shape)) || known.contains(class_id({}, record.shape)))
    return true;
  const bool is_named = record.database.find_first_not_of("0123456789") != std::string_view::npos;  // else by its OID
  if (is_named) return false;
  std::set<std::string_view> databases;
  for (const QueryClass& query : state_->workload.classes) databases.insert(query.database);
  return std::any_of(databases.begin(), databases.end(),
                     [&](auto database) { return known.contains(class_id(database, record.shape)); });
}

Workload WorkloadBuilder::finish(std::vector<InputAccount> inputs) {
  Workload workload = state_->close();
  workload.inputs = std::move(inputs);
  if (state_->of_plans && state_->of_plans->workload.executions > 0) {
    workload = workload_of_plans(state_->of_plans->close(), std::move(workload));
  }
  sort_classes(workload);
  estimate(workload);
  return workload;
}

Workload WorkloadBuilder::State::close() {
  close_second();
  workload.sessions = sessions.count();
  workload.sessions_capped = sessions.is_capped();
  std::vector<ClassId> ids;
  for (const QueryClass& query : workload.classes) ids.push_back(query.id);
  workload.patterns = patterns.finish(ids);
  workload.events = events.finish();
  workload.clients = clients.finish();
  workload.trace.renumber_clients(clients.places());
  return std::move(workload);
}

/// Errors count too, so that the workload of the plans is whole.
void WorkloadBuilder::State::count_plan(const LogRecord& record) {
  if (workload.executions > 0 || workload.total.count() > 0) {
    of_plans.reset();
  } else if (record.kind == RecordKind::kPlan || record.kind == RecordKind::kError) {
    if (!of_plans) {
      of_plans = std::make_unique<State>();
      of_plans->workload.trace = Trace(workload.trace.most_bytes());
    }
    of_plans->told = told;
    of_plans->count_record(record.kind == RecordKind::kPlan ? execution_of_plan(record) : record);
  }
}

void WorkloadBuilder::State::count_record(const LogRecord& record) {
  QueryClass* query = class_of(record);
  if (record.kind != RecordKind::kExecution) events.add(record, query ? query->id : 0);
  switch (record.kind) {
    case RecordKind::kPlan:
      if (query && told != Told::kWithoutPlan) keep_plan(*query, record);
      return;
    case RecordKind::kExecution:
      return count_execution(record, query);
    case RecordKind::kUnfinished:
      return count_unfinished(record, query);
    case RecordKind::kError:
      return count_error(record, query);
    case RecordKind::kSummary:
      return count_summary(record, query);
    default:
      return;
  }
}

/// Records of one second follow each other, so most of them need no look at the timeline.
void WorkloadBuilder::State::count_load(Timestamp when, const TimelineBucket& load) {
  if (when == Timestamp{}) return;  // not told
  const std::int64_t its_second = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
  if (its_second != second) close_second();
  second = its_second;
  in_second.executions += load.executions;
  in_second.errors += load.errors;
  accumulate(in_second.total, load.total);
}

void WorkloadBuilder::State::close_second() {
  if (in_second.executions + in_second.errors > 0 || in_second.total.count() > 0) {
    workload.timeline.add(Timestamp(std::chrono::seconds(second)), in_second);
  }
  in_second = {};
}

void WorkloadBuilder::State::count_execution(const LogRecord& record, QueryClass* query) {
  ++workload.executions;
  if (record.timed) ++workload.timed_executions;
  accumulate(workload.total, record.duration);
  count_load(record.time.utc, {.executions = 1, .errors = 0, .total = record.duration});
  extend_span(record);
  sessions.add(record);
  const std::size_t client = clients.add(record);
  follow_session(record, query, client);
  if (!query) {
    OtherTime& other = record.sql.empty() ? workload.unattributed : workload.overflow;
    ++other.calls;
    accumulate(other.total, record.duration);
    if (is_sampled(record)) other.sampled.add(record);
    return;
  }
  ++query->calls;
  auto& named = notes[static_cast<std::size_t>(query - workload.classes.data())].clients;
  if (!named[client] || client == Workload::kMostClients) {
    named[client] = true;
    remember(query->users, record.user);
    remember(query->applications, record.application);
  }
  sample(*query, record);
  count_rows(*query, record);
  if (!record.timed) return;
  const auto us = static_cast<std::uint64_t>(record.duration.count());
  query->shortest = query->timed_calls == 0 ? record.duration : std::min(query->shortest, record.duration);
  sample_slowest(*query, record);
  query->longest = std::max(query->longest, record.duration);
  ++query->timed_calls;
  accumulate(query->total, record.duration);
  query->sum_of_squares += static_cast<UnsignedInt128>(us) * us;
  query->latencies.add(record.duration, is_sampled(record) ? query->sampled.add(record) : 1);
}

std::uint32_t WorkloadBuilder::State::user_of(const LogRecord& record, std::size_t client) {
  constexpr std::uint32_t kBits = 0x7FFFFFFF;
  const auto hash = [&] { return static_cast<std::uint32_t>(hash_text(record.user, 0)) & kBits; };
  if (record.user.empty()) return 0;
  if (client >= Workload::kMostClients) return hash();  // one place for all the others
  if (client >= users.size()) users.resize(client + 1);
  if (users[client] == 0) users[client] = hash();
  return users[client];
}

void WorkloadBuilder::State::trace(const LogRecord& record, std::uint64_t session, ClassIndex index,
                                   std::size_t client) {
  TraceEvent event{.end = record.time.utc,
                   .duration = record.duration,
                   .values = record.values,
                   .query = index,
                   .session = static_cast<std::uint32_t>(session >> 32U)};
  event.client = static_cast<std::uint16_t>(client);
  event.user = user_of(record, client) & 0x7FFFFFFFU;
  event.sees_own_state = transactions.add(session, notes[index].effect, index, event.end, workload.writes) ? 1 : 0;
  workload.trace.add(event, hash_words({workload.classes[index].id, record.values}, 0));
}

void WorkloadBuilder::State::follow_session(const LogRecord& record, const QueryClass* query, std::size_t client) {
  if (!has_time(record)) return;
  events.executed(record, query ? query->id : 0);
  const auto index = query ? static_cast<ClassIndex>(query - workload.classes.data()) : kNoClass;
  const std::uint64_t session = record.session.empty() ? 0 : hash_text(record.session, 0);
  if (query) {
    const bool told = record.process != 0 || session != 0;
    const auto process = static_cast<std::uint64_t>(record.process);
    trace(record, told ? hash_words({process, session}, record.server) : 0, index, client);
  }
  patterns.add({.process = record.process,
                .session = session,
                .class_index = index,
                .role = query ? notes[index].effect.role : TransactionRole::kOther,
                .timed = record.timed,
                .end = record.time.utc,
                .duration = record.duration,
                .values = record.values});
}

void WorkloadBuilder::State::count_unfinished(const LogRecord& record, QueryClass* query) {
  accumulate(workload.total, record.duration);
  count_load(record.time.utc, {.executions = 0, .errors = 0, .total = record.duration});
  if (query) {
    accumulate(query->total, record.duration);
    accumulate(query->unfinished, record.duration);
    if (is_sampled(record)) query->sampled_unfinished.add(record);
  } else {
    accumulate((record.sql.empty() ? workload.unattributed : workload.overflow).total, record.duration);
  }
}

void WorkloadBuilder::State::count_error(const LogRecord& record, QueryClass* query) {
  ++workload.errors;
  count_load(record.time.utc, {.executions = 0, .errors = 1, .total = {}});
  clients.add(record);
  if (query) {
    ++query->errors;
    count_rows(*query, record);
  }
  if (record.timed) count_unfinished(record, query);
}

void WorkloadBuilder::State::count_summary(const LogRecord& record, QueryClass* query) {
  const ExecutionSummary& summary = *record.summary;
  workload.executions += summary.calls;
  workload.timed_executions += summary.calls;
  accumulate(workload.total, summary.total);
  if (!query) {
    OtherTime& other = record.sql.empty() ? workload.unattributed : workload.overflow;
    other.calls += summary.calls;
    accumulate(other.total, summary.total);
    return;
  }
  add_summary(*query, summary);
  remember(query->users, record.user);
  sample(*query, record);
}

QueryClass* WorkloadBuilder::State::class_of(const LogRecord& record) {
  if (record.sql.empty()) return nullptr;
  const ClassId id = class_id(record.database, record.shape);
  KnownId& recent = recent_classes[id % recent_classes.size()];
  if (recent.id == id) return &workload.classes[recent.index];
  const auto found = class_by_id.find(id);
  if (found != class_by_id.end()) {
    recent = {id, found->second};
    return &workload.classes[found->second];
  }
  if (workload.classes.size() >= kMostClasses) return nullptr;
  class_by_id.emplace(id, workload.classes.size());
  QueryClass& created = workload.classes.emplace_back();
  created.id = id;
  created.database = record.database;
  created.dialect = record.dialect;
  created.normalized = told == Told::kNormalForm ? std::string(record.sql)
                                                 : normalize(record.sql.substr(0, kLongestNormalized), record.dialect);
  notes.emplace_back().effect = transaction_effect(created.normalized, record.dialect);
  return &created;
}

bool WorkloadBuilder::State::may_keep(const LogRecord& record) const {
  const std::size_t bytes = record.sql.size() + record.parameters.size();
  return told != Told::kNormalForm && bytes <= kLongestSample && sample_bytes + bytes <= kSampleBytes;
}

ExecutionSample WorkloadBuilder::State::keep(const LogRecord& record, std::uint64_t priority) {
  sample_bytes += record.sql.size() + record.parameters.size();
  return {std::string(record.sql), std::string(record.parameters), record.duration, record.time, priority};
}

void WorkloadBuilder::State::sample(QueryClass& query, const LogRecord& record) {
  const std::uint64_t priority = sample_priority(record);
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

void WorkloadBuilder::State::extend_span(const LogRecord& record) {
  if (!has_time(record)) return;
  const ZonedTime start{record.time.utc - record.duration, record.time.offset};
  if (!workload.first || start.utc < workload.first->utc) workload.first = start;
  if (!workload.last || record.time.utc > workload.last->utc) workload.last = record.time;
}

}  // namespace assay
