// The DDL that builds a server's schema again, written from its system catalogs as pg_dump would.
//
// Only what planning needs: triggers, rules, policies, privileges, comments, functions in other languages than sql and
// plpgsql, and invalid indexes are left out. Defaults and identities come in statements of their own: one that cannot
// be made costs no table. Where `{redact}` is true, string literals are left out where no plan needs them: checks and
// defaults that hold one, and the bodies of plpgsql.
#include <string_view>

#include "connectors/catalog_queries.h"

namespace assay {
namespace {

constexpr const char* kSchemas = R"(
SELECT format('CREATE SCHEMA %I', n.nspname) FROM pg_namespace n
WHERE n.nspname <> 'public' AND )" ASSAY_OWN("pg_namespace", "n.oid") R"( ORDER BY n.nspname COLLATE "C")";

constexpr const char* kExtensions = R"(
SELECT format('CREATE EXTENSION %I WITH SCHEMA %I', e.extname, n.nspname)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY e.oid)";

constexpr const char* kCollations = R"(
SELECT format('CREATE COLLATION %I.%I (provider = %s, locale = %L, deterministic = %s)', n.nspname, l.collname,
              CASE l.collprovider WHEN 'i' THEN 'icu' ELSE 'libc' END,
              coalesce(j->>'colllocale', j->>'colliculocale', j->>'collcollate'), l.collisdeterministic)
FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace CROSS JOIN LATERAL to_jsonb(l) AS j
WHERE l.collprovider IN ('c', 'i') AND )" ASSAY_OWN("pg_collation", "l.oid") R"( ORDER BY l.oid)";

// The first column of each of these is the object's key in the graph of dependencies: a letter and its oid.

constexpr const char* kTypes = R"(
SELECT 't' || t.oid, format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
    (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND )" ASSAY_OWN("pg_type", "t.oid") R"(
UNION ALL
SELECT 't' || t.oid, format('CREATE DOMAIN %I.%I AS %s%s%s%s', n.nspname, t.typname,
    format_type(t.typbasetype, t.typtypmod),
    (SELECT format(' COLLATE %I.%I', ln.nspname, l.collname) FROM pg_collation l
     JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = t.typcollation AND l.oid <> b.typcollation),
    CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END,
    (SELECT string_agg(format(' CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), '' ORDER BY conname)
     FROM pg_constraint WHERE contypid = t.oid AND contype = 'c' AND convalidated
       AND NOT ({redact} AND pg_get_constraintdef(oid) ~ '''')))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype
WHERE t.typtype = 'd' AND )" ASSAY_OWN("pg_type", "t.oid") R"(
UNION ALL
SELECT 't' || t.oid, format('CREATE TYPE %I.%I AS RANGE (subtype = %s%s)', n.nspname, t.typname,
    format_type(r.rngsubtype, NULL),
    CASE WHEN r.rngsubdiff <> 0 THEN ', subtype_diff = ' || r.rngsubdiff::regproc ELSE '' END)
FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE r.rngcanonical = 0 AND )" ASSAY_OWN("pg_type", "t.oid") R"(
UNION ALL
SELECT 'c' || c.oid, format('CREATE TYPE %I.%I AS (%s)', n.nspname, c.relname,
    (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
     FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'c' AND )" ASSAY_OWN("pg_type", "c.reltype") R"( ORDER BY 1)";

constexpr const char* kFunctions = R"(
SELECT 'f' || p.oid, CASE WHEN {redact} AND l.lanname = 'plpgsql'
    THEN format('CREATE %s %I.%I(%s)%s LANGUAGE plpgsql%s%s COST %s%s AS $$ BEGIN RAISE ''redacted''; END $$',
        CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, n.nspname, p.proname,
        pg_get_function_identity_arguments(p.oid),
        CASE p.prokind WHEN 'f' THEN ' RETURNS ' || pg_get_function_result(p.oid) END,
        CASE p.provolatile WHEN 'i' THEN ' IMMUTABLE' WHEN 's' THEN ' STABLE' END,
        CASE WHEN p.proisstrict THEN ' STRICT' END, p.procost, ' ROWS ' || nullif(p.prorows, 0))
    ELSE rtrim(pg_get_functiondef(p.oid), E' \n') END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p') AND l.lanname IN ('sql', 'plpgsql')
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND )" ASSAY_OWN("pg_proc", "p.oid") R"( ORDER BY p.oid)";

/// A virtual generated column (PostgreSQL 18) is made a stored one, which older shadows know.
/// Partitions are made as tables of their own and attached later, as pg_dump does: their columns may stand in
/// another order than the parent's. A child by INHERITS must not repeat a generation expression. Of the storage options
/// only those that bear on plans are kept, since another server version may not know the rest.
constexpr const char* kTables = R"(
SELECT 'c' || c.oid, format('CREATE TABLE %I.%I (%s)%s%s%s', n.nspname, c.relname,
    array_to_string(ARRAY(
        SELECT format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attcollation <> t.typcollation
                 THEN (SELECT format(' COLLATE %I.%I', ln.nspname, l.collname) FROM pg_collation l
                       JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = a.attcollation) END,
            CASE WHEN a.attgenerated <> '' AND (a.attinhcount = 0 OR c.relispartition)
                 THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid)) END,
            CASE WHEN a.attnotnull THEN ' NOT NULL' END)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) ||
      ARRAY(SELECT format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)) FROM pg_constraint k
            WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated
              AND NOT ({redact} AND pg_get_constraintdef(k.oid) ~ '''') ORDER BY k.conname), ', '),
    CASE WHEN NOT c.relispartition THEN
        (SELECT ' INHERITS (' || string_agg(format('%I.%I', pn.nspname, p.relname), ', ' ORDER BY h.inhseqno) || ')'
         FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
         WHERE h.inhrelid = c.oid) END,
    CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) END,
    (SELECT ' WITH (' || string_agg(o, ', ' ORDER BY o) || ')' FROM unnest(c.reloptions) AS o
     WHERE o ~ '^(fillfactor|parallel_workers)=[0-9]+$'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY c.oid)";

constexpr const char* kSequences = R"(
SELECT 'c' || c.oid, format('CREATE SEQUENCE %I.%I AS %s', n.nspname, c.relname, format_type(q.seqtypid, NULL))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence q ON q.seqrelid = c.oid
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                  AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i')
  AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY c.oid)";

/// A partition's identity is its parent's, and must not be given before it is attached.
constexpr const char* kDefaults = R"(
SELECT CASE WHEN a.attidentity <> ''
    THEN format('ALTER TABLE %I.%I ALTER COLUMN %I ADD GENERATED %s AS IDENTITY', n.nspname, c.relname, a.attname,
                CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END)
    ELSE format('ALTER TABLE ONLY %I.%I ALTER COLUMN %I SET DEFAULT %s', n.nspname, c.relname, a.attname,
                pg_get_expr(d.adbin, d.adrelid)) END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  AND (a.attidentity <> '' AND NOT c.relispartition OR a.attidentity = '' AND d.adrelid IS NOT NULL)
  AND NOT ({redact} AND a.attidentity = '' AND pg_get_expr(d.adbin, d.adrelid) ~ ''''
           AND pg_get_expr(d.adbin, d.adrelid) !~ '^nextval\(''[^'']*''::regclass\)$')
  AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY a.attrelid, a.attnum)";

constexpr const char* kKeys = R"(
SELECT 'k' || k.oid, format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname,
                            pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'x') AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY k.oid)";

constexpr const char* kViews = R"(
SELECT 'c' || c.oid, format('CREATE %s %I.%I%s AS %s%s',
    CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, n.nspname, c.relname,
    CASE WHEN 'security_barrier=true' = ANY (c.reloptions) THEN ' WITH (security_barrier = true)' END,
    rtrim(pg_get_viewdef(c.oid), '; '), CASE c.relkind WHEN 'm' THEN ' WITH NO DATA' END)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY c.oid)";

/// Who needs whom, in the keys above. A column's default and a check belong to their table, a rule to its view,
/// an array to its element, a row type to its relation.
constexpr const char* kDependencies = R"(
WITH type_key AS (
  SELECT t.oid, CASE WHEN u.typrelid <> 0 THEN 'c' || u.typrelid ELSE 't' || u.oid END AS key
  FROM pg_type t JOIN pg_type u ON u.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END)
SELECT DISTINCT needing, needed FROM (
  SELECT CASE d.classid
           WHEN 'pg_rewrite'::regclass THEN 'c' || (SELECT ev_class FROM pg_rewrite WHERE oid = d.objid)
           WHEN 'pg_attrdef'::regclass THEN 'c' || (SELECT adrelid FROM pg_attrdef WHERE oid = d.objid)
           WHEN 'pg_constraint'::regclass THEN
             (SELECT CASE WHEN contype <> 'c' THEN 'k' || oid WHEN conrelid <> 0 THEN 'c' || conrelid
                          ELSE 't' || contypid END FROM pg_constraint WHERE oid = d.objid)
           WHEN 'pg_type'::regclass THEN (SELECT key FROM type_key WHERE oid = d.objid)
           WHEN 'pg_proc'::regclass THEN 'f' || d.objid
           WHEN 'pg_class'::regclass THEN 'c' || d.objid END AS needing,
         CASE d.refclassid
           WHEN 'pg_type'::regclass THEN (SELECT key FROM type_key WHERE oid = d.refobjid)
           WHEN 'pg_constraint'::regclass THEN 'k' || d.refobjid
           WHEN 'pg_proc'::regclass THEN 'f' || d.refobjid
           WHEN 'pg_class'::regclass THEN 'c' || d.refobjid END AS needed
  FROM pg_depend d WHERE d.deptype IN ('n', 'a', 'i') AND d.objid >= 16384 AND d.refobjid >= 16384) AS edge
WHERE needing <> needed ORDER BY 1, 2)";

constexpr const char* kPartitions = R"(
SELECT format('ALTER TABLE ONLY %I.%I ATTACH PARTITION %I.%I %s', pn.nspname, p.relname, n.nspname, c.relname,
              pg_get_expr(c.relpartbound, c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_inherits h ON h.inhrelid = c.oid
JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE c.relispartition AND c.relkind IN ('r', 'p') AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY c.oid)";

constexpr const char* kIndexes = R"(
SELECT pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE (i.indisvalid OR c.relkind = 'I') AND t.relkind IN ('r', 'p', 'm')
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
  AND )" ASSAY_OWN("pg_class", "t.oid") R"( ORDER BY i.indexrelid)";

constexpr const char* kIndexPartitions = R"(
SELECT format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I', pn.nspname, p.relname, n.nspname, c.relname)
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE c.relkind IN ('i', 'I') AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY c.oid)";

constexpr const char* kStatisticsObjects = R"(
SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE )" ASSAY_OWN("pg_statistic_ext", "s.oid") R"( ORDER BY s.oid)";

/// Foreign keys, and the checks that old rows need not pass. A partition's come from its parent.
constexpr const char* kLateConstraints = R"(
SELECT format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (k.contype = 'f' AND k.conparentid = 0 OR k.contype = 'c' AND NOT k.convalidated AND k.coninhcount = 0
         AND NOT ({redact} AND pg_get_constraintdef(k.oid) ~ ''''))
  AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY k.contype, k.oid)";

/// The text with `{redact}` replaced.
std::string with(bool redact, std::string_view sql) {
  constexpr std::string_view kMark = "{redact}";
  std::string text(sql);
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at)) {
    text.replace(at, kMark.size(), redact ? "true" : "false");
  }
  return text;
}

}  // namespace

std::vector<CatalogQuery> ddl_queries(bool redact) {
  return {{"ddl_schemas", "DDL: schemas", 1, kSchemas},
          {"ddl_extensions", "DDL: extensions", 1, kExtensions},
          {"ddl_collations", "DDL: collations", 1, kCollations},
          {"ddl_types", "DDL: types", 2, with(redact, kTypes)},
          {"ddl_functions", "DDL: functions in SQL and PL/pgSQL", 2, with(redact, kFunctions)},
          {"ddl_sequences", "DDL: sequences", 2, kSequences},
          {"ddl_tables", "DDL: tables", 2, with(redact, kTables)},
          {"ddl_keys", "DDL: primary keys, unique and exclusion constraints", 2, kKeys},
          {"ddl_views", "DDL: views", 2, kViews},
          {"dependencies", "what of the above must come before what", 2, kDependencies},
          {"ddl_defaults", "DDL: defaults and identities of columns", 1, with(redact, kDefaults)},
          {"ddl_partitions", "DDL: partitions", 1, kPartitions},
          {"ddl_indexes", "DDL: indexes", 1, kIndexes},
          {"ddl_index_partitions", "DDL: indexes of partitions", 1, kIndexPartitions},
          {"ddl_statistics", "DDL: statistics objects", 1, kStatisticsObjects},
          {"ddl_constraints", "DDL: foreign keys and late checks", 1, with(redact, kLateConstraints)}};
}

}  // namespace assay
