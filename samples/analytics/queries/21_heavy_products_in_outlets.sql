-- Heavy products sold through outlets, by month.
SELECT date_trunc('month', o.ordered_on) AS month, count(*) AS lines
FROM stores s
JOIN orders o ON o.store_id = s.id
JOIN order_lines l ON l.order_id = o.id
JOIN products p ON p.id = l.product_id
WHERE s.format = 'outlet' AND p.weight_g > 8000 AND o.ordered_on >= date '2024-01-01'
GROUP BY 1
ORDER BY 1;
