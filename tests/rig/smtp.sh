#!/bin/bash
# A throwaway mail relay for tests: it takes letters and keeps them as files.
#
#   smtp.sh start   DIR    run the relay on three ports of 127.0.0.1, wait, print the variables
#   smtp.sh stop    DIR    stop exactly the relay that start started; the letters stay
#   smtp.sh status  DIR    exit 0 if running, 3 if not
#   smtp.sh env     DIR    print SMTP_PORT, SMTP_FOLDER … as NAME=value lines (good for eval)
#   smtp.sh destroy DIR    stop, delete DIR
#
# SMTP_PORT is plain and asks for nothing; SMTP_STARTTLS_PORT and SMTP_IMPLICIT_PORT want TLS, whose
# certificate (for localhost) is signed by SMTP_CA, and the user SMTP_USER with SMTP_PASSWORD.
# Every letter is NNNNNN.eml in SMTP_FOLDER, and NNNNNN.json as a mail program reads it. A line
# "WORD 550 no such user" in the file SMTP_REFUSE refuses recipients that contain WORD.
# Packages: tests/rig/install.sh python
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
command_line "start|stop|status|env|destroy" "$@"

PYTHON=$(realpath -m "$HERE/../../target/venv/bin")/python
SMTP_USER=relay-user SMTP_PASSWORD=relay-Secret-7
: "${SMTP_PORT:=}" "${SMTP_STARTTLS_PORT:=}" "${SMTP_IMPLICIT_PORT:=}"

# shellcheck disable=SC2034  # show prints them by name
print_env() {
    SMTP_FOLDER=$DIR/letters SMTP_REFUSE=$DIR/refuse SMTP_CA=$DIR/tls/ca.pem SMTP_PID=$(running_pid || true)
    show SMTP_PORT SMTP_STARTTLS_PORT SMTP_IMPLICIT_PORT SMTP_FOLDER SMTP_REFUSE SMTP_CA SMTP_USER SMTP_PASSWORD \
        SMTP_PID
}
build() {
    make_dir
    mkdir "$DIR/log" "$DIR/letters"
    make_certificates localhost DNS:localhost,IP:127.0.0.1
}
everybody_listens() {
    listening 127.0.0.1 "$SMTP_PORT" && listening 127.0.0.1 "$SMTP_STARTTLS_PORT" && listening 127.0.0.1 "$SMTP_IMPLICIT_PORT"
}
start() {
    need openssl flock setsid
    [ -x "$PYTHON" ] || die "not found: $PYTHON (run tests/rig/install.sh python)"
    if running_pid >/dev/null; then return 0; fi
    if ! is_ready; then build; fi
    lock_registry
    local name
    for name in SMTP_PORT SMTP_STARTTLS_PORT SMTP_IMPLICIT_PORT; do
        if [ -z "${!name}" ]; then free_port; printf -v "$name" %s "$REPLY"; fi
        reserve "port-${!name}"
    done
    keep SMTP_PORT SMTP_STARTTLS_PORT SMTP_IMPLICIT_PORT
    launch "$DIR/log/smtp.log" "$PYTHON" "$HERE/smtp.py" --folder "$DIR/letters" --refuse "$DIR/refuse" \
        --cert "$DIR/tls/cert.pem" --key "$DIR/tls/key.pem" --user "$SMTP_USER" --password "$SMTP_PASSWORD" \
        --plain "$SMTP_PORT" --starttls "$SMTP_STARTTLS_PORT" --implicit "$SMTP_IMPLICIT_PORT"
    wait_until 90 "$DIR/log/smtp.log" everybody_listens
    unlock_registry
    : > "$DIR/.ready"
}

run_action
