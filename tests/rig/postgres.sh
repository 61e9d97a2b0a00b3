#!/bin/bash
# A throwaway PostgreSQL cluster for tests.
#
#   postgres.sh start   DIR    build DIR at the first start, run PostgreSQL, wait, print the variables
#   postgres.sh stop    DIR    stop exactly the server that start started
#   postgres.sh status  DIR    exit 0 if running, 3 if not
#   postgres.sh env     DIR    print PG_URL, PG_ADMIN_URL … as NAME=value lines (good for eval)
#   postgres.sh destroy DIR    stop, delete DIR
#
# DIR is a new or empty directory. PG_PORT may be set at the first start (default: a free port on
# 127.0.0.1, chosen here). Everybody on this machine may connect without a password: the role
# danang_sso owns the database danang_sso and may create others, postgres may do everything.
# Nothing is flushed to disk. PostgreSQL does not run as root: started by root, the cluster belongs
# to the user postgres. Where that user cannot reach DIR, or DIR is too long for a unix socket, the
# cluster lies in a directory of its own in /tmp (PG_HOME) and goes with "destroy".
# Packages: tests/rig/install.sh postgres
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
command_line "start|stop|status|env|destroy" "$@"

: "${PG_PORT:=}" "${PG_HOME:=}"
STOP_SIGNAL=INT

# shellcheck disable=SC2034  # show prints them by name
print_env() {
    PG_URL=postgres://danang_sso@127.0.0.1:$PG_PORT/danang_sso
    PG_ADMIN_URL=postgres://postgres@127.0.0.1:$PG_PORT/postgres
    PG_SOCKET_DIR=$PG_HOME/socket PG_PID=$(running_pid || true)
    show PG_URL PG_ADMIN_URL PG_PORT PG_SOCKET_DIR PG_PID
}
find_programs() {   # Debian keeps initdb and postgres out of PATH, one directory per version
    local newest
    newest=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
    PATH=${newest:+$newest:}$PATH
    need initdb postgres psql flock setsid setpriv
}
# setpriv becomes the command, so the process id stays the one we started
AS=()
if [ "$(id -u)" = 0 ]; then AS=(setpriv --reuid=postgres --regid=postgres --init-groups --inh-caps=-all); fi
unprivileged() { (cd / && "${AS[@]}" "$@"); }

build() {
    if [ -n "$PG_HOME" ] && is_ours; then rm -rf "$PG_HOME"; fi
    make_dir
    mkdir "$DIR/log"
    PG_HOME=$DIR/cluster
    mkdir "$PG_HOME"
    if [ ${#PG_HOME} -gt 80 ] || ! unprivileged test -x "$PG_HOME"; then
        PG_HOME=$(mktemp -d /tmp/danang-pg-XXXXXX)
    fi
    keep PG_PORT PG_HOME
    mkdir "$PG_HOME/socket"
    if [ "$(id -u)" = 0 ]; then chown -R postgres: "$PG_HOME"; fi
    unprivileged initdb -D "$PG_HOME/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
        --no-instructions > "$DIR/log/initdb.log" 2>&1 \
        || { tail -5 "$DIR/log/initdb.log" >&2; die "initdb failed, see $DIR/log/initdb.log"; }
}
sql() { psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U postgres -d postgres -c "$1"; }
make_database() {
    sql "CREATE ROLE danang_sso LOGIN CREATEDB"
    sql "CREATE DATABASE danang_sso OWNER danang_sso"
}
run() {   # the registry is locked
    if [ -z "$PG_PORT" ]; then free_port; PG_PORT=$REPLY; fi
    refuse_taken 127.0.0.1 "$PG_PORT" PG_PORT
    reserve "port-$PG_PORT"
    keep PG_PORT PG_HOME
    rm -f "$PG_HOME/data/postmaster.pid"
    cd /
    launch "$DIR/log/postgres.log" "${AS[@]}" "$(command -v postgres)" -D "$PG_HOME/data" \
        -c listen_addresses=127.0.0.1 -c "port=$PG_PORT" -c "unix_socket_directories=$PG_HOME/socket" \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 \
        -c autovacuum_naptime=10min -c timezone=UTC -c log_timezone=UTC
    wait_until 90 "$DIR/log/postgres.log" sql "SELECT 1"
}
start() {
    find_programs
    if running_pid >/dev/null; then return 0; fi
    if ! is_ready; then build; fi
    lock_registry
    run
    unlock_registry
    if ! is_ready; then make_database; fi
    : > "$DIR/.ready"
}

if [ "$ACTION" = destroy ] && is_ours; then
    stop_process
    case $PG_HOME in /tmp/danang-pg-*) rm -rf "$PG_HOME" ;; esac
fi
run_action
