#include "cli/json_caches.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

double seconds_of(std::int64_t us) { return static_cast<double>(us) / 1e6; }

Json point_json(const CachePoint& point) {
  Json json = {{"ttl_s", seconds_of(point.ttl_us)},
               {"hit_ratio", point.hit_ratio},
               {"hits", point.hits},
               {"misses", point.misses},
               {"coalesced", point.coalesced}};
  if (point.misses > 0) json["hits_per_miss"] = static_cast<double>(point.hits) / static_cast<double>(point.misses);
  json["stale_share"] = point.stale_share;
  json["worst_staleness_s"] = point.worst_staleness_s;
  json["mean_staleness_s"] = point.mean_staleness_s;
  json["entries"] = point.entries;
  if (point.memory_bytes) json["memory_bytes"] = *point.memory_bytes;
  json["saved_ms_per_s"] = point.saved_ms_per_s;
  return json;
}

Json curve_json(const CacheQuery& cache) {
  Json curve = Json::array();
  for (const CacheCurveEntry& entry : cache.curve) {
    Json json = point_json(entry.by_ttl);
    json["invalidated"] = {{"hit_ratio", entry.by_writes.hit_ratio},
                           {"hits", entry.by_writes.hits},
                           {"misses", entry.by_writes.misses},
                           {"coalesced", entry.by_writes.coalesced},
                           {"saved_ms_per_s", entry.by_writes.saved_ms_per_s}};
    curve.push_back(std::move(json));
  }
  return curve;
}

/// Up to the first TTL that is as long as the log: a longer one can show no more.
Json brief_curve_json(const CacheQuery& cache) {
  Json curve = Json::array();
  for (const CacheCurveEntry& entry : cache.curve) {
    curve.push_back({{"ttl_s", seconds_of(entry.by_ttl.ttl_us)},
                     {"hit_ratio", entry.by_ttl.hit_ratio},
                     {"stale_share", entry.by_ttl.stale_share},
                     {"invalidated_hit_ratio", entry.by_writes.hit_ratio}});
    if (static_cast<double>(entry.by_ttl.ttl_us) >= cache.seconds * 1e6) break;
  }
  return curve;
}

Json recipes_json(const std::vector<CacheRecipe>& recipes) {
  Json list = Json::array();
  for (const CacheRecipe& recipe : recipes) list.push_back({{"product", recipe.product}, {"text", recipe.text}});
  return list;
}

}  // namespace

Json cache_json(const Report& report, const CacheQuery& cache) {
  Json json = point_json(cache.chosen);
  json["invalidation"] = cache.heeds_writes ? "writes" : "ttl";
  json["writes_known"] = cache.writes_known;
  if (!cache.why_ttl_alone.empty()) json["why_ttl_alone"] = cache.why_ttl_alone;
  json["tables"] = cache.tables;
  json["conditions"] = cache.conditions;
  json["reads"] = cache.reads;
  json["bypassed"] = cache.bypassed;
  json["keys"] = cache.keys;
  json["writes"] = cache.writes;
  if (cache.result_bytes) json["result_bytes"] = *cache.result_bytes;
  if (cache.result_rows) json["result_rows"] = *cache.result_rows;
  if (!cache.size_source.empty()) json["size_source"] = cache.size_source;
  json["write_paths"] = Json::array();
  for (const WritePath& path : cache.write_paths) {
    json["write_paths"].push_back(
        {{"id", class_name(report.workload.classes[path.position].id)}, {"tables", path.tables}});
  }
  json["recipes"] = recipes_json(cache.recipes);
  json["curve"] = curve_json(cache);
  return json;
}

Json class_cache_json(const ClassCaching& item) {
  Json json = {{"verdict", to_string(item.cacheability.verdict)}};
  json["hindrances"] = Json::array();
  for (const Hindrance& hindrance : item.cacheability.hindrances) {
    Json told = {{"reason", hindrance.reason}};
    if (!hindrance.cure.empty()) told["cure"] = hindrance.cure;
    json["hindrances"].push_back(std::move(told));
  }
  json["tables"] = item.cacheability.tables;
  if (!item.cache) return json;
  json["reads"] = item.cache->reads;
  json["bypassed"] = item.cache->bypassed;
  json["keys"] = item.cache->keys;
  json["invalidation"] = item.cache->heeds_writes ? "writes" : "ttl";
  json["ttl_s"] = seconds_of(item.cache->chosen.ttl_us);
  json["hit_ratio"] = item.cache->chosen.hit_ratio;
  json["stale_share"] = item.cache->chosen.stale_share;
  json["curve"] = brief_curve_json(*item.cache);
  return json;
}

Json caches_json(const Report& report) {
  const CacheAdvice& caches = report.caches;
  Json json = Json::object();
  if (caches.classes.empty()) return json;
  json["budget_bytes"] = caches.memory_budget;
  json["used_bytes"] = caches.memory_used;
  json["saved_time"] = caches.saves_service ? "service" : "logged";
  if (!caches.refusal.empty()) json["not_simulated"] = caches.refusal;
  json["memory_curve"] = Json::array();
  for (const CacheMemoryPoint& point : caches.memory_curve) {
    json["memory_curve"].push_back({{"bytes", point.bytes}, {"hit_ratio", point.hit_ratio}});
  }
  json["reference_tables"] = Json::array();
  for (const ReferenceTable& table : caches.reference_tables) {
    json["reference_tables"].push_back({{"table", table.table},
                                        {"bytes", table.bytes},
                                        {"rows", table.rows},
                                        {"calls", table.calls},
                                        {"demand_ms_per_s", table.demand_ms_per_s}});
  }
  json["recipes"] = recipes_json(caches.recipes);
  json["remarks"] = caches.remarks;
  return json;
}

}  // namespace assay
