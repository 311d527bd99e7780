#!/usr/bin/env python3
"""whole.py ASSAY [GIGABYTES] [FORMAT…]: a whole report against wc and grep, on the same file in the same run.

The logs are the recorded ones repeated, each time a day later. What is compared takes turns, so that a machine whose
speed drifts drifts for all; the median of the rounds is printed, and every ratio is one within this run. Memory is the
peak of the resident set (ru_maxrss; of several processes, that of the largest). Where pgbadger is installed, it is
measured once beside all the others on a stderr log of a tenth, at most 100 MB.
"""
import datetime
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RECORDED = os.path.join(ROOT, "samples", "crm", "recorded")
FILES = {"stderr": "crm.log.zst", "csvlog": "crm.csv.zst", "jsonlog": "crm.jsonlog.zst"}
ROUNDS = 5
OUTPUT = os.path.join(tempfile.gettempdir(), f"bench-{os.getpid()}.out")  # grep stops early before /dev/null


def write_log(name, size, path):
    """Repeats the recording with the day moved on, up to `size` bytes."""
    text = subprocess.run(["zstd", "-dqc", os.path.join(RECORDED, FILES[name])], stdout=subprocess.PIPE, check=True).stdout
    day = re.search(rb"\d{4}-\d{2}-\d{2}", text).group()
    first = datetime.date.fromisoformat(day.decode())
    with open(path, "wb") as log:
        number = 0
        while log.tell() < size:
            later = (first + datetime.timedelta(days=number)).isoformat().encode()
            log.write(text.replace(day + b" ", later + b" "))
            number += 1


def write_log_apart(*arguments):
    """In a process of its own: what is measured inherits this one's resident set as the least of its peaks."""
    child = os.fork()
    if child == 0:
        write_log(*arguments)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        sys.exit("the log could not be written")


def run(command):
    """Seconds of wall clock and of processor, and peak memory in MB."""
    started = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ,
                          file_actions=[(os.POSIX_SPAWN_OPEN, 1, OUTPUT, os.O_WRONLY | os.O_CREAT, 0o600)])
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{command[0]} failed")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(commands):
    results = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            results[name].append(run(command))
    return {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}


def compare(assay, name, path, folder):
    size = os.path.getsize(path)
    stats = os.path.join(folder, "stats.json")
    report = [assay, "report", path, "--quiet", "-o", os.path.join(folder, "report.md")]
    commands = {
        "assay report, 2 workers": report + ["--jobs", "2"],
        "assay report, 1 worker": report + ["--jobs", "1"],
        "assay report, no trace": report + ["--jobs", "2", "--memory", "1kB"],
        "grep -c duration:": ["grep", "-c", "duration:", path],
        "wc -l": ["wc", "-l", path],
    }
    run(["cat", path])  # into the page cache
    medians = measure(commands)
    subprocess.run(report + ["--stats", stats], check=True)
    with open(stats) as file:
        records = json.load(file)["reading"]["records"]
    print(f"\n## {name}: {size / 1e6:,.0f} MB, {records:,} records\n")
    print("| | MB/s | records/s | wall s | processor s | peak MB | time against grep |\n|---|---:|---:|---:|---:|---:|---:|")
    grep = medians["grep -c duration:"][0]
    for what, (wall, processor, memory) in medians.items():
        rate = f"{records / wall:,.0f}" if what.startswith("assay") else ""
        print(f"| {what} | {size / 1e6 / wall:,.0f} | {rate} | {wall:.2f} | {processor:.2f} | {memory:,.0f} | {wall / grep:.2f} |")


def compare_with_pgbadger(assay, path, folder):
    size = os.path.getsize(path)
    report = [assay, "report", path, "--quiet", "-o", os.path.join(folder, "report.md"), "--jobs"]
    badger = ["pgbadger", "-q", "-f", "stderr", "-p", "%m [%p] %q%u@%d/%a ", "-o", os.path.join(folder, "badger.html")]
    commands = {
        "assay report, 2 workers": report + ["2"],
        "assay report, 1 worker": report + ["1"],
        "pgbadger -j 2": badger + ["-j", "2", path],
        "pgbadger -j 1": badger + ["-j", "1", path],
        "grep -c duration:": ["grep", "-c", "duration:", path],
        "wc -l": ["wc", "-l", path],
    }
    run(["cat", path])
    results = {what: run(command) for what, command in commands.items()}
    first = results["assay report, 2 workers"]
    print(f"\n## The same {size / 1e6:,.0f} MB of stderr log beside pgbadger, each once\n")
    print("| | MB/s | wall s | processor s | peak MB | wall against assay | processor against assay |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for what, (wall, processor, memory) in results.items():
        print(f"| {what} | {size / 1e6 / wall:,.1f} | {wall:.2f} | {processor:.2f} | {memory:,.0f} "
              f"| {wall / first[0]:.2f} | {processor / first[1]:.2f} |")


def main():
    assay = sys.argv[1]
    size = float(sys.argv[2]) * 1e9 if len(sys.argv) > 2 else 1e9
    names = sys.argv[3:] or list(FILES)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if shutil.disk_usage("/dev/shm").free > 2 * size else None) as folder:
        for name in names:
            path = os.path.join(folder, name)
            write_log_apart(name, size, path)
            compare(assay, name, path, folder)
            if name == "stderr" and shutil.which("pgbadger"):
                tenth = os.path.join(folder, "tenth")
                write_log_apart(name, min(size / 10, 1e8), tenth)
                compare_with_pgbadger(assay, tenth, folder)
            os.remove(path)
        os.remove(OUTPUT)


if __name__ == "__main__":
    main()
