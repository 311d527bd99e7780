-- Products of a category that nobody has bought in the last two weeks.
SELECT p.id, p.name
FROM products p
WHERE p.category_id = 200
  AND NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.product_id = p.id AND l.sold_on >= date '2024-12-18')
ORDER BY p.name;
