-- What each department sold in one month.
SELECT c.department, sum(l.quantity) AS pieces, sum(l.quantity * l.price) AS gross
FROM order_lines l
JOIN products p ON p.id = l.product_id
JOIN categories c ON c.id = p.category_id
WHERE l.sold_on BETWEEN date '2024-11-01' AND date '2024-11-30'
GROUP BY c.department
ORDER BY gross DESC;
