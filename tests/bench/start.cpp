// How long it takes from a snapshot to the first cost, and how many what-if calls a second follow.
//
//   bench_start SNAPSHOT SQL
//
// SQL is one query, planned as it is. Twice: the first start may have to make the template of the empty cluster.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "connectors/shadow_planner.h"
#include "connectors/snapshot.h"
#include "parser/base/error.h"

namespace {

using namespace assay;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void run(const char* snapshot, const char* sql) {
  const auto start = Clock::now();
  const Catalog catalog = load_catalog(snapshot);
  const double loaded = seconds_since(start);
  ShadowPlanner shadow(catalog);
  const double built = seconds_since(start);
  const PlanAnswer answer = shadow.plan({sql, {}, {}}, {});
  const double planned = seconds_since(start);
  if (const auto* refusal = std::get_if<Unplannable>(&answer)) throw Error(refusal->reason);
  constexpr int kCalls = 2000;
  const auto calls = Clock::now();
  for (int i = 0; i < kCalls; ++i) shadow.plan({sql, {}, {}}, {});
  fmt::print(
      "{} tables: snapshot read {:.2f} s, shadow built {:.2f} s, first cost {:.2f} s after the start; then {:.0f} "
      "what-if calls/s\n",
      catalog.tables.size(), loaded, built - loaded, planned, kCalls / seconds_since(calls));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    fmt::print(stderr, "usage: bench_start SNAPSHOT SQL\n");
    return 2;
  }
  try {
    for (int i = 0; i < 2; ++i) run(arguments[1], arguments[2]);
  } catch (const Error& problem) {
    fmt::print(stderr, "{}\n{}\n", problem.what(), problem.hint());
    return 1;
  }
  return 0;
}
