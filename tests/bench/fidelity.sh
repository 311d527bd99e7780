#!/usr/bin/env bash
# Holds the built-in model against the planner, on the sample CRM and on the sample warehouse: fidelity.sh BIN [SCALE]
# BIN is the folder with assay and bench_fidelity. The warehouse is made anew on a private server, 40 seconds at scale 1.
set -euo pipefail
bin=$(realpath "$1") scale=${2:-1}
samples=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../samples" && pwd)
postgres=${PGBIN:-/usr/lib/postgresql/15/bin}

work=$(mktemp -d /tmp/assay-fidelity.XXXXXX)
chmod 755 "$work"
as_server=()
[ "$(id -u)" != 0 ] || as_server=(setpriv --reuid=postgres --regid=postgres --init-groups)
cleanup() {
    status=$?
    trap - EXIT
    [ ! -f "$work/server/postmaster.pid" ] ||
        (cd / && "${as_server[@]}" "$postgres/pg_ctl" -D "$work/server" -m immediate -s stop) || true
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "CRM, the statements of its log:"
"$bin/bench_fidelity" "$samples/crm/recorded/crm.snapshot" "$samples/crm/recorded/crm.log.zst" 2> "$work/crm.err"
"$samples/analytics/load.sh" "$work/server" "$scale" > "$work/load.out"
"$bin/assay" snapshot "host=$work/server dbname=warehouse user=postgres" -o "$work/warehouse.snapshot" > /dev/null 2>&1
echo "Warehouse, its 22 queries:"
"$bin/bench_fidelity" "$work/warehouse.snapshot" "$samples/analytics/queries" 2> "$work/warehouse.err"
sort "$work/crm.err" "$work/warehouse.err" | grep '^not judged' | uniq -c || true
