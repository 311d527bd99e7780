#include "advisors/partition/carry_over.h"

#include "parser/sql/index_definition.h"

namespace assay {
namespace {

constexpr const char* kCheck = R"(
-- Nothing is changed: lists what the steps below could not keep.
DECLARE
  v_table CONSTANT regclass := {table_class};
  v_keys CONSTANT name[] := {keys};
  v_problems text;
BEGIN
  WITH key_numbers AS (SELECT array_agg(attnum) AS numbers FROM pg_attribute
                       WHERE attrelid = v_table AND attname = ANY (v_keys) AND NOT attisdropped)
  SELECT string_agg(problem, '; ' ORDER BY problem) INTO v_problems FROM (
    SELECT 'it is no ordinary table' FROM pg_class WHERE oid = v_table AND (relkind <> 'r' OR relpersistence <> 'p')
    UNION ALL SELECT 'it has parents or children' WHERE EXISTS (
      SELECT FROM pg_inherits WHERE inhrelid = v_table OR inhparent = v_table)
    UNION ALL SELECT format('constraint %I is deferrable', conname) FROM pg_constraint
      WHERE conrelid = v_table AND contype IN ('p', 'u') AND condeferrable
    UNION ALL SELECT format('constraint %I is not validated', conname) FROM pg_constraint
      WHERE conrelid = v_table AND NOT convalidated
    UNION ALL SELECT format('check %I is NO INHERIT', conname) FROM pg_constraint
      WHERE conrelid = v_table AND contype = 'c' AND connoinherit
    UNION ALL SELECT format('a partitioned table can have no exclusion constraint: %I', conname) FROM pg_constraint
      WHERE conrelid = v_table AND contype = 'x'
    UNION ALL SELECT format('unique index %s lacks the partition key', i.indexrelid::regclass)
      FROM pg_index i, key_numbers WHERE i.indrelid = v_table AND i.indisunique AND NOT i.indisprimary
       AND NOT (i.indkey::int2[])[0:i.indnkeyatts - 1] @> numbers
    UNION ALL SELECT format('foreign key %I of %s refers to columns without the partition key', conname, conrelid::regclass)
      FROM pg_constraint, key_numbers WHERE contype = 'f' AND confrelid = v_table AND NOT confkey @> numbers
    UNION ALL SELECT format('foreign key %I refers to the table itself', conname) FROM pg_constraint
      WHERE contype = 'f' AND confrelid = v_table AND conrelid = v_table
    UNION ALL SELECT format('PostgreSQL 17 and later attach no table with an identity, such as %I: take the other way', attname)
      FROM pg_attribute WHERE attrelid = v_table AND attidentity <> '' AND NOT attisdropped AND {attaches}
       AND current_setting('server_version_num')::int >= 170000
    UNION ALL SELECT format('rule %I', rulename) FROM pg_rewrite WHERE ev_class = v_table
    UNION ALL SELECT format('trigger %I is a constraint trigger, or uses a transition table for each row', tgname)
      FROM pg_trigger WHERE tgrelid = v_table AND NOT tgisinternal
       AND (tgconstraint <> 0 OR (tgtype & 1 = 1 AND (tgnewtable IS NOT NULL OR tgoldtable IS NOT NULL)))
    UNION ALL SELECT DISTINCT format('%s would go on reading the old table: drop it before, create it again afterwards',
                                     pg_describe_object('pg_class'::regclass, r.ev_class, 0))
      FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
      JOIN pg_class c ON c.oid = r.ev_class
      WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = v_table AND c.relkind = 'm'
    UNION ALL SELECT DISTINCT format('%s depends on it', pg_describe_object(d.classid, d.objid, d.objsubid))
      FROM pg_depend d JOIN pg_class c ON c.oid = v_table
      WHERE d.deptype = 'n' AND (d.refclassid = 'pg_type'::regclass
              AND d.refobjid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype))
          OR d.refclassid = 'pg_class'::regclass AND d.refobjid = v_table AND d.classid = 'pg_proc'::regclass)
  ) AS found(problem);
  IF v_problems IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = format('%s cannot be migrated as planned: %s', v_table, v_problems);
  END IF;
END)";

constexpr const char* kCarryOver = R"(
-- Owner, grants, policies, comment, statistics targets, foreign keys, storage parameters, replica identity.
DECLARE
  v_from CONSTANT regclass := {table_class};
  v_to CONSTANT regclass := {parent_class};
  v_sql text;
BEGIN
  FOR v_sql IN
    SELECT format('ALTER TABLE %s OWNER TO %I', v_to, pg_get_userbyid(relowner)) FROM pg_class
      WHERE oid = v_from AND relowner <> (SELECT relowner FROM pg_class WHERE oid = v_to)
    UNION ALL
    SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, v_to,
                  CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
      FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = v_from AND a.grantee <> c.relowner
    UNION ALL
    SELECT format('GRANT %s (%I) ON %s TO %s%s', a.privilege_type, t.attname, v_to,
                  CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
      FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = v_from AND t.attnum > 0 AND NOT t.attisdropped
    UNION ALL
    SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, v_to,
                  CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                  CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                                WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                  (SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ')
                   FROM unnest(p.polroles) AS r),
                  ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
                  ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
      FROM pg_policy p WHERE p.polrelid = v_from
    UNION ALL
    SELECT format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', v_to) FROM pg_class WHERE oid = v_from AND relrowsecurity
    UNION ALL
    SELECT format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', v_to) FROM pg_class
      WHERE oid = v_from AND relforcerowsecurity
    UNION ALL
    SELECT format('COMMENT ON TABLE %s IS %L', v_to, obj_description(v_from, 'pg_class'))
      WHERE obj_description(v_from, 'pg_class') IS NOT NULL
    UNION ALL
    SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', v_to, attname, attstattarget)
      FROM pg_attribute WHERE attrelid = v_from AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0
    UNION ALL
    SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', v_to, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE conrelid = v_from AND contype = 'f'
    UNION ALL
    SELECT format('ALTER TABLE %s SET (%s)', p.relid,
                  (SELECT string_agg(split_part(o, '=', 1) || ' = ' || quote_literal(substr(o, strpos(o, '=') + 1)), ', ')
                   FROM unnest(c.reloptions) AS o))
      FROM pg_class c, pg_partition_tree(v_to) p WHERE c.oid = v_from AND c.reloptions IS NOT NULL AND p.isleaf
    UNION ALL
    SELECT format('ALTER TABLE %s REPLICA IDENTITY %s', p.relid, CASE c.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END)
      FROM pg_class c, pg_partition_tree(v_to) p WHERE c.oid = v_from AND c.relreplident IN ('f', 'n') AND p.isleaf
  LOOP
    EXECUTE v_sql;
  END LOOP;
END)";

constexpr const char* kKeep = R"(
INSERT INTO pg_temp.kept_definitions (sql)
SELECT format('CREATE OR REPLACE VIEW %s%s AS %s', v.oid::regclass,
              ' WITH (' || array_to_string(v.reloptions, ', ') || ')', pg_get_viewdef(v.oid))
  FROM pg_class v WHERE v.relkind = 'v' AND EXISTS (
    SELECT FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    WHERE r.ev_class = v.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = {table_class})
UNION ALL
SELECT unnest(ARRAY[pg_get_triggerdef(t.oid),
    CASE t.tgenabled WHEN 'D' THEN format('ALTER TABLE %s DISABLE TRIGGER %I', t.tgrelid::regclass, t.tgname)
                     WHEN 'R' THEN format('ALTER TABLE %s ENABLE REPLICA TRIGGER %I', t.tgrelid::regclass, t.tgname)
                     WHEN 'A' THEN format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.tgrelid::regclass, t.tgname) END])
  FROM pg_trigger t WHERE t.tgrelid = {table_class} AND NOT t.tgisinternal AND {keep}
UNION ALL
SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', k.conrelid::regclass, k.conname,
              pg_get_constraintdef(k.oid))
  FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = {table_class} AND k.conparentid = 0;)";

constexpr const char* kTakeAway = R"(
-- What has been written down is taken from this table: its triggers, and foreign keys that refer to it.
DECLARE
  v_table CONSTANT regclass := {table_class};
  v_sql text;
BEGIN
  FOR v_sql IN
    SELECT format('{trigger}', v_table, tgname) FROM pg_trigger
      WHERE tgrelid = v_table AND NOT tgisinternal AND {which}
    UNION ALL
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
      WHERE contype = 'f' AND confrelid = v_table AND conparentid = 0
  LOOP
    EXECUTE v_sql;
  END LOOP;
END)";

constexpr const char* kRestore = R"(
-- What has been written down is made again on the table that bears the name now.
DECLARE
  v_sql text;
BEGIN
  FOR v_sql IN SELECT sql FROM pg_temp.kept_definitions WHERE sql IS NOT NULL ORDER BY place LOOP
    EXECUTE v_sql;
  END LOOP;
END)";

constexpr const char* kTakeBack = R"(
-- The triggers of the old table fire again, those of the new one go.
DECLARE
  v_sql text;
BEGIN
  FOR v_sql IN
    SELECT format('ALTER TABLE %s ENABLE%s TRIGGER %I', o.tgrelid::regclass,
                  CASE n.tgenabled WHEN 'R' THEN ' REPLICA' WHEN 'A' THEN ' ALWAYS' END, o.tgname)
      FROM pg_trigger o JOIN pg_trigger n ON n.tgname = o.tgname AND n.tgrelid = {like_class}
      WHERE o.tgrelid = {table_class} AND NOT o.tgisinternal AND n.tgenabled <> 'D'
    UNION ALL
    SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger
      WHERE tgrelid = {like_class} AND NOT tgisinternal
  LOOP
    EXECUTE v_sql;
  END LOOP;
END)";

/// An identity has a sequence of its own on either side: the position goes over, and the name. A serial's sequence
/// is one for both, and must not go with the old table when that is dropped.
constexpr const char* kSequences = R"(
-- Positions and names of identities, and ownership of sequences.
DECLARE
  v_from CONSTANT regclass := {from};
  v_to CONSTANT regclass := {to};
  v_column record;
  v_name name;
BEGIN
  FOR v_column IN
    SELECT a.attname, f.seq AS from_seq, t.seq AS to_seq, fc.relname AS from_name, tc.relname AS to_name
    FROM pg_attribute a
    CROSS JOIN LATERAL (SELECT pg_get_serial_sequence(v_from::text, a.attname)::regclass AS seq) f
    CROSS JOIN LATERAL (SELECT pg_get_serial_sequence(v_to::text, a.attname)::regclass AS seq) t
    JOIN pg_class fc ON fc.oid = f.seq LEFT JOIN pg_class tc ON tc.oid = t.seq
    WHERE a.attrelid = v_from AND a.attnum > 0 AND NOT a.attisdropped
  LOOP
    IF v_column.to_seq IS NULL THEN
      EXECUTE format('ALTER SEQUENCE %s OWNED BY %s.%I', v_column.from_seq, v_to, v_column.attname);
    ELSE
      EXECUTE format('SELECT setval(%L::regclass, last_value, is_called) FROM %s', v_column.to_seq, v_column.from_seq);
      v_name := 'exchange_' || v_column.from_seq::oid;
      EXECUTE format('ALTER SEQUENCE %s RENAME TO %I', v_column.from_seq, v_name);
      EXECUTE format('ALTER SEQUENCE %s RENAME TO %I', v_column.to_seq, v_column.from_name);
      EXECUTE format('ALTER SEQUENCE %s RENAME TO %I', v_column.from_seq, v_column.to_name);
    END IF;
  END LOOP;
END)";

constexpr const char* kPublications = R"(
-- Publications that name the table.
DECLARE
  v_publication record;
BEGIN
  FOR v_publication IN
    SELECT p.pubname, {filter} AS filter, {columns} AS columns
    FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid WHERE r.prrelid = {from}
  LOOP
    EXECUTE format('ALTER PUBLICATION %I DROP TABLE %s', v_publication.pubname, {from});
    IF {via_root} THEN
      EXECUTE format('ALTER PUBLICATION %I SET (publish_via_partition_root = true)', v_publication.pubname);
    END IF;
    EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s%s%s', v_publication.pubname, {to},
                   ' (' || v_publication.columns || ')', ' WHERE (' || v_publication.filter || ')');
  END LOOP;
END)";

constexpr const char* kValidateInbound = R"(
-- Foreign keys that refer to the table.
DECLARE
  v_sql text;
BEGIN
  FOR v_sql IN
    SELECT format('ALTER TABLE %s VALIDATE CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
    WHERE contype = 'f' AND confrelid = {table_class} AND conparentid = 0 AND NOT convalidated
  LOOP
    EXECUTE v_sql;
  END LOOP;
END)";

/// ARRAY['a', 'b']::text[]
std::string array_literal(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + quote_literal(value);
  return "ARRAY[" + text + "]::text[]";
}

}  // namespace

std::string check_on_server(const MigrationNames& names, bool attaches) {
  auto places = names.places();
  places["attaches"] = attaches ? "true" : "false";
  places["keys"] = array_literal(names.key_columns());
  return do_block(filled(kCheck, places));
}

std::vector<std::string> carry_over(const MigrationNames& names) {
  return {do_block(filled(kCarryOver, names.places()))};
}

std::vector<std::string> keep_definitions(const std::string& table_class, TriggersLeft triggers) {
  const bool dropped = triggers == TriggersLeft::kDropped, untouched = triggers == TriggersLeft::kUntouched;
  const std::map<std::string, std::string, std::less<>> places{
      {"table_class", table_class},
      {"keep", untouched ? "false" : "true"},
      {"trigger", dropped ? "DROP TRIGGER %2$I ON %1$s" : "ALTER TABLE %s DISABLE TRIGGER %I"},
      {"which", untouched ? "false"
                : dropped ? "true"
                          : "tgenabled <> 'D'"}};
  return {"CREATE TEMPORARY TABLE kept_definitions (place serial, sql text) ON COMMIT DROP;",
          filled(kKeep, places).substr(1), do_block(filled(kTakeAway, places))};
}

std::string take_triggers_back(const std::string& table_class, const std::string& like_class) {
  return do_block(filled(kTakeBack, {{"table_class", table_class}, {"like_class", like_class}}));
}

std::string restore_definitions() { return do_block(kRestore); }

std::string hand_over_sequences(const std::string& from_class, const std::string& to_class) {
  return do_block(filled(kSequences, {{"from", from_class}, {"to", to_class}}));
}

std::string hand_over_publications(const MigrationNames& names, const std::string& from_class,
                                   const std::string& to_class, bool via_root) {
  const int version = names.catalog->server_version;
  const bool has_lists = version == 0 || version >= 150000;
  return do_block(filled(
      kPublications,
      {{"from", from_class},
       {"to", to_class},
       {"via_root", via_root ? "true" : "false"},
       {"filter", has_lists ? "pg_get_expr(r.prqual, r.prrelid)" : "NULL::text"},
       {"columns", has_lists ? "(SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute\n"
                               "            WHERE attrelid = r.prrelid AND attnum = ANY (r.prattrs))"
                             : "NULL::text"}}));
}

std::string validate_inbound(const std::string& table_class) {
  return do_block(filled(kValidateInbound, {{"table_class", table_class}}));
}

}  // namespace assay
