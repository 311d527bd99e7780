#include "parser/log/procedure_time.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace assay {
namespace {

constexpr std::size_t kMostConnections = 65'536;  // in a procedure at one time; of further ones the time counts twice
constexpr std::size_t kDeepest = 256;             // the server's limit of recursion

/// CALL, and MariaDB's block without a procedure: they run statements that are logged by themselves.
bool runs_statements(std::string_view sql) {
  const auto begins_with = [&](std::string_view word) {
    return sql.size() > word.size() && std::equal(word.begin(), word.end(), sql.begin(), [](char a, char b) {
             return a == (b >= 'a' && b <= 'z' ? b - 'a' + 'A' : b);
           });
  };
  return begins_with("CALL ") || begins_with("BEGIN NOT ATOMIC");
}

/// What is left of `value`: nothing where its parts, each rounded, make a little more.
template <typename Value>
Value without(Value value, Value part) {
  return value - std::clamp(part, Value{0}, std::max(value, Value{0}));
}

/// Stays at the most where a forged log would overflow. Negative: not told.
template <typename Value>
void add_told(Value& sum, Value value) {
  const Value most(std::numeric_limits<std::int64_t>::max());
  sum += std::clamp(value, Value{0}, most - sum);
}

}  // namespace

void ProcedureTime::add(const LogEntry& entry, std::uint64_t routine, Pending& pending) {
  const bool goes_on = !pending.empty() && (pending.back().routine == routine || pending.size() == kDeepest);
  Told& told = goes_on ? pending.back() : pending.emplace_back(Told{.routine = routine});
  ++told.statements;
  add_told(told.duration, entry.duration);
  add_told(told.lock_time, entry.lock_time);
  add_told(told.rows_examined, entry.rows_examined);
}

/// Of a CALL within a routine all that was told since of other ones, of a CALL outside of any all.
void ProcedureTime::take_off(LogEntry& call, std::uint64_t routine, Pending& pending) {
  const LogEntry whole = call;
  while (!pending.empty() && (routine == 0 || pending.back().routine != routine)) {
    const Told& told = pending.back();
    call.duration = without(call.duration, told.duration);
    call.lock_time = without(call.lock_time, told.lock_time);
    if (call.rows_examined > 0) call.rows_examined = without(call.rows_examined, told.rows_examined);
    statements_ += told.statements;
    pending.pop_back();
  }
  if (routine != 0) add(whole, routine, pending);
}

void ProcedureTime::take_off(Block& block) {
  if (block.routines.empty() && by_connection_.empty()) return;
  auto inside = block.routines.begin();
  for (std::size_t i = 0; i < block.entries.size(); ++i) {
    LogEntry& entry = block.entries[i];
    if (entry.kind == MessageKind::kOther) by_connection_.clear();  // the server started anew
    const bool is_inside = inside != block.routines.end() && inside->entry == i;
    const std::uint64_t routine = is_inside ? (inside++)->routine : 0;
    const auto found = by_connection_.find(entry.process);
    if (!is_inside && found == by_connection_.end()) continue;
    const bool is_known = entry.process != 0;
    if (found == by_connection_.end() && (!is_known || by_connection_.size() == kMostConnections)) continue;
    Pending& pending = found == by_connection_.end() ? by_connection_[entry.process] : found->second;
    if (runs_statements(entry.sql)) {
      take_off(entry, routine, pending);
    } else if (is_inside) {
      add(entry, routine, pending);
    }
    if (!is_inside) by_connection_.erase(entry.process);
  }
}

}  // namespace assay
