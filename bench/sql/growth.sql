/* Customers whose spending on the web grew faster than in the stores */
WITH year_total AS (
  SELECT c.customer_id AS customer_id, c.first_name AS first_name, c.last_name AS last_name, c.preferred AS preferred,
    c.birth_country AS country, c.login AS login, c.email AS email, d.year AS year,
    sum(((f.list_price - f.wholesale_cost - f.discount) + f.sales_price) / 2) AS total, 's' AS kind
  FROM dim.customers c, sales.store_sales f, dim.dates d
  WHERE c.customer_key = f.customer_key AND f.sold_date_key = d.date_key
  GROUP BY c.customer_id, c.first_name, c.last_name, c.preferred, c.birth_country, c.login, c.email, d.year
  UNION ALL
  SELECT c.customer_id AS customer_id, c.first_name AS first_name, c.last_name AS last_name, c.preferred AS preferred,
    c.birth_country AS country, c.login AS login, c.email AS email, d.year AS year,
    sum(((f.list_price - f.wholesale_cost - f.discount) + f.sales_price) / 2) AS total, 'c' AS kind
  FROM dim.customers c, sales.catalogue_sales f, dim.dates d
  WHERE c.customer_key = f.customer_key AND f.sold_date_key = d.date_key
  GROUP BY c.customer_id, c.first_name, c.last_name, c.preferred, c.birth_country, c.login, c.email, d.year
  UNION ALL
  SELECT c.customer_id AS customer_id, c.first_name AS first_name, c.last_name AS last_name, c.preferred AS preferred,
    c.birth_country AS country, c.login AS login, c.email AS email, d.year AS year,
    sum(((f.list_price - f.wholesale_cost - f.discount) + f.sales_price) / 2) AS total, 'w' AS kind
  FROM dim.customers c, sales.web_sales f, dim.dates d
  WHERE c.customer_key = f.customer_key AND f.sold_date_key = d.date_key
  GROUP BY c.customer_id, c.first_name, c.last_name, c.preferred, c.birth_country, c.login, c.email, d.year
)
SELECT s2.customer_id, s2.first_name, s2.last_name, s2.preferred, s2.country, s2.login, s2.email
FROM year_total s1, year_total s2, year_total c1, year_total c2, year_total w1, year_total w2
WHERE s2.customer_id = s1.customer_id AND s1.customer_id = c2.customer_id AND s1.customer_id = c1.customer_id
  AND s1.customer_id = w1.customer_id AND s1.customer_id = w2.customer_id
  AND s1.kind = 's' AND c1.kind = 'c' AND w1.kind = 'w' AND s2.kind = 's' AND c2.kind = 'c' AND w2.kind = 'w'
  AND s1.year = 2001 AND s2.year = 2001 + 1 AND c1.year = 2001 AND c2.year = 2001 + 1 AND w1.year = 2001 AND w2.year = 2001 + 1
  AND s1.total > 0 AND c1.total > 0 AND w1.total > 0
  AND CASE WHEN c1.total > 0 THEN c2.total / c1.total ELSE NULL END > CASE WHEN s1.total > 0 THEN s2.total / s1.total ELSE NULL END
  AND CASE WHEN c1.total > 0 THEN c2.total / c1.total ELSE NULL END > CASE WHEN w1.total > 0 THEN w2.total / w1.total ELSE NULL END
ORDER BY s2.customer_id, s2.first_name, s2.last_name, s2.preferred, s2.country, s2.login, s2.email
LIMIT 100;
