# shellcheck shell=bash
# What the rigs share: a directory each rig marks as its own, a process that is only ever stopped
# by its id *and* its kernel start time, loopback ports and addresses that no other rig holds, and a
# throwaway certificate authority. Sourced by obm.sh, ad.sh, postgres.sh; does nothing by itself.
set -eu
export LC_ALL=C.UTF-8
umask 022
RIG=$(basename "$0" .sh)
# shellcheck disable=SC2034  # for the scripts that source this
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REGISTRY=/tmp/danang-sso-rig.$(id -u)
DIR=

die() { echo "$RIG: $*" >&2; exit 1; }
say() { echo "$RIG: $*" >&2; }

need() {   # need COMMAND…: every command must be there
    local c missing=
    for c in "$@"; do command -v "$c" >/dev/null || missing="$missing $c"; done
    [ -z "$missing" ] || die "not found:$missing (run tests/rig/install.sh)"
}

# ---- the directory ---------------------------------------------------------------------------
open_dir() {   # open_dir PATH: sets DIR and reads its settings; makes nothing
    DIR=$(realpath -m -- "$1")
    case $DIR in /|/tmp|/var|/var/tmp|/home|/root|/etc|/usr|/opt|/srv|"$HOME") die "refusing to use $DIR itself";; esac
    case $DIR in *[[:space:]\'\"\\]*) die "DIR must not contain spaces or quotes: $DIR";; esac
    if is_ours; then
        if [ "$(id -u)" != 0 ] && [ ! -O "$DIR/.rig" ]; then die "$DIR belongs to another user"; fi
        # shellcheck disable=SC1091
        if [ -f "$DIR/settings" ]; then . "$DIR/settings"; fi
    elif [ -e "$DIR" ] && { [ ! -d "$DIR" ] || [ -n "$(ls -A "$DIR")" ]; }; then
        die "$DIR is not empty and was not made by $RIG.sh"
    fi
}
is_ours() { [ -f "$DIR/.rig" ] && [ "$(cat "$DIR/.rig")" = "$RIG" ]; }
is_ready() { is_ours && [ -e "$DIR/.ready" ]; }
make_dir() {   # an attempt that broke off half-way is thrown away first
    if is_ours; then stop_process; rm -rf "$DIR"; fi
    mkdir -p "$DIR"
    printf '%s' "$RIG" > "$DIR/.rig"
}
keep() {   # keep NAME…: writes these variables to DIR/settings
    local v
    for v in "$@"; do printf '%s=%q\n' "$v" "${!v}"; done > "$DIR/settings.new"
    chmod 600 "$DIR/settings.new"
    mv "$DIR/settings.new" "$DIR/settings"
}
show() {   # show NAME…: prints NAME=value, for eval and, with plain values, for simple line readers
    local v
    for v in "$@"; do
        case ${!v} in
            *[!A-Za-z0-9_./:@=,+-]*) printf '%s=%q\n' "$v" "${!v}" ;;
            *) printf '%s=%s\n' "$v" "${!v}" ;;
        esac
    done
}
destroy_dir() {
    if [ ! -e "$DIR" ]; then return 0; fi
    is_ours || die "$DIR was not made by $RIG.sh"
    stop_process
    forget_reservations
    rm -rf "$DIR"
}

# ---- the process -----------------------------------------------------------------------------
started_at() {   # the kernel start time of a live process; fails for a dead one or a zombie
    local st
    st=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # shellcheck disable=SC2086
    set -- ${st##*) }
    [ "$1" != Z ] && echo "${20}"
}
running_pid() {
    local p t
    [ -s "$DIR/pid" ] || return 1
    read -r p t < "$DIR/pid" || true
    [ -n "${t:-}" ] && [ "$(started_at "$p")" = "$t" ] || return 1
    echo "$p"
}
launch() {   # launch LOG COMMAND…: in its own session, remembered in DIR/pid
    local log=$1 p
    shift
    setsid "$@" < /dev/null > "$log" 2>&1 9>&- &
    p=$!
    echo "$p $(started_at "$p" || echo gone)" > "$DIR/pid"
}
STOP_SIGNAL=TERM
stop_process() {
    local p n=0
    if p=$(running_pid); then
        kill -"$STOP_SIGNAL" "$p" 2>/dev/null || true
        while running_pid >/dev/null && [ $n -lt 400 ]; do sleep 0.025; n=$((n + 1)); done
        if p=$(running_pid); then kill -KILL "$p" 2>/dev/null || true; sleep 0.1; fi
    fi
    rm -f "$DIR/pid"
}
wait_until() {   # wait_until SECONDS LOG TEST…: until the test succeeds or the process has gone
    local end=$((SECONDS + $1)) log=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        running_pid >/dev/null || { tail -20 "$log" >&2; die "the server exited, see $log"; }
        if [ $SECONDS -ge $end ]; then tail -20 "$log" >&2; stop_process; die "the server did not answer, see $log"; fi
        sleep 0.05
    done
}

# ---- ports and addresses ---------------------------------------------------------------------
# A reservation is a file named after the port or address that holds the path of its DIR; it is
# void once that DIR is gone. The lock is held from choosing until the server listens.
lock_registry() {
    [ -d "$REGISTRY" ] || mkdir -m 700 "$REGISTRY" 2>/dev/null || true
    [ -O "$REGISTRY" ] || die "$REGISTRY belongs to another user"
    exec 9> "$REGISTRY/lock"
    flock -w 120 9 || die "could not get $REGISTRY/lock within two minutes"
}
unlock_registry() { exec 9>&-; }
reserved() {
    local d
    [ -f "$REGISTRY/$1" ] || return 1
    d=$(cat "$REGISTRY/$1")
    [ "$d" != "$DIR" ] && [ -f "$d/.rig" ]
}
reserve() { printf '%s' "$DIR" > "$REGISTRY/$1"; }
forget_reservations() {
    local f
    for f in "$REGISTRY"/port-* "$REGISTRY"/ip-*; do
        if [ -f "$f" ] && [ "$(cat "$f")" = "$DIR" ]; then rm -f "$f"; fi
    done
}
listening() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }
free_port() {   # sets REPLY; below the range the kernel hands out by itself
    local n
    for n in $(seq 500); do
        REPLY=$((20000 + SRANDOM % 12000))
        if ! reserved "port-$REPLY" && ! listening 127.0.0.1 "$REPLY"; then reserve "port-$REPLY"; return 0; fi
    done
    die "no free port on 127.0.0.1 after $n attempts"
}
refuse_taken() {   # refuse_taken ADDRESS PORT SETTING
    if listening "$1" "$2"; then die "$1:$2 is already in use; set $3"; fi
}

# ---- certificates ----------------------------------------------------------------------------
make_certificates() {   # make_certificates NAME SUBJECTALTNAME: DIR/tls/{ca,cert,key}.pem
    local bare=$'[req]\ndistinguished_name=dn\n[dn]\n' t=$DIR/tls
    mkdir -p "$t"
    if [ ! -s "$t/ca.pem" ]; then
        openssl ecparam -name prime256v1 -genkey -noout -out "$t/ca.key"
        openssl req -x509 -new -key "$t/ca.key" -sha256 -days 3650 -subj "/CN=Throwaway $RIG test CA" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
            -out "$t/ca.pem" -config /dev/stdin <<< "$bare"
    fi
    openssl ecparam -name prime256v1 -genkey -noout -out "$t/key.pem"
    openssl req -new -key "$t/key.pem" -subj "/CN=$1" -out "$t/csr.pem" -config /dev/stdin <<< "$bare"
    printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
        extendedKeyUsage=serverAuth "subjectAltName=$2" > "$t/ext.cnf"
    openssl x509 -req -in "$t/csr.pem" -CA "$t/ca.pem" -CAkey "$t/ca.key" -CAcreateserial -sha256 \
        -days 3650 -extfile "$t/ext.cnf" -out "$t/cert.pem" 2>/dev/null
    chmod 600 "$t/ca.key" "$t/key.pem"
    rm -f "$t/csr.pem" "$t/ext.cnf"
}

# ---- the command line ------------------------------------------------------------------------
help_text() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }
command_line() {   # command_line "start|stop|…" "$@": sets ACTION and opens DIR
    local actions=$1
    shift
    case ${1:-} in -h|--help|help) help_text; exit 0;; esac
    if [ $# -ne 2 ] || [[ "|$actions|" != *"|$1|"* ]]; then die "usage: $0 $actions DIR (--help says more)"; fi
    ACTION=$1
    open_dir "$2"
}
run_action() {   # the rig defines start, reset and print_env; the rest is alike
    local p
    case $ACTION in
        start) start; print_env ;;
        reset) is_ready || die "nothing to reset: $DIR was never started"; reset; print_env ;;
        env) is_ready || die "never started: $DIR"; print_env ;;
        status) if p=$(running_pid); then echo "running, pid $p"; else echo "not running"; exit 3; fi ;;
        stop) if is_ours; then stop_process; fi; echo "stopped" ;;
        destroy) destroy_dir; echo "destroyed" ;;
    esac
    exit 0
}
