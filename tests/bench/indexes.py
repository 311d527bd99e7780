#!/usr/bin/env python3
"""indexes.py ASSAY [SCALE] [--keep FOLDER]: the choice of indexes at several budgets, planned and really built.

The sample warehouse is made on a private server and its queries are run; Assay reads the log of that and a snapshot, and for
each budget (a share of the tables' size) what it recommends is built, the queries are run again, and the indexes are
dropped. A query's time is what its process computes (all data is in memory, and there are no parallel workers), the least of
three runs after one to warm up, since what else the machine does only adds to it. Where a query's plan did not change, its cells
are marked "=" and show how far the times can be trusted. For the sample CRM there is a snapshot but no server, so it is planned only. Prints markdown.
"""
import argparse
import glob
import json
import math
import os
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time

BIN = os.environ.get("PGBIN", "/usr/lib/postgresql/15/bin")
AS_SERVER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
SAMPLES = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../samples"))
SHARES = [0.05, 0.2, 0.5, 1, None]  # of the tables' size; None: no limit
RUNS = 3
SLOWER = 1.2  # a query that takes so many times as long is printed in bold
CPU_TIME = "\\! cut -d' ' -f1 /proc/$PID/schedstat\n"  # ns

OWN_INDEXES = """SELECT indexrelid::regclass FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
  WHERE relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"""
OWN_STATISTICS = "SELECT stxname FROM pg_statistic_ext WHERE stxnamespace = 'public'::regnamespace"
TABLES_SIZE = "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


class Warehouse:
    def __init__(self, folder, scale):
        self.data = f"{folder}/server"
        subprocess.run([f"{SAMPLES}/analytics/load.sh", self.data, scale], check=True, stdout=subprocess.DEVNULL)
        self.uri = f"host={self.data} dbname=warehouse user=postgres"
        self.queries = sorted(glob.glob(f"{SAMPLES}/analytics/queries/*.sql"))

    def psql(self, *arguments, **more):
        return subprocess.run([f"{BIN}/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.uri, *arguments], check=True,
                              text=True, stdout=subprocess.PIPE, **more).stdout

    def stop(self):
        subprocess.run(AS_SERVER + [f"{BIN}/pg_ctl", "-D", self.data, "-m", "immediate", "-s", "stop"], cwd="/", check=False)

    def set(self, *settings):
        for setting in settings:
            self.psql("-c", f"ALTER SYSTEM SET {setting}")
        self.psql("-c", "SELECT pg_reload_conf(), pg_sleep(0.5)")

    def run(self):
        """Each query's time, ms: one round after another, so that what else the machine does hits all alike."""
        rounds = []
        for _ in range(1 + RUNS):
            told = self.psql(input="SELECT pg_backend_pid() AS pid \\gset\n\\setenv PID :pid\n\\o /dev/null\n" + CPU_TIME +
                             "".join(f"\\i {query}\n{CPU_TIME}" for query in self.queries))
            clock = [int(ns) / 1e6 for ns in told.split()]
            times = [after - before for before, after in zip(clock, clock[1:])]
            assert len(times) == len(self.queries)
            rounds.append(times)
        return [min(times) for times in zip(*rounds[1:])]

    def plans(self):
        def explained(query):
            with open(query) as file:
                return self.psql("-c", "EXPLAIN (COSTS OFF) " + file.read())

        return [explained(query) for query in self.queries]

    def apply(self, script):
        self.psql("-f", script)
        self.psql("-c", "VACUUM ANALYZE")
        return int(self.psql("-c", f"SELECT coalesce(sum(pg_relation_size(indexrelid)), 0) FROM ({OWN_INDEXES}) AS own"))

    def take_back(self):
        for kind, names in (("INDEX", OWN_INDEXES), ("STATISTICS", OWN_STATISTICS)):
            for name in self.psql("-c", names).split():
                self.psql("-c", f"DROP {kind} {name}")
        self.psql("-c", "VACUUM ANALYZE")


def advise(assay, log, snapshot, budget, out):
    """The JSON report and the seconds that it took, reading the log and starting the planner included."""
    command = [assay, "report", log, "--catalog", snapshot, "--format", "json", "--quiet", "-o", f"{out}.json", "--ddl", f"{out}.sql"]
    started = time.monotonic()
    subprocess.run(command + (["--budget", str(budget)] if budget is not None else []), check=True)
    seconds = time.monotonic() - started
    with open(f"{out}.json") as file:
        return json.load(file), seconds


def created(report):
    return [item for item in report["recommendations"] if item["kind"] == "create_index"]


def planned_cells(share, report, seconds):
    selection = report["selection"]
    return ["no limit" if share is None else f"{100 * share:.0f} %", f"{len(created(report))}", f"{selection['used_bytes'] / 1e6:.1f}",
            f"{selection['planned_cost_after'] / selection['planned_cost_before']:.3f}",
            f"{selection['objective_after'] / selection['objective_before']:.3f}",
            f"{selection['lower_bound'] / selection['objective_before']:.3f}", f"{100 * selection['gap']:.1f} %",
            f"{selection['whatif_calls']}", f"{seconds:.1f}"]


PLANNED = ["budget", "indexes", "MB", "cost", "time", "bound", "gap", "calls", "seconds"]
BUILT = ["MB built", "executed", "mean ratio", "slowest ratio", "query"]


def print_row(cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def print_head(names):
    print_row(names)
    print("|---" * len(names) + "|", flush=True)


def budgets(tables_bytes):
    return [(share, None if share is None else int(share * tables_bytes)) for share in SHARES]


def warehouse(assay, scale, folder):
    server = Warehouse(folder, scale)
    try:
        tables = int(server.psql("-c", TABLES_SIZE))
        server.set("max_parallel_workers_per_gather = 0", "log_line_prefix = '%m [%p] %q%u@%d '", "log_min_duration_statement = 0")
        before, plans = server.run(), server.plans()
        server.set("log_min_duration_statement = -1")
        snapshot, log = f"{folder}/warehouse.snapshot", f"{server.data}/server.log"
        subprocess.run([assay, "snapshot", server.uri, "-o", snapshot], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        copied = shutil.copy(log, f"{folder}/warehouse.log")
        print(f"\nWarehouse, scale {scale}: tables of {tables / 1e6:.0f} MB; its {len(before)} queries take {sum(before):.0f} ms.\n")
        print_head(PLANNED + BUILT)
        by_query = []
        for number, (share, budget) in enumerate(budgets(tables)):
            out = f"{folder}/warehouse-{number}"
            report, seconds = advise(assay, copied, snapshot, budget, out)
            built = server.apply(f"{out}.sql")
            after, changed = server.run(), [plan != old for plan, old in zip(server.plans(), plans)]
            with open(f"{out}.plans", "w") as file:
                file.write("\n".join(f"-- {query}\n{plan}" for query, plan in zip(server.queries, server.plans())))
            server.take_back()
            by_query.append((after, changed))
            ratios = [b / a for a, b in zip(before, after)]
            worst = max((i for i in range(len(ratios)) if changed[i]), key=ratios.__getitem__, default=0)
            mean = math.exp(statistics.mean(map(math.log, ratios)))
            print_row(planned_cells(share, report, seconds) + [f"{built / 1e6:.1f}", f"{sum(after) / sum(before):.3f}", f"{mean:.3f}",
                      f"{ratios[worst]:.2f}", os.path.basename(server.queries[worst])[:2]])
        print_queries(server.queries, before, by_query)
    finally:
        server.stop()


def print_queries(queries, before, by_budget):
    print()
    print_head(["query, ms", "none"] + ["no limit" if share is None else f"{100 * share:.0f} %" for share in SHARES])
    for number, (query, today) in enumerate(zip(queries, before)):
        cells = [os.path.basename(query)[:-4].replace("_", " "), f"{today:.1f}"]
        for after, changed in by_budget:
            ms = f"{after[number]:.1f}"
            cells.append(ms + " =" if not changed[number] else f"**{ms}**" if after[number] > SLOWER * today else ms)
        print_row(cells)


def crm(assay, folder):
    snapshot = f"{SAMPLES}/crm/recorded/crm.snapshot"
    with sqlite3.connect(f"file:{snapshot}?mode=ro", uri=True) as file:
        tables = 8192 * file.execute("SELECT sum(pages) FROM tables").fetchone()[0]
    print(f"\nCRM: tables of {tables / 1e6:.0f} MB.\n")
    print_head(PLANNED)
    for number, (share, budget) in enumerate(budgets(tables)):
        report, seconds = advise(assay, f"{SAMPLES}/crm/recorded/crm.log.zst", snapshot, budget, f"{folder}/crm-{number}")
        print_row(planned_cells(share, report, seconds))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("assay")
    parser.add_argument("scale", nargs="?", default="1")
    parser.add_argument("--keep", help="leave reports, scripts, plans and the warehouse's log here")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="assay-indexes-")
    os.chmod(folder, 0o755)
    try:
        crm(arguments.assay, folder)
        warehouse(arguments.assay, arguments.scale, folder)
    finally:
        if arguments.keep:
            os.makedirs(arguments.keep, exist_ok=True)
            for name in glob.glob(f"{folder}/*.*"):
                shutil.copy(name, arguments.keep)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
