-- A small CRM: enough rows for scans, joins and sorts that tell rows examined from rows sent.
CREATE DATABASE crm CHARACTER SET utf8mb4;
CREATE DATABASE `billing archive` CHARACTER SET utf8mb4;
USE crm;
CREATE TABLE customers (
  id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  country CHAR(2) NOT NULL,
  created_at DATETIME NOT NULL,
  note TEXT
) ENGINE=InnoDB;
CREATE TABLE orders (
  id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
  customer_id INT UNSIGNED NOT NULL,
  status ENUM('open', 'paid', 'shipped', 'cancelled') NOT NULL,
  amount DECIMAL(10, 2) NOT NULL,
  ordered_at DATETIME NOT NULL,
  KEY (customer_id)
) ENGINE=InnoDB;
CREATE TABLE counters (name VARCHAR(40) PRIMARY KEY, value BIGINT NOT NULL) ENGINE=InnoDB;
CREATE TABLE slow_log_archive (id INT AUTO_INCREMENT PRIMARY KEY, body MEDIUMTEXT NOT NULL) ENGINE=InnoDB;
INSERT INTO customers (name, country, created_at)
  SELECT CONCAT('Customer ', seq), ELT(1 + seq % 5, 'DE', 'FR', 'GB', 'IT', 'PL'),
         '2026-01-01' + INTERVAL seq MINUTE FROM seq_1_to_4000;
INSERT INTO orders (customer_id, status, amount, ordered_at)
  SELECT 1 + seq * 7919 % 4000, 1 + seq % 4, seq % 997 + 0.5, '2026-01-01' + INTERVAL seq * 3 MINUTE
  FROM seq_1_to_20000;
CREATE TABLE `billing archive`.invoices (
  id INT UNSIGNED PRIMARY KEY, customer_id INT UNSIGNED NOT NULL, total DECIMAL(12, 2) NOT NULL, paid_on DATE
) ENGINE=InnoDB;
INSERT INTO `billing archive`.invoices
  SELECT id, customer_id, amount, IF(status = 'paid', DATE(ordered_at), NULL) FROM orders WHERE id <= 5000;
DELIMITER //
CREATE PROCEDURE close_orders(IN customer INT)
BEGIN
  DECLARE open_orders INT;
  SELECT COUNT(*) INTO open_orders FROM orders WHERE customer_id = customer AND status = 'open';
  IF open_orders > 0 THEN
    UPDATE orders SET status = 'cancelled' WHERE customer_id = customer AND status = 'open';
  END IF;
END //
DELIMITER ;
CREATE USER web@localhost, report@localhost, `o'brien`@localhost;
GRANT ALL ON *.* TO web@localhost, report@localhost, `o'brien`@localhost;
