-- The sample warehouse of the demo: 120,000 orders in prod, 6,000 in dev, customers, a dimension project.
-- @PASSWORD@ becomes a password that lives as long as the demo.
SET autocommit = 0;

CREATE DATABASE dw_dim CHARACTER SET utf8mb4;
USE dw_dim;
CREATE TABLE regions (region_id INT PRIMARY KEY, name VARCHAR(20) NOT NULL);
INSERT INTO regions VALUES (1, 'North'), (2, 'East'), (3, 'South'), (4, 'West'), (5, 'Overseas');
CREATE TABLE products (product_id INT PRIMARY KEY, name VARCHAR(40) NOT NULL, price DECIMAL(8,2) NOT NULL);
INSERT INTO products
    SELECT seq,
           CONCAT(ELT(1 + seq % 5, 'Plain', 'Blue', 'Heavy', 'Folding', 'Silent'), ' ',
                  ELT(1 + seq DIV 5 % 8, 'chair', 'desk', 'lamp', 'shelf', 'clock', 'mirror', 'stool', 'bench')),
           9.90 + seq * 7 % 400
    FROM seq_1_to_40;

CREATE DATABASE dw_crm CHARACTER SET utf8mb4;
USE dw_crm;
CREATE TABLE customers (customer_id INT PRIMARY KEY, name VARCHAR(60) NOT NULL, region_id INT NOT NULL, since DATE NOT NULL);
INSERT INTO customers
    SELECT seq,
           CONCAT(ELT(1 + seq % 7, 'Adler', 'Bergson', 'Castro', 'Diallo', 'Eriksen', 'Fukuda', 'Garcia'), ' & ',
                  ELT(1 + seq DIV 7 % 6, 'Sons', 'Partners', 'Daughters', 'Company', 'Works', 'Trading'), ' ', seq),
           1 + seq * 13 % 5, DATE '2015-01-01' + INTERVAL seq * 37 % 3000 DAY
    FROM seq_1_to_5000;
CREATE TABLE contacts (customer_id INT PRIMARY KEY, email VARCHAR(80) NOT NULL);
INSERT INTO contacts SELECT customer_id, CONCAT('office', customer_id, '@example.com') FROM customers;

CREATE DATABASE dw_sales CHARACTER SET utf8mb4;
USE dw_sales;
CREATE TABLE orders (
    order_id INT PRIMARY KEY, customer_id INT NOT NULL, product_id INT NOT NULL, ordered_on DATE NOT NULL,
    amount DECIMAL(10,2) NOT NULL, status VARCHAR(12) NOT NULL
);
INSERT INTO orders
    SELECT seq, 1 + seq * 7919 % 5000, 1 + seq * 31 % 40, DATE '2023-01-01' + INTERVAL seq DIV 165 DAY,
           ROUND(20 + seq * 104729 % 90000 / 100, 2), ELT(1 + seq % 10, 'returned', 'open', 'paid', 'paid', 'paid', 'paid',
           'shipped', 'shipped', 'shipped', 'shipped')
    FROM seq_1_to_120000;
CREATE TABLE monthly_revenue (month CHAR(7) PRIMARY KEY, orders INT NOT NULL, revenue DECIMAL(14,2) NOT NULL);

-- The copies for development: fewer rows, made-up names, amounts in whole tens.
CREATE DATABASE dw_crm_dev CHARACTER SET utf8mb4;
USE dw_crm_dev;
CREATE TABLE customers LIKE dw_crm.customers;
INSERT INTO customers SELECT customer_id, CONCAT('Test customer ', customer_id), region_id, since FROM dw_crm.customers WHERE customer_id <= 500;
CREATE TABLE contacts LIKE dw_crm.contacts;
INSERT INTO contacts SELECT customer_id, CONCAT('test', customer_id, '@example.org') FROM customers;

CREATE DATABASE dw_sales_dev CHARACTER SET utf8mb4;
USE dw_sales_dev;
CREATE TABLE orders LIKE dw_sales.orders;
INSERT INTO orders
    SELECT order_id, 1 + order_id % 500, 1 + order_id DIV 20 % 40, ordered_on, ROUND(amount, -1), 'test'
    FROM dw_sales.orders WHERE order_id % 20 = 0;
CREATE TABLE monthly_revenue LIKE dw_sales.monthly_revenue;
COMMIT;

-- One account per compute source.  Each may write to its own database only; SELECT between databases
-- where statements over two projects need it.
CREATE USER sales_rw@'127.0.0.1' IDENTIFIED BY '@PASSWORD@', sales_dev@'127.0.0.1' IDENTIFIED BY '@PASSWORD@',
            crm_rw@'127.0.0.1' IDENTIFIED BY '@PASSWORD@', crm_dev@'127.0.0.1' IDENTIFIED BY '@PASSWORD@',
            dim_rw@'127.0.0.1' IDENTIFIED BY '@PASSWORD@', metadata@'127.0.0.1' IDENTIFIED BY '@PASSWORD@';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER ON dw_sales.* TO sales_rw@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER ON dw_sales_dev.* TO sales_dev@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON dw_crm.* TO crm_rw@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON dw_crm_dev.* TO crm_dev@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON dw_dim.* TO dim_rw@'127.0.0.1';
GRANT SELECT ON dw_crm.* TO sales_rw@'127.0.0.1';
GRANT SELECT ON dw_dim.* TO sales_rw@'127.0.0.1';
GRANT SELECT ON dw_crm_dev.* TO sales_dev@'127.0.0.1';
GRANT SELECT ON dw_dim.* TO sales_dev@'127.0.0.1';

-- What tools list is asked with this account; starbind shows each user the projects that are theirs.
GRANT SELECT ON `dw\_%`.* TO metadata@'127.0.0.1';
