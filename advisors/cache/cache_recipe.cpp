#include "advisors/cache/cache_recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace assay {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr double kWorthAView = 20;  // ms an execution
constexpr std::uint64_t kReadsPerWrite = 10;
constexpr std::size_t kLongestView = 4000;  // bytes of SQL

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  return fmt::format("{}", fmt::join(parts, between));
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' '; }, ' ');
  return line;
}

std::string key_of(const CacheQuery& cache, const QueryClass& query) {
  std::string key = fmt::format("q:{}", class_name(query.id));
  if (!query.database.empty()) key += ":" + one_line(query.database);
  if (cache.key_by_user) key += ":{user}";
  if (cache.key_by_settings) key += ":{TimeZone, DateStyle, …}";
  return key + ":{hash of the values}";
}

std::string write_paths(const CacheQuery& cache, const Workload& workload) {
  std::string text;
  for (const WritePath& path : cache.write_paths) {
    const QueryClass& writer = workload.classes[path.position];
    const std::string who = writer.applications.empty() ? "" : " (" + one_line(*writer.applications.begin()) + ")";
    text += fmt::format("         {} {}{}: {}\n", class_name(writer.id).substr(0, 8),
                        one_line(writer.normalized.substr(0, 80)), who, one_line(joined(path.tables, ", ")));
  }
  return text.empty() ? "         none in this log\n" : text;
}

CacheRecipe application(const CacheQuery& cache, const QueryClass& query, const Workload& workload) {
  const std::int64_t seconds = cache.chosen.ttl_us / kSecond;
  std::string text = fmt::format("key      {}\n", key_of(cache, query));
  if (!cache.heeds_writes) {
    text += fmt::format(
        "read     GET key; a value is the answer\n"
        "fill     run the statement; SET key rows EX {}   (Memcached: set key 0 {} …)\n"
        "forget   after {} s, and not before: answers are as old as that at the most\n",
        seconds, seconds, seconds);
    return {"Redis or Memcached", "text", text};
  }
  std::vector<std::string> versions;
  for (const std::string& table : cache.tables) versions.push_back("v:" + one_line(table));
  text += fmt::format(
      "read     MGET key {}\n"
      "         a value whose versions equal those is the answer; a version that is missing counts as 0\n"
      "         (Memcached, which may evict it: is added as the clock's microseconds, and the read is a miss)\n"
      "fill     with the versions as they were read BEFORE the statement runs:\n"
      "         SET key {{versions, rows}} EX {}   (Memcached: set key 0 {} …)\n"
      "forget   INCR v:table after COMMIT, never before, wherever a table is written (Memcached: incr; where that "
      "finds none, add):\n",
      joined(versions, " "), seconds, seconds);
  text += write_paths(cache, workload);
  text += "memory   maxmemory-policy volatile-lru: evicts values, which have a TTL, and no versions\n";
  text +=
      "bypass   in a transaction that has written, or that is REPEATABLE READ or SERIALIZABLE: neither read nor fill\n";
  return {"Redis or Memcached", "text", text};
}

/// The sample's text without a semicolon at its end; empty where it has values that a proxy or a view cannot stand.
std::string plain_sql(const QueryClass& query) {
  if (query.samples.empty()) return {};
  std::string sql = query.samples.front().sql;
  while (!sql.empty() && (sql.back() == ';' || std::isspace(static_cast<unsigned char>(sql.back())) != 0))
    sql.pop_back();
  return sql.size() <= kLongestView ? sql : std::string();
}

bool is_aggregate(const ClassMeaning& meaning) {
  if (!meaning.statement || meaning.statement->blocks.empty()) return false;
  const QueryBlock& top = meaning.statement->blocks.front();
  return top.aggregates || !top.group.empty();
}

void add_materialized_view(const CacheQuery& cache, const QueryClass& query, const ClassMeaning& meaning,
                           std::vector<CacheRecipe>& recipes) {
  const std::string sql = plain_sql(query);
  if (cache.key_by_user || cache.key_by_settings) return;  // a view is its owner's, under the settings of its refresh
  const bool fits = cache.keys == 1 && is_aggregate(meaning) && !sql.empty() && !has_placeholder(sql);
  if (!fits || query.mean_us() < kWorthAView * 1e3 || cache.reads < kReadsPerWrite * cache.writes) return;
  const std::string name = "kept_" + class_name(query.id).substr(0, 8);
  recipes.push_back(
      {"a materialised view", "sql",
       fmt::format(
           "CREATE MATERIALIZED VIEW {0} AS\nSELECT row_number() OVER () AS kept_row, kept.* FROM (\n{1}\n) AS "
           "kept;\nCREATE UNIQUE INDEX {0}_row ON {0} (kept_row);\n-- Readers ask for its columns: SELECT … FROM "
           "{0} ORDER BY kept_row.\n-- After a write that matters, or every {2} s; readers go on "
           "meanwhile:\nREFRESH MATERIALIZED VIEW CONCURRENTLY {0};\n",
           name, sql, cache.chosen.ttl_us / kSecond)});
}

/// Where only a TTL bounds the staleness: no more than ten seconds, unless that was chosen.
std::int64_t shallow_ttl(const CacheQuery& cache) {
  return cache.heeds_writes ? std::min(cache.chosen.ttl_us, 10 * kSecond) : cache.chosen.ttl_us;
}

/// The normal form with $1, $2, … for its marks; empty where a mark may be something else (a part of a pattern, a list,
/// an operator of jsonb).
std::string with_placeholders(std::string_view normalized) {
  if (normalized.find("…") != std::string_view::npos || normalized.find(" ? ?") != std::string_view::npos) return {};
  std::string text;
  int number = 0;
  for (std::size_t i = 0; i < normalized.size(); ++i) {
    const char c = normalized[i];
    if (c == '\'' || c == '"' || c != '?') {
      if (c == '\'') return {};
      text += c;
      continue;
    }
    const char next = i + 1 < normalized.size() ? normalized[i + 1] : ' ';
    if (next == '|' || next == '&' || next == '#' || next == '-' || next == '?') return {};
    text += fmt::format("${}", ++number);
  }
  return text;
}

/// The class's text with placeholders for its values; empty where that cannot be told.
std::string parameterized(const QueryClass& query, const ClassMeaning& meaning) {
  if (query.dialect == SqlDialect::kMysql) {  // its marks are MySQL's placeholders
    return query.normalized.find("…") == std::string::npos ? one_line(query.normalized) : std::string();
  }
  const auto& operators = meaning.statement->ingredients.operators;
  const bool asks_keys = std::find(operators.begin(), operators.end(), "?") != operators.end();
  std::string sql = plain_sql(query);
  if (has_placeholder(sql)) return sql;
  return asks_keys ? std::string() : one_line(with_placeholders(query.normalized));
}

/// Deep caches follow the server's replication, and know every write; shallow ones have a TTL alone, and are what
/// CREATE CACHE without a word makes where the server knows both (--cache-mode). Neither has ALWAYS here: it would
/// answer reads of transactions that have written, too.
CacheRecipe readyset(const CacheQuery& cache, const QueryClass& query, const ClassMeaning& meaning) {
  const std::string name = "q_" + class_name(query.id).substr(0, 8);
  const std::string sql = parameterized(query, meaning);
  std::string text;
  if (sql.empty()) {
    text = fmt::format("-- Put {} where the values stand.\n", query.dialect == SqlDialect::kMysql ? "?" : "$1, $2, …");
  }
  const std::string body = sql.empty() ? one_line(query.normalized) : sql;
  if (cache.heeds_writes) {
    text += fmt::format(
        "CREATE DEEP CACHE {} FROM {};\n-- Kept up to date by replication. In versions that know no shallow "
        "caches: CREATE CACHE {} FROM …\n",
        name, body, name);
  } else {
    text += fmt::format("CREATE SHALLOW CACHE POLICY TTL {} SECONDS {} FROM {};\n", shallow_ttl(cache) / kSecond, name,
                        body);
  }
  return {"Readyset", "sql", text};
}

std::string quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

/// ProxySQL keeps results by user, database and text, and knows of no writes: a TTL is all that bounds staleness.
CacheRecipe proxysql(const CacheQuery& cache, const QueryClass& query) {
  const bool is_mysql = query.dialect == SqlDialect::kMysql;
  const std::string table = is_mysql ? "mysql_query_rules" : "pgsql_query_rules", rules = is_mysql ? "MYSQL" : "PGSQL";
  std::string limits = "-- Its cache knows of no write: until the TTL is over answers may be stale";
  const auto at_ttl = std::find_if(cache.curve.begin(), cache.curve.end(), [&](const CacheCurveEntry& entry) {
    return entry.by_ttl.ttl_us == shallow_ttl(cache);
  });
  if (at_ttl != cache.curve.end()) {
    limits += fmt::format(", in this log {}{:.2g} % of the hits", cache.writes_known ? "" : "at least ",
                          100 * at_ttl->by_ttl.stale_share);
  }
  limits += ".\n-- Results of prepared statements are not kept, and mysql-query_cache_size_MB is no hard limit.\n";
  if (!is_mysql) {
    limits.resize(limits.find(".\n") + 2);
    limits += "-- Results are kept by user, database and text, whatever the session has set.\n";
  }
  return {
      is_mysql ? "ProxySQL" : "ProxySQL 3", "sql",
      fmt::format("{}INSERT INTO {} (active, match_digest, re_modifiers, cache_ttl, apply)\n"
                  "VALUES (1, {}, 'CASELESS', {}, 1);  -- cache_ttl in ms\n"
                  "LOAD {} QUERY RULES TO RUNTIME;\nSAVE {} QUERY RULES TO DISK;\n",
                  limits, table, quoted(digest_pattern(query.normalized)), shallow_ttl(cache) / 1000, rules, rules)};
}

/// As it is written with its schema and without: pgpool-II compares the names as the statements have them.
void add_both_names(const std::string& table, std::set<std::string>& names) {
  const std::string name = one_line(table);
  names.insert(name);
  const std::size_t dot = name.find('.');
  if (dot != std::string::npos) names.insert(name.substr(dot + 1));
}

/// The list is one of regular expressions, and quotes and commas would end a name or the list. What is left is what
/// PostgreSQL writes without quotes.
bool can_be_listed(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '.' || c >= 0x80;
  });
}

/// A setting's value; the names that it cannot hold go to `left_out`.
std::string listed(const std::set<std::string>& names, std::set<std::string>& left_out) {
  std::vector<std::string> plain;
  for (const std::string& name : names) {
    if (can_be_listed(name)) {
      plain.push_back(name);
    } else {
      left_out.insert(name);
    }
  }
  return joined(plain, ",");
}

std::string told_left_out(const std::set<std::string>& names) {
  if (names.empty()) return {};
  return fmt::format(
      "# Left out, since the lists cannot hold {} (they are of regular expressions, and quotes and commas end them):\n"
      "# {}. Begin their SELECTs with /*NO QUERY CACHE*/ if they must not be kept.\n",
      names.size() == 1 ? "this name" : "these names", joined({names.begin(), names.end()}, "  "));
}

}  // namespace

bool has_placeholder(std::string_view sql) {
  for (std::size_t at = sql.find('$'); at != std::string_view::npos; at = sql.find('$', at + 1)) {
    if (at + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[at + 1])) != 0) return true;
  }
  return false;
}

std::string digest_pattern(std::string_view normalized) {
  constexpr std::string_view kSpecial = R"(\^$.|?*+()[]{})";
  std::string pattern = "^";
  for (std::size_t i = 0; i < normalized.size(); ++i) {
    const char c = normalized[i];
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (!pattern.ends_with("\\s*")) pattern += "\\s*";
    } else if (normalized.substr(i).starts_with("…")) {
      i += std::string_view("…").size() - 1;
      pattern += "[?,.()\\s]*";
    } else if (c == '?') {
      pattern += R"((?:\?|\$[0-9]+))";
    } else if (kSpecial.find(c) != std::string_view::npos) {
      pattern += '\\';
      pattern += c;
    } else {
      pattern += c;
    }
  }
  return pattern + "$";
}

std::vector<CacheRecipe> cache_recipes(const CacheQuery& cache, const QueryClass& query, const ClassMeaning& meaning,
                                       const Workload& workload) {
  std::vector<CacheRecipe> recipes = {application(cache, query, workload)};
  if (query.dialect == SqlDialect::kPostgres) add_materialized_view(cache, query, meaning, recipes);
  if (cache.key_by_settings) return recipes;  // no proxy looks at a session's settings
  if (!cache.key_by_user) recipes.push_back(readyset(cache, query, meaning));
  recipes.push_back(proxysql(cache, query));
  return recipes;
}

CacheRecipe pgpool_recipe(const std::vector<const CacheQuery*>& caches, const std::set<std::string>& tables_read) {
  std::set<std::string> kept, others;
  std::int64_t ttl_us = 0;
  for (const CacheQuery* cache : caches) {
    if (cache->key_by_settings) continue;
    for (const std::string& table : cache->tables) add_both_names(table, kept);
    ttl_us = ttl_us == 0 ? cache->chosen.ttl_us : std::min(ttl_us, cache->chosen.ttl_us);
  }
  if (kept.empty()) return {"pgpool-II", "ini", {}};
  for (const std::string& table : tables_read) {
    if (!kept.contains(one_line(table))) add_both_names(table, others);
  }
  for (const std::string& name : kept) others.erase(name);
  std::set<std::string> left_out;
  const std::string safe = listed(kept, left_out), unsafe = listed(others, left_out);
  return {"pgpool-II", "ini",
          fmt::format(
              "memory_cache_enabled = on\nmemqcache_method = 'shmem'\nmemqcache_expire = {}   # seconds\n"
              "memqcache_auto_cache_invalidation = on   # heeds writes that go through this pgpool only\n"
              "# Views and unlogged tables are kept only if they are named:\n"
              "cache_safe_memqcache_table_list = '{}'\n"
              "# Every other SELECT of plain tables is kept too. Not these, which this log reads besides:\n"
              "cache_unsafe_memqcache_table_list = '{}'\n"
              "# A kept result has the TimeZone and DateStyle of the session that fetched it: let all sessions share "
              "them.\n{}",
              ttl_us / kSecond, safe, unsafe, told_left_out(left_out))};
}

}  // namespace assay
