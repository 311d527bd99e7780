#include "connectors/catalog_queries.h"

namespace assay {
namespace {

/// The size is asked for at most once a relation, and partitioned tables, views and foreign tables have none.
/// Rows are brought to the size of now, as the planner does (estimate_rel_size): reltuples / relpages x pages.
/// The view pg_stats hides columns that the role may not read, and tables whose policies hold for it.
constexpr const char* kTables = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind,
       CASE WHEN c.relkind NOT IN ('r', 'm') THEN c.reltuples::float8
            WHEN c.relpages > 0 AND c.reltuples >= 0 THEN c.reltuples::float8 * f.pages / c.relpages
            WHEN f.pages = 0 THEN c.reltuples::float8 ELSE -1 END,
       f.pages, c.relallvisible, c.relrowsecurity, c.relforcerowsecurity,
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid),
       s.seq_scan, s.idx_scan, s.n_tup_ins, s.n_tup_upd, s.n_tup_hot_upd, s.n_tup_del,
       c.relkind IN ('r', 'p', 'm') AND c.reltuples > 0 AND NOT has_table_privilege('pg_statistic', 'SELECT')
         AND (EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT'))
              OR (c.relrowsecurity AND row_security_active(c.oid))),
       CASE WHEN c.relkind IN ('v', 'm') THEN btrim(pg_get_viewdef(c.oid), '; ') END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid AND c.relkind IN ('r', 'm')
CROSS JOIN LATERAL (SELECT CASE WHEN c.relkind IN ('r', 'm')
    THEN coalesce(pg_relation_size(c.oid, 'main'), 0) / current_setting('block_size')::bigint ELSE 0 END AS pages) f
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")";

constexpr const char* kDeadRows = R"(
SELECT c.oid, s.n_dead_tup, floor(extract(epoch FROM greatest(s.last_vacuum, s.last_autovacuum)) * 1000000)::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_stat_all_tables s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'm') AND s.n_dead_tup IS NOT NULL AND )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C")";

constexpr const char* kColumns = R"(
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm', 'v', 'f') AND )" ASSAY_USER_SCHEMA R"(
ORDER BY a.attrelid, a.attnum)";

constexpr const char* kParents = R"(
SELECT h.inhrelid, pn.nspname, p.relname
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND )" ASSAY_USER_SCHEMA R"(
ORDER BY h.inhrelid, h.inhseqno)";

constexpr const char* kIndexes = R"(
SELECT i.indexrelid, n.nspname, t.relname, c.relname, am.amname, i.indisunique, i.indisprimary, i.indisvalid,
       pg_get_indexdef(i.indexrelid), k.conname, pg_get_expr(i.indpred, i.indrelid), i.indnkeyatts,
       CASE WHEN c.relkind <> 'i' THEN c.reltuples::float8
            WHEN c.relpages > 1 AND f.pages > 1 THEN c.reltuples::float8 * (f.pages - 1) / (c.relpages - 1)
            ELSE c.reltuples::float8 END,
       f.pages, s.idx_scan
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
CROSS JOIN LATERAL (SELECT CASE WHEN c.relkind = 'i'
    THEN coalesce(pg_relation_size(c.oid, 'main'), 0) / current_setting('block_size')::bigint ELSE 0 END AS pages) f
WHERE t.relkind IN ('r', 'p', 'm') AND )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", t.relname COLLATE "C", c.relname COLLATE "C")";

/// indoption: bit 0 DESC, bit 1 NULLS FIRST (INDOPTION_* in src/include/catalog/pg_index.h).
constexpr const char* kIndexKeys = R"(
SELECT i.indexrelid, p.n > i.indnkeyatts, a.attname, pg_get_indexdef(i.indexrelid, p.n, true),
       (i.indoption[p.n - 1] & 1) <> 0, (i.indoption[p.n - 1] & 2) <> 0,
       CASE WHEN NOT o.opcdefault
            THEN CASE WHEN os.nspname <> 'pg_catalog' THEN quote_ident(os.nspname) || '.' ELSE '' END
                 || quote_ident(o.opcname) END,
       CASE WHEN l.oid IS NOT NULL AND l.oid <> coalesce(a.attcollation, y.typcollation)
            THEN CASE WHEN ls.nspname <> 'pg_catalog' THEN quote_ident(ls.nspname) || '.' ELSE '' END
                 || quote_ident(l.collname) END
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL generate_series(1, i.indnatts) AS p(n)
JOIN pg_attribute x ON x.attrelid = i.indexrelid AND x.attnum = p.n JOIN pg_type y ON y.oid = x.atttypid
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.n - 1] AND a.attnum > 0
LEFT JOIN pg_opclass o ON o.oid = i.indclass[p.n - 1] LEFT JOIN pg_namespace os ON os.oid = o.opcnamespace
LEFT JOIN pg_collation l ON l.oid = i.indcollation[p.n - 1] LEFT JOIN pg_namespace ls ON ls.oid = l.collnamespace
WHERE t.relkind IN ('r', 'p', 'm') AND )" ASSAY_USER_SCHEMA R"(
ORDER BY i.indexrelid, p.n)";

constexpr const char* kForeignKeys = R"(
SELECT k.oid, k.conname, n.nspname, t.relname, rn.nspname, r.relname, a.attname, ra.attname,
       k.confupdtype, k.confdeltype
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS p(here, there, position)
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.here
JOIN pg_attribute ra ON ra.attrelid = k.confrelid AND ra.attnum = p.there
WHERE k.contype = 'f' AND )" ASSAY_USER_SCHEMA R"(
ORDER BY n.nspname COLLATE "C", t.relname COLLATE "C", k.conname COLLATE "C", k.oid, p.position)";

/// bt_metap reads one page of the index; pageinspect lets only superusers call it.
constexpr const char* kPageinspect = R"(
(SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
 WHERE e.extname = 'pageinspect' AND current_setting('is_superuser') = 'on'))";

constexpr const char* kHeights = R"(
SELECT i.oid, (:found.bt_metap(quote_ident(n.nspname) || '.' || quote_ident(i.relname))).level
FROM pg_class i JOIN pg_namespace n ON n.oid = i.relnamespace JOIN pg_am am ON am.oid = i.relam
WHERE i.relkind = 'i' AND am.amname = 'btree' AND i.relpersistence <> 't' AND )" ASSAY_USER_SCHEMA R"(
ORDER BY i.oid)";

}  // namespace

std::vector<CatalogQuery> relation_queries() {
  return {{"tables", "tables and views: sizes, counters, row-level security", 18, kTables},
          {"dead_rows", "dead rows, and the last VACUUM", 3, kDeadRows},
          {"columns", "columns", 4, kColumns},
          {"parents", "what tables inherit from or are partitions of", 3, kParents},
          {"indexes", "indexes: sizes, use", 15, kIndexes},
          {"index_keys", "columns of indexes", 8, kIndexKeys},
          {"foreign_keys", "foreign keys", 10, kForeignKeys},
          {"heights", "heights of B-trees, where pageinspect may tell", 2, kHeights, kPageinspect}};
}

}  // namespace assay
