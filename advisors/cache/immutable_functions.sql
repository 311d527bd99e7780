-- PostgreSQL's own functions that depend on their arguments alone: name/number of arguments, where every overload that
-- can be called with so many is immutable. What supports operators, indexes, aggregates and types is left out: nobody
-- calls it by name. So is what is called immutable and is not: an aggregate says it of its result, whatever turns the
-- values into text within (jsonb_object_agg), and some heed what is stored (dictionaries, snapshots, partitions).
WITH support AS (
  SELECT oprcode::oid AS function FROM pg_operator JOIN pg_proc p ON p.oid = oprcode
  WHERE p.proname NOT IN ('abs', 'array_append', 'array_cat', 'array_prepend', 'json_extract_path',
    'json_extract_path_text', 'jsonb_extract_path', 'jsonb_extract_path_text', 'mod', 'power', 'starts_with')
  UNION SELECT amproc::oid FROM pg_amproc
  UNION SELECT unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn,
                            aggmfinalfn]::oid[]) FROM pg_aggregate
  UNION SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend, typmodin, typmodout]::oid[]) FROM pg_type
),
callable AS (
  SELECT p.proname, n, p.provolatile,
    p.oid IN (SELECT function FROM support) OR 'internal'::regtype = ANY (p.proargtypes)
      OR 'cstring'::regtype = ANY (p.proargtypes)
      OR p.prorettype IN ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype, 'void'::regtype) AS is_support
  FROM pg_proc p,
    generate_series(p.pronargs - p.pronargdefaults - (p.provariadic <> 0)::int,
                    CASE WHEN p.provariadic <> 0 THEN greatest(p.pronargs, 8) ELSE p.pronargs END) AS n
  WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'a', 'w')
)
SELECT proname || '/' || n
FROM callable
WHERE proname !~ '^(pg_|txid_|regr?.*send$|binary_upgrade_)' AND proname NOT IN ('jsonb_object_agg', 'ts_lexize')
GROUP BY proname, n
HAVING bool_and(provolatile = 'i') AND NOT bool_and(is_support)
ORDER BY proname COLLATE "C", n
