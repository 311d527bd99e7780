-- Fills the warehouse: psql -v scale=1 -f generate.sql. The same scale gives the same rows on every machine.
\set ON_ERROR_STOP on
\if :{?scale} \else \set scale 1 \endif
SELECT round(150000 * :scale)::int AS n_customers, round(20000 * :scale)::int AS n_products,
       round(500000 * :scale)::int AS n_orders, greatest(50, round(1000 * sqrt(:scale)))::int AS n_stores,
       round(90000 * :scale)::int AS n_returns, round(400000 * :scale)::int AS n_stock \gset

CREATE SCHEMA generator;
-- A number in [0, 1) that looks random and depends on nothing but its arguments.
CREATE FUNCTION generator.u(i bigint, k bigint) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (hashint8extended(i, k * 7919 + 17) & 4294967295)::float8 / 4294967296 $$;
-- The element of the array at that share of its length.
CREATE FUNCTION generator.nth(a text[], x float8) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT a[1 + floor(x * cardinality(a))::int] $$;
SET search_path = public, generator;

INSERT INTO countries
SELECT i, 'Country ' || i, nth('{Europe,Europe,Europe,Americas,Asia,Asia,Africa,Oceania}', u(i, 1)) FROM generate_series(1, 40) i;

INSERT INTO cities  -- a few countries hold most cities
SELECT i, 1 + floor(40 * power(u(i, 2), 2)), 'City ' || i, 1000 + floor(4e6 * power(u(i, 3), 6)) FROM generate_series(1, 3000) i;

INSERT INTO stores
SELECT i, 1 + floor(3000 * power(u(i, 4), 1.5)), nth('{city,city,city,mall,mall,outlet,flagship}', u(i, 5)),
       date '1998-01-01' + floor(9000 * u(i, 6))::int, 80 + floor(3000 * power(u(i, 7), 2))
FROM generate_series(1, :n_stores) i;

INSERT INTO categories
SELECT i, nth('{Food,Food,Home,Home,Garden,Sport,Toys,Books,Clothes,Clothes}', u(i, 8)), 'Category ' || i FROM generate_series(1, 240) i;

INSERT INTO brands
SELECT i, 1 + floor(40 * u(i, 9)), 'Brand ' || i, i % 40 = 0 FROM generate_series(1, 900) i;

INSERT INTO products  -- a third of the brands makes most products
SELECT i, 1 + floor(240 * power(u(i, 10), 1.4)), 1 + floor(900 * power(u(i, 11), 2.2)),
       nth('{Large,Small,Red,Blue,Plain,Classic,Light}', u(i, 12)) || ' ' || nth('{chair,lamp,ball,shirt,tea,rope,pan,book}', u(i, 13)) || ' ' || i,
       round((1 + 400 * power(u(i, 14), 4))::numeric, 2), date '2015-01-01' + (i * 4000.0 / :n_products)::int,
       CASE WHEN u(i, 15) < 0.8 THEN 20 + floor(9000 * power(u(i, 16), 3)) END
FROM generate_series(1, :n_products) i;

INSERT INTO promotions
SELECT i, nth('{price,price,bundle,coupon,loyalty}', u(i, 17)), d, d + 3 + floor(25 * u(i, 18))::int
FROM (SELECT i, date '2020-01-01' + i * 4 AS d FROM generate_series(1, 500) i) x;

INSERT INTO customers  -- in the order in which they joined; one in twelve has left
SELECT i, 1 + floor(3000 * power(u(i, 19), 3)), nth('{private,private,private,private,private,student,student,business,club}', u(i, 20)),
       'c' || i || '@' || nth('{mail,post,box,web}', u(i, 21)) || '.example', CASE WHEN u(i, 22) < 0.7 THEN date '1940-01-01' + floor(24000 * u(i, 23))::int END,
       joined, CASE WHEN u(i, 24) < 0.083 THEN joined + 30 + floor(900 * u(i, 25))::int END
FROM (SELECT i, date '2016-01-01' + (i * 3280.0 / :n_customers)::int AS joined FROM generate_series(1, :n_customers) i) x;

INSERT INTO orders  -- in the order of their dates over five years; customers are skewed, what is old is done
SELECT i, 1 + floor(:n_customers * power(u(i, 26), 1.8)), CASE WHEN channel = 'store' THEN 1 + floor(:n_stores * power(u(i, 27), 1.6)) END,
       day, channel, CASE WHEN u(i, 28) < 0.04 THEN 'cancelled' WHEN day > date '2024-12-10' AND u(i, 29) < 0.7 THEN 'open' ELSE 'delivered' END,
       CASE WHEN channel = 'store' THEN 0 ELSE round((2 + 9 * u(i, 30))::numeric, 2) END
FROM (SELECT i, date '2020-01-01' + least(1826, (1827 * power(i::float8 / :n_orders, 0.8))::int) AS day,
             nth('{store,store,web,web,web,app,app,phone}', u(i, 31)) AS channel
      FROM generate_series(1, :n_orders) i) x;

INSERT INTO order_lines  -- one to seven lines an order, four on average
SELECT o.id, l, p.id, CASE WHEN u(k, 33) < 0.18 THEN 1 + floor(500 * u(k, 34)) END, o.ordered_on, 1 + floor(6 * power(u(k, 35), 3)),
       p.list_price, CASE WHEN u(k, 33) < 0.18 THEN round((0.05 + 0.4 * u(k, 36))::numeric, 2) ELSE 0 END
FROM orders o CROSS JOIN LATERAL generate_series(1, 1 + floor(7 * u(o.id, 32))::int) l
CROSS JOIN LATERAL (SELECT o.id * 8::bigint + l AS k) key
JOIN products p ON p.id = 1 + floor(:n_products * power(u(k, 37), 2.0))::int
ORDER BY o.id, l;

INSERT INTO returns
SELECT i, o.id, l.product_id, o.ordered_on + 3 + floor(25 * u(i, 38))::int, nth('{size,size,size,broken,late,mistake,other}', u(i, 39)),
       round(l.price * l.quantity * (1 - l.discount), 2)
FROM generate_series(1, :n_returns) i
JOIN orders o ON o.id = 1 + floor(:n_orders * u(i, 40))::int
JOIN order_lines l ON l.order_id = o.id AND l.line = 1
ORDER BY i;

INSERT INTO stock_levels
SELECT 1 + floor(:n_products * power(u(i, 41), 1.5)), 1 + floor(:n_stores * u(i, 42)), date '2024-01-01' + 7 * floor(52 * u(i, 43))::int,
       floor(120 * power(u(i, 44), 2))
FROM generate_series(1, :n_stock) i
ON CONFLICT DO NOTHING;

SET client_min_messages = warning;
DROP SCHEMA generator CASCADE;
