-- Lines sold at 40 percent off or more, newest first.
SELECT l.order_id, l.product_id, l.sold_on, l.discount
FROM order_lines l
WHERE l.discount >= 0.44
ORDER BY l.sold_on DESC
LIMIT 200;
