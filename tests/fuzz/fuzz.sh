#!/usr/bin/env bash
# fuzz.sh PROGRAM SECONDS [TARGET…]: feeds each target for so long, from seeds cut out of the samples, and of
# seeds/ for the carriers that cannot be recorded here: built from their documentation. What breaks a
# promise is left in tests/fuzz/found/TARGET-*, where the tests pick it up.
set -euo pipefail
program=$1 seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
samples=$here/../../samples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# seeds TARGET FILE…: pieces of 2 kB from the front, the middle and the end of each.
seeds() {
  local target=$1 file size number=0
  shift
  mkdir -p "$work/$target"
  for file in "$@"; do
    [ -f "$file" ] || continue
    case $file in *.zst) zstd -dqc "$file" ;; *) cat "$file" ;; esac >"$work/plain"
    size=$(stat -c %s "$work/plain")
    for at in 0 $((size / 3)) $((size / 2)) $((size > 2048 ? size - 2048 : 0)); do
      tail -c +$((at + 1)) "$work/plain" | head -c 2048 >"$work/$target/$number" || true
      number=$((number + 1))
    done
  done
}

all=${*:-$(TARGET='' "$program")}
failed=0
for target in $all; do
  case $target in
    stderr) seeds "$target" "$samples"/crm/recorded/crm.log.zst "$samples"/events/recorded/*.log* ;;
    csvlog) seeds "$target" "$samples"/crm/recorded/crm.csv.zst "$samples"/events/recorded/*.csv* ;;
    jsonlog) seeds "$target" "$samples"/crm/recorded/crm.jsonlog.zst "$samples"/events/recorded/*.json* ;;
    mysql-slow) seeds "$target" "$samples"/mariadb/recorded/* "$samples"/mysql/*.log ;;
    sql | normalise | understand) seeds "$target" "$samples"/crm/recorded/crm.schema.sql "$samples"/crm/*.py ;;
    *) seeds "$target" "$here"/seeds/"$target"* "$samples"/*/*"$target"* "$samples"/*/recorded/*"$target"* ;;
  esac
  mkdir -p "$work/corpus-$target"
  echo "== $target: $seconds s from $(find "$work/$target" -type f | wc -l) seeds"
  TARGET=$target "$program" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$here/found/$target-" "$work/corpus-$target" "$work/$target" 2>"$work/log" || failed=1
  grep -E 'broken:|ERROR|SUMMARY|stat::number_of_executed_units|stat::peak_rss_mb' "$work/log" || true
done
exit $failed
