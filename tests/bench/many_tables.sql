-- A schema as wide as applications' are:  psql -v tables=500 -f many_tables.sql
-- Each table has eight columns, a foreign key to the one before it, four indexes and a thousand rows.
SELECT set_config('bench.tables', :'tables', false);
DO $$
BEGIN
  FOR i IN 1 .. current_setting('bench.tables')::int LOOP
    EXECUTE format('CREATE TABLE table_%s (id bigint PRIMARY KEY, parent_id bigint, name text NOT NULL, state varchar(20), '
                   'kind int, amount numeric(10,2), created_at timestamptz NOT NULL, updated_at timestamptz)', i);
    EXECUTE format('INSERT INTO table_%1$s SELECT n, 1 + n %% 700, ''name '' || n, ''state '' || n %% 5, n %% 50, n / 7.0, '
                   'timestamptz ''2024-01-01'' + n * interval ''1 hour'', NULL FROM generate_series(1, 1000) AS n', i);
    EXECUTE format('CREATE INDEX ON table_%s (parent_id)', i);
    EXECUTE format('CREATE INDEX ON table_%s (state, created_at DESC)', i);
    EXECUTE format('CREATE INDEX ON table_%s (lower(name))', i);
    IF i > 1 THEN
      EXECUTE format('ALTER TABLE table_%s ADD FOREIGN KEY (parent_id) REFERENCES table_%s', i, i - 1);
    END IF;
    EXECUTE format('ANALYZE table_%s', i);
    COMMIT;  -- gives the locks back
  END LOOP;
END $$;
