-- Business customers of one city and what they spent.
SELECT c.id, c.email, sum(l.quantity * l.price) AS spent
FROM customers c
JOIN orders o ON o.customer_id = c.id
JOIN order_lines l ON l.order_id = o.id
WHERE c.city_id = 1234 AND c.segment = 'business'
GROUP BY c.id, c.email
ORDER BY spent DESC;
