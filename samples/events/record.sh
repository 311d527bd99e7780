#!/usr/bin/env bash
# Records the sample of events: a private PostgreSQL 15 to which scenario.py does what a server complains of, logged to
# stderr, csvlog and jsonlog at once.  ./record.sh [--out DIR]   (default: recorded/ beside this script)
# Set PGBIN if PostgreSQL 15 is not in /usr/lib/postgresql/15/bin.
set -euo pipefail

die() { echo "record.sh: $*" >&2; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$here/recorded
case ${1:-} in
    '') ;;
    --out) out=${2:?--out needs a folder} ;;
    *) die "usage: record.sh [--out DIR]" ;;
esac

bin=${PGBIN:-/usr/lib/postgresql/15/bin}
python=${PYTHON:-/usr/bin/python3}
[ -x "$bin/initdb" ] || die "no PostgreSQL 15 in $bin; set PGBIN"
"$python" -c 'import psycopg' || die "$python has no psycopg 3 (Debian: python3-psycopg)"
command -v zstd > /dev/null || die "zstd is missing"

# The server refuses to run as root, so root becomes postgres for its commands.
as_server=()
if [ "$(id -u)" = 0 ]; then
    as_server=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi

mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d /tmp/events-record.XXXXXX)
data=$work/data
server() { (cd / && "${as_server[@]}" "$bin/pg_ctl" -D "$data" -l "$data/start.log" -w -s "$@"); }
cleanup() {
    status=$?
    trap - EXIT
    [ ! -f "$data/postmaster.pid" ] || server -m fast stop || true
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

chmod 755 "$work"
mkdir "$data"
[ "$(id -u)" != 0 ] || chown postgres: "$data"
(cd / && "${as_server[@]}" "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 > "$work/initdb.out") ||
    { cat "$work/initdb.out"; exit 1; }
cat > "$data/pg_hba.conf" << END
local all shop_guest   scram-sha-256
local all shop_former  reject
local all all          trust
END
cat >> "$data/postgresql.conf" << END
listen_addresses = ''                      # the socket is the only way in
unix_socket_directories = '.'
shared_buffers = 32MB
max_wal_size = 32MB
min_wal_size = 32MB
checkpoint_timeout = 30s
autovacuum_naptime = 2s
autovacuum_vacuum_threshold = 100
autovacuum_vacuum_insert_threshold = -1
autovacuum_analyze_threshold = 5000
track_activity_query_size = 1024
deadlock_timeout = 100ms
shared_preload_libraries = 'auto_explain'
logging_collector = on
log_destination = 'stderr,csvlog,jsonlog'
log_filename = 'events.log'
log_rotation_size = 0
log_line_prefix = '%m [%p] %q%u@%d/%a '
log_timezone = 'Europe/Berlin'
timezone = 'Europe/Berlin'
lc_messages = 'C'
log_min_duration_statement = 0
log_lock_waits = on
log_temp_files = 0
log_checkpoints = on
log_connections = on
log_disconnections = on
log_autovacuum_min_duration = 0
END
server start
PGHOST=$data "$python" "$here/scenario.py"
server -m fast stop

for format in log csv json; do zstd -19 -q -f < "$data/log/events.$format" > "$out/events.$format.zst"; done
mv "$out/events.json.zst" "$out/events.jsonlog.zst"
ls -l "$out"
