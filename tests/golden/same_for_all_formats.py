#!/usr/bin/env python3
"""stderr, csvlog and jsonlog of one run, read by one worker and by several, give one workload and one advice."""
import json
import subprocess
import sys

assay, root = sys.argv[1:]
recorded = root + "/samples/crm/recorded"


def report(name, jobs):
    out = subprocess.run([assay, "report", f"{recorded}/{name}.zst", "--catalog", recorded + "/crm.snapshot",
                          "--format", "json", "--quiet", "--jobs", str(jobs)], check=True, capture_output=True).stdout
    return out, json.loads(out)


reports = {}
for name in ("crm.log", "crm.csv", "crm.jsonlog"):
    one, document = report(name, 1)
    many, _ = report(name, 7)
    assert one == many, f"{name}: --jobs changes the report"
    document.pop("inputs")
    reports[name] = document
first = reports["crm.log"]
for name, document in reports.items():
    for part in first:
        assert document[part] == first[part], f"{name} and crm.log differ in {part}"
print(f"{first['workload']['executions']} executions, {len(first['recommendations'])} recommendations, in three formats alike")
