// What an assembler has open, as bytes and back: see assembler.h.
#include "parser/log/assembler.h"

namespace assay {
namespace {

void save_time(StateWriter& state, ZonedTime time) {
  state.integer(time.utc.time_since_epoch().count());
  state.integer(time.offset.count());
}

ZonedTime restored_time(StateReader& state) {
  const Timestamp utc{Microseconds{state.integer()}};
  return {utc, UtcOffset{state.integer()}};
}

}  // namespace

void Assembler::save(StateWriter& state, const Work& work) {
  state.text(work.name);
  state.text(work.parameters);
  state.text(work.sql());
  state.number(work.shape);
  state.integer(work.duration.count());
  state.flag(work.timed);
  state.flag(work.fetch);
  state.number(static_cast<std::uint64_t>(work.protocol));
  save_time(state, work.time);
  state.number(work.line);
}

void Assembler::restore(StateReader& state, Work& work) {
  work.name = state.text();
  work.parameters = state.text();
  work.own_sql = state.text();
  work.known_sql = {};
  work.shape = state.number();
  work.duration = Microseconds{state.integer()};
  work.timed = state.flag();
  work.fetch = state.flag();
  work.protocol = state.number() == 0 ? Protocol::kSimple : Protocol::kExtended;
  work.time = restored_time(state);
  work.line = state.number();
  text_bytes_ += work.bytes();
}

void Assembler::save(StateWriter& state) const {
  state.flag(names_users_);
  state.number(records_);
  state.number(executions_);
  state.number(processes_.size());
  for (const Process& process : processes_) {
    const Identity& who = process.identity;
    state.integer(who.process);
    state.number(who.client);
    for (const std::string* name : {&who.session, &who.user, &who.database, &who.application, &who.host}) {
      state.text(*name);
    }
    state.number(process.parse_count);
    for (std::size_t i = 0; i < process.parse_count; ++i) save(state, process.parses[i]);
    state.number(static_cast<std::uint64_t>(process.open));
    if (process.open == Open::kBind || process.open == Open::kStatement) save(state, process.work);
    state.number(process.duration_count);
    for (std::size_t i = 0; i < process.duration_count; ++i) {
      state.integer(process.durations[i].duration.count());
      save_time(state, process.durations[i].time);
      state.number(process.durations[i].line);
    }
  }
}

void Assembler::restore(StateReader& state, Process& process) {
  Identity& who = process.identity;
  who.process = state.integer();
  who.client = state.number();
  for (std::string* name : {&who.session, &who.user, &who.database, &who.application, &who.host}) *name = state.text();
  process.parse_count = state.count();
  process.parses.resize(process.parse_count);
  for (Work& parse : process.parses) restore(state, parse);
  process.open = static_cast<Open>(state.number() & 3U);
  if (process.open == Open::kBind || process.open == Open::kStatement) restore(state, process.work);
  process.duration_count = state.count();
  if (process.duration_count > process.durations.size()) throw Error("the saved state is damaged");
  for (std::size_t i = 0; i < process.duration_count; ++i) {
    process.durations[i].duration = Microseconds{state.integer()};
    process.durations[i].time = restored_time(state);
    process.durations[i].line = state.number();
  }
}

void Assembler::restore(StateReader& state) {
  names_users_ = state.flag();
  records_ = state.number();
  executions_ = state.number();
  for (std::size_t left = state.count(); left > 0; --left) {
    Process& process = processes_.emplace_back();
    restore(state, process);
    by_id_[process.identity.process] = std::prev(processes_.end());
  }
}

}  // namespace assay
