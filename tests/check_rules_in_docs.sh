#!/usr/bin/env bash
# docs/check.md names each rule of `assay check` with its level and its words: check_rules_in_docs.sh ASSAY ROOT.
set -euo pipefail
"$1" check --help | sed -n '/^Rules:/,/^A comment/p' | sed '1d;$d' | while read -r rule level words; do
  grep -qF "| \`$rule\` | $level | $words" "$2/docs/check.md" || { echo "docs/check.md lacks: $rule $level $words" >&2; exit 1; }
done
