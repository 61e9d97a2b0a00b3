#!/bin/bash
# Installs what the tests need from Debian, and says what is missing where it may not.
#
#   install.sh [what…]     what: obm ad postgres browser axe apache python     (default, or all: all of them)
#
#   obm       slapd and the LDAP tools            postgres  PostgreSQL
#   ad        Samba's domain controller           browser   Chromium, its driver, fonts, the tools for its certificates
#   apache    Apache with mod_auth_openidc        python    a venv with Authlib and a mail relay
#   axe       axe-core in target/axe, which looks for obstacles on the pages
#
# What cargo needs to build (a C compiler, cmake) is always checked; `build` asks for nothing else. It installs as root, or with a
# sudo that asks for no password; otherwise it prints the apt-get line and exits with 1. Where
# everything is there it does nothing, in a moment. No service of these packages is started by the
# installation (systemd may do so at the next boot): the tests start their own. mold, if it is
# there, makes linking faster; it is not needed.
set -eu
export LC_ALL=C.UTF-8
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$(realpath -m "$here/../../target/venv")
axe_dir=$(realpath -m "$here/../../target/axe")
PATH=$PATH:/usr/sbin:/sbin

die() { echo "install: $*" >&2; exit 1; }
case ${1:-} in -h|--help|help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0;; esac
[ $# -gt 0 ] && [ "$1" != all ] || set -- obm ad postgres browser axe apache python

missing=()
want() {   # want PACKAGE…: notes those that dpkg does not have
    local p
    for p in "$@"; do
        if [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" != installed ]; then missing+=("$p"); fi
    done
}
want_command() {   # want_command COMMAND PACKAGE: any provider of the command will do
    command -v "$1" >/dev/null || want "$2"
}

python=no
axe=no
command -v dpkg-query >/dev/null || die "this is not Debian: install the packages named in $0 by other means"
want_command cc gcc
want_command cmake cmake
want_command flock util-linux
for what in "$@"; do
    case $what in
        build) ;;
        obm) want slapd ldap-utils; want_command openssl openssl ;;
        ad) want samba samba-dsdb-modules samba-ad-provision samba-vfs-modules ldb-tools ldap-utils
            want_command openssl openssl ;;
        postgres) want postgresql ;;
        browser) want_command chromium chromium; want_command chromedriver chromium-driver; want fonts-noto-core
                 want_command certutil libnss3-tools; want_command openssl openssl ;;
        axe) axe=yes; want_command npm npm ;;
        apache) want apache2 libapache2-mod-auth-openidc ;;
        python) python=yes; want_command python3 python3; python3 -c 'import ensurepip, venv' 2>/dev/null || want python3-venv ;;
        *) die "unknown: $what (build, obm, ad, postgres, browser, axe, apache, python)" ;;
    esac
done

# Keeps the packages from starting their services; what was there before comes back afterwards.
policy=/usr/sbin/policy-rc.d
install_packages() {
    local root=()
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            echo "install: not root, and sudo is missing or asks for a password. Missing: $*" >&2
            die "run:  apt-get update && apt-get install --no-install-recommends $*"
        fi
        root=(sudo -n)
    fi
    if [ -e "$policy" ] && [ ! -e "$policy.before-rig" ]; then "${root[@]}" mv "$policy" "$policy.before-rig"; fi
    # shellcheck disable=SC2064  # expanded now on purpose
    trap "${root[*]} rm -f $policy; if [ -e $policy.before-rig ]; then ${root[*]} mv $policy.before-rig $policy; fi" EXIT
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
    "${root[@]}" chmod 755 "$policy"
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
if [ ${#missing[@]} -gt 0 ]; then
    mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
    echo "install: ${missing[*]}" >&2
    (install_packages "${missing[@]}")
fi

# The client library of the conformance tests and the mail relay; their versions are fixed so that a run can be repeated.
requirements="aiosmtpd==1.4.6 authlib==1.9.9 requests==2.34.2"
if [ $python = yes ] && [ "$(cat "$venv/.requirements" 2>/dev/null)" != "$requirements" ]; then
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    # shellcheck disable=SC2086  # several words on purpose
    "$venv/bin/python" -m pip install -q --disable-pip-version-check $requirements
    echo "$requirements" > "$venv/.requirements"
fi

# What the browser tests ask whether a page can be used by everybody; one version, and exactly that file.
axe_version=4.14.1
axe_sum=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
axe_file=axe-core/axe.min.js
if [ $axe = yes ] && ! (cd "$axe_dir/node_modules" 2>/dev/null && echo "$axe_sum  $axe_file" | sha256sum -c --status); then
    command -v npm >/dev/null || die "npm is missing: it brings axe-core to $axe_dir"
    mkdir -p "$axe_dir"
    npm install --prefix "$axe_dir" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error "axe-core@$axe_version" >/dev/null
    (cd "$axe_dir/node_modules" && echo "$axe_sum  $axe_file" | sha256sum -c --status) || die "$axe_file is not the one of axe-core $axe_version"
fi

if ! command -v cargo >/dev/null; then die "cargo is missing: install Rust from https://rustup.rs"; fi
echo "install: everything is there ($*)"
