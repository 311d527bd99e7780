// CacheQuery: the recommendation to keep the results of one query class. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// What one time to live would have done in this log. Counts are of the whole class, where the trace is a sample too.
struct CachePoint {
  std::int64_t ttl_us = 0;
  std::uint64_t hits = 0, misses = 0;  ///< of the reads that ask the cache
  std::uint64_t coalesced = 0;         ///< of the misses: those that could wait for a fill under way
  double hit_ratio = 0;
  double stale_share = 0;                    ///< of the hits
  double worst_staleness_s = 0;              ///< of a hit: since its tables were first written after its fill began
  double mean_staleness_s = 0;               ///< over the stale hits
  std::uint64_t entries = 0;                 ///< at most at one time
  std::optional<std::int64_t> memory_bytes;  ///< of so many entries; nothing where the results' size is not known
  double saved_ms_per_s = 0;                 ///< database time
};

/// Both regimes at one TTL (cache_simulation.h).
struct CacheCurveEntry {
  CachePoint by_ttl, by_writes;
};

/// A text to paste, for one product.
struct CacheRecipe {
  std::string product;   ///< "Redis or Memcached", "Readyset"
  std::string language;  ///< of the code block: "sql", "ini", "text"
  std::string text;
};

/// A class that writes a table on which the result depends.
struct WritePath {
  std::size_t position = 0;  ///< in Workload::classes
  std::vector<std::string> tables;
};

struct CacheQuery {
  static constexpr std::string_view kKind = "cache_query";

  std::size_t position = 0;         ///< of the class, in Workload::classes
  std::string normalized;           ///< its text
  std::vector<std::string> tables;  ///< that the result depends on
  bool writes_known = true;         ///< false: stale shares and ages are the least that they can be
  bool heeds_writes = true;         ///< regime of `chosen`: by TTL and writes; else by TTL alone
  std::string why_ttl_alone;        ///< empty unless by TTL alone
  CachePoint chosen;
  std::vector<CacheCurveEntry> curve;   ///< by ascending TTL
  std::uint64_t reads = 0;              ///< all executions of the class
  std::uint64_t bypassed = 0;           ///< thereof those that see a state of their own
  std::uint64_t keys = 0;               ///< different ones in the trace; the first read of each is a cold miss
  std::uint64_t writes = 0;             ///< moments in which its tables changed
  double seconds = 0;                   ///< of the log
  std::optional<double> result_bytes;   ///< of one entry, mean
  std::optional<double> result_rows;    ///< of one result, mean, where the log counts them (MySQL)
  std::string size_source;              ///< "rows counted, width planned"; empty when not known
  std::vector<std::string> conditions;  ///< "x tells …: do that"; empty when it is cacheable as it stands
  bool key_by_user = false, key_by_settings = false;
  std::vector<WritePath> write_paths;
  std::vector<CacheRecipe> recipes;

  /// Of all executions, those that see a state of their own included; 1 without any.
  double miss_ratio() const {
    return reads == 0 ? 1 : 1 - static_cast<double>(chosen.hits) / static_cast<double>(reads);
  }
};

}  // namespace assay
