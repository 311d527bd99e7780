#!/usr/bin/env python3
"""Counts the sample's slow query logs a second time, with regular expressions and none of Assay's code.

For each statement's shape: executions, and the sums of their times in microseconds, of rows sent and of rows examined. Of a
CALL counts what the statements inside of its procedure, which the log marks, did not take. A class of Assay's JSON report
must agree in all four.
"""
import collections
import json
import re
import subprocess
import sys

HEADER = re.compile(r"^(?:# Time: .*\n)?# User@Host: .*\n(?:#.*\n)*?"
                    r"# Query_time: (\d+)\.(\d{6})  Lock_time: \S+  Rows_sent: (\d+)  Rows_examined: (\d+)\n"
                    r"(?:#.*\n)*(?:use .*;\n)?SET timestamp=\d+;\n", re.M)
BANNER = re.compile(r"^\S+, Version: .*\nTcp port: .*\nTime.*Argument\n", re.M)
LITERALS = r"""'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*\""""
BALANCED = re.compile(rf"(?:{LITERALS}|/\*.*?\*/|#[^\n]*|-- [^\n]*|[^'\"])*", re.S)


def records(text):
    """Each statement and its four figures. A statement goes on to the next header at which its quotes are balanced, or to
    the next one when they never are within its four next."""
    text = BANNER.sub("", text)
    headers = list(HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    inside = collections.defaultdict(lambda: [0, 0])  # of procedures, by connection: what the CALL that comes will tell again
    i = 0
    while i < len(headers):
        pieces = [text[headers[i].end():end] for end in ends[i:i + 4]]
        count = next((n for n, piece in enumerate(pieces) if BALANCED.fullmatch(piece)), 0)
        seconds, micros, sent, examined = map(int, headers[i].groups())
        micros += seconds * 1000000
        sql = pieces[count].rstrip("\n").removesuffix(";")
        thread = re.search(r"# Thread_id: (\d+)", headers[i][0])
        thread = thread and thread[1]
        if "# Stored_routine:" in headers[i][0]:
            inside[thread][0] += micros
            inside[thread][1] += examined
        elif told := inside.pop(thread, None):
            if sql.lower().startswith("call "):
                micros, examined = max(0, micros - told[0]), max(0, examined - told[1])
        yield sql, (1, micros, sent, examined)
        i += count + 1


def shape(sql):
    sql = re.sub(r"/\*!(.*?)\*/", r"\1", sql, flags=re.S)
    sql = re.sub(rf"({LITERALS})|/\*.*?\*/|#[^\n]*|-- [^\n]*", lambda found: found[1] or " ", sql, flags=re.S)
    sql = re.sub(r"""(?i)like\s+['"](%?)[^'"%]*(%?)['"]""", r"like ~\1\2~", sql)
    sql = re.sub(rf"(?:\b(?:x|_\w+))?(?:{LITERALS}|'.*$)", "?", sql, flags=re.S)
    sql = re.sub(r"(?<![\w?@.])-?(?:0x[0-9A-Fa-f]+|0b[01]+|\d+(?:\.\d+)?(?:e\d+)?)\b", "?", sql)
    sql = re.sub(r"(?<=[ ,(])-(?=\?)", "", sql)
    sql = re.sub(r"(?i)\bin\s*\(\s*\?(?:\s*,\s*(?:\?|…))*\s*\)", "in (?)", sql)
    row = r"\([^()]*(?:\([^()]*\)[^()]*)*\)"
    sql = re.sub(rf"(?i)\bvalues\s*({row})(?:\s*,\s*(?:{row}|…))+", r"values \1", sql)
    return re.sub(r"(?<=\W) | (?=\W)", "", re.sub(r"\s+", " ", sql)).strip(" ;").lower()


def check(assay, path):
    read = ["zstd", "-dc", path] if path.endswith(".zst") else ["cat", path]
    text = subprocess.run(read, check=True, capture_output=True).stdout.decode("utf-8", "surrogateescape")
    ours, theirs = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    for sql, figures in records(text):
        ours[shape(sql)].update(dict(enumerate(figures)))
    out = subprocess.run([assay, "report", path, "--format", "json", "--quiet"], check=True, capture_output=True).stdout
    report = json.loads(out)
    for query in report["queries"]:
        sql = query["sample"]["sql"] if "sample" in query else query["normalized"]
        figures = (query["calls"], round(query["total_ms"] * 1000), query["rows"], query["rows_examined"])
        theirs[shape(sql)].update(dict(enumerate(figures)))
    wrong = [key for key in ours.keys() | theirs.keys() if +ours[key] != +theirs[key]]
    for key in wrong[:10]:
        print(f"counted {dict(ours[key])}, Assay says {dict(theirs[key])}: {key[:150]}")
    calls = sum(counter[0] for counter in ours.values())
    print(f"{path}: {calls} executions in {len(ours)} shapes, {len(wrong)} differences")
    assert calls == report["workload"]["executions"]
    assert sum(counter[1] for counter in ours.values()) == round(report["workload"]["total_ms"] * 1000)
    return calls, len(wrong)


results = [check(sys.argv[1], f"{sys.argv[2]}/{name}") for name in ("plain.log.zst", "verbose.log.zst", "sampled.log")]
assert sum(calls for calls, _ in results) > 1000, "the samples hold too little to prove anything"
sys.exit(any(wrong for _, wrong in results))
