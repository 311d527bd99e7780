#!/usr/bin/env python3
"""Sends the sample's workload: workload.py SOCKET ROUNDS. The same statements in each run, but for their times."""
import random
import struct
import sys

import pymysql

SOCKET, ROUNDS = sys.argv[1], int(sys.argv[2])
PREPARE, EXECUTE, CLOSE = 0x16, 0x17, 0x19
QUOTED_LOG = """# Time: 261101  3:00:07
# User@Host: web[web] @ localhost []
# Thread_id: 77  Schema: crm  QC_hit: No
# Query_time: 12.000345  Lock_time: 0.000012  Rows_sent: 1  Rows_examined: 1
SET timestamp=1793502007;
SELECT 'it''s' FROM orders;
"""


def connect(user, database=None):
    return pymysql.connect(unix_socket=SOCKET, user=user, database=database, charset="utf8mb4", autocommit=True)


def run(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def fails(connection, sql):
    try:
        run(connection, sql)
    except pymysql.err.MySQLError:
        return
    raise AssertionError(sql)


class Prepared:
    """A statement of the binary protocol, which PyMySQL does not speak: integers and strings as parameters."""

    def __init__(self, connection, sql):
        self.connection = connection
        connection._execute_command(PREPARE, sql)
        _, self.id, columns, parameters = struct.unpack("<BIHH", connection._read_packet().get_all_data()[:9])
        for count in (parameters, columns):
            if count:
                self._to_end()

    def _to_end(self):
        while not self.connection._read_packet().is_eof_packet():
            pass

    def execute(self, *values):
        types = b"".join(struct.pack("<H", 8 if isinstance(value, int) else 253) for value in values)
        data = b"".join(struct.pack("<q", value) if isinstance(value, int)
                        else bytes([len(value.encode())]) + value.encode() for value in values)
        body = struct.pack("<IBI", self.id, 0, 1) + bytes((len(values) + 7) // 8) + b"\x01" + types + data
        self.connection._execute_command(EXECUTE, body)
        if not self.connection._read_packet().is_ok_packet():
            self._to_end()
            self._to_end()

    def close(self):
        self.connection._execute_command(CLOSE, struct.pack("<I", self.id))


def shop(web, random_):
    customer = random_.randrange(1, 4000)
    run(web, f"SELECT * FROM customers WHERE id = {customer}")
    run(web, f"SELECT c.name, o.id, o.amount\n  FROM customers AS c\n  JOIN orders o ON o.customer_id = c.id\n"
             f" WHERE c.id = {customer} -- the customer's own\n ORDER BY o.ordered_at DESC LIMIT 5, 10")
    ids = ", ".join(str(random_.randrange(1, 20000)) for _ in range(random_.randrange(1, 30)))
    run(web, f"SELECT id, status FROM orders WHERE id IN ({ids}) # picked")
    run(web, f'SELECT COUNT(*) FROM `customers` WHERE name LIKE "Customer {customer % 100}%"')
    rows = ", ".join(f"({random_.randrange(1, 4000)}, 'open', {i}.5, NOW())" for i in range(random_.randrange(1, 6)))
    run(web, f"INSERT INTO orders (customer_id, status, amount, ordered_at) VALUES {rows}")
    run(web, "INSERT INTO counters VALUES ('visits', 1) ON DUPLICATE KEY UPDATE value = value + VALUES(value)")
    run(web, f"UPDATE customers SET note = 'O\\'Reilly; \"{customer}\"\n# Time: 261122  9:01:02\nend' WHERE id = {customer}")
    run(web, "SET @running := 0")
    run(web, "SELECT @running := @running + amount AS sum FROM orders WHERE customer_id <=> NULL OR id < 20")
    run(web, f"/* app:shop */ SELECT /*! STRAIGHT_JOIN */ 0x1F, x'4142', 0b101, _utf8mb4'é', 1.5e3, -{customer}")


def report(connection, random_):
    run(connection, "SELECT country, COUNT(*), SUM(amount) FROM customers JOIN orders ON customer_id = customers.id "
                    "GROUP BY country ORDER BY 3 DESC")
    run(connection, f"SELECT SQL_NO_CACHE * FROM orders WHERE amount > {random_.randrange(900, 990)} ORDER BY amount, id")
    run(connection, "SELECT DISTINCT status FROM orders UNION SELECT name FROM counters")
    run(connection, f"SELECT SLEEP(0.0{random_.randrange(1, 9)})")


def odd_ones():
    """What breaks readers: each once."""
    web = connect("web", "crm")
    run(web, "INSERT INTO slow_log_archive (body) VALUES ('" + QUOTED_LOG.replace("'", "''") + "')")
    run(web, "INSERT INTO slow_log_archive (body) VALUES (\"" + 3 * QUOTED_LOG + "\"), ('" + "x" * 70_000 + "')")
    run(web, "SELECT '\\\\', 'a\\'b', \"it's\", `id` FROM customers LIMIT 1")
    fails(web, "SELEC 1")
    fails(web, "SELECT * FROM customers WHERE name = 'no end")
    run(web, "REPLACE INTO counters VALUES ('visits', 0)")
    fails(web, "INSERT INTO counters VALUES ('visits', 1)")
    fails(web, "SELECT * FROM no_such_table")
    run(web, "CALL close_orders(17)")
    run(web, "SET timestamp=DEFAULT")  # a statement, though it looks like the server's own line
    run(web, "PREPARE by_country FROM 'SELECT COUNT(*) FROM customers WHERE country = ?'")
    run(web, "SET @country = 'PL'")
    run(web, "EXECUTE by_country USING @country")
    web.ping(reconnect=False)
    web.select_db("billing archive")
    run(web, "SELECT SUM(total) FROM invoices WHERE paid_on IS NULL")
    web.close()
    nowhere = connect("o'brien")
    run(nowhere, "SELECT 1")
    run(nowhere, "SELECT COUNT(*) FROM crm.orders WHERE ordered_at >= '2026-02-01' AND ordered_at < '2026-02-02'")
    run(nowhere, "SELECT 'zero \\0 byte', '\u4e2d\u6587'")
    nowhere.close()


def main():
    random_ = random.Random(1)
    odd_ones()
    web, reports = connect("web", "crm"), connect("report", "crm")
    prepared = Prepared(web, "SELECT * FROM orders WHERE customer_id = ? AND status <> ?")
    for round_ in range(ROUNDS):
        shop(web, random_)
        prepared.execute(random_.randrange(1, 4000), "paid")
        if round_ % 10 == 0:
            report(reports, random_)
    prepared.close()
    web.close()
    reports.close()


main()
