-- New customers of a year by country, also of countries without one.
SELECT co.name, count(c.id) AS customers
FROM countries co
LEFT JOIN cities ci ON ci.country_id = co.id
LEFT JOIN customers c ON c.city_id = ci.id AND c.joined_on >= date '2024-01-01'
GROUP BY co.name
ORDER BY customers DESC;
