SELECT dim.states.name, count(DISTINCT sales.orders.order_number) AS "order count",
  sum(CASE WHEN datediff(sales.orders.shipped, sales.orders.ordered) <= 30 THEN 1 ELSE 0 END) AS days_30,
  sum(CASE WHEN datediff(sales.orders.shipped, sales.orders.ordered) > 30
       AND datediff(sales.orders.shipped, sales.orders.ordered) <= 60 THEN 1 ELSE 0 END) AS days_60,
  sum(CASE WHEN datediff(sales.orders.shipped, sales.orders.ordered) > 60
       AND datediff(sales.orders.shipped, sales.orders.ordered) <= 90 THEN 1 ELSE 0 END) AS days_90,
  sum(CASE WHEN datediff(sales.orders.shipped, sales.orders.ordered) > 90 THEN 1 ELSE 0 END) AS later,
  array_agg(DISTINCT substr(dim.warehouses.name, 1, 20)) AS warehouses, max_by(dim.sites.name, sales.orders.amount) AS best
FROM sales.orders
  INNER JOIN dim.warehouses ON sales.orders.warehouse_key = dim.warehouses.warehouse_key
  INNER JOIN dim.modes ON sales.orders.mode_key = dim.modes.mode_key
  INNER JOIN dim.sites ON sales.orders.site_key = dim.sites.site_key
  LEFT JOIN dim.states ON dim.states.state_key = dim.warehouses.state_key
WHERE sales.orders.ordered >= '2001-02-01' AND sales.orders.ordered < date_add('2001-02-01', INTERVAL 60 DAY)
  AND EXISTS (SELECT * FROM sales.orders o2 WHERE o2.order_number = sales.orders.order_number
    AND o2.warehouse_key <> sales.orders.warehouse_key)
  AND NOT EXISTS (SELECT * FROM sales.returns r WHERE r.order_number = sales.orders.order_number)
GROUP BY dim.states.name
ORDER BY count(DISTINCT sales.orders.order_number) DESC, dim.states.name
LIMIT 100;
