#!/usr/bin/env bash
# Holds the shadow planner against servers with data, the sample CRM and the sample warehouse: shadow.sh BIN [SCALE]
# BIN is the folder with assay and bench_shadow. Both databases are made anew on private servers: some two minutes at
# scale 1. Where a plan or a cost differs, both plans and the cause are in the file that is named at the end.
set -euo pipefail
bin=$(realpath "$1") scale=${2:-1}
samples=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../samples" && pwd)
postgres=${PGBIN:-/usr/lib/postgresql/15/bin}
differences=$PWD/shadow-differences.txt

work=$(mktemp -d /tmp/assay-shadow.XXXXXX)
chmod 755 "$work"
as_server=()
[ "$(id -u)" != 0 ] || as_server=(setpriv --reuid=postgres --regid=postgres --init-groups)
cleanup() {
    status=$?
    trap - EXIT
    for server in "$work"/*/postmaster.pid; do
        [ ! -f "$server" ] || (cd / && "${as_server[@]}" "$postgres/pg_ctl" -D "${server%/*}" -m immediate -s stop) || true
    done
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# compare NAME FOLDER DATABASE INPUT
compare() {
    local uri="host=$work/$2 dbname=$3 user=postgres"
    "$samples/$2/load.sh" "$work/$2" "$scale" > "$work/$2.out"
    "$bin/assay" snapshot "$uri" -o "$work/$2.snapshot" > /dev/null 2>&1
    echo "$1, at scale $scale:"
    "$bin/bench_shadow" "$uri" "$work/$2.snapshot" "$samples/$2/$4" 2>> "$differences"
}

: > "$differences"
compare "CRM, the statements of its log" crm crm recorded/crm.log.zst
compare "Warehouse, its 22 queries" analytics warehouse queries
echo "Every difference: $differences"
