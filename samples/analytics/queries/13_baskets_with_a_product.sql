-- What is bought together with one product.
SELECT other.product_id, count(*) AS together
FROM order_lines l
JOIN order_lines other ON other.order_id = l.order_id AND other.product_id <> l.product_id
WHERE l.product_id = 19000
GROUP BY other.product_id
ORDER BY together DESC
LIMIT 10;
