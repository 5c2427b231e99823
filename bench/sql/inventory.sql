INSERT INTO sales.inventory_report (warehouse, item, month_1, month_2, mean_1, mean_2, spread_1, spread_2)
WITH inv AS (
  SELECT w.name AS warehouse, w.warehouse_key, i.item_key, d.month AS month,
    stddev_samp(v.on_hand) AS spread, avg(v.on_hand) AS mean,
    CASE avg(v.on_hand) WHEN 0 THEN NULL ELSE stddev_samp(v.on_hand) / avg(v.on_hand) END AS cov
  FROM sales.inventory v
  JOIN dim.items i ON v.item_key = i.item_key
  JOIN dim.warehouses w ON v.warehouse_key = w.warehouse_key
  JOIN dim.dates d ON v.date_key = d.date_key
  WHERE d.year = 2001 AND w.country NOT IN ('Nowhere', 'Utopia', 'Lilliput') AND i.size <> 'petite'
    AND (i.colour IN ('almond', 'azure', 'blue', 'chocolate') OR i.manufacturer LIKE 'able%' OR i.units IS NULL)
  GROUP BY w.name, w.warehouse_key, i.item_key, d.month
  HAVING CASE avg(v.on_hand) WHEN 0 THEN 0 ELSE stddev_samp(v.on_hand) / avg(v.on_hand) END > 1
)
SELECT a.warehouse, a.item_key, a.month, b.month, a.mean, b.mean, a.spread, b.spread
FROM inv a, inv b
WHERE a.item_key = b.item_key AND a.warehouse_key = b.warehouse_key AND a.month = 1 AND b.month = 1 + 1
  AND a.cov > 1.5 AND (a.mean, b.mean) NOT IN ((0, 0), (1, 1), (2, 2))
  AND a.item_key > (SELECT min(item_key) FROM dim.items x WHERE x.category = 'Home' AND x.current_price BETWEEN 0.99 AND 1.49)
ORDER BY a.warehouse_key, a.item_key, a.month, a.mean, a.cov, b.month, b.mean, b.cov;
