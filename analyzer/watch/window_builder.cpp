#include "analyzer/watch/window_builder.h"

#include <algorithm>
#include <cmath>

#include "analyzer/workload.h"
#include "parser/log/failure_message.h"
#include "parser/log/lock_message.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr std::size_t kLongestText = 4096;  // bytes of a class's text
constexpr std::size_t kLongestName = 63;    // NAMEDATALEN - 1

/// The entry of a name; that of "" for names beyond the most.
template <typename Map>
typename Map::mapped_type& of_name(Map& map, std::string_view name) {
  name = name.substr(0, kLongestName);
  if (const auto found = map.find(name); found != map.end()) return found->second;
  return map[map.size() < Window::kMostNames ? std::string(name) : std::string()];
}

template <typename Map>
void save_figures(StateWriter& state, const Map& map) {
  state.number(map.size());
  for (const auto& [name, figures] : map) {
    state.text(name);
    figures.save(state);
  }
}

template <typename Map>
void restore_figures(StateReader& state, Map& map) {
  for (std::size_t left = state.count(); left > 0; --left) {
    const std::string name = state.text();
    map[name].restore(state);
  }
}

void save_bins(StateWriter& state, const std::vector<float>& bins) {
  state.number(bins.size());
  for (const float value : bins) state.real(static_cast<double>(value));
}

void restore_bins(StateReader& state, std::vector<float>& bins) {
  bins.resize(state.count());
  for (float& value : bins) value = static_cast<float>(state.real());
}

Timestamp restored_time(StateReader& state) { return Timestamp{Microseconds{state.integer()}}; }
void save_time(StateWriter& state, Timestamp time) { state.integer(time.time_since_epoch().count()); }

void save_counts(StateWriter& state, const std::map<std::uint64_t, std::uint64_t>& counts) {
  state.number(counts.size());
  for (const auto& [key, count] : counts) {
    state.number(key);
    state.number(count);
  }
}

void count(Figures& figures, const LogRecord& record) {
  ++figures.calls;
  if (!record.timed) return;
  ++figures.timed_calls;
  accumulate(figures.total, record.duration);
  figures.latencies.add(record.duration);
}

}  // namespace

WindowBuilder::WindowBuilder(std::chrono::seconds width, std::size_t cores)
    : width_(width), cores_(std::max<std::size_t>(cores, 1)) {}

const WatchedClass* WindowBuilder::find_class(ClassId id) const {
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : &found->second.what;
}

std::optional<Timestamp> WindowBuilder::open_since() const {
  return open_.empty() ? next_ : std::optional(open_.begin()->first);
}

WindowBuilder::Open& WindowBuilder::window_of(Timestamp when) {
  const std::int64_t width = width_.count() * 1'000'000;
  Timestamp start{Microseconds{floor_to(when.time_since_epoch().count(), width)}};
  if (next_ && start < *next_) {
    ++late_;
    start = open_.empty() ? *next_ : open_.begin()->first;
  }
  Open& open = open_[start];
  if (open.active.empty()) {
    open.window = {.start = start, .width = width_, .cores = cores_};
    open.active.resize(static_cast<std::size_t>(width_.count() * kBinsPerSecond));
    open.other_active.resize(static_cast<std::size_t>(width_.count()));
  }
  return open;
}

void WindowBuilder::know(ClassId id, const LogRecord& record) {
  Known& known = known_[id];
  known.seen = std::max(known.seen, record.time.utc);
  if (!known.what.normalized.empty()) return;
  known.what = {std::string(record.database.substr(0, kLongestName)),
                normalize(record.sql.substr(0, kLongestText), record.dialect)};
  if (known_.size() <= kMostKnown) return;
  // One in eight goes, those seen longest ago.
  std::vector<Timestamp> times;
  for (const auto& [key, value] : known_) times.push_back(value.seen);
  const auto limit = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 8);
  std::nth_element(times.begin(), limit, times.end());
  std::erase_if(known_, [&](const auto& entry) { return entry.second.seen < *limit && entry.first != id; });
}

WindowBuilder::OpenClass* WindowBuilder::class_of(Open& open, const LogRecord& record) {
  if (record.sql.empty()) return nullptr;
  const ClassId id = class_id(record.database, record.shape);
  const auto found = open.places.find(id);
  if (found != open.places.end()) return &open.classes[found->second];
  if (open.classes.size() >= Window::kMostClasses) return nullptr;
  know(id, record);
  open.places.emplace(id, open.classes.size());
  OpenClass& created = open.classes.emplace_back();
  created.told.id = id;
  created.active.resize(static_cast<std::size_t>(width_.count()));
  return &created;
}

/// Adds the time in which the statement was at work to the tenths and the seconds that it filled.
void WindowBuilder::spread(Open& open, std::vector<float>& by_second, const LogRecord& record) const {
  const std::int64_t begin = open.window.start.time_since_epoch().count();
  const std::int64_t most = width_.count() * 1'000'000;
  const std::int64_t end = std::clamp<std::int64_t>(record.time.utc.time_since_epoch().count() - begin, 0, most);
  const auto step = [&](std::vector<float>& bins, std::int64_t size) {
    for (std::int64_t at = std::max<std::int64_t>(end - record.duration.count(), 0); at < end;) {
      const std::int64_t bin = at / size;
      const std::int64_t upto = std::min(end, (bin + 1) * size);
      bins[static_cast<std::size_t>(bin)] += static_cast<float>(upto - at) / static_cast<float>(size);
      at = upto;
    }
  };
  step(open.active, 1'000'000 / kBinsPerSecond);
  step(by_second, 1'000'000);
}

void WindowBuilder::follow_run(OpenClass& of, const LogRecord& record) {
  if (record.process == 0) return;
  Run& run = runs_[static_cast<std::size_t>(record.process) % runs_.size()];
  const bool goes_on = run.process == record.process && run.id == of.told.id &&
                       record.time.utc - record.duration - run.end <= kLongestPause;
  run = {record.process, of.told.id, goes_on ? run.length + 1 : 1, record.time.utc};
  if (run.length == kShortestLoop) {
    ++of.told.loops;
    of.told.repeats += kShortestLoop;
  } else if (run.length > kShortestLoop) {
    ++of.told.repeats;
  }
}

void WindowBuilder::count_execution(Open& open, const LogRecord& record) {
  OpenClass* const of = class_of(open, record);
  Figures& figures = of ? of->told.figures : open.window.other;
  if (record.kind == RecordKind::kExecution) {
    count(figures, record);
    count(of_name(open.window.applications, record.application), record);
    if (of) follow_run(*of, record);
  } else {
    accumulate(figures.total, record.duration);  // a parse, bind or fetch of its own
  }
  if (record.duration.count() > 0) spread(open, of ? of->active : open.other_active, record);
}

void WindowBuilder::count_wait(Open& open, const LogRecord& record) {
  OpenClass* const of = class_of(open, record);
  Figures& figures = of ? of->told.figures : open.window.other;
  if (record.kind == RecordKind::kTemporaryFile) {
    const auto file = parse_temporary_file(record.message);
    ++figures.temporary_files;
    if (file) figures.temporary_bytes += file->bytes;
  } else if (const auto lock = parse_lock_message(record.message, record.detail, record.context)) {
    if (lock->event == LockEvent::kStillWaiting) ++figures.lock_waits;
    if (lock->event == LockEvent::kAcquired) accumulate(figures.lock_time, lock->waited);
  }
}

void WindowBuilder::add(const LogRecord& record) {
  if (record.time.utc == Timestamp{}) return;
  if (record.time.utc > newest_) {
    newest_ = record.time.utc;
    close_before(newest_ - kGrace);
  }
  Open& open = window_of(record.time.utc);
  switch (record.kind) {
    case RecordKind::kExecution:
    case RecordKind::kUnfinished:
      return count_execution(open, record);
    case RecordKind::kError: {
      OpenClass* const of = class_of(open, record);
      ++(of ? of->told.figures : open.window.other).errors;
      ++of_name(open.window.applications, record.application).errors;
      const auto code =
          record.sqlstate.empty() ? sqlstate_of_message(record.severity, record.message) : record.sqlstate;
      ++of_name(open.window.errors, code);
      return;
    }
    case RecordKind::kPlan:
      if (OpenClass* const of = class_of(open, record)) {
        auto& plans = of->told.plans;
        const std::uint64_t shape = plan_shape(record.message);
        if (plans.contains(shape) || plans.size() < WindowClass::kMostPlans) ++plans[shape];
      }
      return;
    case RecordKind::kLockWait:
    case RecordKind::kTemporaryFile:
      return count_wait(open, record);
    default:
      return;
  }
}

Microseconds WindowBuilder::demand_of(const std::vector<float>& by_second, const std::vector<double>& slowdown) const {
  double seconds = 0;
  for (std::size_t i = 0; i < by_second.size(); ++i) seconds += static_cast<double>(by_second[i]) / slowdown[i];
  return Microseconds{std::llround(seconds * 1e6)};
}

void WindowBuilder::close(Open& open) {
  std::vector<double> slowdown(static_cast<std::size_t>(width_.count()), 1);
  for (std::size_t second = 0; second < slowdown.size(); ++second) {
    double active = 0, busy = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(kBinsPerSecond); ++i) {
      const auto n = static_cast<double>(open.active[second * kBinsPerSecond + i]);
      active += n;
      busy += std::min(n, static_cast<double>(cores_));
    }
    if (busy > 0) slowdown[second] = std::max(1.0, active / busy);
  }
  Window& window = open.window;
  window.other.demand = demand_of(open.other_active, slowdown);
  window.total = window.other;
  for (OpenClass& of : open.classes) {
    Figures& figures = of.told.figures;
    figures.demand = std::max(demand_of(of.active, slowdown) - figures.lock_time, Microseconds{0});
    window.total.add(figures);
    const WatchedClass* const what = find_class(of.told.id);
    of_name(window.databases, what ? what->database : std::string_view()).add(figures);
    window.classes.push_back(std::move(of.told));
  }
  std::sort(window.classes.begin(), window.classes.end(), [](const WindowClass& a, const WindowClass& b) {
    return std::pair(b.figures.total, a.id) < std::pair(a.figures.total, b.id);
  });
  closed_.push_back(std::move(window));
}

void WindowBuilder::close_before(Timestamp time) {
  while (next_ ? *next_ + width_ <= time : !open_.empty() && open_.begin()->first + width_ <= time) {
    if (open_.empty() && next_ && (time - *next_) / width_ > kMostEmpty) {
      next_ = Timestamp{Microseconds{floor_to(time.time_since_epoch().count(), width_.count() * 1'000'000)}};
      return;
    }
    const Timestamp start = next_ && (open_.empty() || *next_ < open_.begin()->first) ? *next_ : open_.begin()->first;
    const bool is_empty = !open_.contains(start);
    if (is_empty && !open_.empty() && (open_.begin()->first - start) / width_ > kMostEmpty) {
      next_ = open_.begin()->first;
      continue;
    }
    close(is_empty ? window_of(start) : open_[start]);
    open_.erase(start);
    next_ = start + width_;
  }
}

void WindowBuilder::advance(Timestamp now) {
  newest_ = std::max(newest_, now);
  close_before(now);
}

void WindowBuilder::finish() {
  if (!open_.empty()) close_before(open_.rbegin()->first + width_);
}

std::vector<Window> WindowBuilder::take_closed() { return std::exchange(closed_, {}); }

void WindowBuilder::save(StateWriter& state) const {
  state.number(static_cast<std::uint64_t>(width_.count()));
  state.flag(next_.has_value());
  save_time(state, next_.value_or(Timestamp{}));
  save_time(state, newest_);
  state.number(late_);
  std::map<ClassId, const Known*> sorted;
  for (const auto& [id, known] : known_) sorted[id] = &known;
  state.number(sorted.size());
  for (const auto& [id, known] : sorted) {
    state.number(id);
    state.text(known->what.database);
    state.text(known->what.normalized);
    save_time(state, known->seen);
  }
  state.number(open_.size());
  for (const auto& [start, open] : open_) {
    save_time(state, start);
    save_bins(state, open.active);
    save_bins(state, open.other_active);
    open.window.other.save(state);
    save_figures(state, open.window.applications);
    state.number(open.window.errors.size());
    for (const auto& [code, times] : open.window.errors) {
      state.text(code);
      state.number(times);
    }
    state.number(open.classes.size());
    for (const OpenClass& of : open.classes) {
      state.number(of.told.id);
      of.told.figures.save(state);
      state.number(of.told.loops);
      state.number(of.told.repeats);
      save_counts(state, of.told.plans);
      save_bins(state, of.active);
    }
  }
}

void WindowBuilder::restore(StateReader& state) {
  if (state.number() != static_cast<std::uint64_t>(width_.count())) {
    throw Error("the saved state has windows of another length", "state the same --window, or another state file");
  }
  const bool has_next = state.flag();
  const Timestamp next = restored_time(state);
  if (has_next) next_ = next;
  newest_ = restored_time(state);
  late_ = state.number();
  for (std::size_t left = state.count(); left > 0; --left) {
    Known& known = known_[state.number()];
    known.what.database = state.text();
    known.what.normalized = state.text();
    known.seen = restored_time(state);
  }
  const auto bins = static_cast<std::size_t>(width_.count());
  for (std::size_t left = state.count(); left > 0; --left) {
    const Timestamp start = restored_time(state);
    Open& open = open_[start];
    open.window = {.start = start, .width = width_, .cores = cores_};
    restore_bins(state, open.active);
    restore_bins(state, open.other_active);
    open.window.other.restore(state);
    restore_figures(state, open.window.applications);
    for (std::size_t codes = state.count(); codes > 0; --codes) {
      const std::string code = state.text();
      open.window.errors[code] = state.number();
    }
    for (std::size_t classes = state.count(); classes > 0; --classes) {
      OpenClass& of = open.classes.emplace_back();
      of.told.id = state.number();
      open.places[of.told.id] = open.classes.size() - 1;
      of.told.figures.restore(state);
      of.told.loops = state.number();
      of.told.repeats = state.number();
      for (std::size_t plans = state.count(); plans > 0; --plans) {
        const std::uint64_t shape = state.number();
        of.told.plans[shape] = state.number();
      }
      restore_bins(state, of.active);
      if (of.active.size() != bins) throw Error("the saved state is damaged");
    }
    if (open.active.size() != bins * kBinsPerSecond || open.other_active.size() != bins) {
      throw Error("the saved state is damaged");
    }
  }
}

}  // namespace assay
