-- Sales, returns and profit of each channel, with totals
WITH store AS (
  SELECT s.store_id, sum(f.net_price) AS sales, sum(f.net_profit) AS profit, 0 AS returned, 0 AS loss
  FROM sales.store_sales f
  JOIN dim.dates d ON d.date_key = f.sold_date_key AND d.day BETWEEN '2001-08-04' AND date_add('2001-08-04', INTERVAL 14 DAY)
  JOIN dim.stores s ON s.store_key = f.store_key
  JOIN dim.items i ON i.item_key = f.item_key AND i.list_price > 50
  JOIN dim.promotions p ON p.promotion_key = f.promotion_key AND p.by_television = 'N'
  GROUP BY s.store_id
), catalogue AS (
  SELECT c.page_id, sum(f.net_price) AS sales, sum(f.net_profit) AS profit,
    sum(coalesce(r.amount, 0)) AS returned, sum(coalesce(r.net_loss, 0)) AS loss
  FROM sales.catalogue_sales f
  LEFT OUTER JOIN sales.catalogue_returns r ON f.item_key = r.item_key AND f.order_number = r.order_number
  JOIN dim.dates d ON d.date_key = f.sold_date_key AND d.day BETWEEN '2001-08-04' AND date_add('2001-08-04', INTERVAL 14 DAY)
  JOIN dim.catalogue_pages c ON c.page_key = f.page_key
  JOIN dim.items i ON i.item_key = f.item_key AND i.list_price > 50
  JOIN dim.promotions p ON p.promotion_key = f.promotion_key AND p.by_television = 'N'
  GROUP BY c.page_id
), web AS (
  SELECT w.site_id, sum(f.net_price) AS sales, sum(f.net_profit) AS profit,
    sum(coalesce(r.amount, 0)) AS returned, sum(coalesce(r.net_loss, 0)) AS loss
  FROM sales.web_sales f
  LEFT OUTER JOIN sales.web_returns r ON f.item_key = r.item_key AND f.order_number = r.order_number
  JOIN dim.dates d ON d.date_key = f.sold_date_key AND d.day BETWEEN '2001-08-04' AND date_add('2001-08-04', INTERVAL 14 DAY)
  JOIN dim.sites w ON w.site_key = f.site_key
  JOIN dim.items i ON i.item_key = f.item_key AND i.list_price > 50
  JOIN dim.promotions p ON p.promotion_key = f.promotion_key AND p.by_television = 'N'
  GROUP BY w.site_id
)
SELECT channel, id, sum(sales) AS sales, sum(returned) AS returned, sum(profit) AS profit
FROM (
  SELECT 'store channel' AS channel, concat('store', store_id) AS id, sales, returned, profit - loss AS profit FROM store
  UNION ALL
  SELECT 'catalogue channel' AS channel, concat('page', page_id) AS id, sales, returned, profit - loss AS profit FROM catalogue
  UNION ALL
  SELECT 'web channel' AS channel, concat('site', site_id) AS id, sales, returned, profit - loss AS profit FROM web
) x
GROUP BY ROLLUP (channel, id)
ORDER BY channel, id
LIMIT 100;
