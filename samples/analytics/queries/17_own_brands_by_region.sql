-- The own brands' sales by the customer's region in one week.
SELECT co.region, sum(l.quantity * l.price) AS revenue
FROM brands b
JOIN products p ON p.brand_id = b.id
JOIN order_lines l ON l.product_id = p.id
JOIN orders o ON o.id = l.order_id
JOIN customers c ON c.id = o.customer_id
JOIN cities ci ON ci.id = c.city_id
JOIN countries co ON co.id = ci.country_id
WHERE b.is_own AND l.sold_on BETWEEN date '2024-12-01' AND date '2024-12-07'
GROUP BY co.region;
