// What to paste for one cache: an application's own with Redis or Memcached, a materialised view, and the rules of
// three proxies. Texts for people to review; nothing here is executed.
//
// The application's recipe keeps the version of each table beside the value: a write raises it after its commit, a
// reader takes the versions before it asks the database. So a fill that was under way when something was written is
// never taken for fresh, which deleting keys cannot promise. Sources: redis.io/commands (SET, MGET, INCR), Readyset's
// CREATE [DEEP | SHALLOW] CACHE [POLICY TTL n SECONDS …] [COALESCE …] [ALWAYS | UNTIL WRITE] [name] FROM query,
// ProxySQL's query rules (mysql_query_rules; pgsql_query_rules since 3.0) with the known limits of its query cache,
// pgpool-II's "In Memory Query Cache" (the lists' names are those since 4.2).
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisors/cache/cache_query.h"
#include "analyzer/meaning.h"
#include "analyzer/workload.h"

namespace assay {

std::vector<CacheRecipe> cache_recipes(const CacheQuery& cache, const QueryClass& query, const ClassMeaning& meaning,
                                       const Workload& workload);

/// Whether a text holds $1 or another placeholder.
bool has_placeholder(std::string_view sql);

/// pgpool-II has one cache for all: its settings for these, with the shortest of their TTLs. No text where none of them
/// may be kept without the session's settings in the key.
/// `tables_read`: by any class that was judged; those that none of the caches depends on are kept out.
CacheRecipe pgpool_recipe(const std::vector<const CacheQuery*>& caches, const std::set<std::string>& tables_read);

/// A regular expression (RE2, PCRE) that matches the text of the class in ProxySQL's normal form, with values or
/// placeholders, and no other class.
std::string digest_pattern(std::string_view normalized);

}  // namespace assay
