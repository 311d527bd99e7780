#include "advisors/partition/two_levels.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisors/partition/migration_obstacles.h"
#include "advisors/partition/price.h"
#include "advisors/partition/schemes.h"

namespace assay {
namespace {

constexpr int kMostParts = 8, kFewestParts = 2;

/// As many parts as there are values to divide and tables to have.
int parts_for(std::size_t ranges, const KeySignals& tenant) {
  const double most = std::min<double>(kMostParts, tenant.distinct);
  int parts = kFewestParts;
  while (2 * parts <= most && 2 * static_cast<std::size_t>(parts) * ranges <= kMostPartitions) parts *= 2;
  return parts;
}

void add_price(const TwoLevels& what, const TableSignals& signals, std::vector<std::string>& price) {
  const HypotheticalPartitioning& ranges = what.scheme.partitioning;
  const auto parts = static_cast<std::size_t>(*what.scheme.sub_hash_modulus);
  price.push_back(fmt::format("the primary key must take in {} as well", what.scheme.sub_column));
  price.push_back(fmt::format("a statement that names neither {} nor {} opens {} tables, one that names {} alone {}",
                              ranges.column, what.scheme.sub_column, ranges.partitions.size() * parts,
                              what.scheme.sub_column, ranges.partitions.size()));
  price.push_back(
      fmt::format("each interval takes {} new tables, and pg_partman 4.7 does not make the second level", parts));
  const KeySignals* key = signals.key(what.scheme.sub_column);
  if (key && key->updates_per_s > 0) {
    price.push_back(
        fmt::format("{:.2g} updates a second set {}: they move rows", key->updates_per_s, what.scheme.sub_column));
  }
}

}  // namespace

std::optional<TwoLevels> two_levels(const PartitionScheme& by_time, const PartitionScheme& by_tenant,
                                    const TableSignals& signals, const Catalog& catalog) {
  const std::size_t ranges = by_time.partitioning.partitions.size();
  const std::string& tenant = by_tenant.partitioning.column;
  const KeySignals* key = signals.key(tenant);
  if (!key || tenant == by_time.partitioning.column || ranges * kFewestParts > kMostPartitions) return std::nullopt;
  TwoLevels result{.scheme = by_time, .price = price_of(by_time, signals, catalog), .obstacles = {}};
  result.scheme.sub_column = tenant;
  result.scheme.sub_hash_modulus = parts_for(ranges, *key);
  result.obstacles = obstacles_to(result.scheme, catalog);
  add_price(result, signals, result.price);
  return result;
}

std::string told(const TwoLevels& what) {
  const HypotheticalPartitioning& ranges = what.scheme.partitioning;
  std::string text = fmt::format(
      "Two levels: RANGE on {} by {}, and each partition by HASH on {} into {}. Either level alone pays on its twin; "
      "both together were not planned, so there is no figure. ",
      ranges.column, what.scheme.interval, what.scheme.sub_column, *what.scheme.sub_hash_modulus);
  const bool possible = what.obstacles.empty();
  if (!possible) text += "It is not possible as things stand: ";
  const auto& sentences = possible ? what.price : what.obstacles;
  if (possible) text += "Its price: ";
  return text + fmt::format("{}", fmt::join(sentences, "; ")) + (text.ends_with('.') || !possible ? "" : ".");
}

}  // namespace assay
