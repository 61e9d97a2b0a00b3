#!/bin/bash
# Starts all three rigs below one directory, in parallel: OBM (slapd), Active Directory (Samba) and
# PostgreSQL, with the invented city in both directories, and prints the variables of all three.
#
#   up.sh DIR     tests/rig/down.sh DIR stops them, tests/rig/down.sh --destroy DIR deletes them
#
# The seeds are LDIF files; where one is not given, the directory starts without people:
#   OBM_SEED, AD_SEED, AD_BACKDATE   (default: DIR/seed/obm.ldif, ad.ldif, ad-backdate.ldif if there)
#   AD_CACHE                         (default: target/rig-cache of this working copy)
# Further settings: obm.sh, ad.sh, postgres.sh, each with --help. DIR at most 66 characters long.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case ${1:-} in -h|--help|help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0;; esac
[ $# -eq 1 ] || { echo "usage: $0 DIR (--help says more)" >&2; exit 1; }
mkdir -p "$1"
dir=$(realpath -- "$1")

seed() { if [ -r "$dir/seed/$1" ]; then echo "$dir/seed/$1"; fi; }
export OBM_SEED="${OBM_SEED-$(seed obm.ldif)}" AD_SEED="${AD_SEED-$(seed ad.ldif)}"
export AD_BACKDATE="${AD_BACKDATE-$(seed ad-backdate.ldif)}"
export AD_CACHE="${AD_CACHE-$(realpath -m "$here/../../target/rig-cache")}"

pids=()
for rig in obm ad postgres; do
    "$here/$rig.sh" start "$dir/$rig" > "$dir/$rig.env" &
    pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
[ $failed = 0 ] || { echo "up: not everything started; tests/rig/down.sh $dir stops the rest" >&2; exit 1; }
cat "$dir/obm.env" "$dir/ad.env" "$dir/postgres.env"
