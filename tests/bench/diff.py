#!/usr/bin/env python3
"""Holds `assay diff` against recordings of one workload on one server, which differ by noise alone.

    diff.py ASSAY BEFORE AFTER [LEAST_CALLS]

Counts what is told of the two as they are: false alarms, all of them. Then makes one class after another 30 % slower in
AFTER, by multiplying the durations that the log (stderr) tells, and counts how often that class is found. Classes of
fewer than LEAST_CALLS calls (200) are left alone.
"""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

assay, before, after = sys.argv[1:4]
least_calls = int(sys.argv[4]) if len(sys.argv) > 4 else 200
FACTOR = 1.3
TIMED = re.compile(r"duration: (\d+\.\d+) ms  (statement|execute [^:]*|bind [^:]*|parse [^:]*): (.*)")
LITERAL = re.compile(r"/\*.*?\*/|'[^']*'|\$\d+|\b\d+\b")
SPACE = re.compile(r"[\s,?]+")


def key_of(text):
    """The first line of a statement without its literals: nearly its class."""
    return SPACE.sub(" ", LITERAL.sub("?", text)).strip()


def diff(other):
    out = subprocess.run([assay, "diff", before, other, "--format", "json", "--quiet"], check=True, capture_output=True)
    return json.loads(out.stdout)


def slower(document):
    return {query["id"] for query in document["queries"] if query["time"]["change"] == "slower"}


with open(after, encoding="utf-8", errors="surrogateescape") as file:
    lines = file.readlines()
keys, calls = [], collections.Counter()
for line in lines:
    timed = TIMED.search(line)
    keys.append(key_of(timed.group(3)) if timed else None)
    if timed and timed.group(2).split()[0] in ("statement", "execute"):
        calls[keys[-1]] += 1

plain = diff(after)
told = [query for query in plain["queries"] if query["noteworthy"]]
print(plain["verdict"])
print(f"as they are: {len(told)} of {len(plain['queries'])} classes told "
      f"({plain['judged']['times']} compared; from run to run {plain['run_to_run']:.1%})")
for query in told:
    print(f"  {query['time']['change']} {query['frequency']['change']} {query['presence']} {query['normalized'][:90]}")

found = tried = 0
for key, count in calls.items():
    if count < least_calls or len(key) < 20:
        continue
    with tempfile.NamedTemporaryFile("w", suffix=".log", encoding="utf-8", errors="surrogateescape", delete=False) as slow:
        for line, of_line in zip(lines, keys):
            if of_line == key:
                line = re.sub(r"duration: (\d+\.\d+)", lambda m: f"duration: {float(m.group(1)) * FACTOR:.3f}", line, count=1)
            slow.write(line)
    more = slower(diff(slow.name)) - slower(plain)
    os.unlink(slow.name)
    tried += 1
    found += 1 if more else 0
    if not more:
        print(f"  not found: {count} calls of {key[:90]}")
print(f"made {FACTOR - 1:.0%} slower, one at a time: {found} of {tried} found")
