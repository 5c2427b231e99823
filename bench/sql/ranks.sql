SELECT * FROM (
  SELECT i.category, i.class, i.brand, i.product_name, d.year, d.quarter, d.month, s.store_id, sum_sales,
    rank() OVER (PARTITION BY i.category ORDER BY sum_sales DESC) AS rk,
    avg(sum_sales) OVER (PARTITION BY i.category, d.year) AS average_monthly,
    lag(sum_sales, 1) OVER (PARTITION BY i.category, i.brand ORDER BY d.year, d.month) AS previous,
    lead(sum_sales, 1) OVER (PARTITION BY i.category, i.brand ORDER BY d.year, d.month) AS following
  FROM (
    SELECT ${sales}.store_sales.item_key, ${sales}.store_sales.sold_date_key, ${sales}.store_sales.store_key,
      sum(coalesce(${sales}.store_sales.sales_price * ${sales}.store_sales.quantity, 0)) AS sum_sales
    FROM ${sales}.store_sales
    WHERE ${sales}.store_sales.sold_date_key IN (SELECT date_key FROM ${dim}.dates WHERE month_seq BETWEEN 1200 AND 1200 + 11)
      AND NOT EXISTS (SELECT 1 FROM ${sales}.store_returns r WHERE r.ticket = ${sales}.store_sales.ticket)
    GROUP BY 1, 2, 3
  ) f
  JOIN ${dim}.items i ON i.item_key = f.item_key
  JOIN ${dim}.dates d ON d.date_key = f.sold_date_key
  JOIN ${dim}.stores s ON s.store_key = f.store_key
  WHERE ((i.category IN ('Books', 'Children', 'Electronics') AND i.class IN ('personal', 'portable', 'reference', 'self-help')
      AND i.brand IN ('scholaramalgamalg #14', 'scholaramalgamalg #7', 'exportiunivamalg #9', 'scholaramalgamalg #9'))
    OR (i.category IN ('Women', 'Music', 'Men') AND i.class IN ('accessories', 'classical', 'fragrances', 'pants')
      AND i.brand IN ('amalgimporto #1', 'edu packscholar #1', 'exportiimporto #1', 'importoamalg #1')))
) t
WHERE rk <= 100 AND CASE WHEN average_monthly > 0 THEN abs(sum_sales - average_monthly) / average_monthly ELSE NULL END > 0.1
ORDER BY category, class, brand, product_name, year, quarter, month, store_id, sum_sales, rk
LIMIT 100;
