#!/usr/bin/env python3
"""throughput.py ASSAY [--seconds S] [--rounds N] [--keep FOLDER] [--each] [--held-out] [SCENARIO…]: forecast against measured, on a real server.

Starts a private PostgreSQL 15 and plays each scenario with pgbench on this machine: as it is, with everything logged;
Assay reads that log and a snapshot, and forecasts; then its DDL is applied, and the same load is played again. What
is compared is statements a second, both played in turns (--rounds). The naive forecast beside it is N / (Z + R - saved):
the time that the cheaper plans save comes off the response time, by the ratio of the planner's costs. Clients, logging and
server share the machine's processors, before as after; what other programs used of them meanwhile is printed, since the log cannot tell it
from demand. --held-out plays the scenarios that no part of the models was made or tuned with. --each also builds each recommended
index alone, and compares the order of their gains with the forecast's. The last line sums up.
"""
import argparse
import glob
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get("PGBIN", "/usr/lib/postgresql/15/bin")
AS_SERVER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []

SCHEMA = """
CREATE TABLE customers (id int PRIMARY KEY, region int, email text, balance int, note text);
INSERT INTO customers SELECT i, i % 500, 'c' || i || '@example.com', 0, repeat('x', 80) FROM generate_series(1, 200000) i;
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id int, status text, amount int, placed timestamp);
INSERT INTO orders (customer_id, status, amount, placed)
  SELECT 1 + i * 7919 % 20000, (ARRAY['new', 'paid', 'sent'])[1 + i % 3], i % 1000, '2026-01-01'::timestamp + i * interval '1 min'
  FROM generate_series(1, 150000) i;
CREATE TABLE tickets (id bigserial PRIMARY KEY, agent int, priority int, subject text);
INSERT INTO tickets (agent, priority, subject) SELECT i % 700, i % 5, repeat('y', 60) FROM generate_series(1, 30000) i;
VACUUM ANALYZE;
"""
POINT = "\\set id random(1, 200000)\nSELECT balance FROM customers WHERE id = :id;\n"
UPDATE = "\\set id random(1, 200000)\nUPDATE customers SET balance = balance + 1 WHERE id = :id;\n"
REGION = "\\set r random(0, 499)\nSELECT count(*), sum(balance) FROM customers WHERE region = :r;\n"
EMAIL = "\\set id random(1, 200000)\nSELECT id, note FROM customers WHERE email = 'c:id@example.com';\n".replace(
    "'c:id@example.com'", "'c' || :id || '@example.com'")
ORDERS = "\\set c random(1, 20000)\nSELECT id, amount FROM orders WHERE customer_id = :c ORDER BY placed DESC LIMIT 10;\n"
INSERT = ("\\set c random(1, 20000)\nINSERT INTO orders (customer_id, status, amount, placed) "
          "VALUES (:c, 'new', 1, '2026-06-01');\n")
AGENT = "\\set a random(0, 699)\nSELECT id, subject FROM tickets WHERE agent = :a ORDER BY priority LIMIT 20;\n"

DAY = ("\\set d random(0, 140000)\nSELECT count(*), sum(amount) FROM orders WHERE placed >= '2026-01-01'::timestamp + :d * "
       "interval '1 min' AND placed < '2026-01-02'::timestamp + :d * interval '1 min';\n")
JOINED = ("\\set r random(0, 499)\nSELECT c.id, sum(o.amount) FROM customers c JOIN orders o ON o.customer_id = c.id "
          "WHERE c.region = :r GROUP BY c.id;\n")
RENAME = "\\set id random(1, 200000)\nUPDATE customers SET note = 'moved' WHERE email = 'c' || :id || '@example.com';\n"
PRIORITIES = "SELECT priority, count(*), max(length(subject)) FROM tickets GROUP BY priority;\n"  # no index helps


def think(script, ms):
    return f"{script}\\set z random_exponential(1, {ms * 5000}, 5)\n\\sleep :z us\n"


def transaction(*scripts):
    return "BEGIN;\n" + "".join(scripts) + "COMMIT;\n"


# Name: clients, scripts with their weights. The mix named first is the one that the models were tried on.
SCENARIOS = {
    "scan-1": (1, [(POINT, 60), (REGION, 10), (UPDATE, 30)]),
    "scan-4": (4, [(POINT, 60), (REGION, 10), (UPDATE, 30)]),
    "scan-16": (16, [(POINT, 60), (REGION, 10), (UPDATE, 30)]),
    "think-8": (8, [(think(POINT, 20), 60), (think(REGION, 20), 10), (think(UPDATE, 20), 30)]),
    "orders-2": (2, [(POINT, 40), (ORDERS, 30), (INSERT, 30)]),
    "orders-8": (8, [(POINT, 40), (ORDERS, 30), (INSERT, 30)]),
    "two-6": (6, [(EMAIL, 20), (ORDERS, 30), (POINT, 50)]),
    "tickets-12": (12, [(think(AGENT, 5), 50), (think(POINT, 5), 50)]),
    "transactions-4": (4, [(transaction(POINT, AGENT, UPDATE), 1)]),
    "pause-16": (16, [(think(transaction(POINT, ORDERS, UPDATE), 100), 1)]),
}

# Other mixes, session counts and think times, played only to judge: whoever changes the models by what these show has to write new ones.
HELD_OUT = {
    "day-3": (3, [(DAY, 50), (POINT, 50)]),
    "joined-5": (5, [(JOINED, 10), (POINT, 70), (UPDATE, 20)]),
    "email-24": (24, [(think(EMAIL, 200), 30), (think(POINT, 200), 70)]),
    "four-7": (7, [(DAY, 10), (ORDERS, 30), (AGENT, 20), (INSERT, 20), (POINT, 20)]),
    "bounded-4": (4, [(PRIORITIES, 20), (ORDERS, 40), (POINT, 40)]),
    "rename-10": (10, [(think(RENAME, 40), 20), (think(transaction(POINT, ORDERS), 40), 80)]),
    "idle-40": (40, [(think(REGION, 2000), 50), (think(POINT, 2000), 50)]),
    "three-2": (2, [(REGION, 10), (EMAIL, 30), (AGENT, 60)]),
    "agents-6": (6, [(AGENT, 50), (ORDERS, 25), (UPDATE, 25)]),
    "moves-9": (9, [(think(transaction(RENAME, DAY), 30), 1)]),
}


def busy_seconds():
    """Of all processors, since the start of the machine: user, nice, system, irq, softirq."""
    with open("/proc/stat") as file:
        times = [int(word) for word in file.readline().split()[1:]]
    return sum(times[i] for i in (0, 1, 2, 5, 6)) / os.sysconf("SC_CLK_TCK")


def statements_in(script):
    return script.count(";\n")


class Server:
    def __init__(self, folder):
        self.folder = folder
        if AS_SERVER:
            shutil.chown(folder, "postgres", "postgres")
        self.run(["initdb", "-D", f"{folder}/data", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C"])
        with open(f"{folder}/data/postgresql.conf", "a") as settings:
            settings.write(f"""
listen_addresses = ''
unix_socket_directories = '{folder}'
shared_buffers = 256MB
max_parallel_workers_per_gather = 0
autovacuum = off
checkpoint_timeout = 1h
max_wal_size = 8GB
synchronous_commit = off
logging_collector = on
log_directory = '{folder}/log'
log_file_mode = 0644
log_line_prefix = '%m [%p] %q%u@%d/%a '
log_min_duration_statement = 0
""")
        os.makedirs(f"{folder}/log")
        if AS_SERVER:
            shutil.chown(f"{folder}/log", "postgres", "postgres")
        self.run(["pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/start.log", "-w", "start"])

    def run(self, command, **more):
        return subprocess.run(AS_SERVER + [f"{BIN}/{command[0]}"] + command[1:], cwd="/", check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more).stdout

    def psql(self, sql):
        return self.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres"], input=sql)

    def busy_seconds(self):
        """Of the server's processes, those that have ended included."""
        with open(f"{self.folder}/data/postmaster.pid") as file:
            postmaster = file.readline().strip()
        ticks = 0
        for stat in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(stat) as file:
                    pid, rest = file.read().split(" ", 1)
            except OSError:
                continue
            fields = rest.rsplit(")", 1)[1].split()
            if pid == postmaster:
                ticks += sum(map(int, fields[11:15]))
            elif fields[1] == postmaster:
                ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.run(["pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop"])

    def play(self, name, clients, scripts, seconds):
        """Statements a second, the log, and how many processors others used."""
        self.psql(f"ALTER SYSTEM SET log_filename = '{name}.log'")
        self.psql("SELECT pg_reload_conf(), pg_sleep(0.3), pg_rotate_logfile(), pg_sleep(0.3)")
        command = ["pgbench", "-n", "-h", self.folder, "-U", "postgres", "-c", str(clients), "-j", "1", "-T", str(seconds)]
        for number, (script, weight) in enumerate(scripts):
            path = f"{self.folder}/{name}-{number}.sql"
            with open(path, "w") as file:
                file.write(script)
            command += ["-f", f"{path}@{weight}"]
        def own_seconds():
            clients = resource.getrusage(resource.RUSAGE_CHILDREN)
            return self.busy_seconds() + clients.ru_utime + clients.ru_stime

        started, all_busy, own_busy = time.monotonic(), busy_seconds(), own_seconds()
        output = self.run(command + ["postgres"])
        elapsed = time.monotonic() - started
        others = (busy_seconds() - all_busy - (own_seconds() - own_busy)) / elapsed
        rate = float(re.search(r"tps = ([0-9.]+)", output).group(1))
        weights = sum(weight for _, weight in scripts)
        rate *= sum(statements_in(script) * weight for script, weight in scripts) / weights
        return rate, glob.glob(f"{self.folder}/log/{name}.log")[0], others


def naive(report, clients):
    """N / (Z + R - saved) a second."""
    simulation = report["simulation"]
    before = simulation["before"]
    total = sum(q["calls"] for q in report["queries"])
    response = sum(q["total_ms"] for q in report["queries"]) / total
    saved = sum(q["total_ms"] * (1 - q["cost_after"] / q["cost_before"]) for q in report["queries"] if q.get("cost_before")) / total
    cycle = clients * 1e3 / before["measured_throughput"]
    return clients * 1e3 / max(cycle - saved, 1e-6) if response else 0


def read_report(assay, server, log, cores, folder):
    """Without caches, which pgbench cannot have: what is forecast is what is built."""
    snapshot = f"{folder}/snapshot"
    subprocess.run([assay, "snapshot", f"host={server.folder} user=postgres dbname=postgres", "-o", snapshot], check=True,
                   stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    out = f"{folder}/report.json"
    subprocess.run([assay, "report", log, "--catalog", snapshot, "--db", "postgres", "--app", "pgbench", "--cores", str(cores), "--cache-memory", "0",
                    "--format", "json", "--quiet", "-o", out], check=True)
    with open(out) as file:
        return json.load(file)


def apply(server, report, what):
    for recommendation in report["recommendations"]:
        for ddl in recommendation[what] if recommendation["kind"] == "create_index" else []:
            server.psql(ddl)
    server.psql("VACUUM ANALYZE")


def order_of_gains(server, report, name, scenario, seconds, rate):
    """Each index alone, by the forecast's order: is it the measured order? Nothing with fewer than two."""
    steps = {step["id"]: step["alone"]["throughput"] / report["simulation"]["before"]["throughput"] for step in report["simulation"]["steps"]}
    indexes = [one for one in report["recommendations"] if one["kind"] == "create_index" and one["id"] in steps]
    if len(indexes) < 2:
        return None
    gains = []
    for one in sorted(indexes, key=lambda one: -steps[one["id"]]):
        alone = {"recommendations": [one]}
        apply(server, alone, "ddl")
        measured = server.play(f"{name}-{one['id']}", *scenario, seconds)[0] / rate
        apply(server, alone, "rollback")
        gains.append(measured)
        print(f"    {one['id']} alone: forecast × {steps[one['id']]:.2f}, measured × {measured:.2f}  {one['ddl'][0]}", flush=True)
    return gains == sorted(gains, reverse=True)


def compare(assay, server, name, scenario, arguments, folder):
    clients, scripts = scenario
    server.psql("VACUUM ANALYZE")
    rate, log, other = server.play(f"{name}-before", clients, scripts, arguments.seconds)
    report = read_report(assay, server, log, os.cpu_count(), folder)
    if arguments.keep:
        shutil.copy(f"{folder}/report.json", f"{arguments.keep}/{name}.json")
        shutil.copy(log, f"{arguments.keep}/{name}.log")
    forecast = report["simulation"]
    if "after" not in forecast or not report["recommendations"]:
        print(f"{name:16} {rate:9.0f}   no forecast: {'; '.join(forecast.get('refusals', ['nothing to recommend']))}", flush=True)
        return None
    before, after, others = [rate], [], [other]
    for number in range(arguments.rounds):
        apply(server, report, "ddl")
        rate, _, other = server.play(f"{name}-after{number}", clients, scripts, arguments.seconds)
        after.append(rate)
        others.append(other)
        apply(server, report, "rollback")
        if number + 1 < arguments.rounds:
            rate, _, other = server.play(f"{name}-before{number}", clients, scripts, arguments.seconds)
            before.append(rate)
            others.append(other)
    measured = statistics.mean(after)
    said, low, high = (forecast["after"][key] for key in ("throughput", "low", "high"))
    error = said / measured - 1
    rough = naive(report, clients) / measured - 1
    holds = low <= measured <= high
    print(f"{name:16} {statistics.mean(before):9.0f} {forecast['before']['throughput']:9.0f} {measured:9.0f} {said:9.0f} "
          f"{low:9.0f}…{high:<9.0f} {100 * error:+6.1f} % {100 * rough:+7.1f} %  {'yes' if holds else 'no ':10} {statistics.mean(others):6.2f}",
          flush=True)
    order = order_of_gains(server, report, name, scenario, arguments.seconds, statistics.mean(before)) if arguments.each else None
    return abs(error), holds, abs(rough), order


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("assay")
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--keep", help="leave logs and reports here")
    parser.add_argument("--each", action="store_true", help="also build each index alone")
    parser.add_argument("--held-out", action="store_true", help="play the held-out scenarios")
    parser.add_argument("scenarios", nargs="*", default=[])
    arguments = parser.parse_intermixed_args()
    known = SCENARIOS | HELD_OUT
    unknown = set(arguments.scenarios) - set(known)
    if unknown:
        sys.exit(f"no such scenario: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    folder = tempfile.mkdtemp(prefix="assay-bench-")
    os.chmod(folder, 0o755)
    server = Server(folder)
    try:
        server.psql(SCHEMA)
        print(f"{os.cpu_count()} processors, shared by server, clients and others (how many these used: last column); {arguments.seconds} s a run; statements a second")
        print(f"{'scenario':16} {'before':>9} {'modelled':>9} {'after':>9} {'forecast':>9} {'90 % band':^19} {'error':>8} {'naive':>9}  band holds  others",
              flush=True)
        results = [compare(arguments.assay, server, name, known[name], arguments, folder)
                   for name in arguments.scenarios or (HELD_OUT if arguments.held_out else SCENARIOS)]
        results = [result for result in results if result]
    finally:
        server.stop()
        shutil.rmtree(folder)
    if not results:
        sys.exit("nothing was forecast")
    errors = [error for error, _, _, _ in results]
    orders = [order for _, _, _, order in results if order is not None]
    if orders:
        print(f"forecast order of gains is the measured one in {sum(orders)} of {len(orders)}")
    print(f"naive: median error {100 * statistics.median(rough for _, _, rough, _ in results):.1f} %")
    print(f"median error {100 * statistics.median(errors):.1f} %, worst {100 * max(errors):.1f} %, "
          f"band holds {sum(holds for _, holds, _, _ in results)} of {len(results)}")


if __name__ == "__main__":
    main()
