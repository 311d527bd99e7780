#!/usr/bin/env bash
# Records the sample CRM: starts a private PostgreSQL 15, loads the data, sends the workload and
# keeps what the server wrote.  ./record.sh --help
set -euo pipefail

usage() {
    cat <<'END'
record.sh [--scale S] [--seconds N] [--sessions N] [--think S] [--profile day|evening]
          [--seed N] [--out DIR] [--keep DIR]

  --scale S     size of the data; 1 is about 2.6 million rows, 600 MB     (default 1)
  --seconds N   length of the recording                                   (default 180)
  --sessions N  web sessions; two report and two job sessions come on top (default 8)
  --think S     mean pause of a web session between two clicks            (default 0.5)
  --profile P   day or evening: another mix, other tenants, other values  (default day)
  --seed N      seed of the workload                                      (default 1)
  --out DIR     where the recording goes       (default: recorded/ beside this script)
  --keep DIR    data folder of the server, kept and left stopped; if it holds a loaded CRM
                already, that one is used again and nothing is generated

Set PGBIN if PostgreSQL 15 is not in /usr/lib/postgresql/15/bin, and ASSAY if the assay binary is
not in build/release/bin of this repository.
END
}
die() { echo "record.sh: $*" >&2; exit 1; }
say() { echo "[$(date +%H:%M:%S)] $*"; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scale=1 seconds=180 sessions=8 think=0.5 profile=day seed=1 out=$here/recorded keep=''
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --scale | --seconds | --sessions | --think | --profile | --seed | --out | --keep)
            [ $# -ge 2 ] || die "$1 needs a value"
            printf -v "${1#--}" '%s' "$2"
            shift 2 ;;
        *) usage >&2; die "unknown option $1" ;;
    esac
done

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

# A folder with a short path, as the socket lies in it too.
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d /tmp/crm-record.XXXXXX)
data=$work/data
[ -z "$keep" ] || data=$(realpath -m "$keep")
[ ${#data} -lt 80 ] || die "the path of the data folder is too long for a socket: $data"

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

export PGHOST=$data PGUSER=postgres PGDATABASE=crm PYTHONDONTWRITEBYTECODE=1
unset PGPORT PGSERVICE PGOPTIONS
psql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }

# Load -------------------------------------------------------------------------------------------
if [ -f "$data/crm-loaded" ]; then
    say "using the server in $data"
else
    [ ! -e "$data/PG_VERSION" ] || die "$data holds a server without a loaded CRM; remove it first"
    say "making a server in $data"
    chmod 755 "$work"
    "$here/load.sh" "$data" "$scale" > /dev/null
    cat >> "$data/postgresql.conf" << END
shared_preload_libraries = 'auto_explain'
auto_explain.log_min_duration = '50ms'
compute_query_id = on
logging_collector = on
log_destination = 'stderr,csvlog,jsonlog'
log_filename = 'server.log'
log_line_prefix = '%m [%p] %q%u@%d/%a '
log_parameter_max_length = -1
log_lock_waits = on
log_temp_files = 0
log_checkpoints = on
log_connections = on
log_disconnections = on
log_autovacuum_min_duration = 0
END
    server -m fast stop
    sync -f "$data"
    touch "$data/crm-loaded"
fi

# Record -----------------------------------------------------------------------------------------
# Log files of their own (crm.log, crm.csv, crm.json), so that they hold the workload only.
rm -f "$data"/log/crm.*
server -o "-c log_filename=crm.log -c log_min_duration_statement=0 -c log_rotation_size=0" start
say "recording $seconds seconds of the $profile profile"
"$python" "$here/workload.py" --host "$data" --seconds "$seconds" --sessions "$sessions" --think "$think" \
    --profile "$profile" --seed "$seed"
server -m fast stop

say "compressing"
zstd -19 -q < "$data/log/crm.log" > "$out/crm.log.zst"
zstd -19 -q < "$data/log/crm.csv" > "$out/crm.csv.zst"
zstd -19 -q < "$data/log/crm.json" > "$out/crm.jsonlog.zst"

# Snapshot: the schema and statistics of the server as the recording left it ------------------------
server start
# Newer pg_dump frames its output with a random key for psql, which would differ each time.
"$bin/pg_dump" --schema-only | sed -E '/^\\(un)?restrict /d' > "$out/crm.schema.sql"
assay=${ASSAY:-$(cd "$here/../.." && pwd)/build/release/bin/assay}
if [ -x "$assay" ]; then
    "$assay" snapshot "host=$data dbname=crm user=postgres" -o "$out/crm.snapshot"
else
    say "no assay in $assay: the snapshot is NOT taken (build it or set ASSAY, then take it from the kept server)"
fi
server -m fast stop
rm -f "$data"/log/crm.*

say "done:"
ls -l "$out"
[ -z "$keep" ] || say "the server is kept, stopped, in $data"
