#!/usr/bin/env bash
# Writes the golden reports: write.sh ASSAY FOLDER. `./dev golden` writes them into tests/golden/.
set -euo pipefail
assay=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
cd "$(dirname "$0")/../.."  # paths stand in reports: always the same ones
recorded=samples/crm/recorded

"$assay" report $recorded/crm.log.zst --catalog $recorded/crm.snapshot --quiet -o "$folder/crm.md" --ddl "$folder/crm.sql"
"$assay" report $recorded/crm.csv.zst --catalog $recorded/crm.snapshot --budget 64MB --quiet --format json -o "$folder/crm-64MB.json"
"$assay" report $recorded/crm.jsonlog.zst --catalog $recorded/crm.schema.sql --quiet -o "$folder/crm-dump.md"
"$assay" report $recorded/crm.log.zst --quiet --app crm-reports -o "$folder/crm-no-catalog.md"
"$assay" report samples/events/recorded/events.log.zst --quiet -o "$folder/events.md"
