#include "connectors/catalog_ddl.h"

#include <unordered_map>
#include <utility>

#include "connectors/sql_value.h"

namespace assay {
namespace {

/// `n` is the object's pg_namespace; what belongs to an extension comes with that extension.
#define ASSAY_OWN(class_name, oid)                                                                   \
  "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' AND NOT EXISTS (SELECT FROM pg_depend " \
  "WHERE classid = '" class_name "'::regclass AND objid = " oid " AND deptype = 'e')"

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
     FROM pg_constraint WHERE contypid = t.oid AND contype = 'c' AND convalidated))
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
SELECT 'f' || p.oid, rtrim(pg_get_functiondef(p.oid), E' \n')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p') AND l.lanname IN ('sql', 'plpgsql')
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
  AND )" ASSAY_OWN("pg_proc", "p.oid") R"( ORDER BY p.oid)";

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
            WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated ORDER BY k.conname), ', '),
    CASE WHEN NOT c.relispartition THEN
        (SELECT ' INHERITS (' || string_agg(format('%I.%I', pn.nspname, p.relname), ', ' ORDER BY h.inhseqno) || ')'
         FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
         WHERE h.inhrelid = c.oid) END,
    CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) END,
    (SELECT ' WITH (' || string_agg(o, ', ' ORDER BY o) || ')' FROM unnest(c.reloptions) AS o
     WHERE o ~ '^(fillfactor|parallel_workers)=[0-9]+$'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY c.oid)";

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
WHERE (k.contype = 'f' AND k.conparentid = 0 OR k.contype = 'c' AND NOT k.convalidated AND k.coninhcount = 0)
  AND )" ASSAY_OWN("pg_class", "c.oid") R"( ORDER BY k.contype, k.oid)";

#undef ASSAY_OWN

struct Object {
  std::string key, sql;
  std::vector<std::size_t> needs;
  bool visited = false;
};

std::vector<Object> read_objects(Session& session) {
  std::vector<Object> objects;
  for (const char* sql : {kTypes, kFunctions, kTables, kKeys, kViews}) {
    for (const SqlRow& row : session.query(sql)) objects.push_back({as_text(row[0]), as_text(row[1]), {}});
  }
  std::unordered_map<std::string, std::size_t> positions;
  for (std::size_t i = 0; i < objects.size(); ++i) positions[objects[i].key] = i;
  for (const SqlRow& edge : session.query(kDependencies)) {
    const auto needing = positions.find(as_text(edge[0])), needed = positions.find(as_text(edge[1]));
    if (needing != positions.end() && needed != positions.end()) {
      objects[needing->second].needs.push_back(needed->second);
    }
  }
  return objects;
}

/// Depth first, each object after all that it needs; a circle is broken where it closes. No recursion, since
/// views can stand on views without end.
void append_in_order(std::vector<Object>& objects, std::vector<std::string>& ddl) {
  std::vector<std::pair<std::size_t, std::size_t>> path;  // an object, and how many of its needs are done
  for (std::size_t root = 0; root < objects.size(); ++root) {
    if (std::exchange(objects[root].visited, true)) continue;
    path.emplace_back(root, 0);
    while (!path.empty()) {
      auto& [position, done] = path.back();
      Object& object = objects[position];
      if (done == object.needs.size()) {
        ddl.push_back(object.sql);
        path.pop_back();
      } else if (const std::size_t next = object.needs[done++]; !std::exchange(objects[next].visited, true)) {
        path.emplace_back(next, 0);
      }
    }
  }
}

}  // namespace

std::vector<std::string> read_ddl(Session& session) {
  std::vector<std::string> ddl;
  const auto append = [&](const char* sql) {
    for (const SqlRow& row : session.query(sql)) ddl.push_back(as_text(row[0]));
  };
  append(kSchemas);
  append(kExtensions);
  append(kCollations);
  std::vector<Object> objects = read_objects(session);
  append_in_order(objects, ddl);
  for (const char* sql : {kPartitions, kIndexes, kIndexPartitions, kStatisticsObjects, kLateConstraints}) append(sql);
  return ddl;
}

}  // namespace assay
