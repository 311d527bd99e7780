#!/usr/bin/env bash
# Records what a real syslog daemon writes of a real server's messages, and its pg_stat_statements: starts a private PostgreSQL 15 and a private
# rsyslogd (with a /dev/log of their own, in a mount namespace), sends a few statements from several sessions, and
# keeps the daemon's files, beside the jsonlog of the same run to compare with.  Needs root.  ./record.sh --help
set -euo pipefail

if [ $# -gt 0 ]; then
    echo "record.sh: writes recorded/*.zst beside this script; needs root, PostgreSQL 15 and rsyslog"
    exit 0
fi
[ "$(id -u)" = 0 ] || { echo "record.sh: must be root, for a /dev/log of its own" >&2; exit 1; }
[ -n "${IN_NAMESPACE:-}" ] || IN_NAMESPACE=1 exec unshare --mount "$0"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${PGBIN:-/usr/lib/postgresql/15/bin}
work=$(mktemp -d /tmp/syslog-record.XXXXXX)
chmod 755 "$work"
daemon=''
as_server=(setpriv --reuid=postgres --regid=postgres --init-groups)
server() { (cd / && "${as_server[@]}" "$bin/pg_ctl" -D "$work/data" -l "$work/data/start.log" -w -s "$@"); }
cleanup() {
    status=$?
    trap - EXIT
    [ ! -f "$work/data/postmaster.pid" ] || server -m fast stop || true
    [ -z "$daemon" ] || kill "$daemon" || true
    umount -l /dev || true
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT

# A /dev with the devices that the server needs, and room for the socket.
mkdir "$work/dev"
mount -t tmpfs tmpfs "$work/dev"
cp -a /dev/null /dev/zero /dev/random /dev/urandom /dev/tty "$work/dev/"
mkdir -m 1777 "$work/dev/shm"
mount --move "$work/dev" /dev

mkdir "$work/data"
chown postgres: "$work/data"
(cd / && "${as_server[@]}" "$bin/initdb" -D "$work/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 > /dev/null)
cat >> "$work/data/postgresql.conf" << END_CONF
listen_addresses = ''
unix_socket_directories = '.'
logging_collector = on
log_destination = 'syslog,jsonlog'
log_min_duration_statement = 0
log_timezone = 'Europe/Berlin'
lc_messages = 'C'
shared_preload_libraries = 'pg_stat_statements'
END_CONF
export PGHOST=$work/data PGUSER=postgres TZ=Europe/Berlin

cat > "$work/long.sql" << 'END_SQL'
\set id random(1, 1000)
SELECT /* a statement of several lines, one of them longer than a chunk of 900 bytes */
	count(*),
  'größer als ein Stück: äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü' AS word, :id AS id
FROM generate_series(1, 100) AS g(n) WHERE n IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193, 194, 195, 196, 197, 198, 199, 200);
SELECT :id;
END_SQL

# The statements that were counted, as docs/log-formats.md has it.
statements() {
    local query="SELECT s.*, rolname, datname FROM pg_stat_statements s LEFT JOIN pg_roles r ON r.oid = userid \
LEFT JOIN pg_database d ON d.oid = dbid"
    "$bin/psql" -X -q -d postgres -c "\\copy ($query) TO '$1' CSV HEADER"
}

# record NAME LOG_LINE_PREFIX SETTINGS...
record() {
    local name=$1 prefix=$2
    shift 2
    cat > "$work/rsyslog.conf" << END_CONF
global(workDirectory="$work" localHostname="crm")
module(load="imuxsock" SysSock.Name="/dev/log" SysSock.RateLimit.Interval="0")
action(type="omfile" file="$work/$name.rfc3164.log" template="RSYSLOG_TraditionalFileFormat")
action(type="omfile" file="$work/$name.iso.log" template="RSYSLOG_FileFormat")
action(type="omfile" file="$work/$name.rfc5424.log" template="RSYSLOG_SyslogProtocol23Format")
END_CONF
    rsyslogd -n -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" & daemon=$!
    while [ ! -S /dev/log ]; do sleep 0.1; done
    rm -f "$work"/data/log/*
    server -o "-c log_filename=$name.log -c log_line_prefix='$prefix' $*" start
    "$bin/psql" -X -q -d postgres -c "CREATE EXTENSION IF NOT EXISTS pg_stat_statements" \
        -c "SELECT pg_stat_statements_reset()" > /dev/null
    logger -t sshd -p auth.info "Accepted publickey for dba from 10.0.0.7 port 40022"
    "$bin/psql" -X -q -d postgres > /dev/null 2>&1 << 'END_SQL' || true
SELECT 1;
SELECT 'a	tab, a number sign #011 and a quote '' in it',
	2

	AS behind_a_blank_line;
SELECT wrong FROM
	nowhere;
END_SQL
    "$bin/pgbench" -n -M extended -c 4 -j 2 -t 25 -f "$work/long.sql" postgres > /dev/null 2>&1
    statements "$work/$name.statements.csv"
    logger -t CRON "(root) CMD (run-parts /etc/cron.hourly)"
    server -m fast stop
    sleep 1
    kill "$daemon"
    wait "$daemon" || true
    daemon=''
    rm -f /dev/log
    mv "$work/data/log/$name.json" "$work/$name.jsonlog"
}

record syslog 'user=%u,db=%d,app=%a,client=%h '
record unnumbered '%q%u@%d ' -c syslog_sequence_numbers=off
record unsplit '%m [%p] %q%u@%d/%a ' -c syslog_split_messages=off

mkdir -p "$here/recorded"
for file in "$work"/*.rfc3164.log "$work"/syslog.iso.log "$work"/syslog.rfc5424.log "$work"/*.jsonlog "$work"/syslog.statements.csv; do
    chmod 644 "$file"
    zstd -19 -q -f "$file" -o "$here/recorded/$(basename "$file").zst"
done
ls -l "$here/recorded"
