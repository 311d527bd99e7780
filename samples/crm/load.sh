#!/usr/bin/env bash
# Makes a private PostgreSQL server with the CRM in it:  ./load.sh FOLDER [SCALE]
# The server listens on a socket in FOLDER only and is left running; stop it with
# pg_ctl -D FOLDER stop (as the user postgres where this ran as root).
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${PGBIN:-/usr/lib/postgresql/15/bin}
[ -x "$bin/initdb" ] || { echo "load.sh: no PostgreSQL 15 in $bin; set PGBIN" >&2; exit 1; }
data=$(realpath -m "$1") scale=${2:-1}
[ ${#data} -lt 80 ] || { echo "load.sh: the path is too long for a socket: $data" >&2; exit 1; }
[ ! -e "$data/PG_VERSION" ] || { echo "load.sh: $data holds a server already" >&2; exit 1; }

as_server=()
mkdir -p "$data"
if [ "$(id -u)" = 0 ]; then  # the server refuses to run as root
    as_server=(setpriv --reuid=postgres --regid=postgres --init-groups)
    chown postgres: "$data"
fi
(cd / && "${as_server[@]}" "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
    --locale-provider=icu --icu-locale=en-US > /dev/null)
cat >> "$data/postgresql.conf" << END
listen_addresses = ''
unix_socket_directories = '.'             # in the data folder, so that the folder can be moved
shared_buffers = 256MB
effective_cache_size = 2GB
maintenance_work_mem = 128MB
work_mem = 4MB
random_page_cost = 1.1
max_wal_size = 2GB
log_timezone = 'Europe/Berlin'
timezone = 'Europe/Berlin'
lc_messages = 'C'
END
# Nothing is lost if the load fails half-way, so it may do without fsync.
(cd / && "${as_server[@]}" "$bin/pg_ctl" -D "$data" -l "$data/start.log" -w -s -o "-c fsync=off -c autovacuum=off" start)
export PGHOST=$data PGUSER=postgres PGDATABASE=crm
unset PGPORT PGSERVICE PGOPTIONS
psql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
psql -d postgres -c "CREATE ROLE crm_app LOGIN; CREATE ROLE crm_report LOGIN; CREATE ROLE crm_jobs LOGIN" \
    -c "CREATE DATABASE crm"
psql -f "$here/schema.sql"
psql -v scale="$scale" -f "$here/generate.sql"
psql -c "SELECT pg_stat_reset()" -c "VACUUM (FREEZE, ANALYZE)" -c "CHECKPOINT" > /dev/null
echo "host=$data dbname=crm user=postgres"
