#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes an architecture's runtime.lock again, from what apt installs in bazelw's root directory.
#
#   update-lock.sh ARCHITECTURE [ROOT]
#
# ROOT is a root directory that bazelw made on a machine of that architecture. Without one, resolve.sh asks apt.
set -euo pipefail

tools=$(cd -P -- "${BASH_SOURCE[0]%/*}" && printf '%s' "$PWD")

# update PACKAGES RUNTIME RESOLVED: prints the contents of the new lock. RESOLVED.date has the day of the suite's index, which bazelw asks an archive of
# old versions for.
update() {
  local day
  if ! day=$(<"$3.date") || ! [[ $day =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]]; then
    printf 'update-lock.sh: %s.date: want the day of the index; run it without a root directory\n' "$3" >&2
    return 1
  fi
  sed -nE "/^#/ { s/index of [0-9-]{10}/index of $day/; p }" "$2"
  {
    # Those of packages.lock have their own, and the Go of a machine without one stays.
    awk 'FILENAME == ARGV[1] { pinned[$1]; next } !($1 in pinned)' "$1" "$3"
    awk 'FILENAME == ARGV[1] { there[$1]; next } /^golang-/ && !($1 in there)' "$3" "$2"
  } | LC_ALL=C sort
}

main() {
  local locks=$tools/$1 contents resolved=${2:-}/var/lib/dpkg/resolved
  [[ -d $locks ]] || {
    printf 'update-lock.sh: architecture: got %s, want one of those with a directory in tools/bazelw\n' "$1" >&2
    exit 2
  }
  if (($# == 1)); then
    resolved=$(mktemp)
    # shellcheck disable=SC2064  # expanded now: at the exit there is no such variable
    trap "rm -f -- ${resolved@Q} ${resolved@Q}.date" EXIT
    "$tools/resolve.sh" "$1" "$resolved.date" >"$resolved"
  fi
  contents=$(update "$locks/packages.lock" "$locks/runtime.lock" "$resolved")
  printf '%s\n' "$contents" >"$locks/runtime.lock"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
