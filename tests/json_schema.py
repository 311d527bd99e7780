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
def of_kind(document, kind):
    return [item for item in document["recommendations"] if item["kind"] == kind]


indexes, caches = of_kind(full, "create_index"), of_kind(full, "cache_query")
assert indexes and all(item["evidence"] == "planned" for item in indexes)
assert caches and all(item["evidence"] == "estimated" for item in caches)
named = of_kind(unweighed, "create_index")
assert named and all(item["evidence"] == "none" for item in named)
assert "selection" in full and "selection" not in plain
for item in caches:
    cache = item["cache"]
    assert cache["hits"] + cache["misses"] + cache["bypassed"] == cache["reads"]
    assert all(point["hits"] + point["misses"] + cache["bypassed"] == cache["reads"] for point in cache["curve"])
    after = next(query for query in full["queries"] if query["id"] == item["queries"][0]["id"])
    before = after["total_ms"] / 180 * 1.01  # the log is of three minutes; what indexes save is not saved again
    assert item["gain"]["demand_ms_per_s"] <= before * min(1, after["cost_after"] / after["cost_before"])
assert sum(item["cache"]["memory_bytes"] for item in caches) == full["caches"]["used_bytes"] <= full["caches"]["budget_bytes"]
assert "not_simulated" in sampled["caches"] and not of_kind(sampled, "cache_query")
assert abs(sum(item["gain"]["demand_ms_per_s"] for item in indexes)
           - (full["selection"]["objective_before"] - full["selection"]["objective_after"])) < 1e-6
assert sum(query.get("estimated_calls", query["calls"]) for query in sampled["queries"]) == sampled["workload"]["estimated_executions"]
assert dict(tripled, inputs=[]) == dict(plain, inputs=[]) and sum("left_out" in item for item in tripled["inputs"]) == 2
broken = dict(full, workload={})
assert not jsonschema.Draft202012Validator(schema).is_valid(broken), "a schema that lets everything pass"
assert all("rows_examined" in query for query in mysql[0]["queries"])
assert len(events["events"]) >= 9 and events["sessions"]["loops"] and len(events["clients"]) > 1
with open(root + "/docs/diff.schema.json", encoding="utf-8") as file:
    diff_schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(diff_schema)
for before, after in (("crm.log.zst", "crm.jsonlog.zst"), ("crm.csv.zst", "../../events/recorded/events.jsonlog.zst"),
                      ("../../mariadb/recorded/verbose.log.zst", "../../mysql/percona-8.0.log")):
    out = subprocess.run([assay, "diff", f"{recorded}/{before}", f"{recorded}/{after}", "--format", "json", "--quiet"],
                         check=True, capture_output=True)
    difference = json.loads(out.stdout)
    jsonschema.Draft202012Validator(diff_schema).validate(difference)
    sides = [sum(query.get(side, {}).get("ms_per_s", 0) for query in difference["queries"]) for side in ("before", "after")]
    costs = sum(query["by_time_ms_per_s"] + query["by_frequency_ms_per_s"] for query in difference["queries"])
    assert abs(costs - (sides[1] - sides[0])) < 1e-6 * (1 + sum(sides))
print("10 reports follow the schema, and their accounts balance")
