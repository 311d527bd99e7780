#include "cli/verdict.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

constexpr double kLarge = 0.05;         // of the judged time
constexpr double kDearToWriters = 0.3;  // of what it saves the readers
constexpr double kSmall = 0.002;

std::string of_creating(const CreateIndex& change, const Recommendation& item, const Advice& advice,
                        const std::string& gain, bool timed) {
  const double share = advice.selection && advice.selection->objective_before > 0
                           ? item.gain_ms_per_s / advice.selection->objective_before
                           : 0;
  const double price = change.writes.price_ms_per_s;
  const bool regresses = std::any_of(advice.regressions.begin(), advice.regressions.end(), [&](const Regression& r) {
    return !r.writes && std::find(r.indexes.begin(), r.indexes.end(), change.index.name) != r.indexes.end();
  });
  if (regresses) return fmt::format("Worth it on the whole, {} net, but a statement becomes slower: see above.", gain);
  if (!change.fragile.empty() && item.queries.size() <= change.fragile.size()) {
    return fmt::format("Try it on a copy first: {} net, and it rests on few estimated rows.", gain);
  }
  if (timed && price > kDearToWriters * (price + std::max(0.0, item.gain_ms_per_s))) {
    return fmt::format("Worth it, {} net, though the writers pay a good part of what the readers save.", gain);
  }
  if (share >= kLarge)
    return fmt::format("Create it: {} is {:.0f} % of what the judged statements take.", gain, 100 * share);
  if (share < kSmall) {
    return fmt::format("Create it for the sake of the statements that it serves: the server will hardly notice ({}).",
                       gain);
  }
  return fmt::format("Worth creating: {}.", gain);
}

std::string of_dropping(const DropIndex& change, const std::string& gain, bool timed) {
  const std::string saves =
      timed && change.writes.price_ms_per_s > 0 ? fmt::format("; writers save about {}", gain) : "";
  switch (change.why) {
    case DropReason::kDuplicate:
    case DropReason::kPrefix:
      return "Drop it: nothing is lost" + saves + ".";
    case DropReason::kSuperseded:
      return "Drop it once " + change.after + " is in use" + saves + ".";
    case DropReason::kInvalid:
      return "Drop it, unless its build still runs" + saves + ".";
    case DropReason::kUnused:
      break;
  }
  return "Drop it if no replica and no yearly job uses it" + saves + ".";
}

}  // namespace

std::string verdict(const Recommendation& item, const Advice& advice, const std::string& gain, bool timed) {
  if (const auto* drop = std::get_if<DropIndex>(&item.change)) return of_dropping(*drop, gain, timed);
  return of_creating(std::get<CreateIndex>(item.change), item, advice, gain, timed);
}

}  // namespace assay
