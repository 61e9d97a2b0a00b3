#!/bin/bash
# Stops what up.sh started below DIR; with --destroy also deletes the three rigs (the seeds stay).
#
#   down.sh [--destroy] DIR
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case ${1:-} in -h|--help|help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0;; esac
action=stop
if [ "${1:-}" = --destroy ]; then action=destroy; shift; fi
[ $# -eq 1 ] || { echo "usage: $0 [--destroy] DIR" >&2; exit 1; }

failed=0
for rig in obm ad postgres; do
    "$here/$rig.sh" $action "$1/$rig" > /dev/null || failed=1
done
if [ $action = destroy ]; then rm -f "$1"/{obm,ad,postgres}.env; fi
[ $failed = 0 ] || exit 1
echo "$action: done"
