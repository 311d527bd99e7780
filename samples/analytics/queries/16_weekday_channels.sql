-- Orders by weekday and channel in one year.
SELECT extract(isodow FROM ordered_on) AS weekday, channel, count(*) AS orders, avg(shipping) AS shipping
FROM orders
WHERE ordered_on >= date '2024-01-01' AND status <> 'cancelled'
GROUP BY 1, 2
ORDER BY 1, 2;
