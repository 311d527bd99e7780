-- Orders of one day of which something came back.
SELECT o.id, o.customer_id, o.channel
FROM orders o
WHERE o.ordered_on = date '2024-05-17' AND o.id IN (SELECT r.order_id FROM returns r WHERE r.refund > 50);
