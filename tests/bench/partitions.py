#!/usr/bin/env python3
"""partitions.py ASSAY [--rows N] [--days N] [--seed N] [--rounds N] [--keep FOLDER] [SCENARIO…]: advice on partitioning, against real tables.

Starts a private PostgreSQL 15, fills a table, runs each scenario's statements with everything logged, and lets Assay
advise. Then the table is really partitioned as Assay planned it (recommended or not), filled and analysed, and
- the twin's planned costs are held against those of the real planner on the real table, class by class,
- the statements are executed on both tables, warm: measured time before and after, beside the forecast ratio,
- old rows are deleted and vacuumed on one, and their partitions detached and dropped on the other.
Each range and each DELETE is a class of its own (by its alias), so that costs are held query by query.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from throughput import Server  # noqa: E402

DAYS = 720
SEED = 0  # others: other values, other days to ask for, and rows that come the denser the later
COLUMNS = ("id bigint NOT NULL, tenant int NOT NULL, created_at timestamptz NOT NULL, kind text NOT NULL, amount int NOT NULL, "
           "payload text")
SELECT = ("i, abs(hashint8(i + {seed})) % {tenants}, date_trunc('day', now()) - interval '{days} days' + (i::float8 / {rows}) ^ {power} * interval '{days} days', "
          "(ARRAY['view','click','cart','order','pay'])[1 + abs(hashint8(i + 7 + {seed})) % 5], i % 1000, repeat('x', {width}) || i")
DAY = "date_trunc('day', now()) - interval '{} days'"


def day(ago):
    return f"(date_trunc('day', now()) - interval '{ago} days')"


def ranges(width, what="count(*), sum(amount)", more="", step=31):
    """Four ranges of so many days, with literals, as an application sends them."""
    first = 5 + SEED % 23
    return [f"SELECT {what} FROM events AS e{i} WHERE created_at >= '{{{first + step * i + width}}}' AND created_at < '{{{first + step * i}}}'{more}"
            for i in range(4)]


def deletes():
    """A monthly job's, four months of it."""
    return [f"DELETE FROM events AS e{i} WHERE created_at < '{{{DAYS - 30 - 30 * i}}}'" for i in range(4)]


def points():
    return [f"SELECT * FROM events WHERE id = {100000 + 7919 * i + SEED}" for i in range(4)]


def tenants():
    return [f"SELECT kind, amount FROM events WHERE tenant = {31 * i + 5 + SEED % 100} ORDER BY id LIMIT 50" for i in range(4)]


def updates_of_key():
    return [f"UPDATE events SET created_at = created_at + interval '1 day' WHERE id = {200000 + 7919 * i}" for i in range(4)]


BY_TIME = "CREATE INDEX ON events (created_at);"
BY_TENANT = "CREATE INDEX ON events (tenant, id);"


def scenarios():
    """Name: further indexes, classes with how often each of their values runs, and what a DBA would say."""
    return {
        "retention": (BY_TIME + BY_TENANT, {"day": (ranges(1, "tenant, amount"), 5), "week": (ranges(7), 5), "delete": (deletes(), 1), "point": (points(), 25),
                                            "tenant": (tenants(), 25)}, "recommended"),
        "months": ("", {"month": (ranges(30), 3), "by kind": (ranges(30, "kind, count(*)", " GROUP BY kind"), 3), "point": (points(), 10)}, None),
        "months-indexed": (BY_TIME, {"month": (ranges(30), 5), "point": (points(), 25)}, "not recommended"),
        "points": (BY_TIME + BY_TENANT, {"point": (points(), 100), "tenant": (tenants(), 50)}, "not recommended"),
        "moving": (BY_TIME, {"week": (ranges(7), 5), "move": (updates_of_key(), 50)}, "not recommended"),
    }


def with_dates(server, text):
    """{17} -> the day 17 days ago, as a literal."""
    for ago in range(1, DAYS + 1):
        if f"{{{ago}}}" in text:
            text = text.replace(f"{{{ago}}}", DATES[ago])
    return text


DATES = {}


def fill(server, rows, indexes):
    shape = {"days": DAYS, "rows": rows, "seed": SEED, "tenants": 500 + SEED % 400, "power": 0.7 if SEED else 1, "width": 60 + SEED % 50}
    server.psql(f"""DROP TABLE IF EXISTS events, plain CASCADE; CREATE TABLE events ({COLUMNS});
        INSERT INTO events SELECT {SELECT.format(**shape)} FROM generate_series(1, {rows}) i;
        ALTER TABLE events ADD PRIMARY KEY (id); {indexes} CHECKPOINT;""")
    server.psql("VACUUM ANALYZE events")


def run_log(server, name, classes):
    server.psql(f"ALTER SYSTEM SET log_filename = '{name}.log'")
    server.psql("SELECT pg_reload_conf(), pg_sleep(0.3), pg_rotate_logfile(), pg_sleep(0.3)")
    statements = []
    for texts, times in classes.values():
        for text in texts:
            statements += [with_dates(server, text)] * times
    statements.sort(key=lambda text: hash_of(text))
    server.run(["psql", "-X", "-q", "-o", "/dev/null", "-h", server.folder, "-U", "postgres"],
               input="SET application_name = 'bench';\n" + ";\n".join(statements) + ";\n")
    return f"{server.folder}/log/{name}.log"


def hash_of(text):
    value = 0
    for c in text:
        value = (value * 31 + ord(c)) % 1000003
    return value


def advise(assay, server, log, folder):
    snapshot, out = f"{folder}/snapshot", f"{folder}/report.json"
    subprocess.run([assay, "report", log, "--catalog", snapshot, "--db", "postgres", "--app", "bench", "--format", "json", "--quiet", "-o", out],
                   check=True)
    with open(out) as file:
        return json.load(file)


def really_partition(server, scheme, indexes):
    bounds = []
    for p in scheme["partitions"]:
        if p.get("default"):
            bound = "DEFAULT"
        elif scheme["strategy"] == "range":
            ends = [f"'{p[end]}'" if end in p else other for end, other in (("from", "MINVALUE"), ("to", "MAXVALUE"))]
            bound = f"FOR VALUES FROM ({ends[0]}) TO ({ends[1]})"
        elif scheme["strategy"] == "list":
            bound = "FOR VALUES IN (" + ", ".join("'" + v + "'" for v in p["values"]) + ")"
        else:
            bound = f"FOR VALUES WITH (MODULUS {len(scheme['partitions'])}, REMAINDER {p['remainder']})"
        bounds.append(f"CREATE TABLE {p['name']} PARTITION OF events {bound};")
    column = scheme["column"]
    key = "id" if column == "id" else f"id, {column}"
    server.psql(f"""ALTER TABLE events RENAME TO plain; CREATE TABLE events ({COLUMNS}) PARTITION BY {scheme['strategy']} ({column});
        {''.join(bounds)} INSERT INTO events SELECT * FROM plain ORDER BY id; ALTER TABLE events ADD PRIMARY KEY ({key}); {indexes} CHECKPOINT;""")
    server.psql("VACUUM ANALYZE")


def cost_of(server, text):
    return json.loads(server.psql("EXPLAIN (FORMAT JSON) " + text))[0]["Plan"]["Total Cost"]


def timed(server, texts, rounds):
    """Best mean of the rounds, ms, rolled back, by the server's own clock; planning included."""
    script = "BEGIN;\n" + "".join(f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON, FORMAT JSON) {text};\n" for text in texts * rounds) + "ROLLBACK;\n"
    output = server.psql(script)
    decoder, at, times = json.JSONDecoder(), 0, []
    while at < len(output):
        if output[at] != "[":
            at += 1
            continue
        plan, at = decoder.raw_decode(output, at)
        times.append((plan[0]["Execution Time"], plan[0]["Planning Time"]))
    count = len(texts)
    by_round = [times[i:i + count] for i in range(0, len(times), count)]
    best = min(by_round, key=lambda round: sum(e + p for e, p in round))
    return statistics.mean(e + p for e, p in best), statistics.mean(p for _, p in best)


def what_of(item):
    if item["kind"] == "partition_table":
        return f"{item['table']} by {item['partitioning']['migration']['recommended']}, {len(item['ddl'])} statements"
    return item["ddl"][0][:110]


def compare(assay, server, name, arguments, folder):
    indexes, classes, expected = scenarios()[name]
    fill(server, arguments.rows, indexes)
    subprocess.run([assay, "snapshot", f"host={server.folder} user=postgres dbname=postgres", "-o", f"{folder}/snapshot"], check=True,
                   stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    texts = {kind: [with_dates(server, text) for text in values] for kind, (values, _) in classes.items()}
    alike = {text: [text] if " AS e" in text else values for values in texts.values() for text in values}
    before = {text: timed(server, alike[text], arguments.rounds)[0] for text in alike}
    log = run_log(server, name, classes)
    report = advise(assay, server, log, folder)
    if arguments.keep:
        for path in (f"{folder}/report.json", f"{folder}/snapshot", log):
            shutil.copy(path, f"{arguments.keep}/{name}.{os.path.basename(path)}")
    tables = report["partitions"]["tables"]
    verdict = tables[0]["verdict"] if tables else "gate: " + report["partitions"].get("nothing", "")
    right = expected is None or verdict == expected
    print(f"\n== {name}: {verdict}{'' if right else ', expected ' + expected}")
    for reason in tables[0]["reasons"] if tables else []:
        print(f"   {reason}")
    for item in report["recommendations"]:
        if item["kind"] in ("partition_table", "create_index"):
            print(f"   {item['id']} {item['kind']}: {what_of(item)} saves {item['gain']['demand_ms_per_s']:.1f} ms/s")
    if not tables or not tables[0]["schemes"]:
        return right, []
    scheme = tables[0]["schemes"][0]
    print(f"   {scheme['strategy']} on {scheme['column']} {scheme.get('interval', '')}: {len(scheme['partitions'])} partitions; "
          f"{scheme['ms_per_s_before']:.1f} ms/s -> {scheme['ms_per_s_after']:.1f}; best without {scheme['ms_per_s_best_alternative']:.1f} "
          f"({scheme.get('best_alternative', 'as it is')})")
    fill(server, arguments.rows, indexes)
    start = time.monotonic()
    server.psql(texts["delete"][0] if "delete" in texts else "SELECT 1")
    deleting = time.monotonic() - start
    start = time.monotonic()
    server.psql("VACUUM events")
    vacuuming = time.monotonic() - start
    fill(server, arguments.rows, indexes)
    really_partition(server, scheme, indexes)
    by_tables = {q["id"]: q for q in report["queries"]}
    errors = []
    print(f"   {'class':10} {'cost today':>11} {'twin':>9} {'real':>9} {'error':>7}  {'read':>8}  {'ms before':>9} {'after':>8} {'planning':>8}  more, ms: measured, forecast; ratio measured, forecast")
    for query in scheme["queries"]:
        text = by_tables[query["id"]]["sample"]["sql"].rstrip("; ")
        kind = next((kind for kind, values in texts.items() if text in values), None)
        if kind is None:
            continue
        real = statistics.mean(cost_of(server, value) for value in alike[text])
        after, planning = timed(server, alike[text], arguments.rounds)
        error = query["cost_after"] / real - 1
        errors.append((kind, error))
        forecast = query["ms_per_s_after"] / query["ms_per_s_before"] if query["ms_per_s_before"] else 1
        logged = by_tables[query["id"]]
        calls_per_s = logged["calls"] * query["ms_per_s_before"] / logged["total_ms"] if logged["total_ms"] else 0
        more = (query["ms_per_s_after"] - query["ms_per_s_before"]) / calls_per_s if calls_per_s else 0
        print(f"   {kind:10} {query['cost_before']:11.1f} {query['cost_after']:9.1f} {real:9.1f} {100 * error:+6.1f}%  "
              f"{query['partitions_read_min']:>3}…{query['partitions_read_max']:<4} {before[text]:9.2f} {after:8.2f} {planning:8.2f}  "
              f"{after - before[text]:+.2f}, {more:+.2f}; {after / before[text]:.2f}, {forecast:.2f}")
    if "delete" in texts:
        first = scheme["partitions"][0]["name"]
        rows = server.psql(f"SELECT count(*) FROM {first}").strip()
        start = time.monotonic()
        server.psql(f"ALTER TABLE events DETACH PARTITION {first} CONCURRENTLY")
        server.psql(f"DROP TABLE {first}")
        print(f"   retention: DELETE {1e3 * deleting:.0f} ms and VACUUM {1e3 * vacuuming:.0f} ms for {arguments.rows * 30 // DAYS} rows; "
              f"DETACH and DROP {1e3 * (time.monotonic() - start):.0f} ms for {rows} rows (psql's start in each)")
    return right, errors


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("assay")
    parser.add_argument("--rows", type=int, default=2000000)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", help="leave logs, snapshots and reports here")
    parser.add_argument("scenarios", nargs="*", default=[])
    arguments = parser.parse_intermixed_args()
    globals().update(DAYS=arguments.days, SEED=arguments.seed)
    unknown = set(arguments.scenarios) - set(scenarios())
    if unknown:
        sys.exit(f"no such scenario: {', '.join(sorted(unknown))}; there are {', '.join(scenarios())}")
    folder = tempfile.mkdtemp(prefix="assay-bench-")
    os.chmod(folder, 0o755)
    server = Server(folder)
    try:
        # So that the table is larger than memory, for the gate.
        server.psql("ALTER SYSTEM SET effective_cache_size = '64MB'")
        server.psql("ALTER SYSTEM SET shared_buffers = '64MB'")
        server.run(["pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/start.log", "-w", "restart"])
        for line in server.psql(f"SELECT n, to_char(date_trunc('day', now()) - n * interval '1 day', 'YYYY-MM-DD') FROM generate_series(1, {DAYS}) n").splitlines():
            ago, date = line.split("|")
            DATES[int(ago)] = date
        print(f"{arguments.rows} rows over {DAYS} days; costs in planner's units, times of one execution with planning, warm, best of {arguments.rounds} rounds")
        results = [compare(arguments.assay, server, name, arguments, folder) for name in arguments.scenarios or scenarios()]
    finally:
        server.stop()
        shutil.rmtree(folder)
    errors = [error for _, found in results for kind, error in found if kind in ("day", "week", "month", "by kind", "delete")]
    if errors:
        print(f"\ntwin's costs on ranges over time: median error {100 * statistics.median(map(abs, errors)):.1f} %, worst {100 * max(map(abs, errors)):.1f} %")
    print(f"verdicts as expected: {sum(right for right, _ in results)} of {len(results)}")
    sys.exit(0 if all(right for right, _ in results) else 1)


if __name__ == "__main__":
    main()
