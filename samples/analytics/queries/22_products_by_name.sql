-- A buyer looks for products by the beginning of their name.
SELECT p.id, p.name, b.name AS brand, p.list_price
FROM products p
JOIN brands b ON b.id = p.brand_id
WHERE p.name LIKE 'Classic tea 1%'
ORDER BY p.list_price DESC;
