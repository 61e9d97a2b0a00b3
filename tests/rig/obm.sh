#!/bin/bash
# A throwaway OBM directory for tests: slapd with OBM's schema, password policy and TLS.
#
#   obm.sh start   DIR    build DIR at the first start, run slapd, wait, print the variables below
#   obm.sh stop    DIR    stop exactly the slapd that start started
#   obm.sh status  DIR    exit 0 if running, 3 if not
#   obm.sh env     DIR    print OBM_URL, OBM_CA … as NAME=value lines (good for eval)
#   obm.sh reset   DIR    back to the state right after seeding, and run
#   obm.sh destroy DIR    stop, delete DIR
#
# DIR is a new or empty directory. Settings, read from the environment at the first start and kept
# in DIR/settings from then on:
#   OBM_PORT, OBM_TLS_PORT   ports on 127.0.0.1 (default: free ones, chosen here)
#   OBM_DOMAIN               mail domain (default danang.example); its tree is dc=DOMAIN,dc=local
#   OBM_SEED                 LDIF with the tree of the domain and its people, loaded with slapadd, so
#                            pwdChangedTime, pwdReset, createTimestamp, entryUUID … may be given.
#                            Without it (or without a tree in it) the empty tree is made here.
# The identity provider's own accounts: uid=idpsync reads without limits, uid=idpwriter resets
# passwords and sets pwdReset and pwdAccountLockedTime. Data is never flushed to disk: it is quick
# and it is lost with the machine. Packages: tests/rig/install.sh obm
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
command_line "start|stop|status|env|reset|destroy" "$@"

: "${OBM_DOMAIN:=danang.example}" "${OBM_PORT:=}" "${OBM_TLS_PORT:=}" "${OBM_SEED:=}"
OBM_BASE=dc=local
OBM_DOMAIN_BASE=dc=$OBM_DOMAIN,$OBM_BASE
OBM_SYNC_DN=uid=idpsync,ou=sysusers,$OBM_BASE
OBM_SYNC_PW=Dong-bo-danh-ba-2026
OBM_WRITER_DN=uid=idpwriter,ou=sysusers,$OBM_BASE
OBM_WRITER_PW=Dat-lai-mat-khau-2026
# What OBM itself writes with.
OBM_ROOT_DN=uid=ldapadmin,ou=sysusers,$OBM_BASE
OBM_ROOT_PW=Tu-dong-obm-2026
STOP_SIGNAL=INT

# shellcheck disable=SC2034  # show prints them by name
print_env() {
    OBM_URL=ldap://127.0.0.1:$OBM_PORT OBM_TLS_URL=ldaps://127.0.0.1:$OBM_TLS_PORT
    OBM_CA=$DIR/tls/ca.pem OBM_PID=$(running_pid || true)
    show OBM_URL OBM_TLS_URL OBM_CA OBM_BASE OBM_DOMAIN OBM_DOMAIN_BASE OBM_SYNC_DN OBM_SYNC_PW \
        OBM_WRITER_DN OBM_WRITER_PW OBM_ROOT_DN OBM_ROOT_PW OBM_PID
}

config_ldif() {
    local modules schema s root
    modules=$(dirname "$(dpkg -L slapd 2>/dev/null | grep '/back_mdb\.so$' || echo /usr/lib/ldap/back_mdb.so)")
    schema=$(dirname "$(dpkg -L slapd 2>/dev/null | grep '/core\.ldif$' || echo /etc/ldap/schema/core.ldif)")
    root=$(slappasswd -s "$OBM_ROOT_PW")
    cat <<EOF
dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: $DIR/slapd.pid
olcTLSCACertificateFile: $DIR/tls/ca.pem
olcTLSCertificateFile: $DIR/tls/cert.pem
olcTLSCertificateKeyFile: $DIR/tls/key.pem
olcTLSVerifyClient: never

dn: cn=module,cn=config
objectClass: olcModuleList
cn: module
olcModulePath: $modules
olcModuleLoad: back_mdb
olcModuleLoad: syncprov
olcModuleLoad: ppolicy
olcModuleLoad: accesslog

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

EOF
    for s in "$schema"/{core,cosine,nis,inetorgperson}.ldif "$HERE/obm-schema.ldif"; do cat "$s"; echo; done
    cat <<EOF
dn: olcDatabase={-1}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {-1}frontend
olcAccess: to dn.base="" by * read
olcAccess: to dn.base="cn=Subschema" by * read

dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcAccess: to * by * none

dn: olcDatabase={1}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcSuffix: $OBM_BASE
olcDbDirectory: $DIR/db
olcDbMaxSize: 1073741824
olcDbNoSync: TRUE
olcRootDN: $OBM_ROOT_DN
olcRootPW: $root
olcSizeLimit: 500
olcLimits: dn.exact="$OBM_SYNC_DN" size.soft=unlimited size.hard=unlimited size.prtotal=unlimited time.soft=unlimited time.hard=unlimited
olcDbIndex: objectClass pres,eq
olcDbIndex: uidNumber,gidNumber eq,pres
olcDbIndex: mailBox,mailAccess,mailBoxServer eq
olcDbIndex: mail,mailAlias eq,pres,sub
olcDbIndex: member,memberUid eq,pres
olcDbIndex: cn,sn,uid pres,sub,eq
olcDbIndex: obmDomain eq
olcDbIndex: entryCSN,entryUUID,modifyTimestamp eq
olcAccess: to attrs=userPassword,shadowLastChange by dn.exact="$OBM_WRITER_DN" manage by self write by anonymous auth by * none
olcAccess: to attrs=mailAccess by dn.exact="$OBM_WRITER_DN" write by * read
olcAccess: to attrs=pwdHistory by * none
olcAccess: to attrs=pwdReset,pwdAccountLockedTime,pwdFailureTime,pwdChangedTime,pwdPolicySubentry,pwdGraceUseTime,pwdLastSuccess by dn.exact="$OBM_WRITER_DN" manage by dn.exact="$OBM_SYNC_DN" read by self read by * none
olcAccess: to filter=(hiddenUser=TRUE) by dn.exact="$OBM_SYNC_DN" read by dn.exact="$OBM_WRITER_DN" read by anonymous auth by self write by * none
olcAccess: to * by * read

dn: olcOverlay={0}syncprov,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcSyncProvConfig
olcOverlay: {0}syncprov
olcSpCheckpoint: 100 10
olcSpSessionlog: 1000
olcSpReloadHint: TRUE

dn: olcOverlay={1}ppolicy,olcDatabase={1}mdb,cn=config
objectClass: olcOverlayConfig
objectClass: olcPPolicyConfig
olcOverlay: {1}ppolicy
olcPPolicyDefault: cn=default,ou=policies,$OBM_BASE
olcPPolicyHashCleartext: TRUE
olcPPolicyUseLockout: TRUE
EOF
}

units() {   # units PARENT NAME…
    local parent=$1 n
    shift
    for n in "$@"; do printf 'dn: ou=%s,%s\nobjectClass: organizationalUnit\nou: %s\n\n' "$n" "$parent" "$n"; done
}
service_account() {   # service_account UID NUMBER PASSWORD
    printf '%s\n' "dn: uid=$1,ou=sysusers,$OBM_BASE" "objectClass: person" "objectClass: posixAccount" \
        "objectClass: obmSystemUser" "uid: $1" "cn: $1" "sn: $1" "uidNumber: $2" "gidNumber: $2" \
        "homeDirectory: /nonexistent" "userPassword: $(slappasswd -s "$3")" ""
}
root_ldif() {
    printf 'dn: %s\nobjectClass: dcObject\nobjectClass: organization\ndc: local\no: OBM\n\n' "$OBM_BASE"
    units "$OBM_BASE" sysusers hosts policies
    service_account idpsync 901 "$OBM_SYNC_PW"
    service_account idpwriter 902 "$OBM_WRITER_PW"
    cat <<EOF
dn: cn=default,ou=policies,$OBM_BASE
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdMinLength: 8
pwdCheckQuality: 1
pwdInHistory: 3
pwdLockout: TRUE
pwdMaxFailure: 10
pwdLockoutDuration: 900
pwdFailureCountInterval: 900
pwdMustChange: TRUE
pwdAllowUserChange: TRUE

EOF
}
domain_ldif() {
    printf 'dn: %s\nobjectClass: dcObject\nobjectClass: organization\ndc: %s\no: %s\n\n' \
        "$OBM_DOMAIN_BASE" "$OBM_DOMAIN" "$OBM_DOMAIN"
    units "$OBM_DOMAIN_BASE" users groups mailShare hosts contacts servicesConfiguration sysusers
}

load() {   # load NUMBER < LDIF
    slapadd -q -n "$1" -F "$DIR/cfg" >> "$DIR/log/slapadd.log" 2>&1 \
        || { tail -5 "$DIR/log/slapadd.log" >&2; die "slapadd refused the data, see $DIR/log/slapadd.log"; }
}
build() {
    if [ -n "$OBM_SEED" ]; then
        [ -r "$OBM_SEED" ] || die "OBM_SEED is not readable: $OBM_SEED"
        OBM_SEED=$(realpath -- "$OBM_SEED")
    fi
    make_dir
    mkdir -m 700 "$DIR/cfg" "$DIR/db"
    mkdir "$DIR/log"
    make_certificates localhost "DNS:localhost,DNS:$(hostname),IP:127.0.0.1"   # libldap says hostname for localhost
    config_ldif | load 0
    {
        root_ldif
        if [ -z "$OBM_SEED" ] || ! grep -qix "dn: $OBM_DOMAIN_BASE" "$OBM_SEED"; then domain_ldif; fi
        if [ -n "$OBM_SEED" ]; then cat "$OBM_SEED"; fi
    } | load 1
    mkdir -m 700 "$DIR/pristine"
    cp -a --sparse=always "$DIR/cfg" "$DIR/db" "$DIR/pristine/"
}

# shellcheck disable=SC2317  # wait_until calls it
answers() {
    ldapsearch -x -H "ldap://127.0.0.1:$OBM_PORT" -o nettimeout=2 -s base -b '' 1.1 \
        && listening 127.0.0.1 "$OBM_TLS_PORT"
}
run() {   # the registry is locked
    if [ -z "$OBM_PORT" ]; then free_port; OBM_PORT=$REPLY; fi
    if [ -z "$OBM_TLS_PORT" ]; then free_port; OBM_TLS_PORT=$REPLY; fi
    refuse_taken 127.0.0.1 "$OBM_PORT" OBM_PORT
    refuse_taken 127.0.0.1 "$OBM_TLS_PORT" OBM_TLS_PORT
    reserve "port-$OBM_PORT"; reserve "port-$OBM_TLS_PORT"
    keep OBM_PORT OBM_TLS_PORT OBM_DOMAIN OBM_SEED
    launch "$DIR/log/slapd.log" slapd -d 0 -F "$DIR/cfg" \
        -h "ldap://127.0.0.1:$OBM_PORT/ ldaps://127.0.0.1:$OBM_TLS_PORT/"
    wait_until 90 "$DIR/log/slapd.log" answers
}
start() {
    need slapd slapadd slappasswd ldapsearch openssl flock setsid
    if running_pid >/dev/null; then return 0; fi
    if ! is_ready; then build; fi
    lock_registry
    run
    : > "$DIR/.ready"
    unlock_registry
}
reset() {
    stop_process
    rm -rf "$DIR/cfg" "$DIR/db"
    cp -a --sparse=always "$DIR/pristine/cfg" "$DIR/pristine/db" "$DIR/"
    start
}
run_action
