-- Orders that wait, oldest first.
SELECT o.id, o.ordered_on, c.email
FROM orders o
JOIN customers c ON c.id = o.customer_id
WHERE o.status = 'open' AND o.channel = 'phone'
ORDER BY o.ordered_on
LIMIT 100;
