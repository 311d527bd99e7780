#include "analyzer/watch/window.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace assay {
namespace {

std::uint64_t hashed(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

bool is_node(std::string_view line) { return line.find("(cost=") != std::string_view::npos; }

/// "  ->  Index Scan using i on t  (cost=…": depth and what stands before the costs.
std::uint64_t hash_of_text_node(std::string_view line, std::uint64_t seed) {
  const auto from = std::min(line.find_first_not_of(" \t->"), line.size());
  const auto upto = line.find("(cost=");
  auto node = line.substr(from, upto > from ? upto - from : 0);
  while (node.ends_with(' ')) node.remove_suffix(1);
  return hashed(node, hashed(line.substr(0, from), seed));
}

/// The value of "Node Type": "Seq Scan", Node Type: "Seq Scan", <Node-Type>Seq Scan</Node-Type>, and of its kin.
std::string_view value_of_key(std::string_view line) {
  for (const std::string_view key : {"Node Type", "Node-Type", "Relation Name", "Relation-Name", "Index Name",
                                     "Index-Name", "Join Type", "Join-Type"}) {
    const auto at = line.find(key);
    if (at == std::string_view::npos) continue;
    auto value = line.substr(at + key.size());
    const auto from = std::min(value.find_first_not_of("\": >"), value.size());
    value.remove_prefix(from);
    return value.substr(0, value.find_first_of("\"<,"));
  }
  return {};
}

}  // namespace

void Figures::add(const Figures& more) {
  calls += more.calls;
  timed_calls += more.timed_calls;
  errors += more.errors;
  total += more.total;
  demand += more.demand;
  lock_waits += more.lock_waits;
  lock_time += more.lock_time;
  temporary_files += more.temporary_files;
  temporary_bytes += more.temporary_bytes;
  latencies.merge(more.latencies);
}

void Figures::save(StateWriter& state) const {
  for (const std::uint64_t value : {calls, timed_calls, errors, lock_waits, temporary_files, temporary_bytes}) {
    state.number(value);
  }
  for (const Microseconds value : {total, demand, lock_time}) state.integer(value.count());
  latencies.save(state);
}

void Figures::restore(StateReader& state) {
  for (std::uint64_t* value : {&calls, &timed_calls, &errors, &lock_waits, &temporary_files, &temporary_bytes}) {
    *value = state.number();
  }
  for (Microseconds* value : {&total, &demand, &lock_time}) *value = Microseconds{state.integer()};
  latencies.restore(state);
}

std::uint64_t plan_shape(std::string_view plan) {
  std::uint64_t hash = 0;
  while (!plan.empty()) {
    const auto line = plan.substr(0, plan.find('\n'));
    plan.remove_prefix(std::min(line.size() + 1, plan.size()));
    if (is_node(line)) {
      hash = hash_of_text_node(line, hash);
    } else if (const auto value = value_of_key(line); !value.empty()) {
      hash = hashed(value, hash);
    }
  }
  return hash;
}

}  // namespace assay
