-- The latest counts of one product, all stores.
SELECT s.store_id, s.counted_on, s.on_hand
FROM stock_levels s
WHERE s.product_id = 815
ORDER BY s.counted_on DESC
LIMIT 30;
