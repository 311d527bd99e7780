#!/usr/bin/env bash
# From a snapshot of many tables to the first cost, and what-if calls a second: start.sh BIN [TABLES]
# BIN is the folder with assay, bench_start and bench_what_if. The tables are made on a private server.
set -euo pipefail
bin=$(realpath "$1") tables=${2:-500}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
postgres=${PGBIN:-/usr/lib/postgresql/15/bin}

work=$(mktemp -d /tmp/assay-start.XXXXXX)
chmod 755 "$work"
as_server=()
mkdir "$work/server"
if [ "$(id -u)" = 0 ]; then  # the server refuses to run as root
    as_server=(setpriv --reuid=postgres --regid=postgres --init-groups)
    chown postgres: "$work/server"
fi
server() { (cd / && "${as_server[@]}" "$postgres/pg_ctl" -D "$work/server" -l "$work/server/log" -w -s "$@"); }
cleanup() {
    status=$?
    trap - EXIT
    [ ! -f "$work/server/postmaster.pid" ] || server -m immediate stop || true
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

(cd / && "${as_server[@]}" "$postgres/initdb" -D "$work/server" -U postgres -A trust -E UTF8 --locale=C.UTF-8 > /dev/null)
server -o "-c listen_addresses='' -c unix_socket_directories='$work/server' -c fsync=off -c autovacuum=off" start
"$postgres/psql" -X -q -v ON_ERROR_STOP=1 -h "$work/server" -U postgres -v tables="$tables" -f "$here/many_tables.sql" \
    > /dev/null
"$bin/assay" snapshot "host=$work/server dbname=postgres user=postgres" -o "$work/snapshot" > /dev/null 2>&1
"$bin/bench_start" "$work/snapshot" "SELECT * FROM table_1 a JOIN table_2 b ON b.parent_id = a.id WHERE a.state = 'state 2'"
echo "What-if calls in the sample CRM:"
"$bin/bench_what_if"
[ -z "${KEEP:-}" ] || cp "$work/snapshot" "$KEEP"
