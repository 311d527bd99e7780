-- Pieces sold under each loyalty promotion of a year.
SELECT pr.id, pr.starts_on, count(*) AS lines, sum(l.quantity) AS pieces, avg(l.discount) AS discount
FROM promotions pr
JOIN order_lines l ON l.promotion_id = pr.id
WHERE pr.kind = 'loyalty' AND pr.starts_on >= date '2024-01-01'
GROUP BY pr.id, pr.starts_on
ORDER BY pr.starts_on;
