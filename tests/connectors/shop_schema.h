// The database of the shadow planner's tests: mixed types, skewed and even values, every kind of index and relation
// that the shadow knows. Tables stay within 30,000 rows, so that ANALYZE reads them whole and its histograms end
// where the data ends: else the planner of the real server looks into its indexes for the ends.
#pragma once

#include <string>
#include <vector>

namespace assay {

inline std::vector<std::string> shop_schema() {
  return {
      "CREATE SCHEMA shop",
      "CREATE EXTENSION pg_trgm",
      "CREATE EXTENSION citext",
      "CREATE EXTENSION pageinspect",
      "ALTER DATABASE postgres SET search_path = shop, public",
      "SET search_path = shop, public",
      "CREATE TYPE status AS ENUM ('new', 'paid', 'sent', 'back')",
      "CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 0 AND 100)",
      "CREATE FUNCTION initials(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT left(t, 2)'",
      "CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, email citext "
      "UNIQUE, "
      "country char(2), born date, rating real, tags text[], settings jsonb, token uuid, discount percent)",
      "CREATE TABLE orders (id int PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, state status NOT "
      "NULL, "
      "placed timestamptz NOT NULL, total numeric(10,2), paid boolean NOT NULL, note text, "
      "gross numeric GENERATED ALWAYS AS (total * 1.2) STORED)",
      "CREATE TABLE lines (order_id int REFERENCES orders, position smallint, product int NOT NULL, quantity int NOT "
      "NULL, "
      "PRIMARY KEY (order_id, position))",
      "CREATE TABLE events (at timestamp NOT NULL, kind int NOT NULL, payload text, CHECK (kind >= 0)) PARTITION BY "
      "RANGE (at)",
      "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-07-01')",
      "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2024-07-01') TO ('2025-01-01')",
      "CREATE TABLE archive (closed date) INHERITS (orders)",
      "INSERT INTO customers (name, email, country, born, rating, tags, settings, token, discount) "
      "SELECT 'name ' || md5(i::text), i || '@Example.org', (ARRAY['de','fr','it','us'])[1 + i * i % 4], "
      "date '1950-01-01' + i * 7 % 20000, i % 50 / 10.0, ARRAY['t' || i % 7, 'u' || i % 11], "
      "jsonb_build_object('k', i % 13, 'l', 'x' || i % 3), md5(i::text)::uuid, i % 101 FROM generate_series(1, 5000) "
      "AS i",
      "INSERT INTO orders SELECT i, 1 + i::bigint * 7919 % 5000, (ARRAY['new','paid','sent','back'])[1 + (i % 20 > "
      "1)::int + "
      "(i % 20 > 3)::int + (i % 20 = 19)::int]::status, timestamptz '2024-01-01 00:00+00' + i * interval '17 minutes', "
      "i * 31 % 100000 / 100.0, i % 10 <> 0, CASE WHEN i % 3 = 0 THEN NULL ELSE 'note ' || md5((i % 4000)::text) END "
      "FROM generate_series(1, 25000) AS i",
      "INSERT INTO lines SELECT 1 + i / 2, i % 2, i * 7 % 300, 1 + i % 9 FROM generate_series(1, 29000) AS i",
      "INSERT INTO events SELECT timestamp '2024-01-01' + i * interval '20 minutes', i % 40, md5(i::text) "
      "FROM generate_series(1, 25000) AS i",
      "INSERT INTO archive (id, customer_id, state, placed, total, paid, note, closed) SELECT 100000 + i, 1 + i % "
      "5000, 'sent', '2020-01-01', 1, true, NULL, '2021-01-01' "
      "FROM generate_series(1, 3000) AS i",
      "CREATE INDEX orders_customer_idx ON orders (customer_id)",
      "CREATE INDEX orders_placed_idx ON orders (placed DESC)",
      "CREATE INDEX orders_unpaid_idx ON orders (placed) WHERE NOT paid",
      "CREATE INDEX orders_state_total_idx ON orders (state, total) INCLUDE (note)",
      "CREATE INDEX customers_initials_idx ON customers (initials(name))",
      "CREATE INDEX customers_born_brin ON customers USING brin (born)",
      "CREATE INDEX customers_token_hash ON customers USING hash (token)",
      "CREATE INDEX customers_tags_gin ON customers USING gin (tags)",
      "CREATE INDEX customers_name_trgm ON customers USING gist (name gist_trgm_ops)",
      "CREATE INDEX events_kind_idx ON events (kind, at)",
      "CREATE VIEW unpaid AS SELECT o.*, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE NOT "
      "o.paid",
      "CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id",
      "CREATE INDEX totals_idx ON totals (total)",
      "VACUUM ANALYZE",
  };
}

inline std::vector<std::string> shop_queries() {
  return {
      "SELECT * FROM orders WHERE id = 77",
      "SELECT id FROM orders WHERE id BETWEEN 1000 AND 1100",
      "SELECT * FROM orders WHERE customer_id = 4711",
      "SELECT * FROM orders WHERE customer_id IN (1, 2, 3) AND state = 'back'",
      "SELECT * FROM orders WHERE placed > '2024-03-01' AND placed < '2024-03-04' ORDER BY placed DESC",
      "SELECT * FROM orders ORDER BY placed DESC LIMIT 10",
      "SELECT count(*) FROM orders WHERE NOT paid AND placed < '2024-02-02'",
      "SELECT state, total FROM orders WHERE state = 'new' AND total > 900",
      "SELECT state, count(*), avg(total) FROM orders GROUP BY state HAVING count(*) > 5 ORDER BY 2 DESC",
      "SELECT * FROM customers WHERE email = '12@example.org'",
      "SELECT * FROM customers WHERE initials(name) = 'na'",
      "SELECT * FROM customers WHERE token = '0cc175b9-c0f1-b6a8-31c3-99e269772661'",
      "SELECT * FROM customers WHERE born BETWEEN '1960-01-01' AND '1960-03-01'",
      "SELECT * FROM customers WHERE name LIKE '%abcdef%'",
      "SELECT * FROM customers WHERE tags @> ARRAY['t3'] AND country = 'de'",
      "SELECT * FROM customers WHERE settings->>'k' = '5'",
      "SELECT * FROM customers WHERE tags @> ARRAY['t3', 'u4']",
      "SELECT * FROM customers WHERE discount > 90 OR rating < 0.2",
      "SELECT c.name, o.total FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.country = 'fr' AND "
      "o.state = 'back'",
      "SELECT c.* FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.state = 'new' WHERE o.id IS NULL",
      "SELECT c.* FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.total > 990)",
      "SELECT o.id, sum(l.quantity) FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.placed < '2024-01-09' "
      "GROUP BY o.id",
      "SELECT l.product, c.country, count(*) FROM lines l JOIN orders o ON o.id = l.order_id JOIN customers c "
      "ON c.id = o.customer_id GROUP BY ROLLUP (l.product, c.country)",
      "SELECT * FROM events WHERE at >= '2024-08-01' AND at < '2024-08-02' AND kind = 3",
      "SELECT kind, count(*) FROM events GROUP BY kind",
      "SELECT * FROM events WHERE kind = 7 ORDER BY at LIMIT 5",
      "SELECT * FROM unpaid WHERE total > 500 ORDER BY name LIMIT 20",
      "SELECT * FROM totals WHERE total BETWEEN 2000 AND 2100",
      "WITH big AS MATERIALIZED (SELECT * FROM totals WHERE total BETWEEN 2500 AND 2600) SELECT c.name FROM big JOIN "
      "customers c "
      "ON c.id = big.customer_id",
      "SELECT name, (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c WHERE c.id < 50",
      "SELECT id, row_number() OVER (PARTITION BY state ORDER BY total) FROM orders WHERE customer_id BETWEEN 2000 AND "
      "2100",
      "SELECT country FROM customers UNION SELECT left(name, 2) FROM customers",
      "SELECT id FROM orders WHERE total < 10 EXCEPT SELECT order_id FROM lines",
      "SELECT DISTINCT product FROM lines WHERE quantity = 9",
      "SELECT * FROM orders TABLESAMPLE system (10) WHERE paid",
      "SELECT * FROM generate_series(1, 10) g JOIN (VALUES (1, 'a'), (2, 'b')) v(x, y) ON v.x = g",
      "SELECT * FROM archive WHERE closed = '2021-01-01'",
      "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT * FROM r",
      "INSERT INTO lines SELECT id, 9, 1, 1 FROM orders WHERE total > 999 ON CONFLICT (order_id, position) DO UPDATE "
      "SET quantity = 2",
      "UPDATE orders SET note = 'x' WHERE customer_id = 5 AND placed < '2024-06-01'",
      "DELETE FROM lines USING orders WHERE orders.id = lines.order_id AND orders.state = 'back'",
      "SELECT * FROM orders WHERE id = 3 FOR UPDATE",
  };
}

}  // namespace assay
