#!/bin/bash
# A throwaway Active Directory for tests: the LDAP service of Samba's domain controller, with the
# attributes that Exchange adds to the schema.
#
#   ad.sh start   DIR    build DIR at the first start, run Samba, wait, print the variables below
#   ad.sh stop    DIR    stop exactly the Samba that start started
#   ad.sh status  DIR    exit 0 if running, 3 if not
#   ad.sh env     DIR    print AD_URL, AD_CA … as NAME=value lines (good for eval)
#   ad.sh reset   DIR    back to the state right after seeding, and run
#   ad.sh destroy DIR    stop, delete DIR
#
# DIR is a new or empty directory, its path at most 70 characters long (Samba makes unix sockets in
# it). Settings, read from the environment at the first start; AD_IP is kept in DIR/settings:
#   AD_IP         address to listen on, 127.x.y.z (default: a free one, chosen here). The ports are
#                 compiled into Samba: 389, 636, 3268, 3269
#   AD_SEED       LDIF of units and people below OU=Staff, loaded with ldbadd before Samba runs. Its
#                 unicodePwd values are either all quoted passwords in UTF-16, as LDAP takes them, or
#                 all NT hashes (16 bytes), which load ten times faster
#   AD_BACKDATE   LDIF of modifications loaded after it; it may set pwdLastSet into the past, which
#                 no LDAP client can
#   AD_CACHE      directory where an unseeded domain is kept for the next DIR: provisioning takes
#                 seconds, unpacking does not. Safe to share between rigs that start at once
# The domain is AD.DANANG.EXAMPLE (DNG): OU=Staff for people, OU=Service with svc-idp, who may reset
# passwords, write pwdLastSet, lockoutTime and userAccountControl below OU=Staff, and list deleted
# objects; nothing else. Policy: 8 characters, complexity, history 5, no age limits, locked for 900 s
# after 10 failures; an old password is refused at once. Samba wants root; where sudo asks for no
# password, it is used. Packages: tests/rig/install.sh ad
if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || { echo "ad: Samba's domain controller runs as root only, and sudo is missing or asks for a password" >&2; exit 1; }
    exec sudo -n --preserve-env=AD_IP,AD_SEED,AD_BACKDATE,AD_CACHE "$0" "$@"
fi
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
command_line "start|stop|status|env|reset|destroy" "$@"
[ ${#DIR} -le 70 ] || die "DIR must not be longer than 70 characters (Samba's unix sockets): $DIR"

: "${AD_IP:=}" "${AD_SEED:=}" "${AD_BACKDATE:=}" "${AD_CACHE:=}"
AD_REALM=AD.DANANG.EXAMPLE
AD_DOMAIN=DNG
HOST=dc1
DNS=ad.danang.example
AD_BASE=DC=ad,DC=danang,DC=example
AD_STAFF=OU=Staff,$AD_BASE
# shellcheck disable=SC2034  # print_env shows it
AD_ADMIN_DN=CN=Administrator,CN=Users,$AD_BASE
AD_ADMIN_PW=Quan-tri-2026
AD_SVC_DN=CN=svc-idp,OU=Service,$AD_BASE
AD_SVC_PW=Dich-vu-idp-2026
CONF=$DIR/etc/smb.conf
SAM=$DIR/private/sam.ldb

# shellcheck disable=SC2034  # show prints them by name
print_env() {
    AD_URL=ldaps://$AD_IP AD_CA=$DIR/tls/ca.pem AD_PID=$(running_pid || true)
    show AD_URL AD_IP AD_CA AD_BASE AD_STAFF AD_REALM AD_DOMAIN AD_SVC_DN AD_SVC_PW AD_ADMIN_DN AD_ADMIN_PW AD_PID
}

step() {   # one building step; a failure ends the script with the last lines of the log
    local out=$DIR/log/step.out rc=0
    "$@" > "$out" 2>&1 || rc=$?
    cat "$out" >> "$DIR/log/build.log"
    if grep -q '^ERR' "$out"; then rc=1; fi   # ldbadd may say so and still exit with 0
    if [ $rc != 0 ]; then tail -5 "$out" | cut -c1-300 >&2; die "failed: $1, see $DIR/log/build.log"; fi
}
write_conf() {
    printf '[global]\n' > "$CONF"
    printf '\t%s\n' "netbios name = ${HOST^^}" "realm = $AD_REALM" "workgroup = $AD_DOMAIN" \
        "server role = active directory domain controller" "server services = ldap" \
        "interfaces = ${AD_IP:-127.0.0.1}/8" "bind interfaces only = yes" \
        "private dir = $DIR/private" "state directory = $DIR/state" "cache directory = $DIR/cache" \
        "lock directory = $DIR/lock" "pid directory = $DIR/run" "ncalrpc dir = $DIR/ncalrpc" \
        "winbindd socket directory = $DIR/winbindd" "binddns dir = $DIR/bind-dns" \
        "ntp signd socket directory = $DIR/ntp_signd" "log file = $DIR/log/samba.log" "max log size = 0" \
        "tls certfile = $DIR/tls/cert.pem" "tls keyfile = $DIR/tls/key.pem" "tls cafile = $DIR/tls/ca.pem" \
        "ldap server require strong auth = yes" "old password allowed period = 0" \
        "disable spoolss = yes" "load printers = no" "ldb:nosync = true" >> "$CONF"
}

# ---- the unseeded domain ---------------------------------------------------------------------
# What Exchange adds to the schema, as far as an identity provider reads it:
# cn | lDAPDisplayName | attributeID | attributeSyntax | oMSyntax | single? | searchFlags | low | up | linkID
exchange_attributes() { cat <<'EOF'
ms-Exch-Mail-Nickname|mailNickname|1.2.840.113556.1.2.447|2.5.5.12|64|TRUE|5|1|64|
ms-Exch-Target-Address|targetAddress|1.2.840.113556.1.2.352|2.5.5.12|64|TRUE|1|1|1123|
ms-Exch-Recipient-Display-Type|msExchRecipientDisplayType|1.2.840.113556.1.4.7000.102.50730|2.5.5.9|2|TRUE|1|||
ms-Exch-Recipient-Type-Details|msExchRecipientTypeDetails|1.2.840.113556.1.4.7000.102.50855|2.5.5.16|65|TRUE|1|||
ms-Exch-Remote-Recipient-Type|msExchRemoteRecipientType|1.2.840.113556.1.4.7000.102.51611|2.5.5.16|65|TRUE|0|||
ms-Exch-Hide-From-Address-Lists|msExchHideFromAddressLists|1.2.840.113556.1.4.7000.102.73|2.5.5.8|1|TRUE|16|||
ms-Exch-MDB-Use-Defaults|mDBUseDefaults|1.2.840.113556.1.2.309|2.5.5.8|1|TRUE|16|||
ms-Exch-MDB-Storage-Quota|mDBStorageQuota|1.2.840.113556.1.2.266|2.5.5.9|2|TRUE|16|||
ms-Exch-MDB-Over-Quota-Limit|mDBOverQuotaLimit|1.2.840.113556.1.2.272|2.5.5.9|2|TRUE|16|||
ms-Exch-MDB-Over-Hard-Quota-Limit|mDBOverHardQuotaLimit|1.2.840.113556.1.4.7000.102.11037|2.5.5.9|2|TRUE|16|||
ms-Exch-Deliv-Cont-Length|delivContLength|1.2.840.113556.1.2.138|2.5.5.9|2|TRUE|16|||
ms-Exch-Submission-Cont-Length|submissionContLength|1.2.840.113556.1.2.280|2.5.5.9|2|TRUE|16|||
ms-Exch-Alt-Recipient|altRecipient|1.2.840.113556.1.2.126|2.5.5.1|127|TRUE|16|||12
ms-Exch-Alt-Recipient-BL|altRecipientBL|1.2.840.113556.1.2.294|2.5.5.1|127|FALSE|0|||13
ms-Exch-Deliver-And-Redirect|deliverAndRedirect|1.2.840.113556.1.2.190|2.5.5.8|1|TRUE|16|||
ms-Exch-Generic-Forwarding-Address|msExchGenericForwardingAddress|1.2.840.113556.1.4.7000.102.51620|2.5.5.12|64|TRUE|0|1|1123|
ms-Exch-Home-Server-Name|msExchHomeServerName|1.2.840.113556.1.4.7000.102.47|2.5.5.12|64|TRUE|25|||
ms-Exch-Home-MDB|homeMDB|1.2.840.113556.1.2.244|2.5.5.1|127|TRUE|0|||32
ms-Exch-Home-MDB-BL|homeMDBBL|1.2.840.113556.1.2.393|2.5.5.1|127|FALSE|0|||33
ms-Exch-Mailbox-Guid|msExchMailboxGuid|1.2.840.113556.1.4.7000.102.11058|2.5.5.10|4|TRUE|9|16|16|
ms-Exch-Master-Account-Sid|msExchMasterAccountSid|1.2.840.113556.1.4.7000.102.81|2.5.5.17|4|TRUE|9|0|28|
ms-Exch-User-Account-Control|msExchUserAccountControl|1.2.840.113556.1.4.7000.102.101|2.5.5.9|2|TRUE|25|||
ms-Exch-Extension-Attribute-1|extensionAttribute1|1.2.840.113556.1.2.423|2.5.5.12|64|TRUE|16|1|1024|
EOF
}
attributes_ldif() {
    local cn name oid syntax om single flags low up link
    while IFS='|' read -r cn name oid syntax om single flags low up link; do
        printf '%s\n' "dn: CN=$cn,CN=Schema,CN=Configuration,$AD_BASE" "objectClass: top" \
            "objectClass: attributeSchema" "cn: $cn" "lDAPDisplayName: $name" "adminDisplayName: $cn" \
            "attributeID: $oid" "attributeSyntax: $syntax" "oMSyntax: $om" "isSingleValued: $single" \
            "searchFlags: $flags" "isMemberOfPartialAttributeSet: TRUE"
        if [ "$om" = 127 ]; then echo "oMObjectClass:: KwwCh3McAIVK"; fi
        if [ -n "$low" ]; then echo "rangeLower: $low"; fi
        if [ -n "$up" ]; then echo "rangeUpper: $up"; fi
        if [ -n "$link" ]; then echo "linkID: $link"; fi
        echo
    done < <(exchange_attributes)
}
extend_schema() {   # attributes first, then the class that users, groups and contacts all carry
    local allowed='dsdb:schema update allowed=true'
    attributes_ldif > "$DIR/ldif/attributes.ldif"
    {
        printf 'dn: CN=Mail-Recipient,CN=Schema,CN=Configuration,%s\nchangetype: modify\nadd: mayContain\n' "$AD_BASE"
        exchange_attributes | cut -d'|' -f2 | sed 's/^/mayContain: /'
    } > "$DIR/ldif/class.ldif"
    step ldbadd --configfile="$CONF" -H "$SAM" --option="$allowed" "$DIR/ldif/attributes.ldif"
    step ldbmodify --configfile="$CONF" -H "$SAM" --option="$allowed" "$DIR/ldif/class.ldif"
}
units_and_service_account() {
    cat > "$DIR/ldif/units.ldif" <<EOF
dn: $AD_STAFF
objectClass: organizationalUnit

dn: OU=Service,$AD_BASE
objectClass: organizationalUnit

dn: $AD_SVC_DN
objectClass: user
sAMAccountName: svc-idp
userPrincipalName: svc-idp@$DNS
unicodePwd:: $(printf '"%s"' "$AD_SVC_PW" | iconv -f UTF-8 -t UTF-16LE | base64 -w0)
userAccountControl: 66048
EOF
    cat > "$DIR/ldif/policy.ldif" <<EOF
dn: $AD_BASE
changetype: modify
replace: minPwdLength
minPwdLength: 8
-
replace: pwdProperties
pwdProperties: 1
-
replace: pwdHistoryLength
pwdHistoryLength: 5
-
replace: minPwdAge
minPwdAge: 0
-
replace: maxPwdAge
maxPwdAge: -9223372036854775808
-
replace: lockoutThreshold
lockoutThreshold: 10
-
replace: lockoutDuration
lockoutDuration: -9000000000
-
replace: lockOutObservationWindow
lockOutObservationWindow: -9000000000
EOF
    step ldbadd --configfile="$CONF" -H "$SAM" "$DIR/ldif/units.ldif"
    step ldbmodify --configfile="$CONF" -H "$SAM" "$DIR/ldif/policy.ldif"
}
# Least privilege on users below OU=Staff: the right "Reset Password", then pwdLastSet, lockoutTime
# and userAccountControl. CN=Deleted Objects cannot be reached with dsacl, hence the SDDL text.
grant_rights() {
    local sid user=bf967aba-0de6-11d0-a285-00aa003049e2
    sid=$(ldbsearch --configfile="$CONF" -H "$SAM" -s base -b "$AD_SVC_DN" objectSid 2>/dev/null \
        | sed -n 's/^objectSid: //p')
    [ -n "$sid" ] || die "svc-idp was not created"
    step samba-tool dsacl set -s "$CONF" -H "$SAM" --objectdn="$AD_STAFF" --sddl="\
(OA;CIIO;CR;00299570-246d-11d0-a768-00aa006e0529;$user;$sid)\
(OA;CIIO;RPWP;bf967a0a-0de6-11d0-a285-00aa003049e2;$user;$sid)\
(OA;CIIO;RPWP;28630ebf-41d5-11d1-a9c1-0000f80367c1;$user;$sid)\
(OA;CIIO;RPWP;bf967a68-0de6-11d0-a285-00aa003049e2;$user;$sid)"
    cat > "$DIR/ldif/deleted.ldif" <<EOF
dn: CN=Deleted Objects,$AD_BASE
changetype: modify
replace: nTSecurityDescriptor
nTSecurityDescriptor: O:SYG:SYD:PAI(A;;RPWPCCDCLCRCWOWDSDSW;;;SY)(A;;RPLC;;;BA)(A;CI;RPLC;;;$sid)
EOF
    step ldbmodify --configfile="$CONF" -H "$SAM" --show-deleted --relax "$DIR/ldif/deleted.ldif"
}
provision() {
    local made=$DIR/provision
    step samba-tool domain provision -s /dev/null --targetdir="$made" --realm="$AD_REALM" \
        --domain="$AD_DOMAIN" --host-name="$HOST" --host-ip=127.0.0.1 --server-role=dc \
        --dns-backend=NONE --adminpass="$AD_ADMIN_PW" --option="interfaces=127.0.0.1/8" \
        --option="bind interfaces only=yes" --option="posix:eadb=$made/eadb.tdb" --option="ldb:nosync=true"
    mv "$made/private" "$DIR/private"
    rm -rf "$made"
    write_conf
    extend_schema
    units_and_service_account
    grant_rights
}
unseeded_domain() {   # from the cache, or into it; the name changes with Samba and with this script
    local key archive
    if [ -z "$AD_CACHE" ]; then provision; return; fi
    mkdir -p "$AD_CACHE"
    key=$({ samba --version; cat "$HERE/ad.sh"; } | sha256sum | cut -c1-16)
    archive=$(realpath -- "$AD_CACHE")/ad-$key.tar.gz
    exec 8> "$AD_CACHE/ad.lock"
    flock 8
    if [ ! -s "$archive" ]; then
        provision
        tar -C "$DIR" -cf - private | gzip -1 > "$archive.new"
        rm -f "$AD_CACHE"/ad-*.tar.gz   # made by another Samba or an older script
        mv "$archive.new" "$archive"
        exec 8>&-
    else
        exec 8>&-
        tar -C "$DIR" -xzf "$archive"
    fi
}

# 16 bytes are 24 letters of base64: a hash, as no password is that short. In thousands, because
# each ldbadd is one transaction, and large ones are slow.
load_people() {
    local control='' part
    if grep -m1 '^unicodePwd:: ' "$AD_SEED" | grep -qE '^unicodePwd:: .{24}$'; then
        control=--controls=local_oid:1.3.6.1.4.1.7165.4.3.9:0
    fi
    awk -v to="$DIR/ldif/people" 'BEGIN { RS = ""; ORS = "\n\n" }
        { file = sprintf("%s-%04d.ldif", to, (NR - 1) / 1000); if (file != last) close(last); last = file; print > file }' "$AD_SEED"
    for part in "$DIR"/ldif/people-*.ldif; do
        step ldbadd --configfile="$CONF" -H "$SAM" ${control:+"$control"} "$part"
    done
    rm -f "$DIR"/ldif/people-*.ldif
}

# ---- one rig ---------------------------------------------------------------------------------
build() {
    local f
    for f in AD_SEED AD_BACKDATE; do
        if [ -n "${!f}" ] && [ ! -r "${!f}" ]; then die "$f is not readable: ${!f}"; fi
    done
    make_dir
    mkdir -p "$DIR"/{etc,run,log,ldif,state,cache,lock,ncalrpc,winbindd,ntp_signd,bind-dns}
    unseeded_domain
    write_conf
    if [ -n "$AD_SEED" ]; then load_people; fi
    if [ -n "$AD_BACKDATE" ] && [ -s "$AD_BACKDATE" ]; then   # the control lets pwdLastSet be any time
        step ldbmodify --configfile="$CONF" -H "$SAM" --controls=local_oid:1.3.6.1.4.1.7165.4.3.12:0 "$AD_BACKDATE"
    fi
    cp -a --sparse=always "$DIR/private" "$DIR/pristine"
}
choose_address() {   # sets AD_IP
    local n port
    for n in $(seq 500); do
        AD_IP=127.$((10 + SRANDOM % 240)).$((SRANDOM % 250)).$((2 + SRANDOM % 250))
        if reserved "ip-$AD_IP"; then continue; fi
        for port in 389 636 3268 3269; do
            if listening "$AD_IP" $port; then continue 2; fi
        done
        return 0
    done
    die "no free loopback address after $n attempts"
}
# shellcheck disable=SC2317  # wait_until calls it
answers() { openssl s_client -connect "$AD_IP:636" -CAfile "$DIR/tls/ca.pem" -verify_return_error < /dev/null; }
run() {   # the registry is locked
    local port
    case $AD_IP in
        "") choose_address ;;
        127.*) for port in 389 636 3268 3269; do refuse_taken "$AD_IP" $port AD_IP; done ;;
        *) die "AD_IP must be 127.x.y.z, not $AD_IP" ;;
    esac
    reserve "ip-$AD_IP"
    keep AD_IP
    if [ "$(cat "$DIR/tls/ip" 2>/dev/null)" != "$AD_IP" ]; then
        make_certificates "$HOST.$DNS" "DNS:$HOST.$DNS,DNS:$DNS,IP:$AD_IP"
        echo "$AD_IP" > "$DIR/tls/ip"
    fi
    write_conf
    rm -f "$DIR/run/samba.pid"
    launch "$DIR/log/samba.out" samba -F --no-process-group --debug-stdout -M single -s "$CONF"
    wait_until 90 "$DIR/log/samba.out" answers
}
start() {
    need samba samba-tool ldbadd ldbmodify ldbsearch openssl iconv flock setsid
    if running_pid >/dev/null; then return 0; fi
    if ! is_ready; then build; fi
    lock_registry
    run
    : > "$DIR/.ready"
    unlock_registry
}
reset() {
    stop_process
    rm -rf "$DIR/private" "$DIR/lock"
    mkdir "$DIR/lock"
    cp -a --sparse=always "$DIR/pristine" "$DIR/private"
    start
}
run_action
