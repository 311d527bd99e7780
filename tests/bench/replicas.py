#!/usr/bin/env python3
"""replicas.py ASSAY [--seconds S] [--rounds N]: the fleet's forecast against a primary and a streaming replica.

Starts a private PostgreSQL 15 and a streaming replica of it on loopback, each bound to one core, behind HAProxy with the
very stanzas of the report. Readers and writers (pgbench, on any core) run first with the primary alone, everything
logged; Assay reads that log with --cores 1; then the readers go through HAProxy's second listener. Compared are the share
of the statements that moved, statements a second, and how busy each server's core was. Clients, logging and HAProxy use
the same two cores as the servers, so the measured gain is the least that a replica on a machine of its own brings; what
all else took of the cores meanwhile, the clients included, is printed.
"""
import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from throughput import AS_SERVER, BIN, Server, busy_seconds  # noqa: E402

READ = "\\set r random(0, 499)\nSELECT count(*), sum(balance) FROM accounts WHERE region = :r;\n\\sleep 2 ms\n"
WRITE = "\\set id random(1, 60000)\nUPDATE accounts SET balance = balance + 1 WHERE id = :id;\n\\sleep 5 ms\n"
SCHEMA = """CREATE TABLE accounts (id int PRIMARY KEY, region int, balance int);
INSERT INTO accounts SELECT i, i % 500, 0 FROM generate_series(1, 60000) i;
VACUUM ANALYZE; CHECKPOINT;"""
READERS, WRITERS = 6, 2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Primary(Server):
    """Bound to a core; its log is taken by pg_ctl's own file."""

    def __init__(self, folder, port, core):
        self.port = port
        super().__init__(folder)
        with open(f"{folder}/data/postgresql.conf", "a") as settings:
            settings.write(f"listen_addresses = '127.0.0.1'\nport = {port}\nmax_wal_senders = 4\n")
        self.run(["pg_ctl", "-D", f"{folder}/data", "-m", "fast", "-w", "stop"])
        start_on(core, self)

    def psql(self, sql):
        return psql(self, sql)


class Replica(Primary):
    def __init__(self, folder, port, core, primary):  # no initdb: a copy of the primary
        self.folder, self.port = folder, port
        if AS_SERVER:
            subprocess.run(["chown", "postgres:postgres", folder], check=True)
        self.run(["pg_basebackup", "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres", "-D", f"{folder}/data",
                  "-R", "-X", "stream", "-c", "fast"])
        with open(f"{folder}/data/postgresql.conf", "a") as settings:
            settings.write(f"port = {port}\nunix_socket_directories = '{folder}'\nlogging_collector = off\n"
                           "log_min_duration_statement = -1\n")
        start_on(core, self)


def psql(server, sql):
    return server.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(server.port),
                       "-U", "postgres"], input=sql)


def start_on(core, server):
    subprocess.run(["taskset", "-c", str(core)] + AS_SERVER +
                   [f"{BIN}/pg_ctl", "-D", f"{server.folder}/data", "-l", f"{server.folder}/start.log", "-w", "start"],
                   cwd="/", check=True, stdout=subprocess.DEVNULL)


def pgbench(folder, name, script, clients, port, seconds):
    path = f"{folder}/{name}.sql"
    with open(path, "w") as file:
        file.write(script)
    return subprocess.Popen([f"{BIN}/pgbench", "-n", "-f", path, "-c", str(clients), "-j", "1", "-T", str(seconds), "-h",
                             "127.0.0.1", "-p", str(port), "-U", "postgres", "postgres"],
                            env=dict(os.environ, PGAPPNAME=name), text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def play(folder, servers, read_port, write_port, seconds):
    """Statements a second; the share of them that the replica ran; cores at work of each server; of others, clients included."""
    sent_before = transactions(servers[1])
    before, all_before, start = [settled(server) for server in servers], busy_seconds(), time.monotonic()
    runs = [pgbench(folder, "readers", READ, READERS, read_port, seconds),
            pgbench(folder, "writers", WRITE, WRITERS, write_port, seconds)]
    texts = [run.communicate()[0] for run in runs]
    took = time.monotonic() - start
    used = [(settled(server) - b) / took for server, b in zip(servers, before)]
    rates = [float(re.search(r"tps = ([0-9.]+)", text).group(1)) for text in texts]
    time.sleep(1.5)  # until the replica's counters are told
    moved = (transactions(servers[1]) - sent_before) / (sum(rates) * seconds)
    return sum(rates), moved, used, (busy_seconds() - all_before) / (took + 1.5) - sum(used)


def settled(server):
    """Of its processes, once those that end have been counted once and only once."""
    last = server.busy_seconds()
    while True:
        time.sleep(0.3)
        now = server.busy_seconds()
        if abs(now - last) < 0.05:
            return now
        last = now


def transactions(server):
    return int(server.psql("SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'"))


def haproxy(folder, recipes, ports):
    """The report's own stanzas, with this machine's addresses."""
    def here(text):
        text = text.replace("192.0.2.10:5432", f"127.0.0.1:{ports['primary']}")
        text = text.replace("192.0.2.11:5432", f"127.0.0.1:{ports['replica']}")
        text = text.replace("192.0.2.5:5000", f"127.0.0.1:{ports['write']}").replace("192.0.2.5:5001", f"127.0.0.1:{ports['read']}")
        return text.replace("/etc/haproxy", folder).replace("haproxy_check", "postgres")
    for recipe in recipes:
        product = recipe["product"]
        if product.startswith("HAProxy"):
            name = os.path.basename(product.split(": ")[1])
            with open(f"{folder}/{name}", "w") as file:
                file.write(here(recipe["text"]))
            os.chmod(f"{folder}/{name}", 0o755)
    return subprocess.Popen(["haproxy", "-db", "-f", f"{folder}/haproxy.cfg"], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def wait_for(port, answer):
    for _ in range(150):
        found = subprocess.run([f"{BIN}/psql", "-XAtqw", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-c",
                                "SELECT pg_is_in_recovery()"], text=True, capture_output=True).stdout.strip()
        if found == answer:
            return
        time.sleep(0.2)
    raise SystemExit(f"port {port} does not lead to a {'replica' if answer == 't' else 'primary'}")


def forecast(assay, log):
    text = subprocess.run([assay, "report", log, "--cores", "1", "--format", "json", "--quiet"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    replicas = json.loads(text)["replicas"]
    if "fleet" not in replicas:
        raise SystemExit(f"no fleet: {replicas.get('refusal') or replicas.get('not_simulated')}")
    return replicas


def main():
    options = argparse.ArgumentParser()
    options.add_argument("assay")
    options.add_argument("--seconds", type=int, default=15)
    options.add_argument("--rounds", type=int, default=2)
    options = options.parse_args()
    last_core = max(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="assay-replicas-") as folder:
        os.chmod(folder, 0o755)
        ports = {name: free_port() for name in ("primary", "replica", "read", "write")}
        for name in ("one", "two", "balancer"):
            os.mkdir(f"{folder}/{name}")
        servers, balancer = [], None
        try:
            servers.append(Primary(f"{folder}/one", ports["primary"], 0))
            servers[0].psql(SCHEMA)
            servers.append(Replica(f"{folder}/two", ports["replica"], last_core, servers[0]))
            balancer = run(options, folder, servers, ports)
        finally:
            if balancer:
                balancer.kill()
                balancer.wait()
            for server in reversed(servers):
                server.stop()


def run(options, folder, servers, ports):
    log = f"{folder}/one/log/load.log"
    servers[0].psql("ALTER SYSTEM SET log_filename = 'load.log'")
    servers[0].psql("SELECT pg_reload_conf()")
    servers[0].psql("SELECT pg_rotate_logfile()")
    time.sleep(0.5)
    play(f"{folder}/balancer", servers, ports["primary"], ports["primary"], options.seconds)
    servers[0].psql("ALTER SYSTEM SET log_filename = 'rest.log'")
    servers[0].psql("SELECT pg_reload_conf()")
    servers[0].psql("SELECT pg_rotate_logfile()")
    time.sleep(0.5)
    told = forecast(options.assay, log)
    points = told["fleet"]["points"]
    balancer = haproxy(f"{folder}/balancer", told["recipes"], ports)
    wait_for(ports["write"], "f")
    wait_for(ports["read"], "t")
    print("| round | | statements/s | moved | primary's core | replica's core | all else, cores |")
    print("|---|---|---:|---:|---:|---:|---:|")
    measured = []
    for turn in range(options.rounds):
        pair = []
        for name, read_port in (("primary alone", ports["write"]), ("with a replica", ports["read"])):
            rate, moved, used, others = play(f"{folder}/balancer", servers, read_port, ports["write"], options.seconds)
            pair.append((rate, moved))
            print(f"| {turn + 1} | {name} | {rate:.0f} | {moved:.0%} | {used[0]:.0%} | {used[1]:.0%} | {others:.2f} |")
        measured.append(pair)
    for point in points[:2]:
        replica = point["replica_utilisation"][0] if point["replica_utilisation"] else 0
        print(f"| forecast | P = {point['replicas']} | {point['throughput']:.0f} | {point['moved_share']:.0%} | "
              f"{point['primary_utilisation']:.0%} | {replica:.0%} | |")
    ratio = sum(pair[1][0] / pair[0][0] for pair in measured) / len(measured)
    foretold = points[1]["throughput"] / points[0]["throughput"]
    print(f"\nthroughput with a replica / without: measured {ratio:.2f}, forecast {foretold:.2f} ({foretold / ratio - 1:+.0%})")
    return balancer


if __name__ == "__main__":
    main()
