#!/usr/bin/env bash
# Records the slow query logs of a MariaDB 10.11: starts a private server in a temporary folder, loads a small CRM, sends
# the workload under several settings, and keeps what the server wrote.  ./record.sh [DIR]
#
# Needs Debian's mariadb-server and python3-pymysql. DIR is recorded/ beside this script unless given.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(realpath -m "${1:-$here/recorded}")
python=${PYTHON:-/usr/bin/python3}
export TZ=Europe/Warsaw PYTHONDONTWRITEBYTECODE=1

# The server does not run as root: root becomes mysql.
as_server=()
[ "$(id -u)" != 0 ] || as_server=(setpriv --reuid=mysql --regid=mysql --init-groups)
work=$(mktemp -d /tmp/mariadb-record.XXXXXX)
[ "$(id -u)" != 0 ] || chown mysql: "$work"
server=''
cleanup() {
    [ -z "$server" ] || { kill "$server" && wait "$server" || true; }
    rm -rf "$work"
}
trap cleanup EXIT

client() { mariadb --no-defaults --socket="$work/socket" --user="$(id -un)" "$@"; }
start() {
    cd /
    "${as_server[@]}" /usr/sbin/mariadbd --no-defaults --datadir="$work/data" --socket="$work/socket" --skip-networking \
        --pid-file="$work/pid" --innodb-buffer-pool-size=64M --log-error="$work/error.log" \
        --slow-query-log --slow-query-log-file="$work/$1.log" --long-query-time=0 "${@:2}" &
    server=$!
    for _ in $(seq 100); do
        client -e 'SELECT 1' > "$work/answer" 2>&1 && return
        sleep 0.1
    done
    echo "record.sh: the server did not start" >&2
    exit 1
}
stop() {
    client -e SHUTDOWN
    wait "$server"
    server=''
}

"${as_server[@]}" mariadb-install-db --no-defaults --datadir="$work/data" --auth-root-authentication-method=socket \
    --auth-root-socket-user="$(id -un)" > "$work/install.log"
start load
client < "$here/schema.sql"
stop

record() {
    start "$@"
    "$python" "$here/workload.py" "$work/socket" "$rounds"
    stop
}
rounds=60 record plain
rounds=15 record plain                      # a restart within the log: a second banner
rounds=30 record verbose --log-slow-verbosity=query_plan,explain,innodb --log-slow-disabled-statements=
rounds=60 record sampled --log-slow-rate-limit=10

mkdir -p "$out"
for name in plain verbose sampled; do
    rm -f "$out/$name.log" "$out/$name.log.zst"
    if [ "$(stat -c %s "$work/$name.log")" -gt 100000 ]; then
        zstd -q -19 "$work/$name.log" -o "$out/$name.log.zst"
    else
        cp "$work/$name.log" "$out/$name.log"
    fi
done
chmod 644 "$out"/*
ls -l "$out"
