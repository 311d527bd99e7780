-- Products of a brand that cost more than twice the average of their category.
SELECT p.id, p.name, p.list_price
FROM products p
JOIN (SELECT category_id, avg(list_price) AS mean FROM products GROUP BY category_id) m ON m.category_id = p.category_id
WHERE p.brand_id = 3 AND p.list_price > 2 * m.mean
ORDER BY p.list_price DESC;
