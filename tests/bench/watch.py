#!/usr/bin/env python3
"""What following costs: processor time and memory of `assay watch` on a log of 10,000 statements a second.

usage: watch.py ASSAY [SECONDS]
"""
import datetime
import os
import resource
import subprocess
import sys
import tempfile

RATE = 10_000
START = datetime.datetime(2026, 11, 22, 10)


def write_log(path, seconds):
    with open(path, "w") as log:
        for i in range(RATE * seconds):
            time = START + datetime.timedelta(microseconds=i * 1_000_000 // RATE)
            log.write(
                f"{time:%Y-%m-%d %H:%M:%S}.{time.microsecond // 1000:03d} UTC [{100 + i % 40}] web@crm/shop LOG:  "
                f"duration: {0.2 + i % 97 * 0.01:.3f} ms  statement: SELECT * FROM t{i % 500} WHERE id = {i}\n"
            )


def main():
    assay, seconds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 120
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "pg.log")
        write_log(log, seconds)
        subprocess.run([assay, "watch", log, "--once", "--state", os.path.join(folder, "watch.db")],
                       check=True, stdout=subprocess.DEVNULL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = used.ru_utime + used.ru_stime
    print(f"{RATE * seconds:,} statements of 500 query classes, {seconds} s of log: {processor:.2f} s of a processor, "
          f"{100 * processor / seconds:.2f} % of a core at {RATE:,} statements/s; {used.ru_maxrss / 1024:.0f} MB")


main()
