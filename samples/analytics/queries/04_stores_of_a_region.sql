-- Turnover of the stores of a region in one quarter.
SELECT s.id, ci.name, sum(l.quantity * l.price * (1 - l.discount)) AS revenue
FROM countries co
JOIN cities ci ON ci.country_id = co.id
JOIN stores s ON s.city_id = ci.id
JOIN orders o ON o.store_id = s.id
JOIN order_lines l ON l.order_id = o.id
WHERE co.region = 'Oceania' AND o.ordered_on >= date '2024-07-01' AND o.ordered_on < date '2024-10-01'
GROUP BY s.id, ci.name
ORDER BY revenue DESC
LIMIT 20;
