#include "advisors/recommendation.h"

#include <string>

namespace assay {
namespace {

std::string title(const CreateIndex& change) { return describe(change.index); }
std::string title(const DropIndex& change) { return change.index.name + " on " + describe(change.index); }

std::string title(const CacheQuery& change) { return change.normalized; }

std::string title(const PartitionTable& change) {
  constexpr const char* kStrategies[] = {"RANGE", "LIST", "HASH"};
  const HypotheticalPartitioning& what = change.scheme.partitioning;
  const std::string interval = change.scheme.interval.empty() ? "" : " by " + change.scheme.interval;
  return (what.schema == "public" ? "" : what.schema + ".") + what.table + " " +
         kStrategies[static_cast<int>(what.strategy)] + " (" + what.column + ")" + interval;
}

std::string title(const AddReplica& change) {
  return std::to_string(change.replicas) + (change.replicas == 1 ? " read replica" : " read replicas");
}

}  // namespace

std::string_view kind_of(const Recommendation& recommendation) {
  return std::visit([](const auto& change) { return change.kKind; }, recommendation.change);
}

std::string title_of(const Recommendation& recommendation) {
  return std::visit([](const auto& change) { return title(change); }, recommendation.change);
}

}  // namespace assay
