-- What a store ran out of in one week.
SELECT p.name, c.department
FROM stock_levels s
JOIN products p ON p.id = s.product_id
JOIN categories c ON c.id = p.category_id
WHERE s.store_id = 77 AND s.counted_on = date '2024-09-02' AND s.on_hand < 3;
