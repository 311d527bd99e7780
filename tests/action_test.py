#!/usr/bin/env python3
"""action.yml is what GitHub takes, and its step runs assay as it says: action_test.py ASSAY ROOT."""
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

assay, root = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
action = yaml.safe_load((root / "action.yml").read_text())
assert action["runs"]["using"] == "composite"
step = action["runs"]["steps"][-1]

with tempfile.TemporaryDirectory() as folder:
    queries = pathlib.Path(folder) / "queries.sql"
    queries.write_text("DELETE FROM tags;\nSELECT 1;\n")

    def run(**inputs):
        given = {name: str(inputs.get(name, value.get("default", ""))) for name, value in action["inputs"].items()}
        environment = dict(os.environ, PATH=f"{assay.parent}:{os.environ['PATH']}")
        for name, value in step["env"].items():
            environment[name] = given[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        return subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, capture_output=True, text=True)

    found = run(inputs=queries)
    assert found.returncode == 3, found
    assert found.stdout.startswith(f"::error file={queries},line=1,"), found.stdout
    assert run(**{"inputs": queries, "fail-on": "never"}).returncode == 0
    assert run(inputs=queries, arguments="--rule delete-without-where=off").returncode == 0
    injected = run(inputs=f"{queries}; touch {folder}/ran $(touch {folder}/ran)")
    assert injected.returncode == 1 and not (pathlib.Path(folder) / "ran").exists(), injected
print("the action runs")
