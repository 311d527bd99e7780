-- Club members who have not ordered for a year.
SELECT c.id, c.email
FROM customers c
WHERE c.segment = 'club' AND c.left_on IS NULL
  AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.ordered_on >= date '2024-01-01');
