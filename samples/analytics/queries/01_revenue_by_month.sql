-- Revenue by month of one year.
SELECT date_trunc('month', sold_on) AS month, sum(quantity * price * (1 - discount)) AS revenue, count(*) AS lines
FROM order_lines
WHERE sold_on >= date '2023-01-01' AND sold_on < date '2024-01-01'
GROUP BY 1
ORDER BY 1;
