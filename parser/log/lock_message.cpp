#include "parser/log/lock_message.h"

#include <algorithm>
#include <array>
#include <string>

#include "parser/log/message_scan.h"

namespace assay {
namespace {

constexpr std::size_t kMostProcesses = 64;  // of a list of holders or of a deadlock

struct Phrase {
  std::string_view words;
  LockEvent event;
};

constexpr std::array<Phrase, 6> kPhrases = {{
    {" still waiting for ", LockEvent::kStillWaiting},
    {" acquired ", LockEvent::kAcquired},
    {" failed to acquire ", LockEvent::kFailed},
    {" could not obtain ", LockEvent::kNotObtained},
    {" avoided deadlock for ", LockEvent::kDeadlockAvoided},
    {" detected deadlock while waiting for ", LockEvent::kDeadlockDetected},
}};

std::vector<std::int64_t> process_list(std::string_view text) {
  std::vector<std::int64_t> processes;
  MessageScan scan(text);
  do {
    const auto process = scan.number();
    if (!process) break;
    processes.push_back(static_cast<std::int64_t>(*process));
  } while (processes.size() < kMostProcesses && scan.take(", "));
  return processes;
}

void read_holders(std::string_view detail, LockMessage& lock) {
  MessageScan scan(detail);
  if (!scan.take("Process holding the lock: ") && !scan.take("Processes holding the lock: ")) return;
  lock.holders = process_list(scan.rest());
  if (scan.until("Wait queue: ")) lock.queue = process_list(scan.rest());
}

/// "ShareLock on transaction 99 after 1000.123 ms". Nobody but the server writes here: no name is in it.
bool read_lock(std::string_view text, LockMessage& lock) {
  MessageScan scan(text);
  const auto mode = scan.until(" on ");
  if (!mode) return false;
  lock.mode = *mode;
  if (lock.event == LockEvent::kNotObtained) {
    lock.target = scan.rest();
    return true;
  }
  const auto target = scan.until(" after ");
  const auto waited = target ? scan.time(kOneMillisecond) : std::nullopt;
  if (!waited) return false;
  lock.target = target->substr(0, target->find(" by rearranging"));
  lock.waited = *waited;
  return true;
}

bool read_edge(std::string_view line, DeadlockEdge& edge) {
  MessageScan scan(line);
  if (!scan.take("Process ")) return false;
  const auto process = scan.number();
  if (!process || !scan.take(" waits for ")) return false;
  const auto mode = scan.until(" on ");
  const auto target = mode ? scan.until("; blocked by process ") : std::nullopt;
  const auto blocker = target ? scan.number() : std::nullopt;
  if (!blocker) return false;
  edge = {static_cast<std::int64_t>(*process), static_cast<std::int64_t>(*blocker), *mode, *target, {}};
  return true;
}

/// The queries stand in the order of the edges; a query may itself hold lines that look like the next one's.
void read_queries(std::string_view text, std::vector<DeadlockEdge>& edges) {
  for (std::size_t i = 0; i < edges.size(); ++i) {
    MessageScan scan(text);
    if (!scan.take("Process " + std::to_string(edges[i].process) + ": ")) return;
    text = scan.rest();
    const auto next = i + 1 < edges.size() ? text.find("\nProcess " + std::to_string(edges[i + 1].process) + ": ")
                                           : std::string_view::npos;
    edges[i].query = text.substr(0, next);
    if (next == std::string_view::npos) return;
    text.remove_prefix(next + 1);
  }
}

}  // namespace

std::optional<LockMessage> parse_lock_message(std::string_view message, std::string_view detail,
                                              std::string_view context) {
  LockMessage lock;
  MessageScan scan(first_line(message));
  if (!scan.take("process ")) return std::nullopt;
  const auto process = scan.number();
  if (!process) return std::nullopt;
  lock.process = static_cast<std::int64_t>(*process);
  for (const auto& [words, event] : kPhrases) {
    if (!scan.take(words)) continue;
    lock.event = event;
    if (!read_lock(scan.rest(), lock)) return std::nullopt;
    read_holders(detail, lock);
    lock.relation = relation_of_context(context);
    return lock;
  }
  return std::nullopt;
}

std::string_view lock_target_kind(std::string_view target) {
  constexpr std::array<std::string_view, 11> kKinds = {"relation",
                                                       "extension of relation",
                                                       "page",
                                                       "tuple",
                                                       "transaction",
                                                       "virtual transaction",
                                                       "speculative token",
                                                       "object",
                                                       "user lock",
                                                       "advisory lock",
                                                       "remote transaction"};
  for (const auto kind : kKinds) {
    if (target.starts_with(kind)) return kind;
  }
  return "other lock";
}

std::optional<std::uint64_t> relation_of_target(std::string_view target) { return number_after(target, "relation "); }

std::string_view relation_of_context(std::string_view context) {
  constexpr std::string_view kMark = " in relation \"";
  while (!context.empty()) {
    const auto line = first_line(context);
    const auto name = line.find(kMark);
    if (line.starts_with("while ") && name != std::string_view::npos && line.ends_with('"')) {
      return line.substr(name + kMark.size(), line.size() - name - kMark.size() - 1);
    }
    context.remove_prefix(std::min(line.size() + 1, context.size()));
  }
  return {};
}

std::vector<DeadlockEdge> parse_deadlock(std::string_view detail) {
  std::vector<DeadlockEdge> edges;
  DeadlockEdge edge;
  while (edges.size() < kMostProcesses && read_edge(first_line(detail), edge)) {
    edges.push_back(edge);
    detail.remove_prefix(std::min(first_line(detail).size() + 1, detail.size()));
  }
  read_queries(detail, edges);
  return edges;
}

}  // namespace assay
