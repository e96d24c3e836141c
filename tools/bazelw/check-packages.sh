#!/usr/bin/env bash
# An mmdebstrap hook: compares what apt installed in a root directory with a lock file.
#
#   check-packages.sh LOCK ROOT
#
# apt has checked each package against the hash in the archive's signed index; this checks that hash against the lock.
set -euo pipefail

lock=$1
root=$2

while read -r name version sum; do
  installed=$(dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${Version}' "$name")
  [[ $installed == "$version" ]] || {
    printf 'bazelw: %s: the mirror has version %s, and %s wants %s\n' "$name" "$installed" "$lock" "$version" >&2
    exit 1
  }
  listed=$(APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-cache show "$name=$version" | sed -n 's/^SHA256: //p' | head -n 1)
  [[ $listed == "$sum" ]] || {
    printf 'bazelw: %s %s: the mirror has SHA-256 %s, and %s wants %s\n' "$name" "$version" "$listed" "$lock" "$sum" >&2
    exit 1
  }
done < <(grep -v '^#' "$lock")
