-- The hundred best customers of a quarter.
SELECT o.customer_id, count(DISTINCT o.id) AS orders, sum(l.quantity * l.price * (1 - l.discount)) AS revenue
FROM orders o
JOIN order_lines l ON l.order_id = o.id
WHERE o.ordered_on >= date '2024-10-01' AND o.status = 'delivered'
GROUP BY o.customer_id
ORDER BY revenue DESC
LIMIT 100;
