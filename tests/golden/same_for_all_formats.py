#!/usr/bin/env python3
"""stderr, csvlog and jsonlog of one run, read by one worker and by several, give one workload and one advice."""
import json
import subprocess
import sys

assay, root = sys.argv[1:]
samples = root + "/samples"


def report(path, jobs, *options):
    out = subprocess.run([assay, "report", path, *options, "--format", "json", "--quiet", "--jobs", str(jobs)],
                         check=True, capture_output=True).stdout
    return out, json.loads(out)


def comparable(document):
    """Less what the formats do not share: lines; the host, which the recorded log_line_prefix does not have; and the
    SQLSTATE of errors that functions raise, which only their code tells."""
    document.pop("inputs")
    for client in document.get("clients", []):
        client.pop("host", None)
    events = document.get("events", {})
    for event in events.get("alarms", []) + events.get("parameters", []):
        event.pop("line")
    for error in events.get("errors", []):
        if error.get("sqlstate") == "P0001":
            error.pop("sqlstate")
    events["errors"] = sorted(events.get("errors", []), key=json.dumps)
    return document


def compare(sample, *options):
    reports = {}
    for name in (f"{sample}.log", f"{sample}.csv", f"{sample}.jsonlog"):
        path = f"{samples}/{sample}/recorded/{name}.zst"
        one, document = report(path, 1, *options)
        many, _ = report(path, 7, *options)
        assert one == many, f"{name}: --jobs changes the report"
        reports[name] = comparable(document)
    first = reports[f"{sample}.log"]
    for name, document in reports.items():
        for part in first:
            assert document[part] == first[part], f"{name} and {sample}.log differ in {part}"
    return first


first = compare("crm", "--catalog", samples + "/crm/recorded/crm.snapshot")
print(f"{first['workload']['executions']} executions, {len(first['recommendations'])} recommendations, in three formats alike")
first = compare("events")
print(f"{len(first['events'])} kinds of events, in three formats alike")
