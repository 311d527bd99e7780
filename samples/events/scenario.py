#!/usr/bin/env python3
"""Does to a server what servers complain of; the log is what matters.  Run by record.sh, which sets PGHOST."""
import os
import signal
import threading
import time

import psycopg

DATABASE = "shop"


def connect(user="shop_app", application="shop-web", autocommit=True, **settings):
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return psycopg.connect(dbname=DATABASE, user=user, application_name=application, options=options,
                           autocommit=autocommit)


def fails(connection, statement, parameters=None):
    try:
        connection.execute(statement, parameters)
    except psycopg.Error as problem:
        print(f"  as meant: {str(problem).splitlines()[0]}")


def in_background(work):
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def load():
    with psycopg.connect(dbname="postgres", user="postgres", autocommit=True) as admin:
        admin.execute("CREATE ROLE shop_app LOGIN")
        admin.execute("CREATE ROLE shop_report LOGIN")
        admin.execute("CREATE ROLE shop_former LOGIN")
        admin.execute("CREATE ROLE shop_guest LOGIN PASSWORD 'right'")
        admin.execute(f"CREATE DATABASE {DATABASE} OWNER shop_app")
    with connect(application="shop-setup") as setup:
        setup.execute("CREATE TABLE account (id int PRIMARY KEY, owner text NOT NULL, balance int CHECK (balance >= 0))")
        setup.execute("CREATE TABLE orders (id int PRIMARY KEY, account_id int REFERENCES account, placed timestamptz)")
        setup.execute("CREATE TABLE order_line (order_id int REFERENCES orders, item text, amount int)")
        setup.execute("CREATE TABLE visit (id bigserial PRIMARY KEY, page text, at timestamptz DEFAULT now())")
        setup.execute("INSERT INTO account SELECT i, 'owner ' || i, 100 FROM generate_series(1, 1000) i")
        setup.execute("INSERT INTO orders SELECT i, i % 1000 + 1, now() FROM generate_series(1, 5000) i")
        setup.execute("INSERT INTO order_line SELECT i % 5000 + 1, 'item ' || i, i % 7 FROM generate_series(1, 20000) i")
        setup.execute("CREATE INDEX ON order_line (order_id)")
        setup.execute("CREATE INDEX ON orders (account_id)")
        setup.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO shop_report")
        setup.execute("CREATE FUNCTION lines_of(account int) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN "
                      "(SELECT count(*) FROM orders o JOIN order_line l ON l.order_id = o.id WHERE o.account_id = account);"
                      " END $$")


def loops():
    """Pages that ask for each order by itself, in a transaction and outside of one."""
    with connect(autocommit=False) as web:
        for page in range(4):
            orders = web.execute("SELECT id FROM orders WHERE id BETWEEN %s AND %s", (page * 25, page * 25 + 24)).fetchall()
            for (order,) in orders:
                web.execute("SELECT item, amount FROM order_line WHERE order_id = %s", (order,)).fetchall()
            web.commit()
            time.sleep(0.1)
    with connect(application="shop-import") as importer:
        importer.execute("SELECT count(*) FROM visit")
        for page in range(40):
            importer.execute("INSERT INTO visit (page) VALUES (%s)", (f"/page/{page}",))


def idle_in_transaction():
    with connect(autocommit=False) as web:
        for account in (11, 12, 13):
            web.execute("UPDATE account SET balance = balance - 1 WHERE id = %s", (account,))
            time.sleep(0.4)
            web.execute("SELECT balance FROM account WHERE id = %s", (account,))
            web.commit()
    with connect(autocommit=False, idle_in_transaction_session_timeout=300) as web:
        web.execute("UPDATE account SET balance = balance - 1 WHERE id = 14")
        time.sleep(0.6)
        fails(web, "COMMIT")


def lock_waits():
    holder = connect(autocommit=False, application="shop-jobs")
    waiter = connect()
    for _ in range(2):
        holder.execute("UPDATE account SET balance = balance + 1 WHERE id = 1")
        waiting = in_background(lambda: waiter.execute("UPDATE account SET balance = balance - 1 WHERE id = 1"))
        time.sleep(0.5)
        holder.commit()
        waiting.join()
    holder.execute("LOCK TABLE visit IN ACCESS EXCLUSIVE MODE")
    waiter.execute("SET lock_timeout = '250ms'")
    fails(waiter, "SELECT count(*) FROM visit")
    holder.rollback()
    holder.close()
    waiter.close()


def deadlocks():
    first, second = connect(autocommit=False), connect(autocommit=False, application="shop-jobs")
    for _ in range(2):
        first.execute("UPDATE account SET owner = 'a' WHERE id = 21")
        second.execute("UPDATE account SET balance = balance + 1 WHERE id = 22")
        waiting = in_background(lambda: fails(first, "UPDATE account SET owner = 'b' WHERE id = 22"))
        time.sleep(0.03)
        fails(second, "UPDATE account SET balance = balance + 1\nWHERE id = 21")
        waiting.join()
        first.rollback()
        second.rollback()
    first.close()
    second.close()


def cancellations():
    with connect("shop_report", "shop-reports", statement_timeout=150) as report:
        for _ in range(3):
            fails(report, "SELECT pg_sleep(1), count(*) FROM orders")
        report.execute("SET statement_timeout = 0")
        threading.Timer(0.2, report.cancel).start()
        fails(report, "SELECT pg_sleep(2)")
    victim = connect("shop_report", "shop-reports")
    with connect("postgres", "shop-admin") as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", (victim.info.backend_pid,))
    time.sleep(0.1)


def errors():
    with connect() as web:
        for _ in range(5):
            fails(web, "INSERT INTO account VALUES (1, 'again', 0)")
        fails(web, "INSERT INTO orders VALUES (99999, 99999, now())")
        fails(web, "UPDATE account SET balance = -1 WHERE id = 2")
        fails(web, "SELECT * FROM acount")
        fails(web, "SELECT ownr FROM account")
        fails(web, "SELECT FROM WHERE")
        fails(web, "SELECT 1 / balance FROM account, (SELECT 0 AS zero) z WHERE balance / zero > 1")
        fails(web, "SELECT %s::int", ("twelve",))
        fails(web, "DO $$ BEGIN RAISE EXCEPTION 'no stock' USING ERRCODE = 'P0001'; END $$")


def temporary_files():
    with connect("shop_report", "shop-reports", work_mem="64kB") as report:
        for _ in range(3):
            report.execute("SELECT * FROM order_line ORDER BY item, amount DESC").fetchall()
        report.execute("SELECT item, count(*) FROM order_line GROUP BY item ORDER BY 2").fetchall()


def plans():
    everything = {"auto_explain.log_min_duration": 0, "auto_explain.log_analyze": "on"}
    for form in ("text", "json", "xml", "yaml"):
        with connect("postgres", f"shop-{form}", **everything, **{"auto_explain.log_format": form}) as session:
            session.execute("SELECT o.id,\n  count(*) -- \"lines\" <of> it\nFROM orders o JOIN order_line l ON l.order_id = o.id\n"
                            "WHERE o.account_id = %s AND l.item <> 'a\\b' GROUP BY o.id", (7,)).fetchall()
    with connect("postgres", "shop-nested", **everything, **{"auto_explain.log_nested_statements": "on"}) as session:
        session.execute("SELECT lines_of(5)").fetchall()


def dead_tuples_and_write_ahead_log():
    """A report that keeps its snapshot while others update, and enough WAL for a checkpoint."""
    report = connect("shop_report", "shop-reports", autocommit=False)
    report.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    report.execute("SELECT 1")
    with connect(application="shop-jobs") as jobs:
        for _ in range(3):
            jobs.execute("UPDATE order_line SET amount = amount + 1")
            time.sleep(1)
        jobs.execute("CREATE TABLE archive AS SELECT i, repeat('x', 500) AS text FROM generate_series(1, 60000) i")
        jobs.execute("UPDATE archive SET text = text || 'y'")
        time.sleep(4)
        report.rollback()
        report.close()
        time.sleep(5)
        jobs.execute("DROP TABLE archive")


def connections():
    for _ in range(12):
        with connect(application="shop-cron") as cron:
            cron.execute("SELECT 1")
    for user, password in (("shop_guest", "wrong"), ("shop_guest", "wrong"), ("shop_former", ""), ("shop_nobody", "")):
        try:
            psycopg.connect(dbname=DATABASE, user=user, password=password)
        except psycopg.OperationalError as problem:
            print(f"  as meant: {str(problem).splitlines()[0]}")


def reload():
    with connect("postgres", "shop-admin") as admin:
        admin.execute("ALTER SYSTEM SET work_mem = '8MB'")
        admin.execute("SELECT pg_reload_conf()")
        time.sleep(0.3)
        admin.execute("ALTER SYSTEM RESET work_mem")
        admin.execute("SELECT pg_reload_conf()")


def crash():
    """What the out-of-memory killer does."""
    victim = connect("shop_report", "shop-reports")
    process = victim.info.backend_pid
    working = in_background(lambda: fails(victim, "SELECT pg_sleep(5), 'the memory-hungry report'"))
    time.sleep(0.2)
    os.kill(process, signal.SIGKILL)
    working.join()
    for _ in range(3):
        try:
            connect().close()
        except psycopg.OperationalError as problem:
            print(f"  as meant: {str(problem).splitlines()[0]}")
        time.sleep(0.05)
    time.sleep(2)


def main():
    for step in (load, loops, idle_in_transaction, lock_waits, deadlocks, cancellations, errors, temporary_files, plans,
                 connections, dead_tuples_and_write_ahead_log, reload):
        print(f"{step.__name__.replace('_', ' ')} …")
        step()
    with connect() as web:
        web.execute("UPDATE visit SET page = page || '/'")  # something for the next checkpoint by time to write
        time.sleep(32)
    print("crash …")
    crash()


main()
