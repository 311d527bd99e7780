#!/usr/bin/env python3
"""Counts the sample's csvlog a second time, with Python's own csv module and none of Assay's code.

For each statement text: executions (statement and execute lines) and the sum of all its durations (parse, bind and
execute too), in microseconds. Texts are then put together by the classes of Assay's JSON report: a class that
holds a text must hold all of its executions, and the sums must be equal to the microsecond.
"""
import collections
import csv
import io
import json
import re
import subprocess
import sys

DURATION = re.compile(r"duration: (\d+)\.(\d{3}) ms  (statement|parse|bind|execute)( [^:]*)?: (.*)", re.S)
USER, DATABASE, PROCESS, SEVERITY, MESSAGE = 1, 2, 3, 11, 13


def main():
    assay, folder = sys.argv[1:]
    text = subprocess.run(["zstd", "-dc", folder + "/crm.csv.zst"], check=True, capture_output=True).stdout.decode()
    csv.field_size_limit(1 << 30)
    calls, total, last = collections.Counter(), collections.Counter(), {}
    for row in csv.reader(io.StringIO(text)):
        found = DURATION.match(row[MESSAGE]) if row[SEVERITY] == "LOG" else None
        if not found or "fetch from" in (found[4] or ""):
            continue
        sql = found[5]
        calls[sql] += found[3] in ("statement", "execute")
        total[sql] += int(found[1]) * 1000 + int(found[2])

    out = subprocess.run([assay, "report", folder + "/crm.csv.zst", "--format", "json", "--quiet"],
                         check=True, capture_output=True).stdout
    report = json.loads(out)
    # The shape in a few lines of another language: good enough to tell which texts belong together.
    by_class = {"calls": collections.Counter(), "total": collections.Counter()}
    for sql in total:
        key = shape(sql)
        by_class["calls"][key] += calls[sql]
        by_class["total"][key] += total[sql]
    theirs = {"calls": collections.Counter(), "total": collections.Counter()}
    for query in report["queries"]:
        # A class whose executions all failed has no sample, but its parse and bind took time.
        key = shape(query["sample"]["sql"] if "sample" in query else query["normalized"].replace(", …", ""))
        theirs["calls"][key] += query["calls"]
        theirs["total"][key] += round(query["total_ms"] * 1000)

    wrong = [(key, what, by_class[what][key], theirs[what][key])
             for what in by_class for key in by_class[what] if by_class[what][key] != theirs[what][key]]
    for key, what, ours, assays in wrong[:20]:
        print(f"{what}: counted {ours}, Assay says {assays}: {key[:120]}")
    print(f"{sum(calls.values())} executions in {len(by_class['calls'])} shapes, {len(wrong)} differences")
    assert sum(calls.values()) > 1000, "the sample holds too little to prove anything"
    assert sum(calls.values()) == report["workload"]["executions"]
    sys.exit(1 if wrong else 0)


def shape(sql):
    sql = re.sub(r"/\*.*?\*/", " ", sql, flags=re.S)
    sql = re.sub(r"--[^\n]*", " ", sql)
    sql = re.sub(r"(?i)((?:like|similar to)\s+)'(%?)[^'%]*(?:'')*[^'%]*(%?)'", r"\1~\2\3~", sql)
    sql = re.sub(r"E?'(?:[^'\\]|''|\\.)*'", "?", sql)
    sql = re.sub(r"\$\d+", "?", sql)
    sql = re.sub(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\b", "?", sql)
    sql = re.sub(r"\(\s*\?(?:\s*,\s*\?)*\s*\)", "(?)", sql) if re.search(r"(?i)\bin\s*\(", sql) else sql
    sql = re.sub(r"(?is)\bvalues\s*(\([^()]*(?:\([^()]*\)[^()]*)*\))(?:\s*,\s*\([^()]*(?:\([^()]*\)[^()]*)*\))*", r"values \1", sql)
    return re.sub(r"\s+", " ", sql).strip(" ;").lower()


main()
