#!/usr/bin/env python3
"""Holds JSON reports of the samples against docs/report.schema.json, and against the invariants of the accounts."""
import json
import subprocess
import sys

import jsonschema

assay, root = sys.argv[1:]
with open(root + "/docs/report.schema.json", encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
recorded = root + "/samples/crm/recorded"


def report(*arguments):
    out = subprocess.run([assay, "report", *arguments, "--format", "json", "--quiet"], check=True, capture_output=True)
    document = json.loads(out.stdout)
    jsonschema.Draft202012Validator(schema).validate(document)
    return document


def check_accounts(document):
    workload = document["workload"]
    in_classes = sum(round(query["total_ms"] * 1000) for query in document["queries"])
    assert in_classes + round(workload["unattributed_ms"] * 1000) == round(workload["total_ms"] * 1000)
    assert sum(query["calls"] for query in document["queries"]) == workload["executions"]
    for item in document["inputs"]:
        skipped = sum(lines["count"] for lines in item["skipped"])
        assert item["lines"] == item["records"] + item["continuation_lines"] + skipped


full = report(recorded + "/crm.log.zst", "--catalog", recorded + "/crm.snapshot")
plain = report(recorded + "/crm.jsonlog.zst")
unweighed = report(recorded + "/crm.csv.zst", "--catalog", recorded + "/crm.schema.sql")
mysql = [report(f"{root}/samples/{name}") for name in
         ("mariadb/recorded/verbose.log.zst", "mysql/mysql-5.5.log", "mysql/mysql-8.0-extra.log", "mysql/percona-8.0.log")]
sampled = report(recorded + "/crm.log.zst", "--log-threshold", "100ms", "--log-sample-rate", "0.3")
tripled = report(*(f"{recorded}/crm.{kind}.zst" for kind in ("log", "csv", "jsonlog")))
events = report(root + "/samples/events/recorded/events.jsonlog.zst")
for document in (full, plain, unweighed, sampled, tripled, events, *mysql):
    check_accounts(document)
assert full["recommendations"] and all(item["evidence"] == "planned" for item in full["recommendations"])
assert unweighed["recommendations"] and all(item["evidence"] == "none" for item in unweighed["recommendations"])
assert "selection" in full and "selection" not in plain
assert abs(sum(item["gain"]["demand_ms_per_s"] for item in full["recommendations"] if item["kind"] == "create_index")
           - (full["selection"]["objective_before"] - full["selection"]["objective_after"])) < 1e-6
assert sum(query.get("estimated_calls", query["calls"]) for query in sampled["queries"]) == sampled["workload"]["estimated_executions"]
assert dict(tripled, inputs=[]) == dict(plain, inputs=[]) and sum("left_out" in item for item in tripled["inputs"]) == 2
broken = dict(full, workload={})
assert not jsonschema.Draft202012Validator(schema).is_valid(broken), "a schema that lets everything pass"
assert all("rows_examined" in query for query in mysql[0]["queries"])
assert len(events["events"]) >= 9 and events["sessions"]["loops"] and len(events["clients"]) > 1
print("10 reports follow the schema, and their accounts balance")
