#!/usr/bin/env bash
# Holds today's reports against the golden ones: check.sh ASSAY. When a difference is meant: ./dev golden, and read the diff.
set -euo pipefail
golden=$(dirname "$0")
now=$(mktemp -d)
trap 'rm -rf "$now"' EXIT
"$golden/write.sh" "$1" "$now"
[ "$(ls "$now" | wc -l)" -ge 4 ]
for file in "$now"/*; do diff -u "$golden/$(basename "$file")" "$file"; done
echo "$(ls "$now" | wc -l) reports are as they were"
