-- The newest orders of one customer, with their lines.
SELECT o.id, o.ordered_on, o.status, l.line, p.name, l.quantity, l.price
FROM orders o
JOIN order_lines l ON l.order_id = o.id
JOIN products p ON p.id = l.product_id
WHERE o.customer_id = 4711
ORDER BY o.ordered_on DESC, l.line
LIMIT 50;
