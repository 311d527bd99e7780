-- Which brands come back because they are broken.
SELECT b.name, count(*) AS returned, sum(r.refund) AS refunded
FROM returns r
JOIN products p ON p.id = r.product_id
JOIN brands b ON b.id = p.brand_id
WHERE r.reason = 'broken' AND r.returned_on >= date '2024-06-01'
GROUP BY b.name
HAVING count(*) > 5
ORDER BY refunded DESC
LIMIT 25;
